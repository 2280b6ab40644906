"""What must hold of a plan before it may run: every number refers to something that exists."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any
from weakref import WeakValueDictionary

from vesalius.engine.plan.footprint import BACKGROUND
from vesalius.engine.plan.plan import (
    POLICIES,
    Action,
    Anchor,
    BoxAnchor,
    Choose,
    Divide,
    Paint,
    Plan,
    PlaneAnchor,
    SourceTable,
    WorkLabel,
)
from vesalius.engine.plan.roles import Held, Role, held_by, integers
from vesalius.engine.plan.step import Step

MAX_INTEGER = 65535
"""The largest integer of a file, and the largest work label: both are held as uint16."""


_VALID: WeakValueDictionary[int, Plan] = WeakValueDictionary()
"""Plans that were looked at: a cohort runs one and the same for every case."""


def plan_problems(plan: Plan) -> tuple[str, ...]:
    """List what is wrong with a plan.

    Parameters
    ----------
    plan : Plan
        The plan to look at.

    Returns
    -------
    tuple of str
        One sentence per problem, each with its place; empty for a plan that can run.
    """
    return (
        *_work_problems(plan.work),
        *_source_problems(plan),
        *_anchor_problems(plan),
        *_setting_problems(plan),
        *_step_problems(plan),
    )


def require_valid(plan: Plan) -> None:
    """Raise for a plan that cannot run.

    Raises
    ------
    ValueError
        With all problems of the plan in its text.
    """
    if _VALID.get(id(plan)) is plan:
        return
    problems = plan_problems(plan)
    if problems:
        raise ValueError("the plan cannot run: " + "; ".join(problems))
    believe_valid(plan)


def believe_valid(plan: Plan) -> None:
    """Take a plan for one that can run: it was looked at before it was kept."""
    _VALID[id(plan)] = plan


def actions_within(action: Action) -> Iterator[Action]:
    """Yield an action and all actions nested inside it, outermost first."""
    yield action
    if isinstance(action, Choose):
        for _, option in action.options:
            yield from actions_within(option)
        yield from actions_within(action.otherwise)
    elif isinstance(action, Divide):
        for inner in (action.positive, action.negative, action.otherwise):
            yield from actions_within(inner)


def _work_problems(work: tuple[WorkLabel, ...]) -> Iterator[str]:
    if [entry.label for entry in work] != list(range(1, len(work) + 1)):
        yield "work: the labels are not 1, 2, 3 ... in order"
    if len(work) > MAX_INTEGER:
        yield f"work: {len(work)} labels, at most {MAX_INTEGER} are possible"
    for token in _repeated(entry.token for entry in work):
        yield f"work: two labels have the token {token!r}"
    for rank in _repeated(entry.rank for entry in work):
        yield f"work: two labels have the rank {rank}"
    for entry in work:
        if not 0 <= entry.output <= MAX_INTEGER:
            yield f"work label {entry.label}: the output {entry.output} is not in 0..{MAX_INTEGER}"
        for ancestor in entry.ancestors:
            if not 1 <= ancestor <= len(work) or ancestor == entry.label:
                yield f"work label {entry.label}: {ancestor} cannot be its ancestor"


def _source_problems(plan: Plan) -> Iterator[str]:
    tokens = [table.token for table in plan.sources]
    if tokens != sorted(set(tokens)):
        yield "sources: the tokens are not unique and in order"
    for table in plan.sources:
        yield from _table_problems(table, len(plan.work), plan.anchors)


def _table_problems(table: SourceTable, labels: int, anchors: Sequence[Anchor]) -> Iterator[str]:
    integers = [integer for integer, _ in table.actions]
    if integers != sorted(set(integers)):
        yield f"source {table.token!r}: the integers are not unique and in order"
    for integer, action in table.actions:
        place = f"source {table.token!r}, integer {integer}"
        if not 1 <= integer <= MAX_INTEGER:
            yield f"{place}: not in 1..{MAX_INTEGER}"
        for inner in actions_within(action):
            if isinstance(inner, Paint) and not 0 <= inner.label <= labels:
                yield f"{place}: there is no work label {inner.label}"
            elif isinstance(inner, Divide):
                if not 0 <= inner.anchor < len(anchors):
                    yield f"{place}: there is no anchor {inner.anchor}"
                elif isinstance(anchors[inner.anchor], BoxAnchor):
                    yield f"{place}: anchor {inner.anchor} is a box and divides nothing"
            elif isinstance(inner, Choose):
                for value in _repeated(value for value, _ in inner.options):
                    yield f"{place}: two options for the value {value!r}"


def _anchor_problems(plan: Plan) -> Iterator[str]:
    for name in _repeated(anchor.token for anchor in plan.anchors):
        yield f"anchors: two have the token {name!r}"
    for kind, anchors in (("anchor", plan.anchors), ("rule anchor", plan.rule_anchors)):
        for anchor in anchors:
            for problem in _one_anchor_problems(anchor, len(plan.work)):
                yield f"{kind} {anchor.token!r}: {problem}"


def _one_anchor_problems(anchor: Anchor, labels: int) -> Iterator[str]:
    if anchor.min_points < 1:
        yield f"min_points is {anchor.min_points}, at least 1 is needed"
    for label in anchor.labels:
        if not 1 <= label <= labels:
            yield f"there is no work label {label}"
    for twice in _repeated(anchor.labels):
        yield f"work label {twice} is written twice"
    if isinstance(anchor, PlaneAnchor):
        yield from _plane_problems(anchor)
    elif isinstance(anchor, BoxAnchor):
        for margin in (*anchor.margin_low_mm, *anchor.margin_high_mm):
            if not -math.inf < margin < math.inf:
                yield f"a margin is {margin}, not a finite length"
    else:
        if not _is_direction(anchor.direction):
            yield f"direction {anchor.direction} is not a direction"
        if anchor.at not in ("centre", "far", "near"):
            yield f"at is {anchor.at!r}, not centre, far or near"
        if anchor.combine not in ("mean", "outermost"):
            yield f"combine is {anchor.combine!r}, not mean or outermost"


def _plane_problems(anchor: PlaneAnchor) -> Iterator[str]:
    if not _is_direction(anchor.toward):
        yield f"toward {anchor.toward} is not a direction"
    if anchor.within is not None and not _is_direction(anchor.within):
        yield f"within {anchor.within} is not a direction"
    if not 0 <= anchor.max_tilt_deg < 90:
        yield f"max_tilt_deg is {anchor.max_tilt_deg}, not at least 0 and below 90"
    if not 0 <= anchor.max_residual_mm < math.inf:
        yield f"max_residual_mm is {anchor.max_residual_mm}, not a finite length"
    if not 1 < anchor.outlier_factor < math.inf:
        yield f"outlier_factor is {anchor.outlier_factor}, not above 1"


def _setting_problems(plan: Plan) -> Iterator[str]:
    if plan.turns < 1:
        yield f"all steps are run {plan.turns} times, not once or more often"
    if plan.connectivity not in (6, 18, 26):
        yield f"connectivity is {plan.connectivity}, not 6, 18 or 26"
    if not 0.5 <= plan.whole_share <= 1:
        yield f"whole_share is {plan.whole_share}, not in 0.5..1"
    merging = plan.merging
    if merging.policy not in POLICIES:
        yield f"merging: the policy is {merging.policy!r}, not one of {', '.join(POLICIES)}"
    if merging.preferred and merging.policy != "priority":
        yield f"merging: sources are preferred, but the policy is {merging.policy!r}"
    known = {table.token for table in plan.sources}
    for token in merging.preferred:
        if token not in known:
            yield f"merging: no source {token!r}"


def _step_problems(plan: Plan) -> Iterator[str]:
    """Check every field of every step by its role."""
    for number, step in enumerate(plan.steps, start=1):
        place = f"step {number} ({step.rule})"
        for problem in _frame_problems(step):
            yield f"{place}: {problem}"
        for held in held_by(step):
            for problem in _held_problems(held, plan):
                yield f"{place}, {held.place}: {problem}"


def _frame_problems(step: Step) -> Iterator[str]:
    if (step.expect is None) == (step.derive is None):
        yield "it has either an expectation or a derivation"
    if step.repair is not None and step.expect is None:
        yield "there is nothing to repair"
    if step.each_source and (step.repair is not None or step.derive is not None):
        yield "it judges sources, which nothing changes"


def _held_problems(held: Held, plan: Plan) -> Iterator[str]:
    role, value = held.role, held.value
    if role in _OF_LABELS:
        least = BACKGROUND if role in _MAY_BE_BACKGROUND else 1
        for label in dict.fromkeys(integers(value)):
            if not least <= label <= len(plan.work):
                yield f"there is no work label {label}"
    elif role in (Role.ANCHOR, Role.PLANE):
        if not 0 <= value < len(plan.rule_anchors):
            yield f"there is no rule anchor {value}"
        elif role is Role.PLANE and isinstance(plan.rule_anchors[value], BoxAnchor):
            yield f"rule anchor {value} is a box and divides nothing"
    elif role in _FIGURES:
        allowed, words = _FIGURES[role]
        if not allowed(value):
            yield f"{value} is not {words}"
    elif role is Role.LIMITS:
        for label, figure in value:
            yield from _held_problems(Held(held.place, Role.MADE, label), plan)
            yield from _held_problems(Held(held.place, Role.SIZE, figure), plan)


def _is_direction(vector: tuple[float, float, float]) -> bool:
    length = math.hypot(*vector)
    return len(vector) == 3 and 0 < length < math.inf


def _repeated(values: Iterable[int] | Iterable[str]) -> list[int | str]:
    seen: set[int | str] = set()
    twice: dict[int | str, None] = {}
    for value in values:
        if value in seen:
            twice[value] = None
        seen.add(value)
    return list(twice)


_MAY_BE_BACKGROUND = (Role.GIVEN, Role.PAINTED)
_OF_LABELS = (
    *_MAY_BE_BACKGROUND,
    Role.JUDGED,
    Role.ENCLOSING,
    Role.READ,
    Role.AMONG,
    Role.NEAR,
    Role.ANY_BUT,
    Role.MADE,
    Role.BESIDES_BACKGROUND,
    Role.DECLARED,
)
_FIGURES: Mapping[Role, tuple[Callable[[Any], bool], str]] = {
    Role.FIGURE: (math.isfinite, "a finite figure"),
    Role.SIZE: (lambda figure: 0 <= figure < math.inf, "a finite figure of at least 0"),
    Role.SHARE: (lambda figure: 0 <= figure <= 1, "in 0..1"),
    Role.COUNT: (lambda number: number >= 0, "at least 0"),
    Role.CONNECTIVITY: (lambda number: number in (6, 18, 26), "6, 18 or 26"),
    Role.DIRECTION: (_is_direction, "a direction"),
    Role.DIRECTIONS: (lambda several: all(map(_is_direction, several)), "directions"),
}
