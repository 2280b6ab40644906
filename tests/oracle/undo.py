"""No repair may make a rule worse: steps are run again without the moves that did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from oracle.judging import Wrong
from oracle.run import Outcome, of_all_turns, run_steps
from oracle.state import State
from vesalius.engine.plan.step import Step

Pair = tuple[int, int]
LAST_ONLY = 3
ORDER = ("info", "warning", "error")


def run_and_undo(
    steps: Sequence[Step], state: State, turns: int = 1
) -> tuple[State, list[Outcome], Mapping[int, set[Pair]]]:
    """Run steps, and undo what a rule is worse for, until none is; also return what was undone.

    With more turns, do so again with what came of it, until nothing changes.
    """
    state, outcomes, undone = _one_round(steps, state, turns)
    last = undone
    for _ in range(turns - 1):
        if not last or not any(outcome.moves for outcome in outcomes):
            break
        state, later, last = _one_round(steps, state, turns)
        if not any(outcome.moves for outcome in later):
            break
        outcomes = [of_all_turns(each) for each in zip(outcomes, later, strict=True)]
    return state, outcomes, undone


def _one_round(
    steps: Sequence[Step], state: State, turns: int
) -> tuple[State, list[Outcome], Mapping[int, set[Pair]]]:
    undone: dict[int, set[Pair]] = {}
    tries = 0
    while True:
        tries += 1
        after, outcomes, _ = run_steps(steps, state, undone=undone, turns=turns)
        blamed = _blamed(steps, state, after, outcomes, last_only=tries <= LAST_ONLY)
        if not blamed:
            return after, outcomes, undone
        for number, pairs in blamed:
            undone.setdefault(number, set()).update(pairs)


def _blamed(
    steps: Sequence[Step],
    state: State,
    after: State,
    outcomes: Sequence[Outcome],
    *,
    last_only: bool,
) -> list[tuple[int, set[Pair]]]:
    found = []
    free = _freed(steps, state, after, outcomes)
    for worse in steps:
        if worse.expect is None:
            continue
        then, now = _judged(worse, state), _judged(worse, after)
        if then is None or now is None:
            continue
        there = [
            wrong
            for wrong in now
            if all((state.work == n).any() for n in wrong.labels)
            and not (wrong.labels and set(wrong.labels) <= free)
        ]
        new = Counter((w.kind, w.labels) for w in there)
        new -= Counter((w.kind, w.labels) for w in then)
        if len(there) <= len(then) or not new:
            continue
        labels = {label for _, named in new for label in named}
        suspects = _suspects(steps, outcomes, worse, labels)
        suspects = suspects or _suspects(steps, outcomes, worse, set(worse.reads))
        found += suspects[-1:] if last_only else suspects
    return found


def _freed(
    steps: Sequence[Step], state: State, after: State, outcomes: Sequence[Outcome]
) -> set[int]:
    """Labels that are gone because a renumbering gave what had them a name that was free too."""
    freed = set()
    for step, outcome in zip(steps, outcomes, strict=True):
        if step.repair is not None and step.repair.gives_judged:
            left = [source for source, _, _ in outcome.moves]
            for source, target, _ in outcome.moves:
                if target in left or not (state.work == target).any():
                    freed.add(source)
    return {label for label in freed if label and not (after.work == label).any()}


def _judged(step: Step, state: State) -> tuple[Wrong, ...] | None:
    """Return what is found of a step where nothing is changed; None where it cannot be judged."""
    _, (outcome,), _ = run_steps([step], state, judge_only=True)
    judged = outcome.status in ("holds", "violated") or outcome.passed_over
    return outcome.findings if judged else None


def _suspects(
    steps: Sequence[Step], outcomes: Sequence[Outcome], worse: Step, labels: set[int]
) -> list[tuple[int, set[Pair]]]:
    found = []
    for number, (step, outcome) in enumerate(zip(steps, outcomes, strict=True)):
        milder = ORDER.index(step.severity) <= ORDER.index(worse.severity)
        if step.repair is not None and milder:
            pairs = {(source, target) for source, target, _ in outcome.moves}
            reached = set(labels) - {0}
            for _ in range(len(pairs) + 1):
                taken = {pair for pair in pairs if reached & set(pair)}
                reached |= {label for pair in taken for label in pair} - {0}
            if pairs and taken:
                found.append((number, taken))
    return found
