"""The linked ontology: structures, their graph, and the questions one may ask of it."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from vesalius.ontology.attribute import EDGES, Attribute, Edge
from vesalius.ontology.hierarchy import Hierarchy
from vesalius.ontology.reading.nearest import suggest
from vesalius.ontology.reading.problem import Diagnostic
from vesalius.ontology.sequence import Sequence
from vesalius.ontology.structure import Structure
from vesalius.ontology.words import WordIndex, index_words

if TYPE_CHECKING:
    from vesalius.ontology.project import Project


@dataclass(frozen=True, eq=False)
class Ontology:
    """Everything that exists, linked and checked.

    Parameters
    ----------
    structures : mapping of str to Structure
        In declaration order: files by name, then as written.
    attributes : mapping of str to Attribute
        The declared attributes.
    sequences : mapping of str to Sequence
        The ordered families.
    hierarchy : Hierarchy
        The graph of the structures' names.
    warnings : tuple of Diagnostic
        What was found but does not stop the work.
    project : Project or None
        The user's own folder that is part of it: schemes, anchors and rule packs are looked for
        there too.
    """

    structures: Mapping[str, Structure]
    attributes: Mapping[str, Attribute]
    sequences: Mapping[str, Sequence]
    hierarchy: Hierarchy = field(repr=False)
    warnings: tuple[Diagnostic, ...] = field(default=(), repr=False)
    project: Project | None = field(default=None, repr=False)

    def parents(self, name: str, edges: Iterable[Edge] = EDGES) -> tuple[str, ...]:
        """Give the direct parents, as written, without repetition."""
        return self.hierarchy.parents(self._known(name), edges)

    def children(self, name: str, edges: Iterable[Edge] = EDGES) -> tuple[str, ...]:
        """Give the direct children in declaration order."""
        return self.in_order(self.hierarchy.children(self._known(name), edges))

    def ancestors(self, name: str, edges: Iterable[Edge] = EDGES) -> tuple[str, ...]:
        """Give all ancestors, the nearest first; as written within one distance."""
        return self.hierarchy.ancestors(self._known(name), edges)

    def descendants(self, name: str, edges: Iterable[Edge] = EDGES) -> tuple[str, ...]:
        """Give everything strictly below in declaration order."""
        return self.in_order(self.hierarchy.descendants(self._known(name), edges))

    def parts(self, name: str) -> tuple[str, ...]:
        """Give everything that is a part, in declaration order.

        A part lies below along edges of which at least one is `part_of`: kinds of a part,
        and parts of a kind, are parts.
        """
        return self.in_order(self.hierarchy.parts(self._known(name)))

    def get(self, name: str, attribute: str, default: object = None) -> Any:  # noqa: ANN401
        """Give the effective value of an attribute, or the default where there is none.

        Raises
        ------
        KeyError
            Where the structure or the attribute is not declared.
        """
        if attribute not in self.attributes:
            raise KeyError(attribute)
        value = self._structure(name).attributes.get(attribute)
        return default if value is None else value

    def having(self, attribute: str, value: Hashable) -> frozenset[str]:
        """Give the structures whose attribute has a value, or holds it among several.

        Raises
        ------
        KeyError
            Where the attribute is not declared.
        """
        key = attribute, value
        if key not in self._having:
            several = self.attributes[attribute].kind in ("choices", "list")
            held = ((name, self.get(name, attribute)) for name in self.structures)
            self._having[key] = frozenset(
                name
                for name, found in held
                if (value in (found or ()) if several else found == value)
            )
        return self._having[key]

    def mirror(self, name: str) -> str | None:
        """Give the partner on the other side, or None."""
        structure = self._structure(name)
        for attribute in self.attributes.values():
            if attribute.flips is not None:
                partner = structure.attributes.get(attribute.name)
                return partner if isinstance(partner, str) else None
        return None

    def is_on_one_side(self, name: str) -> bool:
        """Tell whether a structure lies on a side that has an opposite."""
        return any(
            self.attributes[attribute.flips].opposite(self.get(name, attribute.flips)) is not None
            for attribute in self.attributes.values()
            if attribute.flips is not None
        )

    def rank_of(self, attribute: str, value: object) -> int:
        """Give the rank of a value of an ordered attribute; equal ranks are possible.

        Raises
        ------
        KeyError
            Where the attribute is not ordered or has no such value.
        """
        declared = self.attributes[attribute]
        if not declared.ordered:
            raise KeyError(f"{attribute} is not ordered")
        return declared.ranks[str(value)]

    def in_order(self, names: Iterable[str]) -> tuple[str, ...]:
        """Sort names by declaration."""
        return tuple(sorted(names, key=self._position.__getitem__))

    def resolve(self, word: str) -> tuple[str, ...]:
        """Give the structures that a free word names, in declaration order.

        An exact name wins; otherwise names, titles and aliases are compared without regard
        to case, order, separators, plurals and the spelling of side words.
        """
        return (word,) if word in self.structures else self._words.find(word)

    @cached_property
    def concrete(self) -> frozenset[str]:
        """The structures that may have voxels."""
        return frozenset(name for name, known in self.structures.items() if not known.abstract)

    @cached_property
    def _having(self) -> dict[tuple[str, Hashable], frozenset[str]]:
        """What :meth:`having` found: rules ask for the same values many times."""
        return {}

    @cached_property
    def _position(self) -> dict[str, int]:
        return {name: position for position, name in enumerate(self.structures)}

    @cached_property
    def _words(self) -> WordIndex:
        called = ((s.name, (s.name, s.title, *s.aliases)) for s in self.structures.values())
        return index_words(called, self.attributes.values())

    def _structure(self, name: str) -> Structure:
        return self.structures[self._known(name)]

    def _known(self, name: str) -> str:
        if name not in self.structures:
            advice = suggest(name, self.structures)
            raise KeyError(f"no structure `{name}`" + (f"; {advice}" if advice else ""))
        return name
