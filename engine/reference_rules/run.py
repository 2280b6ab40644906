"""Steps one after the other, voxel by voxel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.reference_rules.expect import judge
from vesalius.engine.reference_rules.guards import answer
from vesalius.engine.reference_rules.repair import place
from vesalius.engine.reference_rules.state import Found, Missing, State
from vesalius.engine.steps import Step


class RefOutcome(NamedTuple):
    """What became of a step; moves are (source, target, voxels)."""

    status: str
    findings: tuple[Found, ...] = ()
    remaining: tuple[Found, ...] = ()
    moves: tuple[tuple[int, int, int], ...] = ()


def reference_run(
    steps: Sequence[Step], state: State, *, unsafe: bool = False
) -> tuple[State, list[RefOutcome], NDArray[np.int64]]:
    """Run expectations and repairs; also return the number of the last step at each voxel."""
    outcomes = []
    trace = np.zeros(state.work.shape, dtype=np.int64)
    for number, step in enumerate(steps, start=1):
        outcome, after = _run(step, state, unsafe)
        trace[after.work != state.work] = number
        state = after
        outcomes.append(outcome)
    return state, outcomes, trace


def _run(step: Step, state: State, unsafe: bool) -> tuple[RefOutcome, State]:
    if answer(step.guard, state) is not True:
        return RefOutcome("skipped"), state
    nothing_said = "failed" if step.on_missing == "fail" else "skipped"
    assert step.expect is not None
    judged = judge(step.expect, state)
    if judged.missing:
        return RefOutcome(nothing_said), state
    found = judged.findings
    if not found:
        return RefOutcome("holds"), state
    violated = RefOutcome("violated", found, found)
    failed = RefOutcome("failed", found, found)
    if step.repair is None or not judged.parts or (step.safety == "unsafe" and not unsafe):
        return violated, state
    try:
        after = state.having(place(step.repair, judged.parts, state))
    except Missing:
        return (failed if step.on_missing == "fail" else violated), state
    moves = [
        (a, b, int(np.sum((state.work == a) & (after.work == b))))
        for a in np.unique(state.work).tolist()
        for b in np.unique(after.work).tolist()
        if a != b
    ]
    moves = [move for move in moves if move[2]]
    if {label for move in moves for label in move[:2]} - {0, *step.writes}:
        return failed, state
    again = judge(step.expect, after)
    if again.missing or again.parts:
        return failed, state
    return RefOutcome("changed", found, again.findings, tuple(moves)), after
