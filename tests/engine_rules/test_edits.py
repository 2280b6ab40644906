"""Painting stretches, and what differs between two maps, against numpy."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from vesalius.engine.judging.changes import changes, moves, stretches
from vesalius.engine.judging.edits import Edit, changes_by
from vesalius.engine.judging.labelwise import Labelwise
from vesalius.engine.runs import repaint as repainting
from vesalius.engine.runs.labelmap import decode, encode

EYE = np.eye(4)


def painted(work, edit):
    return repainting.repaint(work, edit.start, edit.stop, edit.label).labelmap


@st.composite
def two_arrays(draw):
    """Draw two arrays of one shape; the second is often nearly the first."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shape = draw(st.tuples(*[st.integers(1, 6)] * 3))
    one = rng.integers(0, draw(st.sampled_from([2, 4])), shape)
    other = rng.integers(0, 4, shape)
    share = draw(st.sampled_from([0.0, 0.1, 0.5, 1.0]))
    return one, np.where(rng.random(shape) < share, other, one), str(rng.choice(["C", "F"]))


@given(two_arrays())
def test_changes_and_moves_are_those_of_the_voxels(arrays):
    one, other, order = arrays
    axes = (2, 1, 0) if order == "C" else (0, 1, 2)
    before, after = encode(one, EYE, axes=axes), encode(other, EYE, axes=axes)
    found = changes(before, after)
    differ = one != other
    painted = np.zeros(one.size, dtype=bool)
    for first, last in zip(found.start, found.stop, strict=True):
        painted[first:last] = True
    assert np.array_equal(painted, differ.ravel(order))
    assert found.labels() == tuple(sorted({*one[differ], *other[differ]} - {0}))
    expected = []
    for source in range(4):
        for target in range(4):
            mask = (one == source) & (other == target)
            if source != target and mask.any():
                where = np.argwhere(mask)
                box = tuple(where.min(axis=0)), tuple(where.max(axis=0) + 1)
                expected.append((source, target, mask.sum(), mask.sum() / 1000, box))
    made = moves(found, before)
    assert [(m.source, m.target, m.voxels, m.ml, m.box_ijk) for m in made] == expected
    assert np.array_equal(decode(stretches(found, before, 7)) == 7, differ)


@given(two_arrays(), st.integers(0, 2**32 - 1), st.sampled_from([1, 2, 2048]))
def test_repaint_paints_labels_and_background_over_both(arrays, seed, most_windows):
    one, other, order = arrays
    work = encode(one, EYE, axes=(2, 1, 0) if order == "C" else (0, 1, 2))
    rng = np.random.default_rng(seed)
    chosen = (rng.random(one.shape) < rng.choice([0.1, 0.9])).ravel(order)
    # Stretches of one voxel each, so that runs are cut in every way.
    at = np.flatnonzero(chosen).astype(work.start.dtype)
    edit = Edit(at, at + 1, other.ravel(order)[chosen].astype(np.uint16))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(repainting, "_MOST_WINDOWS", most_windows)
        after = painted(work, edit)
    expected = np.where(chosen.reshape(one.shape, order=order), other, one)
    assert np.array_equal(decode(after), expected)
    assert after.same_as(encode(expected, EYE, axes=work.axes))
    found = changes_by(edit, Labelwise(work))
    assert moves(found, work) == moves(changes(work, after), work)
    assert np.array_equal(decode(work), one)


def test_repaint_of_nothing_and_of_everything():
    array = np.array([0, 1, 1, 2], dtype=np.uint8).reshape(4, 1, 1)
    work = encode(array, EYE)
    nothing = Edit(work.start[:0], work.stop[:0], work.label[:0])
    assert painted(work, nothing).same_as(work)
    all_of_it = Edit(work.start[:1] * 0, work.stop[-1:], np.array([3], dtype=np.uint16))
    assert decode(painted(work, all_of_it)).ravel().tolist() == [3, 3, 3, 3]
    away = Edit(work.start[:1] * 0, work.stop[-1:], np.array([0], dtype=np.uint16))
    assert len(painted(work, away)) == 0
