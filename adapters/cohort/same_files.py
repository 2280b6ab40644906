"""Cases of a cohort that are given the same file: a patient who is there twice."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

from vesalius.adapters.cohort.cohort_diagnostics import lines
from vesalius.adapters.files.gzip_stream import file_digest
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError, Span
from vesalius.ontology.reading.listing import listing

_LOOKED_AT: Final = 1 << 16
"""Bytes at the middle and the end of files of one size that are compared first."""
_ROWS_SHOWN: Final = 12
_JOINED: Final = 4


def same_files(files: Iterable[tuple[str, str, Path]], span: Span | None) -> list[Diagnostic]:
    """Warn of files that are byte for byte the same under two cases.

    Only files of equal size are opened, and only those with an equal middle and end are read.

    Parameters
    ----------
    files : iterable of (str, str, Path)
        Case, what the file is to it, and the file; folders are passed over.
    span : Span or None
        Where the cohort file names the cases.

    Returns
    -------
    list of Diagnostic
        COH022, at most one warning.
    """
    roles: dict[str, list[tuple[str, Path]]] = {}
    for case, role, path in files:
        roles.setdefault(role, []).append((case, path))
    rows = [f"{_in_words(cases)}: {role}" for role, each in roles.items() for cases in _alike(each)]
    if not rows:
        return []
    noun = "one file stands" if len(rows) == 1 else f"{len(rows)} files stand"
    more = len(rows) - _ROWS_SHOWN
    rows = [*rows[:_ROWS_SHOWN], *([f"and {more:,} more"] if more > 0 else [])]
    text = f"{noun} under several cases, byte for byte the same"
    hint = "is one patient there under two names? Then a split by cases does not part patients"
    one = [role for role, each in roles.items() if len({path for _, path in each}) < len(each)]
    if one:
        hint = f"several cases have the same path for {listing(one)}: is `{{case}}` missing in it?"
    return [Diagnostic("COH022", "warning", lines(text, rows), span=span, help=hint)]


def _in_words(cases: list[str]) -> str:
    return listing(cases) if len(cases) > _JOINED else " and ".join(cases)


def _alike(files: Iterable[tuple[str, Path]]) -> Iterator[list[str]]:
    """Give the cases that share a file, as often as there are such files."""
    for group in _by(files, _size):
        for near in _by(group, _parts):
            for same in _by(near, _content):
                yield [case for case, _ in same]


def _by(
    files: Iterable[tuple[str, Path]], key: Callable[[Path], object]
) -> Iterator[list[tuple[str, Path]]]:
    """Group files by what they have in common; what is alone is left out."""
    groups: dict[object, list[tuple[str, Path]]] = {}
    for case, path in files:
        found = key(path)
        if found is not None:
            groups.setdefault(found, []).append((case, path))
    return (group for group in groups.values() if len(group) > 1)


def _size(path: Path) -> int | None:
    try:
        return os.stat(path).st_size if os.path.isfile(path) else None
    except OSError:
        return None


def _parts(path: Path) -> str | None:
    size = _size(path)
    if size is None:
        return None
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            for place in (size // 2, max(0, size - _LOOKED_AT)):
                file.seek(place)
                digest.update(file.read(_LOOKED_AT))
    except OSError:
        return None
    return digest.hexdigest()


def _content(path: Path) -> str | None:
    try:
        return file_digest(path)
    except DiagnosticError:
        return None
