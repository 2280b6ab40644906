"""First pass: what each integer of each source means in the structures of the target.

The graph decides: a structure the target lists stays itself; an unsided structure whose two
mirrored children the target lists is divided by the midline; a finer structure rolls up to its
nearest listed ancestor; anything else becomes an auxiliary structure, which constrains the
merge and is reported, but has no integer in the output.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from vesalius.ontology.ontology import Ontology
from vesalius.ontology.scheme_types import (
    ByPlace,
    BySex,
    BySide,
    Drop,
    Ignore,
    Scheme,
    SchemeEntry,
    Target,
    To,
    structures_of,
)


@dataclass(frozen=True)
class Structure:
    """The integer becomes a work structure; `via` tells how it was found."""

    name: str
    via: str  # "itself", "rolled up from X", "auxiliary"


@dataclass(frozen=True)
class Dropped:
    """Left out on purpose."""


@dataclass(frozen=True)
class NoOpinion:
    """Not annotated: the source says nothing here."""


@dataclass(frozen=True)
class BySexOf:
    """The case's sex decides."""

    male: Meaning
    female: Meaning
    unknown: Meaning


@dataclass(frozen=True)
class BySideOf:
    """The midline decides."""

    left: Meaning
    right: Meaning
    unknown: Meaning


@dataclass(frozen=True)
class ByLevelOf:
    """The level of a structure decides; `relation` is "above" or "below"."""

    relation: str
    structure: str
    inside: Meaning
    outside: Meaning
    unknown: Meaning


Meaning = Structure | Dropped | NoOpinion | BySexOf | BySideOf | ByLevelOf


@dataclass(frozen=True)
class LinkedEntry:
    """One integer of one source."""

    integer: int
    name: str
    meaning: Meaning


@dataclass(frozen=True)
class LinkedSource:
    """One source; `token` is its name in the plan, unique in a run."""

    token: str
    scheme: Scheme
    entries: tuple[LinkedEntry, ...]


@dataclass(frozen=True)
class Linked:
    """Every source linked to one target.

    Parameters
    ----------
    target : Scheme
        Gives the integers of the output.
    integers : Mapping of str to int
        Structure name to integer of the output; where several integers share one, the lowest of
        those without a condition.
        A structure that is needed as a level, but not listed by the target, stands here with the
        integer of its nearest listed ancestor, or 0.
    sources : tuple of LinkedSource
        In token order.
    """

    target: Scheme
    integers: Mapping[str, int]
    sources: tuple[LinkedSource, ...]

    def meanings(self) -> Iterator[Meaning]:
        """Yield every leaf and branch of every entry."""
        for source in self.sources:
            for entry in source.entries:
                yield from walk(entry.meaning)


def walk(meaning: Meaning) -> Iterator[Meaning]:
    """Yield a meaning and everything inside it."""
    yield meaning
    for inner in branches(meaning):
        yield from walk(inner)


def branches(meaning: Meaning) -> tuple[Meaning, ...]:
    """Give the direct branches of a meaning."""
    if isinstance(meaning, BySexOf):
        return meaning.male, meaning.female, meaning.unknown
    if isinstance(meaning, BySideOf):
        return meaning.left, meaning.right, meaning.unknown
    if isinstance(meaning, ByLevelOf):
        return meaning.inside, meaning.outside, meaning.unknown
    return ()


def link(ontology: Ontology, target: Scheme, sources: Mapping[str, Scheme]) -> Linked:
    """Link sources to a target.

    Parameters
    ----------
    ontology : Ontology
        The structure graph.
    target : Scheme
        What the output is written in.
    sources : Mapping of str to Scheme
        Token to scheme.

    Returns
    -------
    Linked
    """
    integers = target_integers(target)
    for name in _level_structures(sources):
        integers.setdefault(name, _rolled_up_integer(name, ontology, integers))
    linked = tuple(
        LinkedSource(
            token=token,
            scheme=scheme,
            entries=tuple(
                LinkedEntry(
                    entry.integer, entry.name, _link_target(entry.target, ontology, integers)
                )
                for entry in sorted(scheme.entries, key=_integer)
            ),
        )
        for token, scheme in sorted(sources.items())
    )
    return Linked(target, integers, linked)


def target_integers(target: Scheme) -> dict[str, int]:
    """Give the integer the target writes for each structure.

    A class that is the structure and nothing else comes before one that is it under a condition.
    Conditional entries list several structures under one integer (a scheme that keeps prostate
    and uterus in one class writes both as that integer). Of several integers the lowest is taken.
    """
    integers: dict[str, int] = {}
    for entry in sorted(target.entries, key=lambda e: (not isinstance(e.target, To), e.integer)):
        for structure in structures_of(entry.target):
            integers.setdefault(structure, entry.integer)
    return integers


def _integer(entry: SchemeEntry) -> int:
    return entry.integer


def _link_target(target: Target, ontology: Ontology, integers: Mapping[str, int]) -> Meaning:
    if isinstance(target, To):
        return link_structure(target.structure, ontology, integers)
    if isinstance(target, Drop):
        return Dropped()
    if isinstance(target, Ignore):
        return NoOpinion()
    if isinstance(target, BySex):
        return BySexOf(
            *(
                _link_target(inner, ontology, integers)
                for inner in (target.male, target.female, target.unknown)
            )
        )
    if isinstance(target, BySide):
        return BySideOf(
            *(
                _link_target(inner, ontology, integers)
                for inner in (target.left, target.right, target.unknown)
            )
        )
    outside = _link_target(target.otherwise, ontology, integers)
    unknown = _link_target(target.unknown, ontology, integers)
    for case in reversed(target.cases):
        outside = ByLevelOf(
            relation=case.relation,
            structure=case.structure,
            inside=_link_target(case.then, ontology, integers),
            outside=outside,
            unknown=unknown,
        )
    return outside


def _level_structures(sources: Mapping[str, Scheme]) -> tuple[str, ...]:
    """List the structures whose level decides a class of some source."""
    return tuple(
        case.structure
        for _, scheme in sorted(sources.items())
        for entry in scheme.entries
        if isinstance(entry.target, ByPlace)
        for case in entry.target.cases
    )


def _rolled_up_integer(name: str, ontology: Ontology, integers: Mapping[str, int]) -> int:
    return next((integers[a] for a in ontology.ancestors(name) if a in integers), 0)


def link_structure(name: str, ontology: Ontology, integers: Mapping[str, int]) -> Meaning:
    """Find what a structure becomes in a target that lists `integers`."""
    if name in integers:
        return Structure(name, "itself")
    pair = mirrored_children(name, ontology, integers)
    if pair is not None:
        left, right = pair
        via = f"the midline divides {name}"
        return BySideOf(Structure(left, via), Structure(right, via), Structure(name, "auxiliary"))
    for ancestor in ontology.ancestors(name):
        if ancestor in integers:
            return Structure(ancestor, f"rolled up from {name}")
    return Structure(name, "auxiliary")


def mirrored_children(
    name: str, ontology: Ontology, integers: Mapping[str, int]
) -> tuple[str, str] | None:
    """Find the left and right kind of an unsided structure, where the target lists both."""
    for child in ontology.descendants(name, edges=("is_a",)):
        other = ontology.mirror(child)
        if (
            other is not None
            and ontology.get(child, "side") == "left"
            and name in ontology.structures[child].is_a
            and name in ontology.structures[other].is_a
            and child in integers
            and other in integers
        ):
            return child, other
    return None
