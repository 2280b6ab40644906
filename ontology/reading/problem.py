"""One type for every problem a user can cause, wherever it is found.

A :class:`Diagnostic` says what is wrong in the user's words, points at the smallest span
and offers the nearest valid thing. Rendering lives in :mod:`vesalius.ontology.reading.render`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from vesalius.ontology.reading.real_path import real_path

Severity = Literal["error", "warning", "info"]

LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
"""What ends a line: the breaks that the YAML parser counts; the lines of a :class:`Span` too."""


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


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    """Tell whether any of the diagnostics is an error."""
    return any(d.severity == "error" for d in diagnostics)


def display_path(path: str | Path) -> str:
    """Give a path relative to the working directory where that is shorter."""
    try:
        relative = real_path(path).relative_to(Path.cwd())
    except ValueError:
        return str(path)
    return str(relative)
