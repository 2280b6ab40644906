"""The passes in order, with every diagnostic of a run at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from vesalius.engine.plan.moves import moves_of
from vesalius.engine.plan.plan import Plan
from vesalius.engine.plan.step import Step
from vesalius.ontology.graph import Ontology
from vesalius.ontology.reading.diagnostics import Diagnostic
from vesalius.ontology.scheme.meaning import To
from vesalius.ontology.scheme.scheme import Scheme
from vesalius.rules.compile.check_schemes import check_linked
from vesalius.rules.compile.link_schemes import Linked, link
from vesalius.rules.compile.lower_rules import compile_rules
from vesalius.rules.compile.lower_schemes import lower, work_labels
from vesalius.rules.compile.painting_order import Painted, painting_order
from vesalius.rules.idle import Idle
from vesalius.rules.places.specs import AnchorSpec, midline_of
from vesalius.rules.rule import Pack


@dataclass(frozen=True)
class Compiled:
    """The plan and what led to it.

    Parameters
    ----------
    linked : Linked
        Every integer of every source in structures of the target.
    order : tuple of Painted
        Work structures from the first painted to the last.
    plan : Plan
        What the engine runs.
    pack : Pack or None
        The rules in use.
    idle : tuple of Idle
        Rules that have nothing to judge in this working space, and why.
    diagnostics : tuple of Diagnostic
        What cannot act, and why.
    reading : Plan or None
        Reads what the plan writes and judges it by the rules, as it would be judged if it were
        given as a file, in the work labels of the plan; None without rules.
    reading_idle : tuple of Idle
        Rules that have nothing to judge in what is written, and why.
    """

    linked: Linked
    order: tuple[Painted, ...]
    plan: Plan
    pack: Pack | None
    idle: tuple[Idle, ...]
    diagnostics: tuple[Diagnostic, ...]
    reading: Plan | None = None
    reading_idle: tuple[Idle, ...] = ()


def compile_plan(
    ontology: Ontology,
    target: Scheme,
    sources: Mapping[str, Scheme],
    anchors: Mapping[str, AnchorSpec],
    pack: Pack | None = None,
    only: Collection[str] | None = None,
) -> Compiled:
    """Compile schemes and rules into a plan.

    Parameters
    ----------
    ontology : Ontology
        The structure graph.
    target : Scheme
        What the output is written in.
    sources : Mapping of str to Scheme
        Token of each source to its scheme.
    anchors : Mapping of str to AnchorSpec
        Named anchors.
    pack : Pack, optional
        Rules to run on the merged map; by default none.
    only : collection of str, optional
        Ids of the rules to run; by default all of the pack.

    Returns
    -------
    Compiled
    """
    linked = link(ontology, target, sources)
    names = {m.structure for m in linked.meanings() if isinstance(m, To)}
    order = painting_order(names | set(linked.integers), linked.integers, ontology)
    plan = lower(linked, order, ontology, anchors)
    midline = midline_of(anchors)
    if pack is None:
        return Compiled(linked, order, plan, None, (), check_linked(linked, midline))
    labels = work_labels(order)
    unlisted = [painted.name for painted in order if painted.integer == 0]
    lowered = compile_rules(pack, ontology, anchors, labels, only=only, unlisted=unlisted)
    diagnostics = check_linked(linked, midline, _renamed(lowered.steps, labels, linked))
    back = link(ontology, target, {target.name: target})
    listed = {m.structure for m in back.meanings() if isinstance(m, To)} | set(back.integers)
    judged = lowered
    if not listed >= set(labels):
        written = {name: label for name, label in labels.items() if name in listed}
        judged = compile_rules(
            pack, ontology, anchors, written, only=only,
            unlisted=[name for name in unlisted if name in listed], known=lowered.anchors,
        )  # fmt: skip
    reading = lower(back, order, ontology, anchors)
    return Compiled(
        linked=linked,
        order=order,
        plan=replace(plan, steps=lowered.steps, rule_anchors=lowered.anchors, turns=pack.turns),
        pack=pack,
        idle=lowered.idle,
        diagnostics=(*diagnostics, *lowered.diagnostics),
        reading=replace(reading, steps=judged.steps, rule_anchors=judged.anchors),
        reading_idle=judged.idle,
    )


def _renamed(steps: Iterable[Step], labels: Mapping[str, int], linked: Linked) -> set[str]:
    """Give the structures of which safe rules make, wherever they lie, one of the target."""
    listed = {labels[name] for name, integer in linked.integers.items() if integer > 0}
    moved = {
        move.source
        for step in steps
        if step.safety == "safe"
        for move in moves_of(step)
        if not move.region and move.target in listed
    }
    return {name for name, label in labels.items() if label in moved}
