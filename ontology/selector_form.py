"""Selectors as data, and the sets of structures they pick.

A selector is evaluated within a universe: the concrete structures, unless ``abstract`` asks
for others. Every selector picks a subset of its universe, so ``not`` is the rest of it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Literal

from vesalius.ontology.graph import Ontology

Names = frozenset[str]
Relation = Literal["is_a", "part_of", "below"]


@dataclass(frozen=True)
class Selector(ABC):
    """Base of all selectors."""

    def pick(self, ontology: Ontology, universe: Names | None = None) -> Names:
        """Give the structures that are picked.

        Parameters
        ----------
        ontology : Ontology
            Where the structures come from.
        universe : frozenset of str, or None
            Picks only among these; the concrete structures where None.
        """
        if universe is None:
            universe = ontology.concrete
        return self.within(ontology, universe)

    @abstractmethod
    def within(self, ontology: Ontology, universe: Names) -> Names:
        """Give the structures of the universe that are picked."""


@dataclass(frozen=True)
class Named(Selector):
    """A structure; an abstract one stands for everything below it."""

    name: str

    def within(self, ontology: Ontology, universe: Names) -> Names:
        """Pick the structure itself if it may be picked, else what is below it."""
        if self.name in universe:
            return frozenset({self.name})
        if not ontology.structures[self.name].abstract:
            return frozenset()
        return universe.intersection(ontology.descendants(self.name))


@dataclass(frozen=True)
class Related(Selector):
    """Kinds of a structure and itself (`is_a`), its parts, or all that is strictly below."""

    relation: Relation
    name: str

    def within(self, ontology: Ontology, universe: Names) -> Names:
        """Follow the graph downwards."""
        if self.relation == "is_a":
            return universe.intersection((self.name, *ontology.descendants(self.name, ("is_a",))))
        if self.relation == "part_of":
            return universe.intersection(ontology.parts(self.name))
        return universe.intersection(ontology.descendants(self.name))


@dataclass(frozen=True)
class Has(Selector):
    """Structures whose attribute has the value, or holds it among several."""

    attribute: str
    value: Hashable

    def within(self, ontology: Ontology, universe: Names) -> Names:
        """Compare effective values."""
        return universe & ontology.having(self.attribute, self.value)


@dataclass(frozen=True)
class Coded(Selector):
    """Structures with a concept code, written alone or as ``system:code``."""

    code: str

    def within(self, ontology: Ontology, universe: Names) -> Names:
        """Compare effective codes."""
        return frozenset(
            name
            for name in universe
            for code in ontology.structures[name].codes
            if self.code in (code.code, f"{code.system}:{code.code}")
        )


@dataclass(frozen=True)
class Not(Selector):
    """The rest of the universe."""

    part: Selector

    def within(self, ontology: Ontology, universe: Names) -> Names:
        """Subtract."""
        return universe - self.part.within(ontology, universe)


@dataclass(frozen=True)
class AllOf(Selector):
    """What every part picks."""

    parts: tuple[Selector, ...]

    def within(self, ontology: Ontology, universe: Names) -> Names:
        """Intersect."""
        return universe.intersection(*(part.within(ontology, universe) for part in self.parts))


@dataclass(frozen=True)
class AnyOf(Selector):
    """What at least one part picks."""

    parts: tuple[Selector, ...]

    def within(self, ontology: Ontology, universe: Names) -> Names:
        """Unite."""
        return frozenset[str]().union(*(part.within(ontology, universe) for part in self.parts))


@dataclass(frozen=True)
class Among(Selector):
    """A part evaluated among the abstract structures, the concrete ones, or both."""

    abstract: frozenset[bool]
    part: Selector

    def within(self, ontology: Ontology, universe: Names) -> Names:
        """Replace the universe."""
        del universe
        among = (n for n, s in ontology.structures.items() if s.abstract in self.abstract)
        return self.part.within(ontology, frozenset(among))
