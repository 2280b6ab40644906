"""What the names in a rule mean: structures, sequences and places; collects what is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from vesalius.ontology.graph import Ontology
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError, suggest
from vesalius.ontology.reading.document import Document, YamlPath
from vesalius.ontology.reading.listing import listing
from vesalius.ontology.selector import parse_selector, select
from vesalius.rules.each import NEIGHBOURS, WHOLE, Turn
from vesalius.rules.parts import Members
from vesalius.rules.places.directions import Vector
from vesalius.rules.places.regions import Places, RelationError, Term
from vesalius.rules.places.relation_models import RegionName, Relations
from vesalius.rules.places.specs import AnchorSpec, LevelSpec, PlaneSpec
from vesalius.rules.turn_words import TurnWords, is_beside


@dataclass(frozen=True)
class Family:
    """An ordered list of structures.

    Parameters
    ----------
    members : tuple of str
        First to last, variants in their place.
    variants : tuple of str
        Members that few patients have.
    direction : tuple of float, shape (3,), or None
        Along which they follow each other; None for a list written out.
    """

    members: tuple[str, ...]
    variants: tuple[str, ...]
    direction: Vector | None

    def usual(self) -> tuple[str, ...]:
        """Give the members without variants."""
        return tuple(name for name in self.members if name not in self.variants)


@dataclass(frozen=True, eq=False)
class Scope:
    """Looks names up, each place of the file once, and collects what is wrong.

    Parameters
    ----------
    ontology : Ontology
        Structures and sequences.
    anchors : Mapping of str to AnchorSpec
        Named places.
    document : Document
        The file that the names stand in.
    problems : list of Diagnostic
        Grows; one per place of the file.
    turn : Turn
        The side or member that the rule is judged for.
    """

    ontology: Ontology
    anchors: Mapping[str, AnchorSpec]
    document: Document
    problems: list[Diagnostic] = field(default_factory=list)
    turn: Turn = WHOLE
    _selected: dict[YamlPath, tuple[str, ...]] = field(default_factory=dict)
    _others: dict[Document, Scope] = field(default_factory=dict)

    def of(self, document: Document) -> Scope:
        """Give the scope of another file; what is wrong there is collected here."""
        if document is self.document:
            return self
        if document not in self._others:
            other = Scope(self.ontology, self.anchors, document, self.problems)
            self._others[document] = other
        return self._others[document]

    def at_turn(self, turn: Turn) -> Scope:
        """Give the scope of one turn of a rule; it reports to the same problems."""
        return self if turn == self.turn else replace(self, turn=turn, _selected={}, _others={})

    def report(
        self, code: str, message: str, at: YamlPath, advice: str | None = None, key: bool = False
    ) -> None:
        """Note an error, once."""
        span = self.document.span(at, key=key)
        problem = Diagnostic(code, "error", message, span=span, help=advice)
        if problem not in self.problems:
            self.problems.append(problem)

    def select(self, selector: object, at: YamlPath) -> tuple[str, ...]:
        """Give the structures of a selector, in ontology order; none where it is wrong."""
        if at not in self._selected:
            self._selected[at] = self._select(selector, at)
        return self._selected[at]

    def _select(self, selector: object, at: YamlPath) -> tuple[str, ...]:
        meant = TurnWords(self.ontology, self.turn, self.report).selector(selector, at)
        if meant is None:
            return ()
        try:
            found = select(parse_selector(meant, self.ontology, self.document, at), self.ontology)
        except DiagnosticError as error:
            self.problems.extend(p for p in error.diagnostics if p not in self.problems)
            return ()
        if not found:
            advice = "`vesalius ls structures --select ...` shows what a selector picks"
            self.report("RUL010", "this selects no structure", at, advice)
        admitted = tuple(name for name in found if self.turn.admits(name, self.ontology))
        if found and not admitted:
            message = f"this selects no structure of the {self.turn.side} side"
            advice = "name what stands for both sides, or leave the side out"
            self.report("RUL010", message, at, advice)
        return admitted

    def named(self, selector: object) -> tuple[str, ...]:
        """Give the structures of a selector that is a name or a list of names."""
        entries = selector if isinstance(selector, list) else [selector]
        words = (entry for entry in entries if isinstance(entry, str))
        return tuple(self.turn.of_side(word, self.ontology) for word in words)

    def structure(self, name: str, at: YamlPath, words: Sequence[str] = ()) -> str | None:
        """Give a structure that may have voxels; None where it is wrong.

        Parameters
        ----------
        name : str
            As written.
        at : tuple of str or int
            Where.
        words : sequence of str
            What else may stand here; only for the suggestion.
        """
        name = self.turn.of_side(name, self.ontology)
        found = self.ontology.structures.get(name)
        if found is None:
            meant = self.ontology.resolve(name)
            advice = suggest(name, [*words, *self.ontology.structures])
            advice = f"did you mean `{meant[0]}`?" if meant else advice
            self.report("SEL003", f"unknown structure `{name}`", at, advice)
            return None
        if found.abstract:
            below = [n for n in self.ontology.descendants(name) if self._concrete(n)]
            message = f"`{name}` groups structures and cannot have voxels itself"
            self.report("RUL016", message, at, f"below it: {listing(below)}" if below else None)
            return None
        if not self.turn.admits(name, self.ontology):
            message = f"`{name}` is not of the {self.turn.side} side"
            advice = "under `each: side` name what stands for both sides"
            self.report("RUL010", message, at, advice)
            return None
        return name

    def _concrete(self, name: str) -> bool:
        return not self.ontology.structures[name].abstract

    def family(self, written: Members, at: YamlPath) -> Family | None:
        """Give a sequence by name, or the structures of a list; None where it is wrong."""
        return self._listed(written, at) if isinstance(written, list) else self._named(written, at)

    def _listed(self, written: Sequence[object], at: YamlPath) -> Family | None:
        names = [self._in_list(entry, (*at, i)) for i, entry in enumerate(written)]
        good = tuple(name for found in names if found is not None for name in found)
        if None in names or (() in names and len(good) < 2):
            return None
        if len(set(good)) < max(len(good), 2):
            message = "a list in order needs two or more different structures"
            self.report("RUL005", message, at)
            return None
        # A variant of a sequence is one in a list as well: few patients have it.
        declared = self.ontology.sequences.values()
        variants = {name for sequence in declared for name in sequence.variants}
        return Family(good, tuple(name for name in good if name in variants), None)

    def _named(self, written: str, at: YamlPath) -> Family | None:
        found = self.turn.sequences(written, self.ontology)
        if len(found) > 1:
            message = f"`{written}` is a sequence on each side"
            advice = f"add `each: side`, or write {' or '.join(s.name for s in found)}"
            self.report("RUL005", message, at, advice)
            return None
        if not found:
            known = list(self.ontology.sequences)
            advice = suggest(written, known) or f"sequences: {listing(known)}; or write a list"
            self.report("RUL005", f"unknown sequence `{written}`", at, advice)
            return None
        sequence = found[0]
        if self.turn.side is not None and sequence.side not in (None, self.turn.side):
            message = f"`{written}` is not of the {self.turn.side} side"
            advice = f"name the sequences of both sides: `{sequence.both_sides}`"
            self.report("RUL010", message, at, advice if sequence.both_sides else None)
            return None
        return Family(sequence.full(), sequence.variants, sequence.direction)

    def _in_list(self, entry: object, at: YamlPath) -> tuple[str, ...] | None:
        """Give what an entry of a list in order means; empty beyond the end of a sequence."""
        if isinstance(entry, str) and entry in self.ontology.sequences:
            family = self._named(entry, at)
            return None if family is None else family.members
        if isinstance(entry, str) and entry not in NEIGHBOURS:
            name = self.structure(entry, at)
            return None if name is None else (name,)
        before = len(self.problems)
        found = self.select(entry, at)
        if len(self.problems) > before:
            return None
        if len(found) < 2 or is_beside(entry, self.ontology):
            return found
        message = f"this selects {len(found)} structures, and one is in order with the others"
        self.report("RUL005", message, at)
        return None

    def region(self, written: Relations | RegionName, at: YamlPath) -> tuple[Term, ...] | None:
        """Give the terms of a region; None where it is wrong."""

        def meant(name: str) -> str:
            return self.turn.of_side(name, self.ontology)

        side = self.turn.side
        places = Places(self.ontology, self.anchors, self.document, meant, side)
        try:
            return places.region(written, at)
        except RelationError as error:
            self._take(error)
            return None

    def plane(self, name: str, at: YamlPath) -> PlaneSpec | LevelSpec | None:
        """Give a plane or a level by name; None where it is wrong."""
        try:
            return Places(self.ontology, self.anchors, self.document).plane(name, at)
        except RelationError as error:
            self._take(error)
            return None

    def _take(self, error: RelationError) -> None:
        if error.problem not in self.problems:
            self.problems.append(error.problem)
