"""Last pass: rules as steps of the engine."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from vesalius.engine.plan import Anchor
from vesalius.engine.steps import Step
from vesalius.ontology.diagnostics import Diagnostic
from vesalius.ontology.ontology import Ontology
from vesalius.ontology.validation import listing
from vesalius.rules.anchors import AnchorSpec
from vesalius.rules.footprint import BACKGROUND, footprint
from vesalius.rules.link_rules import Scope
from vesalius.rules.lower_context import AnchorTable, Lowering
from vesalius.rules.lower_expect import lower_expect
from vesalius.rules.lower_repair import lower_derive, lower_repair
from vesalius.rules.lower_when import lower_when
from vesalius.rules.rule_types import Idle, LoweredRules, Pack, Rule


def compile_rules(
    pack: Pack,
    ontology: Ontology,
    anchors: Mapping[str, AnchorSpec],
    labels: Mapping[str, int],
    known_anchors: Sequence[Anchor] = (),
    only: Collection[str] | None = None,
    unlisted: Collection[str] = (),
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
    known_anchors : sequence of Anchor, optional
        Anchors a plan already has, in the same work labels; they keep their positions.
    only : collection of str, optional
        Ids of the rules to lower; by default all.
    unlisted : collection of str, optional
        Structures with a work label that the target does not list; by default none.

    Returns
    -------
    LoweredRules
    """
    scope = Scope(ontology, anchors, pack.document)
    table = AnchorTable(labels, list(known_anchors), unlisted)
    steps: list[Step] = []
    idle: list[Idle] = []
    found: list[Diagnostic] = []
    for rule_id in pack.order:
        if only is not None and rule_id not in only:
            continue
        rule = pack.rule(rule_id)
        context = Lowering(rule, scope, table)
        lowered = lower_rule(context)
        steps += lowered
        why = _what_lacks(context)
        if not lowered:
            idle.append(Idle(rule.id, why or "nothing to judge"))
        if why:
            found.append(_cannot_act(rule, why, acts=bool(lowered) and not context.blocked))
    return LoweredRules(tuple(steps), tuple(table.anchors), tuple(idle), tuple(found))


def lower_rule(context: Lowering) -> tuple[Step, ...]:
    """Give the steps of one rule.

    Parameters
    ----------
    context : Lowering
        The rule; takes errors, what is lacking, and the anchors in use.

    Returns
    -------
    tuple of Step
        Several where bounds differ between structures; none where the rule cannot act.
    """
    rule = context.rule
    guard = None if rule.when is None else lower_when(rule.when, context, "when")
    frame = Step(
        rule=rule.id,
        severity=rule.severity,
        safety=rule.safety,
        guard=guard,
        exclude=rule.exclude,
        on_missing=rule.on_missing,
    )
    steps: list[Step] = []
    if rule.derive is not None:
        derive = lower_derive(rule.derive, context)
        if derive is not None:
            steps.append(replace(frame, derive=derive))
    elif rule.expect is not None:
        repair = None if rule.repair is None else lower_repair(rule.repair, context)
        steps += [
            replace(frame, expect=expect, repair=repair)
            for expect in lower_expect(rule.expect, context)
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


def _what_lacks(context: Lowering) -> str:
    reasons = list(dict.fromkeys(context.obstacles))
    if context.lacking:
        reasons.append(f"no source and no target yields {listing(context.lacking)}")
    return "; ".join(reasons)


def _cannot_act(rule: Rule, why: str, acts: bool) -> Diagnostic:
    how = "acts only in part here" if acts else "cannot act here"
    return Diagnostic("RUL022", "info", f"`{rule.id}` {how}: {why}", span=rule.span)
