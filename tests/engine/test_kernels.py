"""The compiled kernels against numpy, and what they do with arrays that do not fit."""

from __future__ import annotations

import os

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import assume, given

from vesalius.engine.runs import kernels
from vesalius.engine.runs import labelmap as labelmap_module
from vesalius.engine.runs import stream as stream_module
from vesalius.engine.runs.components import components
from vesalius.engine.runs.contacts import group_contacts
from vesalius.engine.runs.grid import Grid
from vesalius.engine.runs.labelmap import decode, decode_range, encode
from vesalius.engine.runs.measure import measure_groups
from vesalius.engine.runs.overlap import pair_voxels
from vesalius.engine.runs.stream import RunStream

compiled = pytest.importorskip("vesalius.engine.runs._kernels")


@pytest.fixture(autouse=True, scope="module")
def use_kernels():
    """Both are called here: instead of the fixture of the folder."""


def both(make):
    found = []
    for module in (compiled, None):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(kernels, "compiled", module)
            found.append(make())
    return found


def assert_same(one, other):
    assert one.dtype == other.dtype
    np.testing.assert_array_equal(one, other)


@given(data=st.data())
def test_both_give_the_same(volumes, data):
    volume = data.draw(volumes)
    kind = data.draw(st.sampled_from([np.int32, np.int64]))
    first, second = both(lambda: encode(volume.array, volume.affine, dtype=kind))
    for name in ("start", "stop", "label"):
        assert_same(getattr(first, name), getattr(second, name))
    size = volume.array.size
    begin = data.draw(st.integers(0, size))
    end = data.draw(st.integers(begin, size))
    wide = data.draw(st.sampled_from([np.uint16, np.int32, ">u2"]))
    assert_same(*both(lambda: decode_range(first, begin, end, wide)))
    connectivity = data.draw(st.sampled_from([6, 18, 26]))
    one, other = both(lambda: components(first, connectivity))
    for name in ("of_run", "label", "voxels", "box_lo", "box_hi", "index_sum"):
        assert_same(getattr(one, name), getattr(other, name))
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    group = rng.integers(-1, 4, len(first)).astype(data.draw(st.sampled_from(["i1", "i4", "i8"])))
    one, other = both(lambda: measure_groups(first, group, 5))
    for name in ("voxels", "box_lo", "box_hi", "index_sum"):
        assert_same(getattr(one, name), getattr(other, name))
    for mine, theirs in zip(
        *both(lambda: group_contacts(first, group.astype(np.int64) + 1, connectivity)), strict=True
    ):
        assert_same(mine, theirs)


@given(data=st.data())
def test_both_count_the_same_overlaps(volume_groups, data):
    one, other = (
        encode(volume.array, volume.affine, axes=(2, 0, 1))
        for volume in data.draw(volume_groups(2))
    )
    assume(max(one.largest, other.largest) < 1000)  # a table of all pairs is made
    first, second = both(lambda: pair_voxels(one, other))
    assert_same(first, second)
    arrays = decode_both(one, other)
    for row, column in {(0, 1), (1, 0), (1, 1), (7, 255), (1, 2)}:
        expected = np.count_nonzero((arrays[0] == row) & (arrays[1] == column))
        if row < first.shape[0] and column < first.shape[1]:
            assert first[row, column] == expected


def decode_both(*maps):
    return [decode(each, np.uint16) for each in maps]


@pytest.mark.parametrize("length", range(1, 40))
def test_stretches_of_every_length_end_where_they_end(length):
    for kind in (np.uint8, np.uint16):
        voxels = np.repeat(np.array([3, 0, 3, 5], dtype=kind), [length, 1, length, 40 - length])
        found = encode(voxels.reshape(-1, 1, 1), np.eye(4))
        assert found.start.tolist() == [0, length + 1, 2 * length + 1]
        assert found.stop.tolist() == [length, 2 * length + 1, length + 41]


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.int16, ">u2"])
@pytest.mark.parametrize("line", [1, 3, 8, 33, 70])
def test_lines_in_slabs_are_as_the_whole(kind, line):
    rng = np.random.default_rng(line)
    # Stretches of many lengths, background over the ends of many lines.
    values = rng.choice([0, 0, 0, 1, 255, 256 if kind != np.uint8 else 2], 400)
    flat = np.repeat(values, rng.choice([1, 2, 5, 31, 90], 400))[: 60 * line].astype(kind)
    grid = Grid((line, 5, flat.size // line // 5), np.eye(4))
    flat = flat[: grid.size]

    def streamed(lines):
        stream = RunStream(grid)
        for first in range(0, flat.size, lines * line):
            stream.add(flat[first : first + lines * line])
        return stream.joined()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stream_module, "_VOXELS_OF_RUN", 1000)
        patch.setattr(labelmap_module, "_FEWEST_RUNS", 3)
        found = [each for lines in (1, 4, 60) for each in both(lambda n=lines: streamed(n))]
        found += both(lambda: encode(flat.reshape(grid.shape, order="F"), np.eye(4)))
    volume = flat.astype(np.uint16).reshape(grid.shape, order="F")
    np.testing.assert_array_equal(decode(found[0], np.uint16, order="F"), volume)
    for each in found:
        assert each.same_as(found[0])


def columns(n=4, kind=np.int32):
    start = np.arange(0, 2 * n, 2, dtype=kind)
    return start, start + kind(1), np.ones(n, dtype=np.uint16)


FINE = columns()
SHAPE = (8, 1, 1)


def numbers(n=4):
    return np.zeros(n, dtype=np.int32)


def wide(n=4):
    return np.zeros(n, dtype=np.int64)


def surface_steps(
    one=FINE, other=FINE, shape=SHAPE, labels=2, kind_of_code=(0,) * 256, steps=(0, 0, 0), counts=2
):
    """Four voxels of one label, and one step; what does not fit is given instead."""
    room = wide(counts), wide(counts)
    found = compiled.surface_steps(
        one, other, shape, labels, np.array(kind_of_code, np.uint8), np.array(steps, np.int64), 1,
        *room,
    )  # fmt: skip
    return [each.tolist() for each in room], found


def encode_eight(voxels=None, line=4, first=0, columns=FINE, place=0):
    """Voxels in two lines, into columns; what does not fit is given instead."""
    voxels = np.ones(8, dtype=np.uint8) if voxels is None else voxels
    return compiled.encode(voxels, line, first, *map(np.copy, columns), place)


def merge_two(
    starts=(0, 2, 4, 6),
    stops=(1, 3, 5, 7),
    labels=(1, 1, 1, 1),
    table=(0, 1),
    rank=(0, 1),
    line=8,
    room=8,
    pairs=4,
    cells=4,
    maps=None,
):
    """A map and a run beside it; what does not fit is given instead."""
    here = [np.array(starts, np.int64), np.array(stops, np.int64), np.array(labels, np.uint16)]
    beside = (wide(1) + 1, wide(1) + 2, np.ones(1, np.uint16), np.array((0, 1), np.uint16))
    maps = ((*here, np.array(table, np.uint16)), beside) if maps is None else maps
    out = wide(room), wide(room), np.zeros(room, np.uint16)
    counts = tuple(wide(cells) for _ in maps)
    n = compiled.merge(maps, np.array(rank, np.uint16), line, *out, wide(pairs), counts)
    return [column[:n].tolist() for column in out], [count.tolist() for count in counts]


def test_merge_of_two():
    (start, stop, label), counts = merge_two()
    assert (start, stop, label) == ([0, 4, 6], [3, 5, 7], [1, 1, 1])
    assert counts == [[0, 0, 0, 4], [0, 0, 0, 1]]


def test_runs_are_counted_where_there_is_no_room():
    voxels = np.array([1, 1, 0, 2, 2, 0, 3, 3], dtype=np.uint16)
    out = columns(4)
    assert compiled.encode(voxels, 4, 40, *out, 2) == 4
    assert [column.tolist()[2:] for column in out] == [[40, 43], [42, 44], [1, 2]]


def test_surfaces_of_one_map_twice_and_of_two_that_share_no_label():
    counts, found = surface_steps()
    # Every other voxel of a line: eight corners along it, four around it.
    assert counts == [[0, 32], [0, 32]]
    assert found == (((b"",) * 3,) * 2,) * 2
    counts, found = surface_steps(other=(*FINE[:2], FINE[2] * np.uint16(2)), labels=3, counts=3)
    assert counts == [[0, 0, 0], [0, 0, 0]]
    assert found == (((b"",) * 3,) * 2,) * 2


@pytest.mark.parametrize(
    "call",
    [
        lambda: encode_eight(np.zeros(8, dtype=np.int32)),
        lambda: encode_eight(line=3),
        lambda: encode_eight(line=0),
        lambda: encode_eight(np.zeros(16, dtype=np.uint8)[::2]),
        lambda: encode_eight(np.zeros((2, 4), dtype=np.uint8)),
        lambda: encode_eight("text"),
        lambda: encode_eight(place=5),
        lambda: encode_eight(place=-1),
        lambda: encode_eight(first=-1),
        lambda: encode_eight(first=2**63 - 4),
        lambda: encode_eight(columns=(*columns(2)[:2], FINE[2])),
        lambda: merge_two(line=0),
        lambda: merge_two(maps=()),
        lambda: merge_two(maps=(FINE,)),
        lambda: merge_two(maps=("text",)),
        lambda: merge_two(labels=(9, 1, 1, 1)),
        lambda: merge_two(table=(0, 7)),
        lambda: merge_two(starts=(4, 0, 2, 6)),
        lambda: merge_two(starts=(-4, 0, 2, 6)),
        lambda: merge_two(stops=(1, 3, 3, 7)),
        lambda: merge_two(stops=(1, 3, 5, 2**62)),
        lambda: merge_two(room=1),
        lambda: merge_two(pairs=3),
        lambda: merge_two(cells=3),
        lambda: merge_two(rank=()),
        lambda: compiled.fill(*FINE[:2], FINE[2][:3], 0, np.zeros(8, dtype=np.uint8)),
        lambda: compiled.fill(*FINE, 0, np.zeros(8, dtype=np.float64)),
        lambda: compiled.components(*FINE, SHAPE, 7, numbers()),
        lambda: compiled.components(*FINE, SHAPE, 6, numbers(3)),
        lambda: compiled.components(*FINE, (0, 1, 1), 6, numbers()),
        lambda: compiled.components(*FINE, (1 << 30, 1 << 30, 1 << 30), 6, numbers()),
        lambda: compiled.components(*FINE, SHAPE, 6, wide()),
        lambda: compiled.contacts(*FINE[:2], wide() + 5, 5, SHAPE, 6),
        lambda: compiled.contacts(*FINE[:2], wide() - 1, 5, SHAPE, 6),
        lambda: compiled.contacts(*FINE[:2], wide() + 1, 1 << 40, SHAPE, 6),
        lambda: compiled.contacts(*FINE[:2], numbers() + 1, 5, SHAPE, 6),
        lambda: compiled.measure(*FINE[:2], numbers() + 9, SHAPE, wide(), *[wide(12)] * 3),
        lambda: compiled.measure(*FINE[:2], numbers(), SHAPE, wide(), *[wide(11)] * 3),
        lambda: compiled.nearest(
            np.ones(6), np.ones(6), wide(2), 3, 1.0, 0.0, np.ones(1), np.ones(1)
        ),
        lambda: compiled.nearest(
            np.ones(7), np.ones(6), wide(2), 3, 1.0, 0.0, np.ones(1), np.ones(2)
        ),
        lambda: compiled.nearest(
            np.ones(6), np.ones(6), wide(2), 0, 1.0, 0.0, np.ones(1), np.ones(2)
        ),
        lambda: compiled.nearest(
            np.ones(9), np.ones(9), wide(3) + 1, 3, 1.0, 0.0, np.ones(1), np.ones(3)
        ),
        lambda: compiled.nearest(wide(6), np.ones(6), wide(2), 3, 1.0, 0.0, np.ones(1), np.ones(2)),
        lambda: compiled.overlaps(*FINE, *FINE, 1, wide(1)),
        lambda: compiled.overlaps(*FINE, *FINE, 2, wide(3)),
        lambda: compiled.overlaps(*FINE, *FINE, 0, wide(4)),
        lambda: compiled.overlaps(*FINE, *FINE[:2], FINE[2][:3], 2, wide(4)),
        lambda: surface_steps(labels=1, counts=1),
        lambda: surface_steps(labels=70000, counts=70000),
        lambda: surface_steps(labels=0, counts=0),
        lambda: surface_steps(shape=(6, 1, 1)),
        lambda: surface_steps(shape=(1 << 33, 1, 1)),
        lambda: surface_steps((FINE[1], FINE[0], FINE[2])),
        lambda: surface_steps(other=tuple(column[::-1].copy() for column in FINE)),
        lambda: surface_steps((FINE[0], FINE[1] + 2, FINE[2])),
        lambda: surface_steps((FINE[0], FINE[1], FINE[2][:3])),
        lambda: surface_steps(FINE[:2]),
        lambda: surface_steps(kind_of_code=[1] * 256),
        lambda: surface_steps(kind_of_code=[0] * 255),
        lambda: surface_steps(steps=[0, 0, 1]),
        lambda: surface_steps(steps=[0, 0, 0, 5000, 0, 0], counts=4),
        lambda: surface_steps(steps=[0, 0]),
        lambda: surface_steps(steps=[], counts=0),
        lambda: surface_steps(counts=3),
    ],
)
def test_what_does_not_fit_is_an_error(call):
    with pytest.raises((TypeError, ValueError, BufferError)):
        call()


@given(st.integers(0, 10**6), st.integers(0, 20))
def test_senseless_positions_write_nowhere_else(seed, n):
    rng = np.random.default_rng(seed)
    start, stop = rng.integers(-(2**31), 2**31, (2, n)).astype(np.int32)
    label = rng.integers(0, 9, n).astype(np.uint16)
    room = np.full(24, 7, dtype=np.uint8)
    compiled.fill(start, stop, label, int(rng.integers(-9, 9)), room[8:16])
    assert (room[:8] == 7).all()
    assert (room[16:] == 7).all()
    found = numbers(n)
    assert 0 <= compiled.components(start, stop, label, (4, 3, 2), 26, found) <= n
    compiled.contacts(start, stop, rng.integers(1, 5, n), 5, (4, 3, 2), 26)
    compiled.measure(start, stop, numbers(n), (4, 3, 2), wide(1), *(wide(3) for _ in range(3)))
    if n:
        given = {"shape": (4, 3, 2), "labels": 9, "counts": 9}
        with pytest.raises(ValueError, match="not those of a volume"):
            surface_steps((start, stop, label), **given)
        with pytest.raises(ValueError, match="not those of a volume"):
            surface_steps(other=(start, stop, label), **given)
    compiled.overlaps(start, stop, label, stop, start, label, 9, wide(81))
    compiled.overlaps(start, stop, label, start, stop, label, 9, wide(81))


@given(st.integers(0, 10**6), st.integers(0, 200))
def test_places_that_are_no_numbers_hide_no_others(seed, n):
    rng = np.random.default_rng(seed)
    points = rng.normal(0, 3, (n + 1, 3))
    odd = rng.random(n + 1) < 0.3
    points[odd] = rng.choice([np.nan, np.inf, -np.inf], (np.count_nonzero(odd), 3))
    places = rng.normal(0, 3, (5, 3))
    away, best = np.empty(5), np.full(1, np.inf)
    flat = points.reshape(-1), places.reshape(-1)
    compiled.nearest(*flat, wide(5), 3, 1e9, np.inf, best, away)
    assert best[0] == away.min()
    for place, distance in zip(places, away, strict=True):
        apart = np.linalg.norm(points - place, axis=1)
        assert np.isinf(distance) or np.isclose(apart, distance).any()


def test_what_may_not_be_written_stays():
    shut = numbers()
    shut.setflags(write=False)
    with pytest.raises((BufferError, ValueError)):
        compiled.components(*FINE, SHAPE, 6, shut)


def test_what_was_built_from_an_older_source_is_not_used(tmp_path):
    built, source = tmp_path / "_kernels.so", tmp_path / "_kernels.c"
    built.touch()
    assert not kernels.is_stale(str(built))
    source.touch()
    for age_s, stale in ((-10, False), (0, False), (10, True)):
        os.utime(built, (1000, 1000))
        os.utime(source, (1000 + age_s, 1000 + age_s))
        assert kernels.is_stale(str(built)) is stale
