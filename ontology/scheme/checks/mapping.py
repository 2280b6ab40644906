"""Checks of a scheme's integers, structures and conditions.

Each check is one function from a scheme with its names to diagnostics; :data:`CHECKS` lists
them. Checks of the class names are in :mod:`vesalius.ontology.scheme.checks.names`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from vesalius.ontology.names.matching import SEX, SIDE, match_name
from vesalius.ontology.reading.diagnostics import Diagnostic, Note, suggest
from vesalius.ontology.reading.side_files import YAML_ENDINGS
from vesalius.ontology.scheme.meaning import (
    ByPlace,
    BySex,
    BySide,
    Drop,
    Ignore,
    Meaning,
    To,
    branches,
    structures_of,
)
from vesalius.ontology.scheme.named_scheme import NamedScheme
from vesalius.ontology.scheme.scheme import SchemeEntry
from vesalius.ontology.scheme.wording import doubt, integers_text, listed, problem

Check = Callable[[NamedScheme], list[Diagnostic]]

REGION = "region"
_WORDS = {"drop": Drop(), "ignore": Ignore()}
# What people write for a class that goes nowhere.
_NOTHING = frozenset({"none", "nothing", "background", "unused", "skip", "remove", "delete"})


def unknown_structures(subject: NamedScheme) -> list[Diagnostic]:
    """SCH002: a word that is no structure."""
    document = subject.scheme.document
    known = subject.ontology.structures
    found = []
    for word, path in _written_structures(subject):
        if path[:2] == ("labels", subject.scheme.background):
            continue  # the whole line is wrong (SCH005)
        if word not in known:
            help_ = _nearest(word, subject)
            found.append(
                problem("SCH002", f"unknown structure `{word}`", document.span(path), help_)
            )
    return found


def abstract_structures(subject: NamedScheme) -> list[Diagnostic]:
    """SCH003: a class mapped to a structure that only groups others."""
    document = subject.scheme.document
    ontology = subject.ontology
    found = []
    for entry in subject.scheme.entries:
        for below, target in branches(entry.target):
            if not isinstance(target, To) or target.structure not in ontology.structures:
                continue
            if ontology.structures[target.structure].abstract:
                inside = subject.index.concrete(ontology.descendants(target.structure))
                help_ = f"below it are {listed(inside)}" if inside else None
                message = f"`{target.structure}` only groups structures and is never in a volume"
                span = document.span(("labels", entry.integer, *below))
                found.append(problem("SCH003", message, span, help_))
    return found


def background_mapped(subject: NamedScheme) -> list[Diagnostic]:
    """SCH005: the integer of nothing has an entry."""
    scheme = subject.scheme
    entry = scheme.by_integer().get(scheme.background)
    if entry is None:
        return []
    span = scheme.document.span(("labels", entry.integer), key=True)
    help_ = "remove this line; if another integer is the background, add `background: INTEGER`"
    return [problem("SCH005", f"{entry.integer} is the background and has no class", span, help_)]


def names_without_mapping(subject: NamedScheme, explained: frozenset[int]) -> list[Diagnostic]:
    """SCH006: a class that has a name but no place to go.

    Parameters
    ----------
    subject : NamedScheme
        The scheme.
    explained : frozenset of int
        Integers that another message is about.
    """
    scheme = subject.scheme
    if not scheme.closed:
        return []
    mapped = scheme.by_integer()
    found = []
    for integer, name in subject.written_names.items():
        if integer in mapped or integer == scheme.background or integer in explained:
            continue
        match = match_name(name, subject.index)
        if match.structure is None:
            help_ = f"add `{integer}: STRUCTURE` under `labels`, or `{integer}: drop`"
        else:
            help_ = f"add `{integer}: {match.structure}` under `labels`, or `{integer}: drop`"
        message = f"{integer} is named `{name}` but goes nowhere"
        found.append(problem("SCH006", message, subject.name_span(integer), help_))
    return found


def shared_structures(subject: NamedScheme, explained: frozenset[int]) -> list[Diagnostic]:
    """SCH011: several integers become one structure and the scheme does not say so.

    Parameters
    ----------
    subject : NamedScheme
        The scheme.
    explained : frozenset of int
        Integers that go to a wrong structure by another message.
    """
    scheme = subject.scheme
    found = []
    for structure, every in _entries_of(subject).items():
        entries = [entry for entry in every if entry.integer not in explained]
        known = structure in subject.ontology.structures
        if len(entries) < 2 or structure in scheme.join or not known:
            continue
        first, *others = entries
        notes = tuple(Note(f"{e.integer} also goes there", e.span) for e in others)
        integers = integers_text(e.integer for e in entries)
        message = f"{integers} all go to `{structure}`"
        if len(entries) == 2:
            message = f"{integers} both go to `{structure}`"
        help_ = f"if that is meant, add `join: [{structure}]`"
        apart = _named_apart(entries, subject)
        if apart:
            help_ = f"by their names, write {apart}; {help_}"
        found.append(problem("SCH011", message, first.span, help_, notes[:5]))
    return found


def _named_apart(entries: list[SchemeEntry], subject: NamedScheme) -> str | None:
    """Give the lines that the class names ask for, where these mean different structures."""
    meant = {named.integer: named.meant for named in subject.named if named.explicit}
    lines = {e.integer: meant[e.integer][0] for e in entries if meant.get(e.integer)}
    if len(set(lines.values())) < len(entries):
        return None
    return listed(f"`{integer}: {structure}`" for integer, structure in lines.items())


def needless_joins(subject: NamedScheme) -> list[Diagnostic]:
    """SCH012: a structure under `join` that fewer than two integers share."""
    scheme = subject.scheme
    entries = _entries_of(subject)
    found = []
    for place, structure in enumerate(scheme.join):
        count = len(entries.get(structure, ()))
        if count < 2 and structure in subject.ontology.structures:
            message = f"`{structure}` is under `join`, but {count or 'no'} integer goes to it"
            span = scheme.document.span(("join", place))
            found.append(doubt("SCH012", message, span, "remove it from `join`"))
    return found


def conditions_without_unknown(subject: NamedScheme) -> list[Diagnostic]:
    """SCH020: a condition that does not say what holds where the answer is not known."""
    document = subject.scheme.document
    asked = {BySex: "the case does not say the sex", BySide: "the midline is not known"}
    found = []
    for entry in subject.scheme.entries:
        for path, target in conditions(entry):
            written = _at(document.data, path)
            if not isinstance(written, dict) or written.get("unknown") is not None:
                continue
            why = asked.get(type(target), "a structure to compare with is absent")
            message = f"`unknown` is missing: what is {entry.integer} where {why}?"
            span = document.span(path)
            found.append(problem("SCH020", message, span, "add `unknown: drop` or a structure"))
    return found


def branches_against_structure(subject: NamedScheme) -> list[Diagnostic]:
    """SCH021: a branch for one sex or side that leads to a structure of the other."""
    document = subject.scheme.document
    found = []
    for entry in subject.scheme.entries:
        for path, target in conditions(entry):
            for branch, attribute, inner in _valued_branches(target):
                for structure in structures_of(inner):
                    if structure not in subject.ontology.structures:
                        continue
                    if _against(subject, attribute, branch, structure):
                        message = f"the branch `{branch}` leads to `{structure}`, which is not"
                        span = document.span((*path, branch))
                        mirror = subject.ontology.mirror(structure)
                        help_ = f"did you mean `{mirror}`?" if mirror else None
                        found.append(problem("SCH021", f"{message} {branch}", span, help_))
    return found


def file_name(subject: NamedScheme) -> list[Diagnostic]:
    """SCH022: the file is not called like the scheme."""
    scheme = subject.scheme
    path = Path(scheme.path)
    if path.suffix not in YAML_ENDINGS or path.stem == scheme.name:
        return []
    if _at(scheme.document.data, ("scheme",)) != scheme.name:
        return []  # what is written there is no name, and was reported
    message = f"the scheme is called `{scheme.name}` but the file `{path.name}`"
    span = scheme.document.span(("scheme",))
    return [doubt("SCH022", message, span, f"rename the file to `{scheme.name}.yaml`")]


def unknown_regions(subject: NamedScheme) -> list[Diagnostic]:
    """SCH023: a word under `regions` that is no region."""
    attribute = subject.ontology.attributes.get(REGION)
    known = attribute.values if attribute else ()
    found = []
    for place, word in enumerate(subject.scheme.regions):
        if word not in known:
            span = subject.scheme.document.span(("regions", place))
            help_ = suggest(word, known) or f"regions: {', '.join(known)}"
            found.append(problem("SCH023", f"unknown region `{word}`", span, help_))
    return found


def nothing_mapped(subject: NamedScheme) -> list[Diagnostic]:
    """SCH024: a scheme in which no integer becomes a structure."""
    scheme = subject.scheme
    written = _at(scheme.document.data, ("labels",))
    unread = not isinstance(written, dict) or len(written) > len(scheme.entries)
    undecided = scheme.closed and set(subject.written_names) - set(scheme.by_integer())
    if unread or undecided or any(structures_of(e.target) for e in scheme.entries):
        return []
    span = scheme.document.span(("labels",), key=True)
    return [problem("SCH024", "no integer goes to a structure", span)]


def folder_pattern(subject: NamedScheme) -> list[Diagnostic]:
    """SCH025: a file name pattern in which the class name does not stand."""
    folder = subject.scheme.folder
    rest = folder.replace("{name}", "")
    if folder.count("{name}") == 1 and not set(rest) & set("{}"):
        return []
    span = subject.scheme.document.span(("folder",))
    message = f"`folder: {folder}` must hold `{{name}}` once and no other braces"
    return [problem("SCH025", message, span, "for example `folder: '{name}.nii.gz'`")]


def names_written_twice(subject: NamedScheme) -> list[Diagnostic]:
    """SCH026: two integers with one class name."""
    first: dict[str, int] = {}
    found = []
    for integer, name in subject.written_names.items():
        if name not in first:
            first[name] = integer
            continue
        other = Note(f"{first[name]} has this name", subject.name_span(first[name]))
        message = f"{first[name]} and {integer} are both named `{name}`"
        found.append(
            problem(
                "SCH026",
                message,
                subject.name_span(integer),
                "give each class its own name",
                (other,),
            )
        )
    return found


def conditions(entry: SchemeEntry) -> list[tuple[tuple[str | int, ...], Meaning]]:
    """Give every conditional target of an entry with its path in the document."""
    found: list[tuple[tuple[str | int, ...], Meaning]] = []

    def walk(target: Meaning, path: tuple[str | int, ...]) -> None:
        if isinstance(target, BySex | BySide | ByPlace):
            found.append((path, target))
        if isinstance(target, ByPlace):
            for place, case in enumerate(target.cases):
                walk(case.then, (*path, "where", place, "is"))
            walk(target.otherwise, (*path, "otherwise"))
        for branch, _, inner in _valued_branches(target):
            walk(inner, (*path, branch))
        if isinstance(target, BySex | BySide | ByPlace):
            walk(target.unknown, (*path, "unknown"))

    walk(entry.target, ("labels", entry.integer))
    return found


CHECKS: tuple[Check, ...] = (
    unknown_structures,
    abstract_structures,
    background_mapped,
    needless_joins,
    conditions_without_unknown,
    branches_against_structure,
    file_name,
    unknown_regions,
    nothing_mapped,
    folder_pattern,
    names_written_twice,
)


def _written_structures(subject: NamedScheme) -> list[tuple[str, tuple[str | int, ...]]]:
    """Give every word that must be a structure with its path."""
    found: list[tuple[str, tuple[str | int, ...]]] = []
    for entry in subject.scheme.entries:
        start = ("labels", entry.integer)
        for below, target in branches(entry.target):
            if isinstance(target, To):
                found.append((target.structure, (*start, *below)))
        for path, target in conditions(entry):
            if isinstance(target, ByPlace):
                for place, case in enumerate(target.cases):
                    found.append((case.structure, (*path, "where", place, case.relation)))
    found += [(word, ("join", place)) for place, word in enumerate(subject.scheme.join)]
    return found


def _nearest(word: str, subject: NamedScheme) -> str:
    if word.lower() in _NOTHING:
        return "write `drop` for a class that is left out on purpose"
    # A word of two letters resembles too much.
    close = suggest(word, [*subject.ontology.structures, *_WORDS]) if len(word) > 2 else None
    match = match_name(word, subject.index)
    if match.structure is not None and (match.how != "guess" or close is None):
        return f"did you mean `{match.structure}`?"
    return close or "`vesalius ls structures` lists them"


def _entries_of(subject: NamedScheme) -> dict[str, list[SchemeEntry]]:
    entries: dict[str, list[SchemeEntry]] = {}
    for entry in subject.scheme.entries:
        for structure in structures_of(entry.target):
            entries.setdefault(structure, []).append(entry)
    return entries


def _valued_branches(target: Meaning) -> list[tuple[str, str, Meaning]]:
    """Give (branch, attribute, target) of the branches that are a value of an attribute."""
    if isinstance(target, BySex):
        return [("male", SEX, target.male), ("female", SEX, target.female)]
    if isinstance(target, BySide):
        return [("left", SIDE, target.left), ("right", SIDE, target.right)]
    return []


def _against(subject: NamedScheme, attribute: str, branch: str, structure: str) -> bool:
    if attribute == SIDE:
        side = subject.index.side_of[structure]
        return side is not None and side != branch
    declared = subject.ontology.attributes.get(attribute)
    value = subject.ontology.get(structure, attribute)
    return declared is not None and value not in (None, declared.default, branch)


def _at(data: object, path: tuple[str | int, ...]) -> object:
    for step in path:
        if isinstance(data, dict):
            data = data.get(step)
        elif isinstance(data, list) and isinstance(step, int):
            data = data[step]
        else:
            return None
    return data
