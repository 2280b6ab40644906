"""A scheme of a project that has the name of a shipped one."""

from __future__ import annotations

from pathlib import Path

from vesalius.ontology.packaged import packaged_scheme_paths
from vesalius.ontology.reading.diagnostics import Diagnostic
from vesalius.ontology.reading.document import load_document
from vesalius.ontology.replacing import KEY, check_replacing
from vesalius.ontology.scheme.named_scheme import NamedScheme


def check_name_in_project(subject: NamedScheme) -> list[Diagnostic]:
    """PRJ003, PRJ004, PRJ005: whether a scheme stands instead of a shipped one, and says so."""
    scheme, project = subject.scheme, subject.ontology.project
    if project is None or not project.holds(scheme.path):
        return []
    name = Path(scheme.path).stem
    shipped = packaged_scheme_paths()
    instead_of = None
    if name in shipped:
        instead_of = load_document(shipped[name]).span(("scheme",))
    document = scheme.document
    replaces = document.span((KEY,)) if scheme.replaces else None
    return check_replacing(
        "scheme", name, document.span(("scheme",)), replaces, instead_of, shipped
    )
