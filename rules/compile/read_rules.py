"""First pass over a rule pack: shape, ids and phases. No name is looked up yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError, Note, Span, suggest
from vesalius.ontology.reading.document import Document, load_document
from vesalius.ontology.reading.listing import listing
from vesalius.ontology.reading.validation import validate
from vesalius.rules.compile.pack_files import PackFiles, read_files
from vesalius.rules.compile.read_tests import (
    WrittenTest,
    named_twice,
    of_no_rule,
    tests_beside,
    tests_inside,
)
from vesalius.rules.compile.use_rules import ReadPack, Used, follow
from vesalius.rules.entry import Entry
from vesalius.rules.language import PackForm, RuleForm, UseForm


@dataclass(frozen=True)
class WrittenRule:
    """A rule whose shape is right.

    Parameters
    ----------
    form : RuleForm
        What it says in this pack.
    phase : str
        Of this pack.
    place : Entry
        Where the rule itself is written.
    listed : Entry
        Where this pack lists it: the same, or a `use`.
    tests : tuple of WrittenTest
        Those in the rule and those beside it.
    """

    form: RuleForm
    phase: str
    place: Entry
    listed: Entry
    tests: tuple[WrittenTest, ...]

    @property
    def documents(self) -> tuple[Document, Document]:
        """The files that say what the rule is."""
        return self.listed.document, self.place.document


@dataclass(frozen=True)
class WrittenPack:
    """A pack as written; rules with a wrong shape are left out.

    Parameters
    ----------
    head : PackForm
        What the pack says of itself.
    rules : tuple of WrittenRule
        By topic, as written.
    complete : bool
        Whether these are all rules of the pack.
    documents : tuple of Document
        Every file of the pack, its head first.
    """

    head: PackForm
    rules: tuple[WrittenRule, ...]
    complete: bool
    documents: tuple[Document, ...]


FindPack = Callable[[str], Path]
"""Gives the first file of a pack by its name; raises a DiagnosticError for one nobody knows."""


def read_pack(
    document: Document, find: FindPack, tests: bool = True
) -> tuple[WrittenPack | None, list[Diagnostic]]:
    """Read a rule pack.

    Parameters
    ----------
    document : Document
        The file, or the head of a pack of several.
    find : callable
        Finds packs that rules are taken from.
    tests : bool
        Whether to read the files of tests too.

    Returns
    -------
    WrittenPack or None
        None where the head is wrong.
    list of Diagnostic
        YML0xx, RUL002 (an id written twice), RUL003 (no such phase), RUL023 (topics), RUL024
        (`use`), RUL031 (two tests of one name), RUL032 (tests of no rule).
    """
    files, problems = read_files(document, tests)
    if files is None:
        return None, problems
    problems += _phases_twice(files.head, document)
    entries = files.entries()
    if files.whole and all(entry.id is not None for entry in entries):
        problems += of_no_rule(files.tests, {entry.id or "" for entry in entries})
    others: dict[str, PackFiles | None] = {}

    def read(name: str) -> PackFiles | None:
        if name not in others:
            others[name] = read_files(load_document(find(name)), tests)[0]
        return others[name]

    rules: list[WrittenRule] = []
    for entry in entries:
        form, place, shown, found = _read_rule(entry, files, read)
        problems += found
        if form is None:
            continue
        phase, wrong = _phase(form.id, files.head.phases, entry.id_span)
        problems += wrong
        beside, wrong = tests_beside(files.tests, form.id)
        shown = (*shown, *beside)
        problems += [*wrong, *named_twice(shown)]
        if phase is not None:
            rules.append(WrittenRule(form, phase, place, entry, shown))
    kept, twice = _keep_first(rules)
    complete = files.whole and len(kept) == len(entries)
    return WrittenPack(files.head, kept, complete, files.documents), problems + twice


def _read_rule(
    entry: Entry, files: PackFiles, read: ReadPack
) -> tuple[RuleForm | None, Entry, tuple[WrittenTest, ...], list[Diagnostic]]:
    """Give a rule, where it is written, and the tests it has there; `use` follows to its pack."""
    if not entry.uses:
        form, problems = validate(RuleForm, entry.document, entry.at)
        return form, entry, () if form is None else tests_inside(form, entry), problems
    try:
        used = follow(entry, files, read)
    except DiagnosticError as error:
        return None, entry, (), list(error.diagnostics)
    place = used.rules[-1][1]
    form, problems = validate(RuleForm, place.document, place.at)
    if form is None:
        return None, entry, (), problems
    tests = (*tests_inside(form, place), *_tests_on_the_way(used))
    for use, (rule_id, _) in reversed([*zip(used.uses, used.rules, strict=True)]):
        form = form.model_copy(update={"id": rule_id, **_overrides(use)})
    return form, place, tests, []


def _overrides(use: UseForm) -> dict[str, object]:
    """Give the keys of a rule that a `use` writes anew."""
    written = {key: getattr(use, key) for key in ("id", "why", "source", "severity")}
    return {**{key: new for key, new in written.items() if new is not None}, "after": use.after}


def _tests_on_the_way(used: Used) -> tuple[WrittenTest, ...]:
    """Give the tests that lie beside a rule in the packs it is taken from.

    What is wrong with them is reported by these packs.
    """
    return tuple(
        test
        for (rule_id, _), files in reversed([*zip(used.rules, used.files, strict=True)])
        for test in tests_beside(files.tests, rule_id)[0]
    )


def _phases_twice(head: PackForm, document: Document) -> list[Diagnostic]:
    return [
        Diagnostic(
            "RUL003",
            "error",
            f"the phase `{phase}` is written twice",
            span=document.span(("phases", position)),
        )
        for position, phase in enumerate(head.phases)
        if phase in head.phases[:position]
    ]


def _phase(rule_id: str, phases: Iterable[str], span: Span) -> tuple[str | None, list[Diagnostic]]:
    phase, slash, name = rule_id.partition("/")
    known = list(phases)
    if slash and name and phase in known:
        return phase, []
    if not slash or not name:
        message = f"the id `{rule_id}` does not say its phase"
        advice = f"write phase/name, such as `{known[0]}/{rule_id.strip('/')}`"
    else:
        message = f"there is no phase `{phase}`"
        advice = suggest(phase, known) or f"phases: {listing(known)}"
    return None, [Diagnostic("RUL003", "error", message, span=span, help=advice)]


def _keep_first(rules: Iterable[WrittenRule]) -> tuple[tuple[WrittenRule, ...], list[Diagnostic]]:
    kept: dict[str, WrittenRule] = {}
    problems = []
    for rule in rules:
        first = kept.setdefault(rule.form.id, rule)
        if first is not rule:
            problems.append(same_id(rule.form.id, rule.listed.id_span, first.listed.id_span))
    return tuple(kept.values()), problems


def same_id(rule_id: str, span: Span, first: Span) -> Diagnostic:
    """Report the second of two rules of one id (RUL002)."""
    return Diagnostic(
        "RUL002",
        "error",
        f"two rules have the id `{rule_id}`",
        span=span,
        help="give one of them another id",
        notes=(Note("first written here", first),),
    )
