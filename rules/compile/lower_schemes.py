"""Last pass: from linked structures to integers and operations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vesalius.engine.plan.plan import (
    Action,
    Choose,
    Divide,
    Ignore,
    Paint,
    Plan,
    SourceTable,
    WorkLabel,
)
from vesalius.ontology.graph import Ontology
from vesalius.ontology.scheme.meaning import ByPlace, BySex, BySide, Meaning, To
from vesalius.ontology.scheme.meaning import Ignore as NoOpinion
from vesalius.rules.compile.link_schemes import Linked
from vesalius.rules.compile.painting_order import Painted
from vesalius.rules.places.directions import DIRECTIONS
from vesalius.rules.places.regions import DIRECTION_OF
from vesalius.rules.places.specs import MIDLINE, AnchorSpec, LevelSpec, midline_of
from vesalius.rules.places.table import AnchorTable

SEX_KEY = "sex"


@dataclass(frozen=True)
class Dividers:
    """What divides a class that means several structures, by its position in the plan."""

    midline: int
    levels: Mapping[tuple[str, str], int]


def lower(
    linked: Linked,
    order: Sequence[Painted],
    ontology: Ontology,
    anchors: Mapping[str, AnchorSpec],
) -> Plan:
    """Write the plan.

    Parameters
    ----------
    linked : Linked
        Sources linked to the target.
    order : sequence of Painted
        Work structures from the first painted to the last.
    ontology : Ontology
        Gives ancestry, so that a part over its whole is no conflict.
    anchors : Mapping of str to AnchorSpec
        Anchors by name; `midline` divides sides.

    Returns
    -------
    Plan
    """
    labels = work_labels(order)
    table = AnchorTable(labels)
    dividers = _dividers(linked, table, anchors)
    return Plan(
        target=linked.target.name,
        work=_work(order, labels, ontology),
        sources=tuple(
            SourceTable(
                token=source.token,
                actions=tuple(
                    (entry.integer, _action(entry.meaning, labels, dividers))
                    for entry in source.entries
                ),
                open=not source.scheme.closed,
            )
            for source in linked.sources
        ),
        anchors=tuple(table.anchors),
    )


def work_labels(order: Sequence[Painted]) -> dict[str, int]:
    """Give each work structure its label: those of the target by integer, then the others."""
    by_label = sorted(order, key=lambda p: (p.integer == 0, p.integer, p.name))
    return {painted.name: label for label, painted in enumerate(by_label, start=1)}


def _work(
    order: Sequence[Painted], labels: Mapping[str, int], ontology: Ontology
) -> tuple[WorkLabel, ...]:
    work = [
        WorkLabel(
            label=labels[painted.name],
            token=painted.name,
            rank=rank,
            tier=painted.tier,
            ancestors=tuple(
                sorted(labels[a] for a in ontology.ancestors(painted.name) if a in labels)
            ),
            output=painted.integer,
        )
        for rank, painted in enumerate(order, start=1)
    ]
    return tuple(sorted(work, key=lambda w: w.label))


def _dividers(linked: Linked, table: AnchorTable, specs: Mapping[str, AnchorSpec]) -> Dividers:
    """Put what the meanings ask for into the table: the midline first, then the levels."""
    midline = 0
    meanings = tuple(linked.meanings())
    if any(isinstance(meaning, BySide) for meaning in meanings):
        spec = midline_of(specs)
        if spec is None:
            raise KeyError(MIDLINE)
        midline = table.index(spec)
    wanted = {
        (p.relation, p.structure) for m in meanings if isinstance(m, ByPlace) for p in m.cases
    }
    levels = {
        (relation, structure): table.index(_level(relation, structure))
        for relation, structure in sorted(wanted)
    }
    return Dividers(midline, levels)


def _level(relation: str, structure: str) -> LevelSpec:
    """Give the level through a structure's centre, whose positive side is the relation's."""
    return LevelSpec(
        name=f"{relation} {structure}",
        about="",
        structures=(structure,),
        at_least=1,
        direction=DIRECTIONS[DIRECTION_OF[relation]],
        at="centre",
        combine="outermost",
        span=None,
    )


def _action(meaning: Meaning, labels: Mapping[str, int], dividers: Dividers) -> Action:
    def act(inner: Meaning) -> Action:
        return _action(inner, labels, dividers)

    if isinstance(meaning, BySide):
        left, right = act(meaning.left), act(meaning.right)
        return Divide(dividers.midline, left, right, act(meaning.unknown))
    if isinstance(meaning, ByPlace):
        # The first case that holds decides, so the last is asked where no other holds.
        action, unknown = act(meaning.otherwise), act(meaning.unknown)
        for case in reversed(meaning.cases):
            anchor = dividers.levels[case.relation, case.structure]
            action = Divide(anchor, act(case.then), action, unknown)
        return action
    if isinstance(meaning, BySex):
        options = (("female", act(meaning.female)), ("male", act(meaning.male)))
        return Choose(SEX_KEY, options, act(meaning.unknown))
    if isinstance(meaning, To):
        return Paint(labels[meaning.structure])
    return Ignore() if isinstance(meaning, NoOpinion) else Paint(0)
