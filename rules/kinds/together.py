"""`together`: the sources of a case show one patient, in one place."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

from pydantic import Field

from vesalius.engine import kinds as eng
from vesalius.ontology.reading.form import Form
from vesalius.rules.defaults import default
from vesalius.rules.kinds.kind import Expectation, Lowered
from vesalius.rules.lowering import Lowering
from vesalius.rules.places.relation_models import Text


class Contradictions(Form):
    """When two sources contradict each other."""

    sequences: list[Text] = Field(
        default=[],
        description="Sequences that a source may number in another way: as long as the whole lies"
        " where it does, no member is elsewhere. The same goes for both of a pair.",
    )
    moved_mm: float = Field(
        ge=0,
        default_factory=lambda: default("together_moved_mm"),
        description="A structure is elsewhere if both its ends are, by so much and the same way.",
    )
    share: float = Field(
        gt=0,
        le=1,
        default_factory=lambda: default("together_share"),
        description="So large a share of what both sources have is elsewhere,",
    )
    at_least: int = Field(
        ge=1,
        default_factory=lambda: int(default("together_fewest")),
        description="and so many structures.",
    )
    exclusive: list[list[Any]] = Field(
        default=[],
        description="Lists of selectors: nothing that one picks lies in what another of the list"
        " picks.",
    )
    thick_mm: float = Field(
        ge=0,
        default_factory=lambda: default("together_thick_mm"),
        description="What two structures share is deep where it holds a cube with this side",
    )
    thick_voxels: int = Field(
        ge=1,
        default_factory=lambda: int(default("together_thick_voxels")),
        description="and of so many voxels each way;",
    )
    deep_ml: float = Field(
        ge=0,
        default_factory=lambda: default("together_deep_ml"),
        description="all such cubes make up so much.",
    )
    inside_share: float = Field(
        gt=0,
        le=1,
        default_factory=lambda: default("together_inside_share"),
        description="Or it makes up `deep_ml` and is this share of one of the two.",
    )
    independent: int = Field(
        ge=1,
        default_factory=lambda: int(default("together_independent")),
        description="So many pairs, of which no two have a structure in common, lie in each other.",
    )


class TogetherExpect(Form):
    """The sources of a case show one patient, in one place."""

    together: Contradictions


def lower(form: TogetherExpect, context: Lowering) -> Lowered:
    """Give what is compared, and what excludes what."""
    labels, limits = context.judged(), form.together
    exclusive = tuple(_exclusive(limits, context))
    if not labels and not exclusive:
        return ()
    pools = (*_pairs(labels, context), *_sequences(limits, labels, context))
    return (
        eng.Together(
            labels=labels,
            pools=pools,
            moved_mm=limits.moved_mm,
            share=limits.share,
            at_least=limits.at_least,
            exclusive=exclusive,
            thick_mm=limits.thick_mm,
            thick_voxels=limits.thick_voxels,
            deep_ml=limits.deep_ml,
            inside_share=limits.inside_share,
            independent=limits.independent,
        ),
    )


def _pairs(labels: tuple[int, ...], context: Lowering) -> Iterator[eng.Pool]:
    known, ontology = context.table.labels, context.scope.ontology
    for name, label in known.items():
        other = known.get(ontology.mirror(name) or "")
        if other is not None and label < other and {label, other} <= set(labels):
            yield eng.Pool((label, other))


def _sequences(
    limits: Contradictions, labels: tuple[int, ...], context: Lowering
) -> Iterator[eng.Pool]:
    known = context.table.labels
    for at, name in enumerate(limits.sequences):
        place = context.path("expect", "together", "sequences", at)
        family = context.scope.family(name, place)
        members = () if family is None else family.members
        pool = tuple(known[name] for name in members if known.get(name) in labels)
        if len(pool) > 1:
            yield eng.Pool(pool)


def _exclusive(limits: Contradictions, context: Lowering) -> Iterator[eng.Exclusive]:
    known = context.table.labels
    for at, chain in enumerate(limits.exclusive):
        groups = []
        for n, one in enumerate(chain):
            place = context.path("expect", "together", "exclusive", at, n)
            names = context.scope.select(one, place)
            groups.append(tuple(known[name] for name in names if name in known))
        for one, other in combinations([group for group in groups if group], 2):
            yield eng.Exclusive(one, other)


_AGAINST = "{moved} of {compared} structures that other sources have as well lie elsewhere"
_INSIDE = "{inside} structures lie deep in what they cannot lie in"
_CAUSE = "; of another patient, moved, or out of scale?"

TOGETHER = Expectation(
    key="together",
    form=TogetherExpect,
    lower=lower,
    written="`{together: {sequences, exclusive, moved_mm, share, at_least, thick_mm,"
    " thick_voxels, deep_ml, inside_share, independent}}`",
    holds="of the sources of a case none contradicts another one: what two of them have lies in"
    " one place, and nothing of one lies deep in what excludes it of another",
    sentences={"elsewhere": _AGAINST + _CAUSE, "in others": _INSIDE + _CAUSE},
    more="With `each: source`. A border that two models draw differently is not deep. Where one"
    " source contradicts more of the others than any other does, or is the one that agrees with"
    " none, it is named, else all that contradict each other. Of one source alone nothing is said.",
)
