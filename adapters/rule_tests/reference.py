"""Steps on the voxel reference: all kinds of expectations, repairs and derivations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.reference_rules.amount import mean_hu, volume, volume_ratio
from vesalius.engine.reference_rules.contact import enclosed, touching
from vesalius.engine.reference_rules.counted import agrees, counted, undivided
from vesalius.engine.reference_rules.derive import from_hu, rest_of_body
from vesalius.engine.reference_rules.guards import answer
from vesalius.engine.reference_rules.holes import filled
from vesalius.engine.reference_rules.measures import Part, Said
from vesalius.engine.reference_rules.numbered import numbered
from vesalius.engine.reference_rules.order import contiguous, ordered
from vesalius.engine.reference_rules.repair import place
from vesalius.engine.reference_rules.run import reference_run
from vesalius.engine.reference_rules.state import Missing, State
from vesalius.engine.steps import (
    Agrees,
    AsCounted,
    Contiguous,
    Counted,
    Derive,
    Destination,
    Enclosed,
    Expect,
    Filled,
    FromHu,
    IntoEnclosing,
    MeanHu,
    Numbered,
    Ordered,
    RestOfBody,
    Step,
    Touching,
    Undivided,
    Volume,
    VolumeRatio,
)
from vesalius.engine.verdict import Status

# Judgements that measure; all others are known to `reference_run`.
MEASURED: Mapping[type, Callable[[Any, State], Said]] = {
    Ordered: ordered,
    Contiguous: contiguous,
    Touching: touching,
    Enclosed: enclosed,
    Volume: volume,
    VolumeRatio: volume_ratio,
    MeanHu: mean_hu,
    Filled: filled,
    Counted: counted,
    Undivided: undivided,
    Numbered: numbered,
    Agrees: agrees,
}
MADE: Mapping[type, Callable[[Any, State], NDArray[np.int64]]] = {
    FromHu: from_hu,
    RestOfBody: rest_of_body,
}


def run_reference(steps: Sequence[Step], state: State) -> tuple[State, tuple[Status, ...]]:
    """Run steps voxel by voxel, with unsafe repairs.

    Parameters
    ----------
    steps : sequence of Step
        In order.
    state : State
        The case.

    Returns
    -------
    State
        The case after all steps.
    tuple of str
        The outcome of each step.
    """
    statuses: list[Status] = []
    for step in steps:
        status, state = _step(step, state)
        statuses.append(status)
    return state, tuple(statuses)


def _step(step: Step, state: State) -> tuple[Status, State]:
    if answer(step.guard, state) is not True:
        return "skipped", state
    if step.derive is not None:
        return _derived(step, step.derive, state)
    if step.expect is not None and type(step.expect) in MEASURED:
        return _judged(step, step.expect, state)
    after, (outcome,), _ = reference_run([step], state, unsafe=True)
    return _status(outcome.status), after


def _derived(step: Step, operation: Derive, state: State) -> tuple[Status, State]:
    try:
        after = MADE[type(operation)](operation, state)
    except Missing:
        return _lacking(step), state
    if np.array_equal(after, state.work):
        return "holds", state
    return ("changed", state.having(after)) if _may(step, state, after) else ("failed", state)


def _judged(step: Step, expect: Expect, state: State) -> tuple[Status, State]:
    judge = MEASURED[type(expect)]
    said = judge(expect, state)
    if said.missing:
        return _lacking(step), state
    if not said.findings:
        return "holds", state
    if step.repair is None or not said.parts:
        return "violated", state
    try:
        work = _repaired(step.repair, said.parts, state)
    except Missing:
        return ("failed" if step.on_missing == "fail" else "violated"), state
    after = state.having(work)
    again = judge(expect, after)
    if again.missing or again.parts or not _may(step, state, work):
        return "failed", state
    return "changed", after


def _repaired(repair: Destination, parts: Sequence[Part], state: State) -> NDArray[np.int64]:
    if not isinstance(repair, AsCounted | IntoEnclosing):
        return place(repair, [part.voxels for part in parts], state)
    work = state.work.copy()
    for part in parts:
        work[part.voxels] = part.target
    return work


def _lacking(step: Step) -> Status:
    return "failed" if step.on_missing == "fail" else "skipped"


def _may(step: Step, state: State, after: NDArray[np.int64]) -> bool:
    """Tell whether a step writes only labels that it declares."""
    changed = after != state.work
    written = {*state.work[changed].tolist(), *after[changed].tolist()} - {0}
    return written <= set(step.writes)


def _status(word: str) -> Status:
    known: tuple[Status, ...] = ("changed", "holds", "violated", "skipped", "failed")
    return next(status for status in known if status == word)
