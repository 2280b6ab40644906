"""Steps one after the other, voxel by voxel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.reference_rules.expect import judge
from vesalius.engine.reference_rules.guards import answer
from vesalius.engine.reference_rules.repair import place
from vesalius.engine.reference_rules.state import Found, Judged, Missing, State
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
    assert step.expect is not None
    applies = answer(step.guard, state) is True
    judged = judge(step.expect, state) if applies else Judged(missing=True)
    if judged.missing:
        failed = applies and step.on_missing == "fail"
        return RefOutcome("failed" if failed else "skipped"), state
    found = judged.findings
    refused = step.safety == "unsafe" and not unsafe
    if not judged.parts or refused or step.repair is None:
        return RefOutcome("violated" if found else "holds", found, found), state
    try:
        after = state.having(place(step.repair, judged.parts, state))
    except Missing:
        status = "failed" if step.on_missing == "fail" else "violated"
        return RefOutcome(status, found, found), state
    pairs = Counter(zip(state.work.flat, after.work.flat, strict=True))
    moves = tuple(sorted((int(a), int(b), n) for (a, b), n in pairs.items() if a != b))
    written = {label for move in moves for label in move[:2]} - {0}
    again = judge(step.expect, after)
    faulty = np.unique(state.work[np.logical_or.reduce(judged.parts)])
    unjudged = again.missing and bool(np.isin(after.work, faulty[faulty > 0]).any())
    if not written <= set(step.writes) or unjudged or again.parts:
        return RefOutcome("failed", found, found), state
    return RefOutcome("changed", found, again.findings, moves), after
