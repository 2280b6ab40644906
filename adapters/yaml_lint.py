"""Checking YAML files of any kind vesalius reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from vesalius.adapters.cohort.cohort_file import load_cohort
from vesalius.adapters.rule_tests.check_pictures import picture_problems
from vesalius.adapters.selftrain.pipeline_file import load_pipeline
from vesalius.ontology.diagnostics import Diagnostic, DiagnosticError, suggest
from vesalius.ontology.document import Document, load_document
from vesalius.ontology.ontology import Ontology, load_ontology, read_ontology
from vesalius.ontology.schemes import parse_scheme
from vesalius.rules.anchors import load_anchors
from vesalius.rules.rule_library import parse_pack

ONTOLOGY_KINDS = ("attributes/1", "structures/1", "sequences/1")
KINDS = (*ONTOLOGY_KINDS, "scheme/1", "anchors/1", "rules/1", "cohort/1", "selftrain/1")


@dataclass(frozen=True)
class YamlLint:
    """What was checked and what was found."""

    files: int
    diagnostics: tuple[Diagnostic, ...]


def find_yaml(paths: Sequence[Path]) -> tuple[Path, ...]:
    """List YAML files: files as given, folders searched through, each once."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(p for p in path.rglob("*") if p.suffix in (".yaml", ".yml"))
        else:
            found.append(path)
    return tuple(dict.fromkeys(found))


def lint_yaml(paths: Iterable[Path]) -> YamlLint:
    """Check YAML files.

    A file of structures, attributes or sequences is checked together with the ontology folder it
    lies in, once.

    Parameters
    ----------
    paths : iterable of Path
        YAML files.

    Returns
    -------
    YamlLint
    """
    ontology = load_ontology()
    files = list(paths)
    folders: dict[Path, None] = {}
    found: list[Diagnostic] = []
    for path in files:
        try:
            document = load_document(path)
        except DiagnosticError as error:
            found += error.diagnostics
            continue
        kind = _kind(document)
        if kind in ONTOLOGY_KINDS:
            folders[_ontology_folder(path)] = None
        else:
            found += _lint_one(document, kind, path, ontology)
    for folder in folders:
        found += read_ontology(folder)[1]
    return YamlLint(len(files), tuple(dict.fromkeys(found)))


def _kind(document: Document) -> object:
    return document.data.get("schema") if isinstance(document.data, dict) else None


def _ontology_folder(path: Path) -> Path:
    return path.parent if path.stem in ("attributes", "sequences") else path.parent.parent


def _lint_one(
    document: Document, kind: object, path: Path, ontology: Ontology
) -> Sequence[Diagnostic]:
    if kind == "scheme/1":
        return parse_scheme(document, ontology)[1]
    if kind == "rules/1":
        pack, found = parse_pack(document, ontology, load_anchors(ontology))
        return found if pack is None else (*found, *picture_problems(pack, ontology))
    try:
        if kind == "anchors/1":
            load_anchors(ontology, path)
        elif kind == "cohort/1":
            load_cohort(path, ontology)
        elif kind == "selftrain/1":
            load_pipeline(path, ontology)
        else:
            return [_no_kind(document, kind)]
    except DiagnosticError as error:
        return error.diagnostics
    return ()


def _no_kind(document: Document, kind: object) -> Diagnostic:
    if document.data is None:
        return Diagnostic(
            code="CLI002",
            severity="error",
            message="the file is empty",
            path=document.path,
            help=f"start it with `schema: KIND`; kinds: {', '.join(KINDS)}",
        )
    at = ("schema",) if isinstance(document.data, dict) and "schema" in document.data else ()
    return Diagnostic(
        code="CLI002",
        severity="error",
        message=(
            f"`{kind}` is no kind of file vesalius reads"
            if kind is not None
            else "the file does not say what it is; its first line should be `schema: KIND`"
        ),
        span=document.span(at),
        help=suggest(str(kind), KINDS) or f"kinds: {', '.join(KINDS)}",
    )
