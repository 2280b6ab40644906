"""Checking YAML files of any kind vesalius reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from vesalius.ontology.graph import Ontology
from vesalius.ontology.link import read_ontology
from vesalius.ontology.load import load_ontology, scheme_path
from vesalius.ontology.pack_files import HEAD, pack_of_part
from vesalius.ontology.project import Project, read_project
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError, suggest
from vesalius.ontology.reading.document import Document, load_document
from vesalius.ontology.reading.real_path import real_path
from vesalius.ontology.scheme.read import parse_scheme
from vesalius.rules.compile.check_tests import untested
from vesalius.rules.language import SCHEMA as RULES_SCHEMA
from vesalius.rules.language import TESTS_SCHEMA, TOPIC_SCHEMA
from vesalius.rules.library import pack_path, parse_pack
from vesalius.rules.places import load_anchors, read_anchors

ONTOLOGY_KINDS = ("attributes/1", "structures/1", "sequences/1")
PACK_PARTS = (TOPIC_SCHEMA, TESTS_SCHEMA)
KINDS = (
    "project/1",
    *ONTOLOGY_KINDS,
    "scheme/1",
    "anchors/1",
    "rules/1",
    *PACK_PARTS,
    "cohort/1",
    "selftrain/1",
)


@dataclass(frozen=True)
class YamlLint:
    """What was checked and what was found."""

    files: int
    diagnostics: tuple[Diagnostic, ...]


def lint_yaml(paths: Iterable[Path], project: Project | None = None) -> YamlLint:
    """Check YAML files.

    A file of structures, attributes or sequences is checked together with the ontology folder it
    lies in, once; one of the project together with what is shipped; one of a rule pack together
    with the pack, once.

    Parameters
    ----------
    paths : iterable of Path
        YAML files.
    project : Project, optional
        What it adds is known too.

    Returns
    -------
    YamlLint
    """
    files = list(paths)
    known = _known(project)
    folders: dict[Path, None] = {}
    packs: set[Path] = set()
    found: list[Diagnostic] = []
    if any(known.project is not None and known.project.holds(path) for path in files):
        found += known.problems
    for path in files:
        try:
            document = load_document(path)
        except DiagnosticError as error:
            found += error.diagnostics
            continue
        kind = _kind(document)
        if kind == RULES_SCHEMA or kind in PACK_PARTS:
            try:
                kind, document = RULES_SCHEMA, _pack_of(document, kind, path)
            except DiagnosticError as error:
                found += error.diagnostics
                continue
            head = real_path(document.path)
            if head in packs:
                continue
            packs.add(head)
        if known.project is not None and known.project.holds(path):
            found += _lint_own(document, kind, path, known)
        elif kind in ONTOLOGY_KINDS:
            folders[_ontology_folder(path)] = None
        else:
            found += _lint_one(document, kind, path, known.ontology)
    for folder in folders:
        found += read_ontology(folder)[1]
    return YamlLint(len(files), tuple(dict.fromkeys(found)))


@dataclass(frozen=True)
class _Known:
    """What files are checked against; `whole` is false where the project is not part of it."""

    ontology: Ontology
    project: Project | None
    problems: tuple[Diagnostic, ...]
    whole: bool


def _known(project: Project | None) -> _Known:
    """Load what is shipped and the project; with problems of the latter, what is shipped alone."""
    if project is None:
        return _Known(load_ontology(), None, (), True)
    try:
        ontology = load_ontology(project)
    except DiagnosticError as error:
        return _Known(load_ontology(), project, error.diagnostics, False)
    anchors, problems = read_anchors(ontology)
    everything = (*ontology.warnings, *problems)
    return _Known(ontology, project, everything, anchors is not None)


def _lint_own(document: Document, kind: object, path: Path, known: _Known) -> Sequence[Diagnostic]:
    """Check a file of the project; what it stands on has been checked."""
    if kind == "project/1":
        return _lint_defaults(document, known) if known.whole else ()
    if kind in ONTOLOGY_KINDS or kind == "anchors/1":
        return ()
    # Schemes and rules would repeat what is wrong with the structures and places they name.
    return _lint_one(document, kind, path, known.ontology) if known.whole else ()


def _lint_defaults(document: Document, known: _Known) -> list[Diagnostic]:
    """Find what the project's defaults name and nobody knows."""
    project, found = known.project, list[Diagnostic]()
    if project is None:
        return found
    defaults = project.defaults
    asked: list[tuple[str, str, Callable[[str, Project], Path]]] = [
        ("pack", name, pack_path) for name in defaults.packs or () if name != "none"
    ]
    if defaults.target is not None:
        asked.append(("target", defaults.target, scheme_path))
    for key, name, path_of in asked:
        try:
            load_document(path_of(name, project))
        except DiagnosticError as error:
            span = document.span(("defaults", key))
            found += [replace(d, span=d.span or span) for d in error.diagnostics]
    return found


def _pack_of(document: Document, kind: object, path: Path) -> Document:
    """Give the first file of the pack that a file belongs to."""
    if kind == RULES_SCHEMA:
        return document
    head = pack_of_part(path)
    if head is None:
        message = "this belongs to no pack"
        help_ = f"put it beside the {HEAD} of a folder"
        span = document.span(("schema",))
        raise DiagnosticError([Diagnostic("RUL023", "error", message, span=span, help=help_)])
    return load_document(head)


def _kind(document: Document) -> object:
    return document.data.get("schema") if isinstance(document.data, dict) else None


def _ontology_folder(path: Path) -> Path:
    return path.parent if path.stem in ("attributes", "sequences") else path.parent.parent


def _lint_one(
    document: Document, kind: object, path: Path, ontology: Ontology
) -> Sequence[Diagnostic]:
    if kind == "scheme/1":
        return parse_scheme(document, ontology)[1]
    if kind == RULES_SCHEMA:
        from vesalius.adapters.rule_tests.check_pictures import picture_problems  # noqa: PLC0415

        pack, told = parse_pack(document, ontology, load_anchors(ontology))
        if pack is None:
            return told
        return (*told, *picture_problems(pack, ontology), *untested(pack))
    try:
        found: Sequence[Diagnostic] = ()
        if kind == "anchors/1":
            load_anchors(ontology, path)
        elif kind == "cohort/1":
            from vesalius.adapters.cohort.cohort_file import load_cohort  # noqa: PLC0415
            from vesalius.adapters.cohort.cohort_job import prepare_job  # noqa: PLC0415

            # As a run does before its first case: rules and preferences are looked up, too.
            prepare_job(load_cohort(path, ontology))
        elif kind == "selftrain/1":
            # These load nibabel, and it pydicom, which takes longer than all else that is read.
            from vesalius.adapters.selftrain.pipeline_file import load_pipeline  # noqa: PLC0415
            from vesalius.adapters.selftrain.preflight import plan_problems  # noqa: PLC0415

            found = plan_problems(load_pipeline(path, ontology))
        elif kind == "project/1":
            read_project(path)
        else:
            found = [_no_kind(document, kind)]
    except DiagnosticError as error:
        found = error.diagnostics
    return found


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
