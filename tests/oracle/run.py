"""Steps one after the other, voxel by voxel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from oracle.geometry import Mask
from oracle.guards import answer
from oracle.judging import Part, Said, Wrong
from oracle.kinds import judge, make, place
from oracle.state import Labels, Missing, State
from vesalius.engine.kinds import Absent
from vesalius.engine.plan.step import Step


class Outcome(NamedTuple):
    """What became of a step; moves are (source, target, voxels)."""

    status: str
    findings: tuple[Wrong, ...] = ()
    remaining: tuple[Wrong, ...] = ()
    moves: tuple[tuple[int, int, int], ...] = ()
    excludes: bool = False
    vacuous: bool = False
    passed_over: bool = False


def run_steps(
    steps: Sequence[Step],
    state: State,
    *,
    unsafe: bool = False,
    judge_only: bool = False,
    undone: Mapping[int, set[tuple[int, int]]] | None = None,
    turns: int = 1,
) -> tuple[State, list[Outcome], Labels]:
    """Run steps, at most `turns` times; also return the last step that changed each voxel.

    `undone` names, by the place of a step, the moves from label to label that it must not make.
    """
    outcomes: list[list[Outcome]] = [[] for _ in steps]
    trace = np.zeros(state.work.shape, dtype=np.int64)
    since: set[int] = set()  # steps after which nothing was changed
    for _ in range(turns):
        changed = False
        for number, step in enumerate(steps, start=1):
            if step.derive is not None and number in since:
                continue
            asked = not judge_only and (unsafe or step.safety == "safe")
            outcome, work = _run(step, state, asked, (undone or {}).get(number - 1, set()))
            wrong = outcome.status in ("violated", "failed") or bool(outcome.remaining)
            outcomes[number - 1].append(outcome._replace(excludes=step.exclude and wrong))
            if (work != state.work).any():
                since, changed = set(), True
            since.add(number)
            trace[work != state.work] = number
            state = state.having(work)
        if not changed:
            break
    return state, [of_all_turns(each) for each in outcomes], trace


def of_all_turns(each: Sequence[Outcome]) -> Outcome:
    """Return the first outcome of a step; with what it changed later, if it did.

    Where it failed at first and not later, it did not fail.
    """
    whole = each[0]
    for later in each[1:]:
        if later.moves:
            moved = Counter({(a, b): n for a, b, n in whole.moves})
            moved.update({(a, b): n for a, b, n in later.moves})
            new = tuple(wrong for wrong in later.findings if wrong not in whole.findings)
            whole = later._replace(
                findings=whole.findings + new,
                moves=tuple(sorted((a, b, n) for (a, b), n in moved.items())),
                excludes=whole.excludes or later.excludes,
            )
        elif whole.status == "failed" != later.status:
            mended = whole._replace(status="violated", remaining=later.remaining)
            whole = mended if whole.findings else later
    return whole


def _run(
    step: Step, state: State, may_change: bool, undone: set[tuple[int, int]]
) -> tuple[Outcome, Labels]:
    """Return what becomes of a step, and the labels after it."""
    alone = step.expect is not None and step.expect.between_sources and len(state.sources) < 2
    if alone or answer(step.guard, state) is not True:
        return Outcome("skipped"), state.work
    if step.derive is not None:
        return _derived(step, state) if may_change else (Outcome("skipped"), state.work)
    said = judge(step.expect, state)
    if said.missing:
        return Outcome("failed" if step.on_missing == "fail" else "skipped"), state.work
    if not said.findings:
        return _quiet(step, said, state), state.work
    if not said.parts or step.repair is None or not may_change:
        return Outcome("violated", said.findings, said.findings), state.work
    return _repaired(step, said, state, undone)


def _quiet(step: Step, said: Said, state: State) -> Outcome:
    """Return what becomes of a step that finds nothing: what passed something over holds not."""
    if said.passed_over:
        return Outcome("skipped", passed_over=True)
    return Outcome("holds", vacuous=_nothing_there(step, state))


def _nothing_there(step: Step, state: State) -> bool:
    """Tell whether a step judges some labels, and none of them has a voxel, as none need have."""
    if isinstance(step.expect, Absent):
        return False
    fields = ("labels", "pairs", "positive", "negative")
    held = [np.ravel(getattr(step.expect, name, ())) for name in fields]
    for follows in getattr(step.expect, "follows", ()):
        held += [np.ravel(follows.before), np.ravel(follows.after)]
    judged = np.concatenate(held)
    return judged.size > 0 and not np.isin(state.work, judged).any()


def _repaired(
    step: Step, said: Said, state: State, undone: set[tuple[int, int]]
) -> tuple[Outcome, Labels]:
    found = said.findings
    try:
        after, left = place(step.repair, said.parts, state)
    except Missing:
        status = "failed" if step.on_missing == "fail" else "violated"
        return Outcome(status, found, found), state.work
    for source, target in undone:
        left |= (state.work == source) & (after == target) & (source != target)
    after = np.where(left, state.work, after)
    if all(left[part.voxels].all() for part in said.parts):
        return Outcome("violated", found, found), state.work
    remaining = _remaining(step, said.parts, left, state, after)
    if remaining is None or not _declared(step, state.work, after):
        return Outcome("failed", found, found), state.work
    return Outcome("changed", found, remaining, _moves(state.work, after)), after


def _derived(step: Step, state: State) -> tuple[Outcome, Labels]:
    try:
        after = make(step.derive, state)
    except Missing:
        return Outcome("failed" if step.on_missing == "fail" else "skipped"), state.work
    if np.array_equal(after, state.work):
        return Outcome("holds"), state.work
    if not _declared(step, state.work, after):
        return Outcome("failed"), state.work
    return Outcome("changed", moves=_moves(state.work, after)), after


def _remaining(
    step: Step, parts: Sequence[Part], left: Mask, state: State, after: Labels
) -> tuple[Wrong, ...] | None:
    """Judge again; return what cannot be repaired, None where the repair did not help."""
    again = judge(step.expect, state.having(after))
    if again.missing:
        # Nothing more need be said about what is gone altogether.
        faulty = {int(n) for part in parts for n in state.work[part.voxels]} - {0}
        return None if np.isin(after, list(faulty)).any() else ()
    # What is left on purpose may be at fault still.
    return again.findings if all(left[part.voxels].all() for part in again.parts) else None


def _declared(step: Step, before: Labels, after: Labels) -> bool:
    """Tell whether a step gives and takes only voxels of labels that it may write."""
    changed = after != before
    return {*before[changed].tolist(), *after[changed].tolist()} - {0} <= set(step.writes)


def _moves(before: Labels, after: Labels) -> tuple[tuple[int, int, int], ...]:
    pairs = Counter(zip(before.flat, after.flat, strict=True))
    return tuple(sorted((int(a), int(b), n) for (a, b), n in pairs.items() if a != b))
