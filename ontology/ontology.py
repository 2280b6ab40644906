"""The linked ontology: structures, their graph, and the questions one may ask of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vesalius.ontology.attributes import EDGES, Attribute, Edge, parse_attributes
from vesalius.ontology.diagnostics import (
    Diagnostic,
    DiagnosticError,
    display_path,
    has_errors,
    suggest,
)
from vesalius.ontology.document import Document, load_document
from vesalius.ontology.inheritance import effective_codes, effective_values
from vesalius.ontology.sequences import Sequence, parse_sequences
from vesalius.ontology.structure_checks import (
    CHECKS,
    Linked,
    check_cycles,
    check_one_root,
    check_parents,
    keep_first,
)
from vesalius.ontology.structures import Structure, WrittenStructure, parse_structures
from vesalius.ontology.word_index import WordIndex, build_index

if TYPE_CHECKING:
    import networkx as nx

    from vesalius.ontology.selectors import Selector


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
    warnings : tuple of Diagnostic
        What was found but does not stop the work.
    """

    structures: Mapping[str, Structure]
    attributes: Mapping[str, Attribute]
    sequences: Mapping[str, Sequence]
    warnings: tuple[Diagnostic, ...] = field(default=(), repr=False)

    @cached_property
    def graph(self) -> nx.MultiDiGraph[str]:
        """The graph of structures: an edge from child to parent, its key the kind of edge."""
        import networkx as nx  # noqa: PLC0415 - a tenth of a second that most commands save

        graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
        graph.add_nodes_from(self.structures)
        for name in self.structures:
            for edge in EDGES:
                for parent in self.parents(name, (edge,)):
                    graph.add_edge(name, parent, key=edge)
        return graph

    def parents(self, name: str, edges: Iterable[Edge] = EDGES) -> tuple[str, ...]:
        """Give the direct parents, as written, without repetition."""
        structure = self._structure(name)
        return tuple(
            dict.fromkeys(
                p for e in edges for p in (structure.is_a if e == "is_a" else structure.part_of)
            )
        )

    def children(self, name: str, edges: Iterable[Edge] = EDGES) -> tuple[str, ...]:
        """Give the direct children in declaration order."""
        self._structure(name)
        found = {child for edge in edges for child in self._children[edge].get(name, ())}
        return self.in_order(found)

    def ancestors(self, name: str, edges: Iterable[Edge] = EDGES) -> tuple[str, ...]:
        """Give all ancestors, the nearest first; as written within one distance."""
        along = tuple(edges)
        found: dict[str, None] = {}
        current = [name]
        while current:
            above = dict.fromkeys(p for child in current for p in self.parents(child, along))
            current = [parent for parent in above if parent not in found]
            found.update(dict.fromkeys(current))
        return tuple(found)

    def descendants(self, name: str, edges: Iterable[Edge] = EDGES) -> tuple[str, ...]:
        """Give everything strictly below in declaration order."""
        self._structure(name)
        along = tuple(edges)
        found: set[str] = set()
        pending = [name]
        while pending:
            above = pending.pop()
            for edge in along:
                for child in self._children[edge].get(above, ()):
                    if child not in found:
                        found.add(child)
                        pending.append(child)
        return self.in_order(found)

    def parts(self, name: str) -> tuple[str, ...]:
        """Give everything that is a part, in declaration order.

        A part lies below along edges of which at least one is `part_of`: kinds of a part,
        and parts of a kind, are parts.
        """
        found: set[str] = set()
        for whole in (name, *self.descendants(name, ("is_a",))):
            for part in self._children["part_of"].get(whole, ()):
                found.add(part)
                found.update(self.descendants(part))
        return self.in_order(found)

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

    def mirror(self, name: str) -> str | None:
        """Give the partner on the other side, or None."""
        structure = self._structure(name)
        for attribute in self.attributes.values():
            if attribute.flips is not None:
                partner = structure.attributes.get(attribute.name)
                return partner if isinstance(partner, str) else None
        return None

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

    def select(self, selector: Selector | Mapping[str, Any] | list[Any] | str) -> tuple[str, ...]:
        """Give the structures that a selector picks, in declaration order.

        Parameters
        ----------
        selector : Selector, mapping, list or str
            Parsed, or as YAML gives it; a text is read as on the command line.

        Raises
        ------
        DiagnosticError
            With every problem of the selector (SEL0xx).
        """
        from vesalius.ontology.selectors import as_selector  # noqa: PLC0415 - it asks back

        return self.in_order(as_selector(selector, self).pick(self))

    @cached_property
    def _children(self) -> dict[Edge, dict[str, list[str]]]:
        found: dict[Edge, dict[str, list[str]]] = {edge: {} for edge in EDGES}
        for name in self.structures:
            for edge in EDGES:
                for parent in self.parents(name, (edge,)):
                    found[edge].setdefault(parent, []).append(name)
        return found

    @cached_property
    def _position(self) -> dict[str, int]:
        return {name: position for position, name in enumerate(self.structures)}

    @cached_property
    def _words(self) -> WordIndex:
        called = ((s.name, (s.name, s.title, *s.aliases)) for s in self.structures.values())
        return build_index(called, self.attributes.values())

    def _structure(self, name: str) -> Structure:
        if name not in self.structures:
            advice = suggest(name, self.structures)
            raise KeyError(f"no structure `{name}`" + (f"; {advice}" if advice else ""))
        return self.structures[name]


def load_ontology(directory: str | Path | None = None) -> Ontology:
    """Load and link an ontology.

    Parameters
    ----------
    directory : str, Path or None
        The folder with attributes.yaml, sequences.yaml and structures/; the packaged one
        where None.

    Raises
    ------
    DiagnosticError
        With every problem found, warnings included, where one of them is an error.
    """
    if directory is None:
        from vesalius.ontology.library import packaged_ontology  # noqa: PLC0415 - it asks back

        return packaged_ontology()
    ontology, problems = read_ontology(Path(directory))
    if ontology is None:
        raise DiagnosticError(problems)
    return ontology


def read_ontology(directory: Path) -> tuple[Ontology | None, list[Diagnostic]]:
    """Load and link an ontology; give every problem instead of raising.

    Returns
    -------
    Ontology or None
        None where a problem is an error.
    list of Diagnostic
        Errors and warnings.
    """
    problems: list[Diagnostic] = []
    attributes: dict[str, Attribute] = {}
    document = _read(directory / "attributes.yaml", problems)
    if document is not None:
        attributes, found = parse_attributes(document)
        problems += found
    if problems:
        # Wrong declarations would be found again in every structure.
        return None, problems
    written = _read_structures(directory / "structures", attributes, problems)
    linked = _link(written, attributes, problems)
    sequences: dict[str, Sequence] = {}
    document = _read(directory / "sequences.yaml", problems)
    if document is not None:
        sequences, found = parse_sequences(document, written)
        problems += found
    if linked is None or has_errors(problems):
        return None, problems
    structures = {name: _structure(s, linked) for name, s in written.items()}
    return Ontology(structures, attributes, sequences, tuple(problems)), problems


def _read(path: Path, problems: list[Diagnostic]) -> Document | None:
    try:
        return load_document(path)
    except DiagnosticError as error:
        problems += error.diagnostics
        return None


def _read_structures(
    folder: Path, attributes: Mapping[str, Attribute], problems: list[Diagnostic]
) -> dict[str, WrittenStructure]:
    paths = sorted(folder.glob("*.yaml"))
    if not paths:
        message = "the folder holds no structures (*.yaml)"
        problems.append(Diagnostic("ONT020", "error", message, path=display_path(folder)))
    found: list[WrittenStructure] = []
    for path in paths:
        document = _read(path, problems)
        if document is not None:
            structures, wrong = parse_structures(document, attributes)
            found += structures
            problems += wrong
    written, wrong = keep_first(found)
    problems += wrong
    return written


def _link(
    written: Mapping[str, WrittenStructure],
    attributes: Mapping[str, Attribute],
    problems: list[Diagnostic],
) -> Linked | None:
    problems += check_parents(written)
    problems += check_one_root(written)
    cycles = check_cycles(written)
    problems += cycles
    inherited = {name: effective_values(name, written, attributes) for name in written}
    values = {name: found for name, (found, _) in inherited.items()}
    problems += _highest({name: wrong for name, (_, wrong) in inherited.items()}, written)
    codes = {name: effective_codes(name, written, values, attributes) for name in written}
    linked = Linked(written, attributes, values, codes)
    for check in CHECKS:
        problems += check(linked)
    return None if cycles else linked


def _highest(
    problems: Mapping[str, list[Diagnostic]], written: Mapping[str, WrittenStructure]
) -> list[Diagnostic]:
    """Leave out what a structure only repeats of one of its parents."""
    return [
        problem
        for name, found in problems.items()
        for problem in found
        if not any(
            problem.notes == other.notes
            for edge in EDGES
            for parent in written[name].parents[edge]
            for other in problems.get(parent, ())
        )
    ]


def _structure(structure: WrittenStructure, linked: Linked) -> Structure:
    return Structure(
        name=structure.name,
        title=structure.title,
        abstract=structure.abstract,
        is_a=tuple(dict.fromkeys(structure.parents["is_a"])),
        part_of=tuple(dict.fromkeys(structure.parents["part_of"])),
        aliases=structure.aliases,
        attributes=linked.values[structure.name],
        own=structure.own,
        codes=linked.codes[structure.name],
        notes=structure.notes,
        span=structure.span,
    )
