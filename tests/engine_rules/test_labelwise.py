"""What is known of all labels at once, against what is found of a choice of them alone."""

from __future__ import annotations

import functools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vesalius.engine.judging import labelwise as judging
from vesalius.engine.judging.changes import changes
from vesalius.engine.judging.context import start
from vesalius.engine.judging.labelwise import Labelwise
from vesalius.engine.merge.anchors import fit_anchors
from vesalius.engine.merge.main_pieces import PIECE_CONNECTIVITY
from vesalius.engine.plan.plan import BoxAnchor, LevelAnchor, PlaneAnchor
from vesalius.engine.runs import components as searching
from vesalius.engine.runs.components import components
from vesalius.engine.runs.labelmap import decode, encode
from vesalius.engine.runs.measure import measure
from vesalius.engine.runs.near import in_lines, near_lines
from vesalius.engine.runs.sweeps import keep_labels, relabel, relabel_runs

LABELS = st.sets(st.integers(0, 7), max_size=6).map(sorted)
CONNECTIVITY = st.sampled_from([6, 18, 26])


def volume(seed, shape, axes=(0, 1, 2)):
    rng = np.random.default_rng(seed)
    array = rng.integers(1, 7, shape).astype(np.uint16) * (rng.random(shape) < 0.4)
    affine = np.array([[1, 0.2, 0, 3], [0, -1.5, 0.1, 0], [0, 0, 2, -7], [0, 0, 0, 1.0]])
    return encode(array.astype(np.uint16), affine, axes=axes)


def assert_same_measures(one, other):
    for name in ("label", "voxels", "box_lo", "box_hi", "index_sum", "centre_mm"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
        assert getattr(one, name).dtype == getattr(other, name).dtype


def assert_same_runs(one, other):
    for name in ("start", "stop", "label"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def assert_same_components(one, other):
    assert_same_runs(one.labelmap, other.labelmap)
    for name in ("of_run", "label", "rank"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
        assert getattr(one, name).dtype == getattr(other, name).dtype
    assert_same_measures(one.measures, other.measures)


def assert_as_found_alone(known, work, labels, connectivity):
    alone = keep_labels(work, labels)
    assert_same_runs(known.part(labels), alone)
    assert_same_measures(known.measures(labels), measure(alone))
    assert_same_components(known.components(labels, connectivity), components(alone, connectivity))


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 10**6),
    st.tuples(*[st.integers(1, 7)] * 3),
    st.permutations(range(3)),
    st.lists(st.tuples(LABELS, CONNECTIVITY), min_size=1, max_size=3),
    st.sampled_from([0, 4]),
)
def test_a_choice_of_labels_is_a_choice_of_rows(seed, shape, axes, asked, searched_share):
    work = volume(seed, shape, tuple(axes))
    known = Labelwise(work)
    with pytest.MonkeyPatch.context() as patch:
        # Components by more neighbours are put together, or searched for in broken labels.
        patch.setattr(judging, "_SEARCHED_SHARE", searched_share)
        for labels, connectivity in asked:
            assert_as_found_alone(known, work, labels, connectivity)


def test_components_joined_around_another_one_as_large_are_in_order(monkeypatch):
    monkeypatch.setattr(judging, "_SEARCHED_SHARE", 0)
    x, y = np.indices((10, 10)) - 4.5
    array = np.zeros((10, 10, 5), dtype=np.uint8)
    array[:, :, 2] = abs(x) + abs(y) == 5  # 20 voxels, most of which touch at edges
    array[4:6, 4:6] = 1
    work = encode(array, np.diag([-1, 1, 1, 1]))
    assert Labelwise(work).components([1], 18).voxels.tolist() == [20, 20]
    assert_as_found_alone(Labelwise(work), work, [1], 18)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 10**6),
    st.tuples(*[st.integers(1, 7)] * 3),
    st.lists(st.tuples(LABELS, CONNECTIVITY), min_size=1, max_size=3),
)
def test_written_labels_are_looked_at_again_and_no_others_change(seed, shape, asked):
    work = volume(seed, shape)
    rng = np.random.default_rng(seed + 1)
    context = start(work)
    for turn in range(3):
        for labels, connectivity in asked:
            assert_as_found_alone(context, context.work, labels, connectivity)
        # Some runs of one label go to another one, which may be the background.
        before, (source, target) = context.work, rng.integers(0, 7, 2)
        moved = (before.label == source) & (rng.random(len(before)) < 0.5 + turn / 4)
        after = relabel_runs(before, np.where(moved, np.uint16(target), before.label))
        context = context.after(changes(before, after), after if turn else None)


@pytest.mark.parametrize("connectivity", [6, 26])
def test_one_search_serves_all_labels(monkeypatch, connectivity):
    looks = []
    connected = searching._connected

    def looking(start_, *others):
        looks.append(start_.size)
        return connected(start_, *others)

    monkeypatch.setattr(searching, "_connected", looking)
    work = volume(1, (6, 6, 6))
    context = start(work)
    for label in range(1, 7):
        context.components((label,), connectivity)
    # By more neighbours, broken labels are searched once more; the others are not.
    searches = 1 if connectivity == 6 else 2
    assert looks == [len(work)] * searches
    written = context.after(changes(work, relabel(work, [0, 2, 2, 3, 4, 5, 6])))
    written.components((2, 3, 4), connectivity)
    assert looks[searches:] == [len(keep_labels(written.work, [2]))] * searches


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 10**6),
    st.tuples(*[st.integers(1, 7)] * 3),
    st.permutations(range(3)),
    st.lists(st.sampled_from([0, 1, 2, 7, 65534, 65535]), min_size=2, max_size=6),
    st.sampled_from([0, 1]),
)
def test_a_map_looked_at_after_several_edits_is_what_they_painted(
    seed, shape, axes, painted, edited_share
):
    rng = np.random.default_rng(seed)
    work = volume(seed, shape, tuple(axes))
    context, array = start(work), decode(work).astype(np.uint16)
    now = work
    for label in painted:
        array = np.where(rng.random(shape) < 0.3, np.uint16(label), array)
        after = encode(array, work.grid.affine, axes=work.axes)
        # Only what was changed is told, so the map is made when it is asked for.
        context, now = context.after(changes(now, after)), after
        runs = keep_labels(after, rng.integers(0, 8, 2).tolist())
        with pytest.MonkeyPatch.context() as patch:
            # Of a map that an edit has mostly painted all is made.
            patch.setattr(judging, "_EDITED_SHARE", edited_share)
            for pick in (
                functools.partial(near_lines, runs=runs),
                functools.partial(in_lines, start=runs.start),
            ):
                assert_same_runs(context.known.near(pick), pick(after))
    assert_same_runs(context.work, now)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.tuples(*[st.integers(1, 7)] * 3))
def test_anchors_are_fitted_alike_to_what_is_known_of_pieces(seed, shape):
    labels = tuple(range(1, 7))
    anchors = (
        LevelAnchor("low", labels, 1, (0.3, -0.1, 1.0), at="near"),
        LevelAnchor("middle", labels, 1, (0.3, -0.1, 1.0)),
        BoxAnchor("box", labels, 1, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)),
        PlaneAnchor("plane", labels, 3, (1.0, 0.0, 0.0), 60.0, 9.0, (0.0, 0.0, 1.0)),
    )
    work = volume(seed, shape)
    fits = fit_anchors(anchors, work)
    first, later = start(work, anchors), start(work, anchors)
    later.components(labels, PIECE_CONNECTIVITY)
    for context in (first, later):
        assert tuple(context.fit(at) for at in range(len(anchors))) == fits
