"""A scheme that carries the names of a packaged scheme but maps them differently.

Names alone do not settle everything: a dataset may count its classes in a way that the names
do not show. Where a packaged scheme has the same integers with the same names, its mapping was
looked up with care; a different one is either a mistake or must be declared.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from vesalius.ontology.packaged import packaged_root
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError, Note, suggest
from vesalius.ontology.reading.document import Document, load_document
from vesalius.ontology.reading.real_path import real_path
from vesalius.ontology.scheme.meaning import structures_of
from vesalius.ontology.scheme.named_scheme import NamedScheme
from vesalius.ontology.scheme.wording import integers_text, listed, problem

PACKAGED = packaged_root() / "schemes"
LEAST_SHARED = 3
LEAST_SHARE = 0.5


@dataclass(frozen=True, eq=False)
class Table:
    """A packaged scheme as written: class names and targets by integer."""

    name: str
    document: Document
    names: dict[int, str]
    structures: dict[int, tuple[str, ...]]
    reversed: tuple[str, ...]


@dataclass(frozen=True)
class _Twin:
    table: Table
    shared: int
    different: tuple[int, ...]


def check_twins(subject: NamedScheme, explained: frozenset[int]) -> list[Diagnostic]:
    """SCH017: the names of a packaged scheme with another mapping.

    Parameters
    ----------
    subject : NamedScheme
        The scheme; one of the package itself, or one that replaces such a one, is not checked.
    explained : frozenset of int
        Integers that another message is about.
    """
    scheme = subject.scheme
    if real_path(scheme.path).parent == PACKAGED or scheme.replaces:
        return []
    tables = packaged_tables(PACKAGED)
    known = {table.name: table for table in tables}
    if scheme.numbering_of is not None and scheme.numbering_of not in known:
        span = scheme.document.span(("numbering_of",))
        help_ = suggest(scheme.numbering_of, known) or "see `vesalius ls schemes`"
        message = f"unknown scheme `{scheme.numbering_of}`"
        return [problem("SCH001", message, span, help_)]
    followed = known.get(scheme.numbering_of or scheme.name)
    twins = [_compare(subject, t, explained) for t in ([followed] if followed else tables)]
    alike = [t for t in twins if t.shared >= max(LEAST_SHARED, LEAST_SHARE * len(subject.named))]
    differing = [t for t in alike if t.different]
    if not differing:
        return []
    twin = max(differing, key=lambda t: (t.shared, -len(t.different)))
    agreeing = [t.table for t in alike if not t.different]
    if scheme.reversed and any(scheme.reversed == table.reversed for table in agreeing):
        return []  # the scheme says openly what sets these two apart
    return [_report(subject, twin, agreeing)]


@lru_cache(maxsize=4)
def packaged_tables(folder: Path) -> tuple[Table, ...]:
    """Read the tables of every scheme in a folder; one that cannot be read is left out."""
    found = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            table = _table(load_document(path))
        except DiagnosticError:
            continue
        if table is not None:
            found.append(table)
    return tuple(found)


def _table(document: Document) -> Table | None:
    data = document.data
    labels = data.get("labels") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(labels, dict):
        return None
    names = data.get("names")
    names = names if isinstance(names, dict) else {}
    structures = {i: tuple(_words(v)) for i, v in labels.items() if isinstance(i, int)}
    return Table(
        name=str(data.get("scheme")),
        document=document,
        names={i: str(names.get(i, words[0] if words else "")) for i, words in structures.items()},
        structures=structures,
        reversed=tuple(_words(data.get("reversed"))),
    )


def _words(value: object) -> Iterable[str]:
    """Give the words a written target can become, in writing order."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key not in ("above", "below"):
                yield from _words(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _words(inner)


def _compare(subject: NamedScheme, table: Table, explained: frozenset[int]) -> _Twin:
    index = subject.index
    shared = [
        named
        for named in subject.named
        if named.integer in table.names
        and index.read(named.entry.name) == index.read(table.names[named.integer])
    ]
    different = tuple(
        named.integer
        for named in shared
        if named.integer not in explained
        and named.targets
        and table.structures[named.integer]
        and not any(
            _related(subject, mine, theirs)
            for mine in named.targets
            for theirs in table.structures[named.integer]
        )
    )
    return _Twin(table, len(shared), different)


def _related(subject: NamedScheme, one: str, two: str) -> bool:
    return one == two or one in subject.ancestors(two) or two in subject.ancestors(one)


def _report(subject: NamedScheme, twin: _Twin, agreeing: list[Table]) -> Diagnostic:
    entry = subject.scheme.by_integer()[twin.different[0]]
    table = twin.table
    theirs = listed(f"`{s}`" for s in table.structures[entry.integer])
    mine = listed(f"`{s}`" for s in structures_of(entry.target))
    count = integers_text(twin.different)
    message = (
        f"`{table.name}` has the same class names but maps {count} differently: "
        f"`{entry.name}` is {theirs} there and {mine} here"
    )
    if agreeing:
        help_ = (
            f"{listed(f'`{other.name}`' for other in agreeing)} maps them as you do; say which one "
            f"your files follow: `numbering_of: {agreeing[0].name}` or `numbering_of: {table.name}`"
        )
    else:
        help_ = f"look at `vesalius explain {table.name}` and at a file before you decide"
    note = Note(f"`{table.name}`", table.document.span(("labels", entry.integer)))
    return problem("SCH017", message, entry.span, help_, (note,))
