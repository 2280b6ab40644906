"""One type for every problem a user can cause, wherever it is found.

A :class:`Diagnostic` says what is wrong in the user's words, points at the smallest span
and offers the nearest valid thing. Rendering lives in :mod:`vesalius.ontology.render`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, order=True)
class Span:
    """A place in a text file. Lines and columns count from 1; ``end_column`` is exclusive."""

    path: str
    line: int
    column: int
    end_column: int


@dataclass(frozen=True)
class Note:
    """A second place that belongs to the problem, with a short text of its own."""

    text: str
    span: Span


@dataclass(frozen=True)
class Diagnostic:
    """One problem, one message.

    Parameters
    ----------
    code : str
        Stable code such as ``SCH014``; ``vesalius explain CODE`` prints its page.
    severity : {"error", "warning", "info"}
        Errors stop the run; the others do not.
    message : str
        What is wrong, in the user's words, without a final stop.
    span : Span or None
        The smallest piece of text that is wrong; None where there is no text (an image file).
    path : str or None
        The file concerned where there is no span.
    help : str or None
        The nearest valid thing, or the command that mends it.
    notes : tuple of Note
        Other places that belong to the same problem.
    """

    code: str
    severity: Severity
    message: str
    span: Span | None = None
    path: str | None = None
    help: str | None = None
    notes: tuple[Note, ...] = ()


class DiagnosticError(Exception):
    """Raised where work cannot go on; carries every diagnostic found so far."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("; ".join(f"[{d.code}] {d.message}" for d in self.diagnostics))


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    """Tell whether any of the diagnostics is an error."""
    return any(d.severity == "error" for d in diagnostics)


def suggest(word: str, candidates: Iterable[str]) -> str | None:
    """Give a help text naming the candidate nearest to a misspelt word, or None."""
    close = get_close_matches(word, list(candidates), n=1, cutoff=0.6)
    return f"did you mean `{close[0]}`?" if close else None


def display_path(path: str | Path) -> str:
    """Give a path relative to the working directory where that is shorter."""
    try:
        relative = Path(path).resolve().relative_to(Path.cwd())
    except ValueError:
        return str(path)
    return str(relative)
