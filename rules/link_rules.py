"""Second pass: every name of a rule becomes a structure, a sequence or a place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from vesalius.ontology.diagnostics import Diagnostic, DiagnosticError, suggest
from vesalius.ontology.document import Document, YamlPath
from vesalius.ontology.ontology import Ontology
from vesalius.ontology.selectors import parse_selector
from vesalius.ontology.validation import listing, value_at
from vesalius.rules.anchors import AnchorSpec, LevelSpec, PlaneSpec
from vesalius.rules.directions import Vector
from vesalius.rules.parse_rules import WrittenRule
from vesalius.rules.place_models import RegionName, Relations
from vesalius.rules.relations import Places, RelationError, Term
from vesalius.rules.rule_models import TestForm
from vesalius.rules.rule_types import Rule, RuleTest


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
        The pack.
    problems : list of Diagnostic
        Grows; one per place of the file.
    """

    ontology: Ontology
    anchors: Mapping[str, AnchorSpec]
    document: Document
    problems: list[Diagnostic] = field(default_factory=list)
    _selected: dict[YamlPath, tuple[str, ...]] = field(default_factory=dict)

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
        try:
            found = self.ontology.select(parse_selector(selector, self.ontology, self.document, at))
        except DiagnosticError as error:
            self.problems.extend(p for p in error.diagnostics if p not in self.problems)
            return ()
        if not found:
            advice = "`vesalius ls structures --select ...` shows what a selector picks"
            self.report("RUL010", "this selects no structure", at, advice)
        return found

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
        return name

    def _concrete(self, name: str) -> bool:
        return not self.ontology.structures[name].abstract

    def family(self, written: str | list[str], at: YamlPath) -> Family | None:
        """Give a sequence by name, or the structures of a list; None where it is wrong."""
        if isinstance(written, list):
            names = [self.structure(name, (*at, i)) for i, name in enumerate(written)]
            good = tuple(name for name in names if name is not None)
            if len(good) != len(names):
                return None
            if len(set(good)) < max(len(good), 2):
                message = "a list in order needs two or more different structures"
                self.report("RUL005", message, at)
                return None
            # A variant of a sequence is one in a list as well: few patients have it.
            declared = self.ontology.sequences.values()
            variants = {name for sequence in declared for name in sequence.variants}
            return Family(good, tuple(name for name in good if name in variants), None)
        sequence = self.ontology.sequences.get(written)
        if sequence is None:
            known = list(self.ontology.sequences)
            advice = suggest(written, known) or f"sequences: {listing(known)}; or write a list"
            self.report("RUL005", f"unknown sequence `{written}`", at, advice)
            return None
        return Family(sequence.full(), sequence.variants, sequence.direction)

    def region(self, written: Relations | RegionName, at: YamlPath) -> tuple[Term, ...] | None:
        """Give the terms of a region; None where it is wrong."""
        try:
            return Places(self.ontology, self.anchors, self.document).region(written, at)
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


def link_rule(written: WrittenRule, scope: Scope) -> Rule:
    """Give a rule with its structures looked up.

    Parameters
    ----------
    written : WrittenRule
        The rule.
    scope : Scope
        Takes the problems.

    Returns
    -------
    Rule
    """
    form, at = written.form, written.at
    structures = () if form.for_ is None else scope.select(form.for_, (*at, "for"))
    return Rule(
        id=form.id,
        phase=written.phase,
        summary=form.summary.strip(),
        why=form.why.strip(),
        source=tuple(form.source),
        structures=structures,
        when=form.when,
        where=form.where,
        per=form.per or "component",
        expect=form.expect,
        repair=form.repair,
        derive=form.derive,
        severity=form.severity,
        safety=form.safety,
        exclude=form.exclude,
        on_missing=form.on_missing,
        after=tuple(form.after),
        tests=tuple(
            _link_test(test, (*at, "tests", i), scope) for i, test in enumerate(form.tests)
        ),
        span=written.span,
        at=at,
        written=form,
    )


def _link_test(test: TestForm, at: YamlPath, scope: Scope) -> RuleTest:
    written = value_at(scope.document, (*at, "key"))
    for letter, name in test.key.items():
        scope.structure(name, (*at, "key", letter if letter in written else int(letter)))
    spacing = test.spacing_mm
    return RuleTest(
        name=test.name,
        view=test.view,
        spacing_mm=None if spacing is None else (spacing[0], spacing[1], spacing[2]),
        case=dict(test.case),
        key=dict(test.key),
        hu=None if test.hu is None else dict(test.hu),
        before=test.before,
        after=test.after,
        outcome=test.outcome,
        span=scope.document.span((*at, "name")),
        at=at,
    )
