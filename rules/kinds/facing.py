"""`facing`: the map lies the right way round along a direction, by a vote of many places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from pydantic import Field

from vesalius.engine import kinds as eng
from vesalius.ontology.reading.form import Form
from vesalius.rules.defaults import default
from vesalius.rules.each import SIDES
from vesalius.rules.kinds.kind import Expectation, Lowered
from vesalius.rules.lowering import Lowering
from vesalius.rules.places.directions import DIRECTIONS, Direction
from vesalius.rules.places.relation_models import Text

Names = tuple[str, ...]


class Facts(Form):
    """What follows what along a direction."""

    direction: Direction
    mirrors: bool = Field(
        False, description="Each left structure of a pair lies further than its mirror."
    )
    chains: list[list[Any]] = Field(
        default=[],
        description="Lists of selectors; what each picks lies further, by its common centre, than"
        " the one before. Where all pick structures of both sides, each side by itself.",
    )
    sequences: list[Text] = Field(
        default=[], description="Sequences whose members follow each other the same way."
    )
    anchor: Text | None = Field(None, description="A plane with left and right on its sides.")
    clear_mm: float = Field(
        ge=0,
        default_factory=lambda: default("facing_clear_mm"),
        description="A smaller difference says nothing.",
    )
    at_least: int = Field(
        ge=1,
        default_factory=lambda: int(default("facing_fewest")),
        description="With fewer places that can be compared nothing is said.",
    )
    share: float = Field(
        gt=0,
        le=1,
        default_factory=lambda: default("facing_share"),
        description="So large a share is the other way round in a map that is turned.",
    )
    skip_cut: bool = Field(
        True, description="Leave out what the border of the scan cuts along the direction."
    )
    parts: list[Any] = Field(
        default=[], description="Selectors; what each picks is judged by itself too."
    )


class FacingExpect(Form):
    """A map lies the right way round along a direction."""

    facing: Facts


def lower(form: FacingExpect, context: Lowering) -> Lowered:
    """Give every place whose structures all have a label."""
    facts = form.facing
    follows = (*_mirrors(facts, context), *_chains(facts, context), *_sequences(facts, context))
    anchor: int | None = None
    left: tuple[int, ...] = ()
    right: tuple[int, ...] = ()
    if facts.anchor is not None:
        plane = context.sided_plane(facts.anchor, "expect", "facing", "anchor")
        if plane is not None:
            anchor, left_is_positive = plane
            left, right = _sided("left", context), _sided("right", context)
            if not left_is_positive:
                left, right = right, left
        # A source without a spine is judged by the other places.
        context.blocked = False
        context.obstacles.clear()
    if not follows and not (left or right):
        return ()
    return (
        eng.Facing(
            direction=DIRECTIONS[facts.direction],
            follows=follows,
            clear_mm=facts.clear_mm,
            at_least=facts.at_least,
            share=facts.share,
            skip_cut=facts.skip_cut,
            anchor=anchor,
            positive=left if anchor is not None else (),
            negative=right if anchor is not None else (),
            parts=tuple(_parts(facts, context)),
        ),
    )


def _mirrors(facts: Facts, context: Lowering) -> Iterator[eng.Follows]:
    if not facts.mirrors:
        return
    known, ontology = context.table.labels, context.scope.ontology
    for name in known:
        other = ontology.mirror(name)
        if ontology.get(name, "side") == "left" and other is not None and other in known:
            yield eng.Follows((known[other],), (known[name],))


def _chains(facts: Facts, context: Lowering) -> Iterator[eng.Follows]:
    known = context.table.labels
    for at, chain in enumerate(facts.chains):
        place = context.path("expect", "facing", "chains", at)
        groups = [context.scope.select(one, (*place, n)) for n, one in enumerate(chain)]
        for each in _each_side(groups, context):
            labelled = (tuple(known[name] for name in names if name in known) for names in each)
            for before, after in pairwise([labels for labels in labelled if labels]):
                yield eng.Follows(before, after)


def _each_side(groups: Sequence[Names], context: Lowering) -> Sequence[Sequence[Names]]:
    """Give a chain for each side where all its groups have structures of both, else the chain."""
    ontology = context.scope.ontology
    sides = [
        [tuple(n for n in names if ontology.get(n, "side") == side) for names in groups]
        for side in SIDES
    ]
    return sides if all(all(chain) for chain in sides) else [groups]


def _sequences(facts: Facts, context: Lowering) -> Iterator[eng.Follows]:
    known = context.table.labels
    for name in facts.sequences:
        family = context.scope.family(name, context.path("expect", "facing", "sequences"))
        members = [] if family is None else [known[n] for n in family.members if n in known]
        for before, after in pairwise(members):
            yield eng.Follows((before,), (after,))


def _parts(facts: Facts, context: Lowering) -> Iterator[eng.FacingPart]:
    known, ontology = context.table.labels, context.scope.ontology
    for at, one in enumerate(facts.parts):
        names = context.scope.select(one, context.path("expect", "facing", "parts", at))
        there = [name for name in names if name in known]
        lone = [name for name in there if ontology.mirror(name) is None]
        if lone and len(there) > len(lone):
            labels, odd = (tuple(known[name] for name in found) for found in (there, lone))
            yield eng.FacingPart(labels, odd)


def _sided(side: str, context: Lowering) -> tuple[int, ...]:
    ontology = context.scope.ontology
    found = context.table.labels.items()
    return tuple(label for name, label in found if ontology.get(name, "side") == side)


FACING = Expectation(
    key="facing",
    form=FacingExpect,
    lower=lower,
    written="`{facing: {direction, mirrors, chains, sequences, anchor, at_least, share, parts}}`",
    holds="the whole lies the right way round along a direction: not nearly all places that can"
    " be compared are reversed",
    takes_for=False,
    sentences={
        f"turned along {axis}": f"{sides} are exchanged: {{wrong}} of {{compared}} places that"
        " can be compared lie the other way round"
        for axis, sides in (
            ("x", "left and right"),
            ("y", "front and back"),
            ("z", "head and foot"),
        )
    },
    more="Of single places a patient may differ; where nearly all are reversed, the file is. With"
    " `each: source` each source is judged by itself, and nothing of one that is turned is"
    " repaired. Neighbours in a chain that have no voxel are passed over.",
)
