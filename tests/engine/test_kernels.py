"""The compiled kernels against numpy, and what they do with arrays that do not fit."""

from __future__ import annotations

import os

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from vesalius.engine.runs import kernels
from vesalius.engine.runs.components import components
from vesalius.engine.runs.contacts import group_contacts
from vesalius.engine.runs.labelmap import decode_range, encode
from vesalius.engine.runs.measure import measure_groups

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


@pytest.mark.parametrize("length", range(1, 40))
def test_stretches_of_every_length_end_where_they_end(length):
    for kind in (np.uint8, np.uint16):
        voxels = np.repeat(np.array([3, 0, 3, 5], dtype=kind), [length, 1, length, 40 - length])
        found = encode(voxels.reshape(-1, 1, 1), np.eye(4))
        assert found.start.tolist() == [0, length + 1, 2 * length + 1]
        assert found.stop.tolist() == [length, 2 * length + 1, length + 41]


def columns(n=4, kind=np.int32):
    start = np.arange(0, 2 * n, 2, dtype=kind)
    return start, start + kind(1), np.ones(n, dtype=np.uint16)


FINE = columns()
SHAPE = (8, 1, 1)


def numbers(n=4):
    return np.zeros(n, dtype=np.int32)


def wide(n=4):
    return np.zeros(n, dtype=np.int64)


@pytest.mark.parametrize(
    "call",
    [
        lambda: compiled.count_runs(np.zeros(8, dtype=np.int32), 4),
        lambda: compiled.count_runs(np.zeros(8, dtype=np.uint8), 3),
        lambda: compiled.count_runs(np.zeros(8, dtype=np.uint8), 0),
        lambda: compiled.count_runs(np.zeros(8, dtype=np.uint8)[::2], 4),
        lambda: compiled.count_runs(np.zeros((2, 4), dtype=np.uint8), 4),
        lambda: compiled.count_runs("text", 4),
        lambda: compiled.write_runs(np.ones(8, dtype=np.uint8), 4, 0, *columns(1)),
        lambda: compiled.write_runs(np.ones(8, dtype=np.uint8), 4, 0, *columns(3)),
        lambda: compiled.write_runs(np.ones(8, np.uint8), 4, 0, *columns(2)[:2], FINE[2]),
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
