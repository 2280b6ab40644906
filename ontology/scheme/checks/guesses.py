"""Guesses of a drafted scheme that nobody has looked at."""

from __future__ import annotations

import re

from vesalius.ontology.reading.diagnostics import Diagnostic
from vesalius.ontology.scheme.named_scheme import NamedScheme

GUESS = "# guess"
"""How a draft marks a line that it is not sure of."""
_MARKED = re.compile(r"#\s*guess\b", re.IGNORECASE)


def check_guesses(subject: NamedScheme) -> list[Diagnostic]:
    """SCH035: classes whose line still says that it was guessed."""
    lines = subject.scheme.document.text.splitlines()
    return [
        Diagnostic(
            "SCH035",
            "warning",
            f"{entry.integer} `{entry.name}` is still a guess",
            span=entry.span,
            help=f"look at it, then take `{GUESS}` away",
        )
        for entry in subject.scheme.entries
        if _MARKED.search(lines[entry.span.line - 1])
    ]
