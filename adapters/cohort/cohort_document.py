"""The YAML of a cohort, with a hint where a template of paths is no YAML."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError
from vesalius.ontology.reading.document import Document, load_document
from vesalius.ontology.reading.side_files import YAML_BYTES, read_side_file


def load_cohort_document(path: Path) -> Document:
    """Read the YAML of a cohort; where a template tripped it, say how to write one.

    Raises
    ------
    DiagnosticError
        YML0xx.
    """
    try:
        return load_document(path)
    except DiagnosticError as failed:
        raise DiagnosticError([_quote_hint(d) for d in failed.diagnostics]) from None


def _quote_hint(found: Diagnostic) -> Diagnostic:
    """Say how a template is written inside braces, where YAML stumbled over one."""
    if found.code != "YML001" or found.span is None:
        return found
    try:
        text = read_side_file(found.span.path, YAML_BYTES).decode("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return found
    line = text[found.span.line - 1] if found.span.line <= len(text) else ""
    if "{case" not in line:
        return found
    hint = 'put the template in quotes, such as "preds/{case}.nii.gz": a brace begins a mapping'
    return replace(found, help=hint)
