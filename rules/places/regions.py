"""From relations as written to sides of fitted places."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Final

from vesalius.ontology.graph import Ontology
from vesalius.ontology.reading.diagnostics import Diagnostic
from vesalius.ontology.reading.document import Document, YamlPath
from vesalius.ontology.reading.listing import listing
from vesalius.ontology.reading.nearest import nearest
from vesalius.ontology.sequence import Side
from vesalius.rules.places.directions import DIRECTIONS, Vector
from vesalius.rules.places.relation_models import RegionName, Relations
from vesalius.rules.places.specs import (
    AnchorSpec,
    BoxSpec,
    FittedSpec,
    LevelSpec,
    PlaneSpec,
    RegionSpec,
)

DIRECTION_OF: Final[Mapping[str, str]] = {
    "above": "superior",
    "below": "inferior",
    "left_of": "left",
    "right_of": "right",
    "in_front_of": "anterior",
    "behind": "posterior",
}

# The direction that a level through a structure takes, so that a relation and its opposite
# share one level.
_CANONICAL: Final = ("superior", "left", "anterior")


@dataclass(frozen=True)
class Term:
    """One side of a fitted place; several terms hold together."""

    place: FittedSpec
    inside: bool

    def opposite(self) -> Term:
        """Give the other side."""
        return replace(self, inside=not self.inside)


class RelationError(Exception):
    """A relation that means no place; holds the diagnostic, and the names of a circle."""

    def __init__(self, problem: Diagnostic, circle: frozenset[str] = frozenset()) -> None:
        self.problem = problem
        self.circle = circle
        super().__init__(problem.message)


@dataclass(frozen=True)
class Places:
    """What the names in relations may mean.

    Parameters
    ----------
    ontology : Ontology
        A structure means the level through its centre.
    anchors : Mapping of str to AnchorSpec
        Named places.
    document : Document
        The file of the relations, for spans.
    meant : callable
        The structure that a name means here.
    side : {"left", "right"} or None
        What `own_side_of` means here.
    """

    ontology: Ontology
    anchors: Mapping[str, AnchorSpec]
    document: Document
    meant: Callable[[str], str] = str
    side: Side | None = None

    def region(self, written: Relations | RegionName, at: YamlPath) -> tuple[Term, ...]:
        """Give the terms of a region.

        Parameters
        ----------
        written : Relations or RegionName
            The region.
        at : tuple of str or int
            Where it is written.

        Raises
        ------
        RelationError
            RUL004, RUL008, RUL011, RUL016 or RUL017.
        """
        return self._region(written, at, ())

    def plane(self, name: str, at: YamlPath) -> PlaneSpec | LevelSpec:
        """Give a plane or level by name.

        Raises
        ------
        RelationError
            RUL004 (unknown) or RUL011 (a box or region).
        """
        spec = self.anchors.get(name)
        if spec is None:
            planes = [n for n, s in self.anchors.items() if _is_plane(s)]
            raise self._wrong("RUL004", f"unknown place `{name}`", at, near_place(name, planes))
        if not isinstance(spec, PlaneSpec | LevelSpec):
            kind = "box" if isinstance(spec, BoxSpec) else "region"
            raise self._wrong("RUL011", f"`{name}` is a {kind}; a plane is needed here", at)
        return spec

    def _region(
        self, written: Relations | RegionName, at: YamlPath, inside: tuple[str, ...]
    ) -> tuple[Term, ...]:
        if isinstance(written, RegionName):
            return self._enclosed(written.root, at, inside)
        terms: list[Term] = []
        for relation, name in written.pairs():
            terms += self._related(relation, name, (*at, relation), inside)
        if written.not_ is not None:
            found = self._region(written.not_, (*at, "not"), inside)
            terms.append(self._one(found, (*at, "not")).opposite())
        return tuple(dict.fromkeys(terms))

    def _related(
        self, relation: str, name: str, at: YamlPath, inside: tuple[str, ...]
    ) -> tuple[Term, ...]:
        if relation == "inside":
            return self._enclosed(name, at, inside)
        if relation == "outside":
            return (self._one(self._enclosed(name, at, inside), at).opposite(),)
        if relation == "own_side_of":
            if self.side is None:
                message = "own side of what?"
                raise self._wrong("RUL026", message, at, "add `each: side`")
            relation = f"{self.side}_of"
        direction = DIRECTIONS[DIRECTION_OF[relation]]
        spec = self.anchors.get(name)
        if spec is None:
            level = self._level_through(name, direction, at)
            return (Term(level, level.direction == direction),)
        if not isinstance(spec, PlaneSpec | LevelSpec):
            kind = "box" if isinstance(spec, BoxSpec) else "region"
            advice = f"write `inside: {name}` or `outside: {name}`"
            raise self._wrong("RUL011", f"nothing is `{relation}` the {kind} `{name}`", at, advice)
        return (Term(spec, self._faces(relation, name, spec, direction, at)),)

    def _faces(
        self,
        relation: str,
        name: str,
        spec: PlaneSpec | LevelSpec,
        direction: Vector,
        at: YamlPath,
    ) -> bool:
        normal = spec.toward if isinstance(spec, PlaneSpec) else spec.direction
        if normal == direction:
            return True
        if normal == tuple(-part for part in direction):
            return False
        fitting = [
            other
            for other, towards in DIRECTION_OF.items()
            if tuple(map(abs, DIRECTIONS[towards])) == tuple(map(abs, normal))
        ]
        message = f"nothing is `{relation}` the plane `{name}`"
        raise self._wrong("RUL011", message, at, f"it has the sides {' and '.join(fitting)}")

    def _level_through(self, name: str, direction: Vector, at: YamlPath) -> LevelSpec:
        name = self.meant(name)
        structure = self.ontology.structures.get(name)
        if structure is None:
            known = self.ontology.resolve(name) or nearest(name, self.ontology.structures)
            advice = near_place(name, list(self.anchors), known[0] if known else None)
            raise self._wrong("RUL004", f"unknown place `{name}`", at, advice)
        if structure.abstract:
            message = f"`{name}` groups structures and has no centre of its own"
            advice = "name one structure, or an anchor of kind `level` through several"
            raise self._wrong("RUL016", message, at, advice)
        axis = next(
            d for d in _CANONICAL if tuple(map(abs, DIRECTIONS[d])) == tuple(map(abs, direction))
        )
        return LevelSpec(
            name=f"centre of {name}, {axis}",
            about=f"The centre of {structure.title}.",
            structures=(name,),
            at_least=1,
            direction=DIRECTIONS[axis],
            at="centre",
            combine="mean",
            span=None,
        )

    def _enclosed(self, name: str, at: YamlPath, inside: tuple[str, ...]) -> tuple[Term, ...]:
        spec = self.anchors.get(name)
        if spec is None:
            if name in self.ontology.structures:
                message = f"`{name}` is a structure, not a box or a region"
                advice = f"declare an anchor of kind `box` around `{name}`"
                raise self._wrong("RUL011", message, at, advice)
            known = [n for n, s in self.anchors.items() if not _is_plane(s)]
            advice = near_place(name, known) or "no box or region is declared; name a side"
            raise self._wrong("RUL004", f"unknown place `{name}`", at, advice)
        if isinstance(spec, BoxSpec):
            return (Term(spec, inside=True),)
        if isinstance(spec, RegionSpec):
            if name in inside:
                circle = inside[inside.index(name) :]
                shown = " -> ".join((*circle, name))
                error = self._wrong("RUL008", f"regions name each other in a circle: {shown}", at)
                raise RelationError(error.problem, frozenset(circle))
            places = Places(self.ontology, self.anchors, spec.document)
            return places._region(spec.where, spec.at, (*inside, name))
        message = f"`{name}` is a plane; nothing is inside it"
        raise self._wrong("RUL011", message, at, "name a side, such as `above`")

    def _one(self, terms: tuple[Term, ...], at: YamlPath) -> Term:
        if len(terms) == 1:
            return terms[0]
        message = "the opposite of several relations is not one place"
        advice = "negate one relation at a time"
        raise self._wrong("RUL017", message, at, advice)

    def _wrong(
        self, code: str, message: str, at: YamlPath, advice: str | None = None
    ) -> RelationError:
        span = self.document.span(at)
        return RelationError(Diagnostic(code, "error", message, span=span, help=advice))


def near_place(name: str, places: Sequence[str], structure: str | None = None) -> str | None:
    """Give the help for a place that does not exist: an anchor or region before a structure.

    Parameters
    ----------
    name : str
        As written.
    places : sequence of str
        Anchors and regions that may stand there.
    structure : str, optional
        The structure that is nearest, or has this name as an alias, where one may stand there too;
        offered only where no place is as near.

    Returns
    -------
    str or None
        None where there is nothing to name.
    """
    place = nearest(name, places, n=1)
    if place and (structure is None or _likeness(name, place[0]) >= _likeness(name, structure)):
        return f"did you mean `{place[0]}`?"
    if structure is None:
        return f"known here: {listing(places)}" if places else None
    others = f", or a place: {listing(places)}" if places else ""
    return f"did you mean the structure `{structure}`{others}?"


def _likeness(word: str, other: str) -> float:
    # The second word is the one that `nearest` holds fast.
    return SequenceMatcher(None, other, word).ratio()


def _is_plane(spec: AnchorSpec) -> bool:
    return isinstance(spec, PlaneSpec | LevelSpec)


def check_regions(anchors: Mapping[str, AnchorSpec], ontology: Ontology) -> list[Diagnostic]:
    """Check the relations of every named region.

    Parameters
    ----------
    anchors : Mapping of str to AnchorSpec
        All anchors of a file.
    ontology : Ontology
        The structures.

    Returns
    -------
    list of Diagnostic
        A circle is reported once.
    """
    found: list[Diagnostic] = []
    circles: set[frozenset[str]] = set()
    for name, spec in anchors.items():
        if isinstance(spec, RegionSpec):
            try:
                Places(ontology, anchors, spec.document).region(RegionName(name), spec.at)
            except RelationError as error:
                if not error.circle or error.circle not in circles:
                    found.append(error.problem)
                circles.add(error.circle)
    return list(dict.fromkeys(found))
