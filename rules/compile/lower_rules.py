"""Last pass: rules as steps of the engine."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from vesalius.engine.plan.footprint import BACKGROUND, footprint
from vesalius.engine.plan.plan import Anchor
from vesalius.engine.plan.reason import Reason, in_words
from vesalius.engine.plan.step import Step
from vesalius.ontology.graph import Ontology
from vesalius.ontology.reading.diagnostics import Diagnostic
from vesalius.ontology.reading.listing import listing
from vesalius.rules.compile.link_rules import judged_at
from vesalius.rules.conditions import lower_when
from vesalius.rules.idle import Idle
from vesalius.rules.kinds import derivation_of, expectation_of, misfit, repair_of
from vesalius.rules.lowering import Lowering
from vesalius.rules.places.specs import AnchorSpec
from vesalius.rules.places.table import AnchorTable
from vesalius.rules.rule import Pack, Rule
from vesalius.rules.scope import Scope


@dataclass(frozen=True)
class LoweredRules:
    """Rules as steps of the engine.

    Parameters
    ----------
    steps : tuple of Step
        In the order they run.
    anchors : tuple of Anchor
        Referred to by position.
    idle : tuple of Idle
        Rules without a step.
    diagnostics : tuple of Diagnostic
        What cannot act.
    """

    steps: tuple[Step, ...]
    anchors: tuple[Anchor, ...]
    idle: tuple[Idle, ...]
    diagnostics: tuple[Diagnostic, ...]


def compile_rules(
    pack: Pack,
    ontology: Ontology,
    anchors: Mapping[str, AnchorSpec],
    labels: Mapping[str, int],
    only: Collection[str] | None = None,
    unlisted: Collection[str] = (),
    known: Sequence[Anchor] = (),
) -> LoweredRules:
    """Lower the rules of a pack for a working space.

    Parameters
    ----------
    pack : Pack
        A pack without errors.
    ontology : Ontology
        The one the pack was checked against.
    anchors : Mapping of str to AnchorSpec
        The ones the pack was checked against.
    labels : Mapping of str to int
        Work label of every structure that a source yields or the target lists.
    only : collection of str, optional
        Ids of the rules to lower; by default all.
    unlisted : collection of str, optional
        Structures with a work label that the target does not list; by default none.
    known : sequence of Anchor, optional
        What the table of anchors begins with.

    Returns
    -------
    LoweredRules
    """
    table = AnchorTable(labels, list(known))
    steps: list[Step] = []
    idle: list[Idle] = []
    found: list[Diagnostic] = []
    for rule_id in pack.order:
        if only is not None and rule_id not in only:
            continue
        rule = pack.rule(rule_id)
        scope = Scope(ontology, anchors, rule.document)
        turns = lowerings_of(rule, scope, table, unlisted)
        lowered = lower_rule(rule, turns)
        steps += lowered
        lacks = _what_lacks(turns)
        if not lowered:
            idle.append(Idle(rule.id, lacks or (Reason("nothing to judge"),)))
        blocked = any(context.blocked for context in turns)
        if lacks:
            acts = bool(lowered) and not blocked
            found.append(_cannot_act(rule, in_words(lacks), acts=acts))
    return LoweredRules(tuple(steps), tuple(table.anchors), tuple(idle), tuple(found))


def lowerings_of(
    rule: Rule, scope: Scope, table: AnchorTable, unlisted: Collection[str] = ()
) -> tuple[Lowering, ...]:
    """Give what the kinds of a rule may ask about it, for each of its turns."""
    return tuple(
        Lowering(
            at=rule.at,
            structures=judged_at(rule.written, rule.at, at_turn),
            selector=rule.written.for_,
            where=rule.where,
            per=rule.per,
            scope=at_turn,
            table=table,
            beyond=unlisted,
        )
        for at_turn in map(scope.at_turn, rule.turns)
    )


def lower_rule(rule: Rule, turns: Sequence[Lowering]) -> tuple[Step, ...]:
    """Give the steps of one rule.

    Parameters
    ----------
    rule : Rule
        The rule.
    turns : sequence of Lowering
        What its kinds may ask, for each of its turns; these take errors, what is lacking, and the
        anchors in use.

    Returns
    -------
    tuple of Step
        Several where bounds differ between structures, or there are several turns; none where the
        rule cannot act.
    """
    return tuple(step for context in turns for step in lower_turn(rule, context))


def lower_turn(rule: Rule, context: Lowering) -> tuple[Step, ...]:
    """Give the steps of one turn of a rule; none where nothing yields what it needs."""
    needed = rule.written.needs
    if needed is not None and not context.select(needed, "needs"):
        return ()
    guard = None if rule.when is None else lower_when(rule.when, context, "when")
    frame = Step(
        rule=rule.id,
        severity=rule.severity,
        safety=rule.safety,
        guard=guard,
        exclude=rule.exclude,
        on_missing=rule.on_missing,
        each_source=rule.judges_sources,
    )
    steps: list[Step] = []
    if rule.derive is not None:
        derive = derivation_of(rule.derive).lower(rule.derive, context)
        if derive is not None:
            steps.append(replace(frame, derive=derive))
    for place, expect in enumerate(rule.expects):
        context.expected = place if len(rule.expects) > 1 else None
        repair = None
        # A repair belongs to the one expectation that it mends.
        if rule.repair is not None and misfit(rule.repair, expect) is None:
            repair = repair_of(rule.repair).lower(rule.repair, context)
        steps += [
            replace(frame, expect=lowered, repair=repair)
            for lowered in expectation_of(expect).lower(expect, context)
        ]
    return tuple(_with_labels(step, context) for step in steps)


def _with_labels(step: Step, context: Lowering) -> Step:
    found = footprint(step, context.table.anchors, context.everything())
    # Background is what no label covers, so it is read through all of them.
    reads = context.everything() if BACKGROUND in found.reads else sorted(found.reads)
    return replace(
        step,
        reads=tuple(reads),
        writes=tuple(sorted(found.writes - {BACKGROUND})),
    )


def _what_lacks(turns: Sequence[Lowering]) -> tuple[Reason, ...]:
    reasons = list(dict.fromkeys(reason for context in turns for reason in context.obstacles))
    lacking = dict.fromkeys(name for context in turns for name in context.lacking)
    if lacking:
        text = f"no source and no target yields {listing(lacking)}"
        reasons.append(Reason(text, absent=tuple(lacking)))
    return tuple(reasons)


def _cannot_act(rule: Rule, why: str, acts: bool) -> Diagnostic:
    how = "acts only in part here" if acts else "cannot act here"
    return Diagnostic("RUL022", "info", f"`{rule.id}` {how}: {why}", span=rule.span)
