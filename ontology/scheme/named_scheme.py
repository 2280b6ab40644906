"""A scheme together with what its class names say; every check looks at this."""

from __future__ import annotations

from dataclasses import dataclass

from vesalius.ontology.attribute import EDGES, Edge
from vesalius.ontology.graph import Ontology
from vesalius.ontology.names.matching import NameIndex, index_names
from vesalius.ontology.reading.diagnostics import Note, Span
from vesalius.ontology.scheme.meaning import BySide, To, structures_of
from vesalius.ontology.scheme.scheme import Scheme, SchemeEntry


@dataclass(frozen=True)
class NamedEntry:
    """One integer of a scheme with what its class name says.

    Parameters
    ----------
    entry : SchemeEntry
        The integer.
    explicit : bool
        The name is written under ``names``; else it is the structure's own.
    meant : tuple of str
        Concrete structures of which the class name is a name, title or alias.
    targets : tuple of str
        Known structures the class can become.
    """

    entry: SchemeEntry
    explicit: bool
    meant: tuple[str, ...]
    targets: tuple[str, ...]

    @property
    def integer(self) -> int:
        """The value in the file."""
        return self.entry.integer


@dataclass(frozen=True, eq=False)
class NamedScheme:
    """A scheme, the ontology and the reading of the names."""

    scheme: Scheme
    ontology: Ontology
    index: NameIndex
    named: tuple[NamedEntry, ...]

    def ancestors(self, name: str, edges: tuple[Edge, ...] = EDGES) -> tuple[str, ...]:
        """Give everything above a structure; nothing for an unknown one."""
        return self.ontology.ancestors(name, edges) if name in self.ontology.structures else ()

    def agrees(self, named: NamedEntry, other: NamedEntry | None = None) -> bool:
        """Tell whether a class name can mean what an entry maps to.

        A coarser target agrees: a finer class may be read as its parent on purpose. So does a
        kind of what the name says where a condition chooses between kinds.

        Parameters
        ----------
        named : NamedEntry
            Gives the name.
        other : NamedEntry or None
            Gives the targets; None for the same entry.
        """
        targets = (other or named).targets
        conditional = len(targets) > 1
        for meant in named.meant:
            for target in targets:
                if target == meant or target in self.ancestors(meant):
                    return True
                if conditional and meant in self.ancestors(target, ("is_a",)):
                    return True
        return False

    def contradicts(self, named: NamedEntry) -> bool:
        """Tell whether the class name is exactly that of another structure."""
        return bool(named.meant and named.targets) and not self.agrees(named)

    def other_side(self, named: NamedEntry) -> str | None:
        """Give a target that lies on the other side than the class name says, or None."""
        said = self.index.read(named.entry.name).side
        if said is None or isinstance(named.entry.target, BySide):
            return None
        for target in named.targets:
            side = self.index.side_of[target]
            if side is not None and side != said:
                return target
        return None

    @property
    def written_names(self) -> dict[int, str]:
        """The class names under ``names``, those of unmapped integers too."""
        pairs = _mapping(self.scheme.document.data, "names").items()
        return {k: v for k, v in pairs if isinstance(k, int) and isinstance(v, str)}

    @property
    def unread(self) -> bool:
        """Whether lines under ``labels`` could not be read."""
        labels = _mapping(self.scheme.document.data, "labels")
        return len(labels) > len(self.scheme.entries)

    @property
    def named_structures(self) -> tuple[NamedEntry, ...]:
        """The classes that go to one structure, known or not."""
        return tuple(n for n in self.named if isinstance(n.entry.target, To))

    @property
    def named_only(self) -> frozenset[str]:
        """Structures that the names of unmapped integers mean."""
        mapped = self.scheme.by_integer()
        names = (name for i, name in self.written_names.items() if i not in mapped)
        return frozenset(structure for name in names for structure in self.index.meant(name))

    def name_span(self, integer: int) -> Span:
        """Give the place where the class name is written, else of the entry."""
        document = self.scheme.document
        if integer in _mapping(document.data, "names"):
            return document.span(("names", integer))
        return document.span(("labels", integer), key=True)

    def note(self, named: NamedEntry) -> Note:
        """Point at the class name as a second place."""
        return Note(f"{named.integer} is named `{named.entry.name}`", self.name_span(named.integer))


def read_names(scheme: Scheme, ontology: Ontology) -> NamedScheme:
    """Read the names of a scheme; unknown structures are left out of the targets."""
    index = index_names(ontology)
    written = _mapping(scheme.document.data, "names")
    named = tuple(
        NamedEntry(
            entry=entry,
            explicit=entry.integer in written,
            meant=index.concrete(index.meant(entry.name)),
            targets=tuple(s for s in structures_of(entry.target) if s in ontology.structures),
        )
        for entry in scheme.entries
    )
    return NamedScheme(scheme, ontology, index, named)


def _mapping(data: object, key: str) -> dict[object, object]:
    value = data.get(key) if isinstance(data, dict) else None
    return value if isinstance(value, dict) else {}
