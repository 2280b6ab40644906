"""Holes drawn by hand."""

import hypothesis.strategies as st
import numpy as np
from hypothesis import given

from vesalius.engine.judging import cavities as looking
from vesalius.engine.judging.cavities import cavities
from vesalius.engine.judging.changes import changes
from vesalius.engine.judging.context import start
from vesalius.engine.kinds import Filled, Into, IntoEnclosing, judge
from vesalius.engine.plan.step import Step
from vesalius.engine.run_steps import run_steps
from vesalius.engine.runs.labelmap import decode, encode


def shell(label, low, high, array):
    """A hollow cube."""
    array[(slice(low, high),) * 3] = label
    array[(slice(low + 1, high - 1),) * 3] = 0
    return array


def test_a_hole_belongs_to_the_label_around_it(make_case, parts_of):
    array = shell(3, 1, 6, np.zeros((8, 8, 8), dtype=int))
    context = make_case(array, (10, 10, 10)).context()
    verdict = judge(Filled((3,)), context)
    assert [(f.kind, f.labels, f.voxels, f.ml) for f in verdict.findings] == [
        ("hole", (3,), 27, 27.0)
    ]
    assert verdict.findings[0].at_ijk == (3, 3, 3)
    ((voxels, target),) = parts_of(verdict.faults, context.work)
    assert target == 3
    assert voxels.sum() == 27
    assert judge(Filled((3,), 27.0), context).holds
    assert judge(Filled((2,)), context).holds


def test_an_opening_is_no_hole(make_case):
    array = shell(3, 1, 6, np.zeros((8, 8, 8), dtype=int))
    array[3, 3, 1] = 0
    assert judge(Filled((3,)), make_case(array).context()).holds
    # A diagonal leak is none: holes are 6-connected.
    array = np.zeros((5, 5, 5), dtype=int)
    array[1:4, 1:4, 1:4] = 1
    array[2, 2, 2] = array[3, 3, 3] = 0
    assert judge(Filled((1,)), make_case(array).context()).findings[0].voxels == 1


def test_the_border_closes_nothing(make_case):
    array = np.ones((4, 4, 4), dtype=int)
    array[0, 1, 1] = 0
    assert judge(Filled((1,)), make_case(array).context()).holds


def test_what_two_labels_enclose_is_no_hole(make_case):
    array = shell(3, 1, 6, np.zeros((8, 8, 8), dtype=int))
    array[:4][array[:4] == 3] = 2
    assert judge(Filled((2, 3)), make_case(array).context()).holds
    # Nor is one with another label in it.
    array = shell(3, 1, 6, np.zeros((8, 8, 8), dtype=int))
    array[3, 3, 3] = 5
    assert judge(Filled((3,)), make_case(array).context()).holds


def test_nested_shells(make_case):
    array = shell(2, 3, 6, shell(1, 1, 8, np.zeros((9, 9, 9), dtype=int)))
    verdict = judge(Filled((1, 2)), make_case(array).context())
    assert [(f.labels, f.voxels) for f in verdict.findings] == [((2,), 1)]


def test_holes_are_filled_with_what_is_around(make_case):
    array = shell(3, 1, 6, np.zeros((14, 8, 8), dtype=int))
    array[8:13] = np.roll(array[1:6], 0, axis=0) // 3 * 2
    work = make_case(array).context().work
    step = Step("fill", expect=Filled((2, 3)), repair=IntoEnclosing(), writes=(2, 3))
    ruled = run_steps([step], (), work)
    assert ruled.outcomes[0].status == "changed"
    assert [(m.source, m.target, m.voxels) for m in ruled.outcomes[0].moves] == [
        (0, 2, 27),
        (0, 3, 27),
    ]
    filled = array.copy()
    filled[2:5, 2:5, 2:5], filled[9:12, 2:5, 2:5] = 3, 2
    assert np.array_equal(decode(ruled.labels), filled)


def test_a_hole_can_become_another_label(make_case):
    array = shell(3, 1, 6, np.zeros((8, 8, 8), dtype=int))
    step = Step("fill", expect=Filled((3,)), repair=Into(9), writes=(9,))
    ruled = run_steps([step], (), make_case(array).context().work)
    assert decode(ruled.labels)[3, 3, 3] == 9


def test_only_parts_that_know_their_label_can_take_it(make_case):
    from vesalius.engine.kinds import Absent

    array = shell(3, 1, 6, np.zeros((8, 8, 8), dtype=int))
    step = Step("odd", expect=Absent((3,)), repair=IntoEnclosing(), writes=(3,))
    ruled = run_steps([step], (), make_case(array).context().work)
    assert ruled.outcomes[0].status == "failed"
    assert "needs parts that know their label" in ruled.outcomes[0].reason


@given(
    seed=st.integers(0, 2**32 - 1),
    shape=st.tuples(*[st.integers(1, 6)] * 3),
    order=st.sampled_from("CF"),
    known=st.booleans(),
    lost=st.sampled_from([0, 0, 0.05]),
)
def test_holes_after_edits_are_those_of_the_map(seed, shape, order, known, lost):
    rng = np.random.default_rng(seed)
    labels = rng.integers(1, 3, shape) * (rng.random(shape) < 0.8)
    array, axes = (
        np.asarray(labels, np.uint8, order=order),
        (0, 1, 2) if order == "F" else (2, 1, 0),
    )
    now = encode(array, np.eye(4), axes=axes)
    context = start(now)
    if known:
        cavities(context)
    for _ in range(3):
        array = np.where(rng.random(shape) < 0.1, rng.integers(0, 2, shape) * array, array)
        array = np.where(rng.random(shape) < lost, np.uint8(2), array)
        after = encode(array.astype(np.uint8), np.eye(4), axes=axes)
        context, now = context.after(changes(now, after)), after
        found, expected = cavities(context), cavities(start(after))
        assert found.runs.same_as(expected.runs)
        for column in ("cavity", "voxels", "around"):
            assert np.array_equal(getattr(found, column), getattr(expected, column)), column


def test_a_background_that_has_only_grown_is_not_searched_again(make_case, monkeypatch):
    array = shell(3, 1, 6, np.zeros((8, 8, 8), dtype=int))
    array[3, 3, 3] = 2
    before = make_case(array).context()
    assert cavities(before).voxels.tolist() == [26]
    monkeypatch.delattr(looking, "background")
    array[3, 3, 3] = 0
    grown = before.after(changes(before.work, make_case(array).context().work))
    assert cavities(grown).voxels.tolist() == [27]
    assert cavities(grown).around.tolist() == [3]
    array[3, 3, 1] = 0
    opened = grown.after(changes(grown.work, make_case(array).context().work))
    assert cavities(opened).voxels.tolist() == []
