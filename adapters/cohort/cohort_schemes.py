"""Whether the schemes that a cohort file names can be loaded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from vesalius.ontology.graph import Ontology
from vesalius.ontology.load import read_scheme
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError, has_errors
from vesalius.ontology.reading.document import Document, YamlPath


def scheme_problems(
    sources: Iterable[tuple[str, YamlPath]], target: str, document: Document, ontology: Ontology
) -> list[Diagnostic]:
    """Check that every scheme can be loaded; an unknown name is shown where it is written."""
    places: dict[str, tuple[YamlPath, bool]] = {}
    for written, where in sources:
        own = where[-1] == "path"
        at = (*where[:-1], "scheme") if own else where
        places.setdefault(written, (at, not own))
    places.setdefault(target, (("target",), False))
    problems: list[Diagnostic] = []
    for name, (at, key) in places.items():
        try:
            scheme, found = read_scheme(name, ontology)
        except DiagnosticError as failed:
            span = document.span(at, key=key)
            problems += [
                d if d.span is not None else replace(d, span=span) for d in failed.diagnostics
            ]
            continue
        if scheme is None:
            problems += found
    return problems


def require_schemes(
    sources: Iterable[tuple[str, YamlPath]],
    target: str,
    document: Document,
    ontology: Ontology,
    problems: Sequence[Diagnostic],
) -> None:
    """Raise where a scheme of a cohort cannot be loaded, or it has other problems.

    Raises
    ------
    DiagnosticError
        With all of them.
    """
    found = [*problems, *scheme_problems(sources, target, document, ontology)]
    if has_errors(found):
        raise DiagnosticError(found)
