"""Last pass: from linked structures to integers and operations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vesalius.engine.plan import (
    Action,
    Anchor,
    Choose,
    Divide,
    Ignore,
    LevelAnchor,
    Paint,
    Plan,
    SourceTable,
    WorkLabel,
)
from vesalius.ontology.ontology import Ontology
from vesalius.rules.anchors import MIDLINE, AnchorSpec, midline_of
from vesalius.rules.compile.link import (
    ByLevelOf,
    BySexOf,
    BySideOf,
    Linked,
    Meaning,
    NoOpinion,
    Structure,
)
from vesalius.rules.compile.schedule import Painted
from vesalius.rules.directions import DIRECTIONS
from vesalius.rules.lower_anchors import lower_anchor

SEX_KEY = "sex"


@dataclass(frozen=True)
class AnchorTable:
    """Anchors in use, with their position in the plan; `midline` is 0 also where none is used."""

    anchors: tuple[Anchor, ...]
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
    table = _anchor_table(linked, labels, anchors)
    return Plan(
        target=linked.target.name,
        work=_work(order, labels, ontology),
        sources=tuple(
            SourceTable(
                token=source.token,
                actions=tuple(
                    (entry.integer, _action(entry.meaning, labels, table))
                    for entry in source.entries
                ),
                open=not source.scheme.closed,
            )
            for source in linked.sources
        ),
        anchors=table.anchors,
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


def _anchor_table(
    linked: Linked, labels: Mapping[str, int], specs: Mapping[str, AnchorSpec]
) -> AnchorTable:
    anchors: list[Anchor] = []
    midline = 0
    levels: dict[tuple[str, str], int] = {}
    meanings = tuple(linked.meanings())
    if any(isinstance(meaning, BySideOf) for meaning in meanings):
        spec = midline_of(specs)
        if spec is None:
            raise KeyError(MIDLINE)
        anchors.append(lower_anchor(spec, labels))
    wanted = {(m.relation, m.structure) for m in meanings if isinstance(m, ByLevelOf)}
    for relation, structure in sorted(wanted):
        levels[relation, structure] = len(anchors)
        anchors.append(
            LevelAnchor(
                token=f"{relation} {structure}",
                labels=(labels[structure],),
                min_points=1,
                direction=DIRECTIONS["superior" if relation == "above" else "inferior"],
            )
        )
    return AnchorTable(tuple(anchors), midline, levels)


def _action(meaning: Meaning, labels: Mapping[str, int], table: AnchorTable) -> Action:
    if isinstance(meaning, (BySideOf, ByLevelOf)):
        return _divide(meaning, labels, table)
    if isinstance(meaning, BySexOf):
        return Choose(
            key=SEX_KEY,
            options=(
                ("female", _action(meaning.female, labels, table)),
                ("male", _action(meaning.male, labels, table)),
            ),
            otherwise=_action(meaning.unknown, labels, table),
        )
    if isinstance(meaning, Structure):
        return Paint(labels[meaning.name])
    return Ignore() if isinstance(meaning, NoOpinion) else Paint(0)


def _divide(meaning: BySideOf | ByLevelOf, labels: Mapping[str, int], table: AnchorTable) -> Divide:
    if isinstance(meaning, BySideOf):
        anchor, positive, negative = table.midline, meaning.left, meaning.right
    else:
        anchor = table.levels[meaning.relation, meaning.structure]
        positive, negative = meaning.inside, meaning.outside
    return Divide(
        anchor=anchor,
        positive=_action(positive, labels, table),
        negative=_action(negative, labels, table),
        otherwise=_action(meaning.unknown, labels, table),
    )
