"""What a context keeps, and for how long."""

import numpy as np
import pytest

from vesalius.engine.judging.changes import changes
from vesalius.engine.judging.context import ArrayImage, start
from vesalius.engine.judging.verdict import Missing
from vesalius.engine.plan.plan import LevelAnchor
from vesalius.engine.runs.labelmap import encode
from vesalius.engine.runs.sweeps import relabel

ARRAY = np.array([1, 1, 0, 1, 2, 3, 0, 3], dtype=np.uint8).reshape(8, 1, 1)
WORK = encode(ARRAY, np.eye(4))
ANCHORS = (LevelAnchor("a", (2,), 1, (1.0, 0.0, 0.0)), LevelAnchor("b", (9,), 1, (1.0, 0.0, 0.0)))


def test_what_depends_on_unchanged_labels_is_kept():
    before = start(WORK, ANCHORS)
    one, two, fit = before.components((1,)), before.components((2,)), before.fit(0)
    after = before.after(changes(WORK, relabel(WORK, [0, 3, 2, 3])))
    assert after.components((2,)) is two
    assert after.fit(0) is fit
    assert after.components((1,)) is not one
    assert len(after.components((1,))) == 0
    # Whoever takes the step back finds all as it was.
    assert before.components((1,)) is one
    # And another change never is mistaken for the one that was taken back.
    other = before.after(changes(WORK, relabel(WORK, [0, 1, 1, 3])))
    assert len(other.components((1,))) == 2
    assert other.fit(0).status == "missing"
    assert after.fit(0).fitted


def test_the_same_change_of_the_same_label_gives_the_same_label():
    begin = start(WORK, ANCHORS)
    threes = changes(WORK, relabel(WORK, [0, 1, 2, 4]))
    twos = changes(WORK, relabel(WORK, [0, 1, 5, 3]))
    both = begin.after(threes).after(twos)
    other = begin.after(twos).after(threes)
    assert both.versions == other.versions
    assert both.components((4,)) is other.components((4,))
    assert both.work.same_as(other.work)
    # One label of two is changed in another way.
    half = np.array([1, 1, 0, 1, 2, 4, 0, 3], dtype=np.uint8).reshape(8, 1, 1)
    third = begin.after(changes(WORK, encode(half, np.eye(4)))).after(twos)
    assert third.versions[5] == both.versions[5]
    assert third.versions[4] != both.versions[4]
    assert third.components((4,)) is not both.components((4,))
    assert third.changed_since(both.versions) == {3, 4}
    assert both.changed_since(both.versions) == both.changed_since(other.versions) == set()


def test_background_has_a_version_too():
    begin = start(WORK, ANCHORS)
    moved = begin.after(changes(WORK, relabel(WORK, [0, 1, 3, 3])))
    gone = begin.after(changes(WORK, relabel(WORK, [0, 1, 0, 3])))
    kept = begin.cached("of background", (0,), object)
    assert moved.cached("of background", (0,), object) is kept
    assert gone.cached("of background", (0,), object) is not kept


def test_facts_of_a_label_are_found_again_where_it_is_another():
    asked = []

    def find(labels):
        asked.append(labels)
        return {label: label * 10 for label in labels}

    begin = start(WORK)
    assert begin.known.facts((3, 1, 9), "tens", find) == {1: 10, 3: 30}
    after = begin.after(changes(WORK, relabel(WORK, [0, 1, 3, 3])))
    assert after.known.facts((1, 2, 3), "tens", find) == {1: 10, 3: 30}
    assert after.known.facts((1, 3), "others", find) == {1: 10, 3: 30}
    assert asked == [[1, 3], [3], [1, 3]]


def test_arguments_are_told_apart():
    context = start(WORK)
    assert len(context.components((1, 2))) == 3
    assert len(context.components((2, 1), joint=True)) == 2
    assert context.components((1, 2)) is context.components((2, 1))
    assert len(context.components((1, 3))) == 4
    calls = []

    def make():
        calls.append(1)
        return len(calls)

    assert [context.cached("k", (1,), make, 5) for _ in range(2)] == [1, 1]
    assert context.cached("k", (1,), make, 6) == 2
    assert context.cached("other", (1,), make, 5) == 3


def test_the_cache_does_not_grow_without_bound():
    context = start(WORK)
    kept = context.cached("kept", (1,), object)
    first = context.cached("first", (1,), object)
    for number in range(1000):
        context.cached("n", (1,), object, number)
        assert context.cached("kept", (1,), object) is kept
    assert len(context.shared.cache) <= 256
    assert context.cached("first", (1,), object) is not first


def test_measures_and_presence():
    context = start(WORK, tokens={1: "one"})
    assert context.part((3, 1)).label.tolist() == [1, 1, 3, 3]
    assert context.voxels((3, 9, 1)) == {3: 2, 9: 0, 1: 3}
    assert context.present((9, 3, 1)) == (3, 1)
    assert context.measures((1, 2)).label.tolist() == [1, 2]
    assert context.names((1, 2, 0)) == "one, label 2, background"


def test_volumes_keep_a_tie():
    context = start(encode(ARRAY, np.diag([0.7, 0.7, 0.7, 1])))
    voxel = 0.7**3 / 1000
    assert context.below_ml([2, 3, 4], 3 * voxel).tolist() == [True, False, False]
    assert context.above_ml([2, 3, 4], 3 * voxel).tolist() == [False, False, True]
    assert not context.below_ml(0, 0.0)
    assert not context.above_ml(0, 0.0)
    assert context.above_ml(1, 0.0)


def test_what_is_missing():
    context = start(WORK, ANCHORS)
    assert context.fitted(0) is context.fit(0)
    with pytest.raises(Missing, match="the anchor b is missing: 0 of 1 points present, 1 needed"):
        context.fitted(1)
    with pytest.raises(Missing, match="the case has no image in HU"):
        context.the_image()


def test_an_image():
    image = ArrayImage(np.arange(8).reshape(8, 1, 1))
    assert start(WORK, image=image).the_image() is image
    everything = slice(None)
    assert image.values((slice(2, 4), everything, everything)).ravel().tolist() == [2, 3]
    with pytest.raises(ValueError, match=r"the image has shape \(8, 1, 2\), the map \(8, 1, 1\)"):
        start(WORK, image=ArrayImage(np.zeros((8, 1, 2))))
