"""What steps say where nothing is there that they look at: once for all cases, and the same."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import vesalius
import vesalius.engine.known_attempts
from vesalius.engine.attempt import Options, attempt_step
from vesalius.engine.judging.context import ArrayImage, Context, start
from vesalius.engine.known_attempts import KnownAttempts
from vesalius.engine.none_there import none_there
from vesalius.engine.plan.plan import Plan
from vesalius.engine.plan.where import AllOf, MetadataIs, Not, Seen
from vesalius.engine.runs.grid import Grid
from vesalius.engine.runs.labelmap import encode

STRAIGHT = Grid((8, 9, 10), np.diag([-6.0, -6.0, 6.0, 1.0]))
SLANTED = np.array([[0.3, -2, 0.1, 5], [1.1, 0.2, 0.3, -7], [0.2, 0.1, 9, 3], [0, 0, 0, 1]])
ODD = Grid((3, 5, 40), SLANTED)


@pytest.fixture(scope="module", params=["amos22", "totalsegmentator_v2"])
def plan(request) -> Plan:
    return vesalius.Session(request.param, "dap_atlas").prepared.plan


def context_of(
    plan: Plan, grid: Grid, labels=(), order="F", hu=None, metadata=None, sources=()
) -> Context:
    array = np.zeros(grid.shape, np.uint16, order=order)
    for at, label in enumerate(labels):
        array[1 + at % 2, 1:4, 1 + 2 * at : 3 + 2 * at] = label
    image = None if hu is None else ArrayImage(np.full(grid.shape, hu, np.int16))
    tokens = {entry.label: entry.token for entry in plan.work}
    return start(encode(array, grid.affine), plan.rule_anchors, metadata, image, tokens, sources)


@pytest.mark.parametrize("hu", [None, -1000])
def test_no_step_says_anything_of_the_grid_or_the_image_of_an_empty_map(plan, hu):
    one = context_of(plan, STRAIGHT, hu=hu)
    other = context_of(plan, ODD, order="C", hu=None if hu is None else 300)
    known = none_there(plan.steps, one)
    asked = 0
    for at, step in enumerate(plan.steps):
        if known.is_about(at, one):
            asked += 1
            said = attempt_step(step, one, Options()).outcome
            assert said == attempt_step(step, other, Options()).outcome
    assert asked > len(plan.steps) // 2


def test_a_case_after_others_is_told_as_by_itself(plan):
    here = [entry.label for entry in plan.work][:4]
    fewer = context_of(plan, STRAIGHT, here[:2])
    attempts = KnownAttempts(plan.steps)
    for at in range(len(plan.steps)):
        attempts.attempt(at, fewer, Options())
    more = context_of(plan, ODD, here, order="C")
    attempts = KnownAttempts(plan.steps)
    for at, step in enumerate(plan.steps):
        found = attempts.attempt(at, more, Options())
        alone = attempt_step(step, more, Options())
        assert found.outcome == alone.outcome
        assert found.context.versions == alone.context.versions


def test_it_is_asked_once(plan, monkeypatch):
    made = []

    def counted(step, *more):
        made.append(step)
        return attempt_step(step, *more)

    monkeypatch.setattr(vesalius.engine.known_attempts, "attempt_step", counted)
    steps = (*plan.steps,)
    for _ in range(2):
        context, attempts = context_of(plan, STRAIGHT), KnownAttempts(steps)
        known = none_there(steps, context)
        for at in range(len(steps)):
            attempts.attempt(at, context, Options())
        asked = [at for at in range(len(steps)) if known.outcome(at) is not None]
        assert asked
        again = [steps[at] for at in asked if steps[at] in made]
        made.clear()
    assert not again


def test_what_is_said_of_the_case_counts(plan):
    base = next(step for step in plan.steps if step.expect and not step.each_source)
    label = plan.work[0].label
    guard = AllOf((MetadataIs("sex", ("male",)), Not(Seen((label,), all_of=True))))
    steps = (replace(base, guard=guard),)
    men, women = ({"sex": word, "age": "40"} for word in ("male", "female"))
    one = none_there(steps, context_of(plan, STRAIGHT, metadata=men))
    assert none_there(steps, context_of(plan, ODD, metadata={**men, "age": "41"})) is one
    assert none_there(steps, context_of(plan, STRAIGHT, metadata=women)) is not one
    assert none_there(steps, context_of(plan, STRAIGHT, hu=0, metadata=men)) is not one
    assert none_there((*steps,), context_of(plan, STRAIGHT, metadata=men)) is not one
    alone = {
        word: KnownAttempts(steps).attempt(0, context_of(plan, STRAIGHT, metadata=said), Options())
        for word, said in (("male", men), ("female", women))
    }
    assert alone["female"].outcome.reason == "does not apply: sex is female"
    assert alone["male"].outcome.reason != alone["female"].outcome.reason


def test_what_looks_at_background_or_at_sources_is_not_kept(plan):
    context = context_of(plan, STRAIGHT)
    known = none_there(plan.steps, context)
    for at, step in enumerate(plan.steps):
        if step.each_source or step.derive is not None or (0 in step.reads and not step.repair):
            assert not known.is_about(at, context)
    assert any(step.each_source for step in plan.steps)


def test_a_label_that_comes_counts(plan):
    context = context_of(plan, STRAIGHT)
    known = none_there(plan.steps, context)
    at = next(at for at in range(len(plan.steps)) if known.is_about(at, context))
    label = min(known.looked_at[at])
    assert not known.is_about(at, context_of(plan, STRAIGHT, [label]))
