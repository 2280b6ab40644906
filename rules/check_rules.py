"""What is wrong with rules that can be read: keys that mean nothing, repairs that mend nothing.

Every rule is lowered once for all structures there are, so that lowering finds its own errors
before any case, and what each rule reads and writes is known.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from vesalius.engine.steps import Step
from vesalius.ontology.diagnostics import Diagnostic, Note
from vesalius.rules.footprint import Footprint, footprint
from vesalius.rules.link_rules import Scope
from vesalius.rules.lower_context import AnchorTable, Lowering
from vesalius.rules.lower_expect import PLACED, is_absent, names_its_own
from vesalius.rules.lower_repair import misfit
from vesalius.rules.lower_rules import lower_rule
from vesalius.rules.moves import moves_of, undone_by
from vesalius.rules.order_rules import can_meet
from vesalius.rules.rule_types import Rule


def check_rules(
    rules: Sequence[Rule], scope: Scope
) -> tuple[dict[str, Footprint], list[Diagnostic]]:
    """Check rules one by one and against each other.

    Parameters
    ----------
    rules : sequence of Rule
        Linked rules.
    scope : Scope
        What they were linked in; its problems are included.

    Returns
    -------
    dict of str to Footprint
        What each rule reads and writes, over all structures; by id.
    list of Diagnostic
    """
    table = AnchorTable(universe(scope))
    everything = tuple(table.labels.values())
    touched: dict[str, Footprint] = {}
    lowered: dict[str, tuple[Step, ...]] = {}
    for rule in rules:
        for check in CHECKS:
            check(rule, scope)
        steps = lower_rule(Lowering(rule, scope, table))
        lowered[rule.id] = steps
        found = Footprint(frozenset(), frozenset())
        for step in steps:
            found |= footprint(step, table.anchors, everything)
        touched[rule.id] = found
    return touched, [*scope.problems, *_undo(rules, lowered, table), *_untested(rules)]


def universe(scope: Scope) -> dict[str, int]:
    """Give every structure that can have voxels a number, as if a target listed each."""
    structures = scope.ontology.structures
    concrete = (name for name, structure in structures.items() if not structure.abstract)
    return {name: label for label, name in enumerate(concrete, start=1)}


def _either(rule: Rule, scope: Scope) -> None:
    """Report a rule that does not either expect or derive."""
    if rule.expect is None and rule.derive is None:
        message = f"`{rule.id}` says neither what to expect nor what to derive"
        scope.report("RUL009", message, (*rule.at, "id"), "add `expect:` or `derive:`")
    elif rule.expect is not None and rule.derive is not None:
        message = "a rule either expects or derives"
        scope.report("RUL009", message, (*rule.at, "derive"), "write two rules", key=True)
    elif rule.derive is not None and rule.repair is not None:
        message = "a derivation has no repair"
        scope.report("RUL009", message, (*rule.at, "repair"), "remove `repair:`", key=True)


def _keys_with_meaning(rule: Rule, scope: Scope) -> None:
    """Report `for`, `where` and `per` where they mean nothing, and a `for` that is missing."""
    written = rule.written
    names_own = rule.expect is None or names_its_own(rule.expect)
    if rule.derive is None and rule.expect is None:
        return
    if written.for_ is None and not names_own:
        message = f"`{rule.id}` does not say which structures it judges"
        scope.report("RUL015", message, (*rule.at, "id"), "add `for:`")
    if written.for_ is not None and names_own:
        what = "this expectation" if rule.derive is None else "a derivation"
        message = f"`for` has no meaning here: {what} names its structures itself"
        scope.report("RUL015", message, (*rule.at, "for"), "remove `for:`", key=True)
    if rule.where is not None and not is_absent(rule.expect):
        message = "`where` has no meaning here"
        advice = "it goes with `expect: absent`; or write `expect: {within: ...}`"
        if rule.derive is not None:
            advice = "write it inside `derive:`"
        scope.report("RUL015", message, (*rule.at, "where"), advice, key=True)
    if written.per is not None and not (is_absent(rule.expect) or isinstance(rule.expect, PLACED)):
        message = "`per` has no meaning here"
        advice = "it goes with absent, on_own_side, within and outside"
        scope.report("RUL015", message, (*rule.at, "per"), advice, key=True)


def _repair_fits(rule: Rule, scope: Scope) -> None:
    """Report a repair that cannot mend what is expected."""
    if rule.repair is None or rule.expect is None:
        return
    why = misfit(rule.repair, rule.expect)
    if why is not None:
        scope.report("RUL012", why, (*rule.at, "repair"))


CHECKS: Final[tuple[Callable[[Rule, Scope], None], ...]] = (
    _either,
    _keys_with_meaning,
    _repair_fits,
)


def _undo(
    rules: Sequence[Rule], lowered: Mapping[str, tuple[Step, ...]], table: AnchorTable
) -> list[Diagnostic]:
    """Report two rules that move the same voxels there and back."""
    names = {label: name for name, label in table.labels.items()}
    moves = {rule.id: [m for step in lowered[rule.id] for m in moves_of(step)] for rule in rules}
    problems = []
    for first, second in itertools.combinations(rules, 2):
        if not can_meet(first, second):
            continue
        pair = undone_by(moves[first.id], moves[second.id])
        if pair is None:
            continue
        there, back = names[pair.source], names[pair.target]
        message = (
            f"`{first.id}` turns {there} into {back}, and `{second.id}` turns it back in the same "
            "place"
        )
        problems.append(
            Diagnostic(
                "RUL020",
                "warning",
                message,
                span=second.span,
                help="give them regions that do not overlap, or conditions that exclude each other",
                notes=(Note("the other rule", first.span),),
            )
        )
    return problems


def _untested(rules: Sequence[Rule]) -> list[Diagnostic]:
    """Report rules that change voxels and show not where they act, or not where they do not."""
    problems = []
    for rule in rules:
        if not rule.changes:
            continue
        outcomes = {test.outcome for test in rule.tests}
        lacking = []
        if "changed" not in outcomes:
            lacking.append("acts (`outcome: changed`)")
        if not outcomes & {"holds", "skipped"}:
            lacking.append("does not (`outcome: holds` or `skipped`)")
        if lacking:
            missing = " or where it ".join(lacking)
            message = f"`{rule.id}` changes voxels, but no test shows where it {missing}"
            problems.append(Diagnostic("RUL030", "warning", message, span=rule.span))
    return problems
