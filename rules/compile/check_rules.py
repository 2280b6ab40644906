"""What is wrong with rules that can be read: keys that mean nothing, repairs that mend nothing.

Every rule is lowered once for all structures there are, so that lowering finds its own errors
before any case, and what each rule reads and writes is known.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from vesalius.engine.plan.footprint import Footprint, footprint
from vesalius.engine.plan.moves import moves_of, undone_by
from vesalius.engine.plan.step import Step
from vesalius.ontology.reading.diagnostics import Diagnostic, Note
from vesalius.rules.compile.lower_rules import lower_turn, lowerings_of
from vesalius.rules.compile.order_rules import can_meet
from vesalius.rules.each import EACH_SIDE
from vesalius.rules.kinds import EXPECTATIONS, expectation_of, misfit
from vesalius.rules.places.table import AnchorTable
from vesalius.rules.rule import Rule
from vesalius.rules.scope import Scope


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
            check(rule, scope.of(rule.document))
        at_file = scope.of(rule.document)
        turns = [lower_turn(rule, turn) for turn in lowerings_of(rule, at_file, table)]
        _turns_differ(rule, turns, at_file)
        steps = tuple(step for turn in turns for step in turn)
        lowered[rule.id] = steps
        found = Footprint(frozenset(), frozenset())
        for step in steps:
            found |= footprint(step, table.anchors, everything)
        touched[rule.id] = found
    return touched, [*scope.problems, *_undo(rules, lowered, table)]


def universe(scope: Scope) -> dict[str, int]:
    """Give every structure that can have voxels a number, as if a target listed each."""
    structures = scope.ontology.structures
    concrete = (name for name, structure in structures.items() if not structure.abstract)
    return {name: label for label, name in enumerate(concrete, start=1)}


def _either(rule: Rule, scope: Scope) -> None:
    """Report a rule that does not either expect or derive."""
    if not rule.expects and rule.derive is None:
        message = f"`{rule.id}` says neither what to expect nor what to derive"
        scope.report("RUL009", message, (*rule.at, "id"), "add `expect:` or `derive:`")
    elif rule.expects and rule.derive is not None:
        message = "a rule either expects or derives"
        scope.report("RUL009", message, (*rule.at, "derive"), "write two rules", key=True)
    elif rule.derive is not None and rule.repair is not None:
        message = "a derivation has no repair"
        scope.report("RUL009", message, (*rule.at, "repair"), "remove `repair:`", key=True)


def _keys_with_meaning(rule: Rule, scope: Scope) -> None:
    """Report `for`, `where` and `per` where they mean nothing, and a `for` that is missing."""
    written = rule.written
    if rule.derive is None and not rule.expects:
        return
    kinds = [expectation_of(expect) for expect in rule.expects]
    pairs = zip(kinds, rule.expects, strict=True)
    names_own = not any(kind.judges_for(expect) for kind, expect in pairs)
    by_member = any(turn.member is not None for turn in rule.turns)
    if written.for_ is None and not names_own and not by_member:
        message = f"`{rule.id}` does not say which structures it judges"
        scope.report("RUL015", message, (*rule.at, "id"), "add `for:`")
    if written.for_ is not None and names_own:
        what = "this expectation" if rule.derive is None else "a derivation"
        message = f"`for` has no meaning here: {what} names its structures itself"
        scope.report("RUL015", message, (*rule.at, "for"), "remove `for:`", key=True)
    elif written.for_ is not None and by_member:
        message = f"`for` has no meaning here: each of `{written.each}` is judged"
        scope.report("RUL015", message, (*rule.at, "for"), "remove `for:`", key=True)
    if written.each is not None and rule.derive is not None:
        message = "`each` has no meaning here: a derivation makes one structure"
        scope.report("RUL015", message, (*rule.at, "each"), "remove `each:`", key=True)
    if rule.judges_sources and rule.repair is not None:
        message = "`repair` has no meaning here: what a source says is judged, and not changed"
        scope.report("RUL015", message, (*rule.at, "repair"), "remove `repair:`", key=True)
    if rule.where is not None and not any(kind.takes_where for kind in kinds):
        message = "`where` has no meaning here"
        advice = "it goes with `expect: absent`; or write `expect: {within: ...}`"
        if rule.derive is not None:
            advice = "write it inside `derive:`"
        scope.report("RUL015", message, (*rule.at, "where"), advice, key=True)
    if written.per is not None and not any(kind.takes_per for kind in kinds):
        message = "`per` has no meaning here"
        *most, last = (kind.key for kind in EXPECTATIONS if kind.takes_per)
        advice = f"it goes with {', '.join(most)} and {last}"
        scope.report("RUL015", message, (*rule.at, "per"), advice, key=True)


def _repair_fits(rule: Rule, scope: Scope) -> None:
    """Report a repair that cannot mend what is expected."""
    if rule.repair is None or not rule.expects:
        return
    reasons = [misfit(rule.repair, expect) for expect in rule.expects]
    mended = reasons.count(None)
    if mended == 1:
        return
    why = reasons[0] or ""
    if len(reasons) > 1:
        how_many = f"{mended} of these" if mended else "none of these"
        why = f"the repair fits {how_many} expectations, and must fit one"
    scope.report("RUL012", why, (*rule.at, "repair"), "write two rules" if mended else None)


CHECKS: Final[tuple[Callable[[Rule, Scope], None], ...]] = (
    _either,
    _keys_with_meaning,
    _repair_fits,
)


def _turns_differ(rule: Rule, turns: Sequence[tuple[Step, ...]], scope: Scope) -> None:
    """Report `each` where a rule says the same for each."""
    first, *others = turns or [()]
    if (
        rule.derive is not None
        or not others
        or not first
        or any(steps != first for steps in others)
    ):
        return
    what = "no structure of a side" if rule.written.each == EACH_SIDE else "none of its neighbours"
    message = f"`each: {rule.written.each}` has no meaning here: the rule names {what}"
    scope.report("RUL025", message, (*rule.at, "each"), "remove `each:`")


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
                span=second.listed.id_span,
                help="give them regions that do not overlap, or conditions that exclude each other",
                notes=(Note("the other rule", first.listed.id_span),),
            )
        )
    return problems
