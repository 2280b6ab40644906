"""The passes in order, with every diagnostic of a run at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from vesalius.engine.plan import Plan
from vesalius.engine.steps import Step
from vesalius.ontology.diagnostics import Diagnostic
from vesalius.ontology.ontology import Ontology
from vesalius.ontology.scheme_types import Scheme
from vesalius.rules.anchors import AnchorSpec, midline_of
from vesalius.rules.compile.check import check_linked
from vesalius.rules.compile.link import Linked, Structure, link
from vesalius.rules.compile.lower import lower, work_labels
from vesalius.rules.compile.schedule import Painted, painting_order
from vesalius.rules.lower_rules import compile_rules
from vesalius.rules.moves import moves_of
from vesalius.rules.rule_types import Idle, Pack


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
    """

    linked: Linked
    order: tuple[Painted, ...]
    plan: Plan
    pack: Pack | None
    idle: tuple[Idle, ...]
    diagnostics: tuple[Diagnostic, ...]


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
    names = {m.name for m in linked.meanings() if isinstance(m, Structure)}
    order = painting_order(names | set(linked.integers), linked.integers, ontology)
    plan = lower(linked, order, ontology, anchors)
    midline = midline_of(anchors)
    if pack is None:
        return Compiled(linked, order, plan, None, (), check_linked(linked, midline))
    labels = work_labels(order)
    unlisted = [painted.name for painted in order if painted.integer == 0]
    lowered = compile_rules(pack, ontology, anchors, labels, only=only, unlisted=unlisted)
    diagnostics = check_linked(linked, midline, _renamed(lowered.steps, labels, linked))
    return Compiled(
        linked=linked,
        order=order,
        plan=replace(plan, steps=lowered.steps, rule_anchors=lowered.anchors),
        pack=pack,
        idle=lowered.idle,
        diagnostics=(*diagnostics, *lowered.diagnostics),
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


def source_tokens(names: Sequence[str], places: Sequence[str] | None = None) -> tuple[str, ...]:
    """Name the sources of a run: the scheme's name, numbered where it is given repeatedly.

    Parameters
    ----------
    names : sequence of str
        Name of each source's scheme.
    places : sequence of str, optional
        Where each source comes from. Sources of one scheme are numbered in the order of these,
        so that the order in which they are given changes nothing; by default as given.
    """
    given = range(len(names))
    ordered = given if places is None else sorted(given, key=places.__getitem__)
    seen: dict[str, int] = {}
    tokens = [""] * len(names)
    for at in ordered:
        name = names[at]
        seen[name] = seen.get(name, 0) + 1
        tokens[at] = name if seen[name] == 1 else f"{name}#{seen[name]}"
    return tuple(tokens)
