"""`together`: two sources that contradict each other, and which of several is told."""

from __future__ import annotations

from dataclasses import replace

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from oracle.drawing_measures import MEASURED
from oracle.kinds import judge as judge_on_oracle
from oracle.state import State
from vesalius.adapters.cases.finding_text import finding_texts
from vesalius.engine.judging.collisions import independent
from vesalius.engine.judging.context import Source, start
from vesalius.engine.judging.sources import judge_sources
from vesalius.engine.kinds import Exclusive, Facing, Follows, Pool, Together, judge
from vesalius.engine.plan.step import Step
from vesalius.engine.run_steps import run_steps
from vesalius.engine.runs.labelmap import encode
from vesalius.rules.kinds import sentences

AFFINE = np.diag([-5.0, 5.0, 5.0, 1.0])
RULE = Together(
    labels=(1, 2, 3, 4, 5, 6),
    pools=(),
    moved_mm=10.0,
    share=0.4,
    at_least=3,
    exclusive=(Exclusive((1, 2, 3), (4, 5, 6)),),
    thick_mm=9.0,
    thick_voxels=3,
    deep_ml=1.0,
    inside_share=0.5,
    independent=3,
)
SHAPE = (30, 20, 12)


def blocks(*labels, by=(0, 0, 0), size=4):
    """Blocks of 4 x 4 x 4 voxels, each in its place: 1 and 4, 2 and 5, 3 and 6 side by side."""
    array = np.zeros(SHAPE, dtype=np.uint8)
    for label in labels:
        at = np.array([2 + 9 * ((label - 1) % 3), 4 + 4 * ((label - 1) // 3), 4]) + by
        i, j, k = at
        array[i : i + size, j : j + size, k : k + size] = label
    return array


def told(*arrays, rule=RULE):
    """Give by source the kind of what is said of it, and whether it is the one at fault."""
    sources = [Source(f"{n}.nii", encode(array, AFFINE)) for n, array in enumerate(arrays)]
    found = judge_sources(rule, start(sources[0].labels, sources=sources), judge)
    return {f.source[0]: (f.kind, "cannot tell" not in f.note) for f in found.verdict.findings}


def test_what_both_have_in_one_place_is_right():
    assert told(blocks(1, 2, 3, 4), blocks(1, 2, 3, 4, 5)) == {}
    assert told(blocks(1, 2, 3), blocks(1, 2, 3, by=(1, 0, 0))) == {}


@pytest.mark.parametrize("by", [(2, 0, 0), (0, -2, 0), (0, 0, 2)])
def test_of_two_sources_both_are_told(by):
    said = ("elsewhere", False)
    assert told(blocks(1, 2, 3), blocks(1, 2, 3, by=by)) == {"0": said, "1": said}


def test_of_three_the_one_that_is_elsewhere():
    right, wrong = blocks(1, 2, 3), blocks(1, 2, 3, by=(2, 0, 0))
    assert told(right, wrong, right) == {"1": ("elsewhere", True)}
    # The third one agrees with the first, and has nothing to say of the other.
    left = blocks(1, 2, 3, 4), blocks(4, 5, 6, by=(0, -3, 0)), blocks(1, 2, 3)
    assert told(*left) == {"1": ("in others", True)}


@pytest.mark.parametrize("severity", ["error", "warning"])
def test_one_that_is_wrong_by_itself_is_held_against_nobody(severity):
    facing = Facing((-1.0, 0.0, 0.0), (Follows((1,), (3,)),), 8.0, 1, 1.0, skip_cut=False)
    labels = {"reads": (1, 2, 3), "each_source": True}
    steps = (
        # In whatever order they are asked.
        Step("one patient", expect=RULE, **labels),
        Step("mirrored", severity, expect=facing, **labels),
    )
    given = blocks(1, 2, 3), blocks(1, 2, 3)[::-1]
    maps = [encode(np.ascontiguousarray(array), AFFINE) for array in given]
    sources = [Source("right.nii", maps[0]), Source("mirrored.nii", maps[1])]
    together, mirrored = run_steps(steps, (), maps[0], sources=sources).outcomes
    assert [found.source for found in mirrored.findings] == ["mirrored.nii"]
    # What is only a warning is believed.
    both = ["right.nii", "mirrored.nii"] if severity == "warning" else []
    assert [found.source for found in together.findings] == both


def test_what_is_seen_in_part_is_not_elsewhere():
    whole, part = blocks(1, 2, 3, size=6), blocks(1, 2, 3)
    assert told(whole, part) == {}


def test_so_many_and_so_large_a_share_must_be_elsewhere():
    right = blocks(1, 2, 3, 4, 5, 6)
    some = np.where(np.isin(right, (1, 2)), 0, right) + blocks(1, 2, by=(0, -2, 0))
    assert told(right, some) == {}
    assert set(told(right, some, rule=replace(RULE, at_least=2, share=0.3))) == {"0", "1"}
    assert told(right, some, rule=replace(RULE, at_least=2, share=0.34)) == {}


def test_a_chain_that_is_numbered_differently_lies_where_it_does():
    one = blocks(1, 2, 3)
    other = np.array([0, 2, 3, 1], dtype=np.uint8)[one]
    assert set(told(one, other)) == {"0", "1"}
    assert told(one, other, rule=replace(RULE, pools=(Pool((1, 2, 3)),))) == {}
    moved = np.roll(other, 2, axis=1)
    assert set(told(one, moved, rule=replace(RULE, pools=(Pool((1, 2, 3)),)))) == {"0", "1"}


def test_a_border_that_is_drawn_differently_is_not_deep():
    bones, organs = blocks(1, 2, 3), blocks(4, 5, 6)
    assert told(bones, organs) == {}
    assert told(bones, blocks(4, 5, 6, by=(0, -2, 0)), rule=replace(RULE, inside_share=0.6)) == {}
    said = ("in others", False)
    assert told(bones, blocks(4, 5, 6, by=(0, -3, 0))) == {"0": said, "1": said}


def test_one_structure_in_many_is_one_mistake():
    bones = blocks(1, 2, 3)
    organ = np.where(blocks(4, 5, 6, by=(0, -4, 0)), 4, 0).astype(np.uint8)
    assert told(bones, organ) == {}
    assert set(told(bones, organ, rule=replace(RULE, independent=1))) == {"0", "1"}


def test_independent_pairs():
    assert independent([]) == 0
    assert independent([(1, 4), (1, 5), (1, 6)]) == 1
    assert independent([(1, 4), (2, 4), (2, 5), (3, 4)]) == 2
    assert independent([(1, 4), (1, 5), (2, 4), (3, 6)]) == 3


def test_of_one_source_nothing_is_said():
    step = Step("s", expect=RULE, reads=RULE.labels, each_source=True)
    work = encode(blocks(1, 2, 3), AFFINE)
    for sources in ((), (Source("a", work),)):
        (outcome,) = run_steps([step], (), work, sources=sources).outcomes
        assert (outcome.status, outcome.applies) == ("skipped", False)


def test_the_finding_in_words():
    pair = [Source(n, encode(blocks(1, 2, 3, by=by), AFFINE))
            for n, by in (("a", (0, 0, 0)), ("b", (0, 0, 2)))]  # fmt: skip
    found = judge_sources(RULE, start(pair[0].labels, sources=pair), judge).verdict.findings
    names = {1: "x", 2: "y", 3: "z"}
    assert finding_texts(found, names, sentences())[0] == (
        "a: 3 of 3 structures that other sources have as well lie elsewhere; of another patient,"
        " moved, or out of scale? (x, y, z); against b; labels cannot tell which of them is the"
        " wrong one"
    )


@settings(deadline=None, max_examples=120)
@given(
    seed=st.integers(0, 2**32 - 1),
    rule=MEASURED[Together],
    order=st.permutations(range(3)),
    many=st.integers(2, 3),
)
def test_engine_and_oracle_agree(seed, rule, order, many):
    rng = np.random.default_rng(seed)
    shape = rng.integers(3, 8, 3)
    # Boxes, and the same ones a little elsewhere: noise would have nothing deep.
    arrays = [np.zeros(shape, dtype=np.uint8) for _ in range(many)]
    for label in range(1, 8):
        lo = rng.integers(0, shape)
        for array in arrays:
            at = np.clip(lo + rng.integers(-1, 2, 3) * (rng.random() < 0.6), 0, shape)
            hi = at + rng.integers(1, 5, 3)
            array[tuple(slice(a, b) for a, b in zip(at, hi, strict=True))] = label
    affine = np.diag([-1.5, 1.0, 2.0, 1.0])
    laid = [array.transpose(order) for array in arrays]
    sources = [Source(str(n), encode(array, affine)) for n, array in enumerate(laid)]
    ours = judge_sources(rule, start(sources[0].labels, sources=sources), judge).verdict.findings
    state = State(laid[0].astype(np.int64), affine, sources=tuple(a.astype(np.int64) for a in laid))
    theirs = judge_on_oracle(rule, state).findings
    assert [(f.kind, f.labels, f.values) for f in ours] == [
        (w.kind, w.labels, w.values) for w in theirs
    ]
