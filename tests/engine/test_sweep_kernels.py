"""The kernels that pass over the runs of one map or several, against numpy and against voxels."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from vesalius.engine.runs import kernels
from vesalius.engine.runs.build import join
from vesalius.engine.runs.labelmap import LabelMap, decode, encode
from vesalius.engine.runs.picked import picked_runs, runs_by_label
from vesalius.engine.runs.sweeps import refine, where_they_differ

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
    for mine, theirs in zip(one, other, strict=True):
        assert mine.dtype == theirs.dtype
        np.testing.assert_array_equal(mine, theirs)


def runs_of(labelmap):
    return labelmap.start, labelmap.stop, labelmap.label


@given(data=st.data())
def test_several_maps_are_cut_alike(volume_groups, data):
    count = data.draw(st.integers(1, 4))
    kind = data.draw(st.sampled_from([np.int32, np.int64]))
    volumes = data.draw(volume_groups(count))
    maps = [encode(v.array, np.eye(4), axes=(0, 1, 2), dtype=kind) for v in volumes]
    found, expected = both(lambda: refine(maps))
    assert_same(found, expected)
    for row, volume in zip(found.labels.T, volumes, strict=True):
        flat = volume.array.reshape(-1, order="F")
        for start, stop, label in zip(found.start, found.stop, row, strict=True):
            assert (flat[start:stop] == label).all()
    first, last = maps[0], maps[-1]
    assert_same(*both(lambda: where_they_differ(first, last)))
    apart = where_they_differ(first, last)
    differing = np.count_nonzero(volumes[0].array != volumes[-1].array)
    assert (apart.stop - apart.start).sum() == differing


@given(data=st.data())
def test_runs_are_counted_joined_and_picked_alike(volumes, data):
    volume = data.draw(volumes)
    runs = encode(volume.array, np.eye(4))
    counts = np.bincount(volume.array.reshape(-1), minlength=runs.largest + 1)
    for found in both(lambda: LabelMap(runs.grid, runs.axes, *runs_of(runs)).voxels_by_label):
        assert found[1:].tolist() == counts[1:].tolist()
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    label = rng.integers(0, 3, len(runs)).astype(np.uint16)
    one, other = both(lambda: join(runs, runs.start, runs.stop, label))
    assert_same(runs_of(one), runs_of(other))
    painted = decode(LabelMap(runs.grid, runs.axes, runs.start, runs.stop, label))
    assert encode(painted, np.eye(4), axes=runs.axes).same_as(one)
    present = runs.labels().tolist()
    labels = sorted(data.draw(st.sets(st.sampled_from(present)))) if present else []
    number = np.bincount(runs.label, minlength=runs.largest + 1)[labels].tolist()
    for pick in (picked_runs, runs_by_label):
        one, other = both(lambda pick=pick: pick(runs, labels, number))
        assert_same(runs_of(one.runs), runs_of(other.runs))
        assert_same([one.row], [other.row])
    together, apart = picked_runs(runs, labels, number), runs_by_label(runs, labels, number)
    assert_same(runs_of(together.runs), [side[together.row] for side in runs_of(apart.runs)])
    assert sorted(apart.runs.label) == apart.runs.label.tolist()


def test_what_needs_no_joining_is_not_copied():
    runs = encode(np.array([1, 1, 0, 2, 3], dtype=np.uint8).reshape(-1, 1, 1), np.eye(4))
    for joined in both(lambda: join(runs, *runs_of(runs))):
        assert joined.same_as(runs)
    assert np.shares_memory(both(lambda: join(runs, *runs_of(runs)))[0].start, runs.start)


def columns(n=4, kind=np.int32):
    start = np.arange(0, 2 * n, 2, dtype=kind)
    return start, start + kind(1), np.ones(n, dtype=np.uint16)


def wide(*values):
    return np.array(values, dtype=np.int64)


FINE = columns()


@pytest.mark.parametrize(
    "call",
    [
        lambda: compiled.count(*FINE, wide(0)),
        lambda: compiled.count(*FINE[:2], FINE[2][:3], wide(0, 0)),
        lambda: compiled.join(*FINE, 0),
        lambda: compiled.join(*FINE, 8, *columns(3)),
        lambda: compiled.join(*FINE, 8, *columns(5)),
        lambda: compiled.join(*FINE, 8, *columns(4)[:2]),
        lambda: compiled.join(FINE[0].astype(np.uint32), *FINE[1:], 8),
        lambda: compiled.pick(*FINE, wide(-1, 0), True, *columns(3), wide(0, 0, 0)),
        lambda: compiled.pick(*FINE, wide(-1, 0), True, *columns(4), wide(0, 0, 0)),
        lambda: compiled.pick(*FINE, wide(-1, 7), False, *columns(4), wide(0, 0, 0, 0)),
        lambda: compiled.pick(*FINE, wide(-1), False, *columns(4), wide(0, 0, 0, 0)),
        lambda: compiled.refine((), False, *columns(8)),
        lambda: compiled.refine((FINE,) * 2000, False, *columns(8)),
        lambda: compiled.refine((FINE[:2],), False, *columns(8)),
        lambda: compiled.refine((3,), False, *columns(8)),
        lambda: compiled.refine((FINE,), False, *columns(3)),
        lambda: compiled.refine((FINE, FINE), False, *columns(8)),
        lambda: compiled.refine([FINE], False, *columns(8)),
        lambda: compiled.components(
            FINE[0], FINE[1].astype(np.int64), FINE[2], (8, 1, 1), 6, np.zeros(4, np.int32)
        ),
    ],
)
def test_what_does_not_fit_is_an_error(call):
    with pytest.raises((TypeError, ValueError, BufferError)):
        call()


@given(st.integers(0, 10**6), st.integers(0, 20))
def test_senseless_runs_write_nowhere_else(seed, n):
    rng = np.random.default_rng(seed)

    def senseless():
        start, stop = rng.integers(-(2**31), 2**31, (2, n)).astype(np.int32)
        return start, stop, rng.integers(0, 9, n).astype(np.uint16)

    one, other = senseless(), senseless()
    compiled.count(*one, np.zeros(9, dtype=np.int64))
    assert 0 <= compiled.join(*one, 4) <= n
    for room in (4 * n, 5):
        start, stop, _ = columns(room)
        labels = np.zeros(2 * room, dtype=np.uint16)
        try:
            found = compiled.refine((one, other), bool(seed % 2), start, stop, labels)
        except ValueError:
            continue
        assert 0 <= found <= room
    row, following = np.zeros(n, dtype=np.int32), rng.integers(-2, n + 2, 9)
    try:
        compiled.pick(*one, following, bool(seed % 2), *columns(n), row)
    except ValueError:
        return
