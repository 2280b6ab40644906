"""First pass: what each integer of each source means in the structures of the target.

The graph decides: a structure the target lists stays itself; an unsided structure whose two
mirrored children the target lists is divided by the midline; a finer structure rolls up to its
nearest listed ancestor; anything else becomes an auxiliary structure, which constrains the
merge and is reported, but has no integer in the output.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from vesalius.ontology.graph import Ontology
from vesalius.ontology.scheme.meaning import (
    ByPlace,
    BySide,
    Meaning,
    To,
    replaced,
    structures_of,
    walk,
)
from vesalius.ontology.scheme.scheme import Scheme, SchemeEntry


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
                LinkedEntry(entry.integer, entry.name, _link(entry.target, ontology, integers))
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


def _link(meaning: Meaning, ontology: Ontology, integers: Mapping[str, int]) -> Meaning:
    if isinstance(meaning, To):
        return link_structure(meaning.structure, ontology, integers)
    return replaced(meaning, lambda inner: _link(inner, ontology, integers))


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
        return To(name)
    pair = mirrored_children(name, ontology, integers)
    if pair is not None:
        left, right = pair
        via = f"the midline divides {name}"
        return BySide(To(left, via), To(right, via), To(name, "auxiliary"))
    for ancestor in ontology.ancestors(name):
        if ancestor in integers:
            return To(ancestor, f"rolled up from {name}")
    return To(name, "auxiliary")


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
