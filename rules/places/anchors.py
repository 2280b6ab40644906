"""Anchors as written in YAML: named places that are fitted from structures."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from vesalius.ontology.graph import Ontology
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError, Span, has_errors
from vesalius.ontology.reading.document import Document, YamlPath, load_document
from vesalius.ontology.reading.validation import validate
from vesalius.ontology.replacing import KEY, check_replacing
from vesalius.ontology.selector import parse_selector, select
from vesalius.rules.places.anchor_models import (
    ENDS,
    AnchorFile,
    AnchorModel,
    BoxModel,
    LevelModel,
    PlaneModel,
)
from vesalius.rules.places.directions import DIRECTIONS, Direction, Vector
from vesalius.rules.places.regions import check_regions
from vesalius.rules.places.specs import AnchorSpec, BoxSpec, LevelSpec, PlaneSpec, RegionSpec


def packaged_anchor_path() -> Path:
    """Give the path of the anchors that come with the package."""
    return Path(__file__).parent.parent / "anchors.yaml"


def load_anchors(ontology: Ontology, path: Path | None = None) -> Mapping[str, AnchorSpec]:
    """Read anchors; see :func:`read_anchors`.

    Raises
    ------
    DiagnosticError
        With every problem of the files.
    """
    anchors, problems = read_anchors(ontology, path)
    if anchors is None:
        raise DiagnosticError(problems)
    return anchors


def read_anchors(
    ontology: Ontology, path: Path | None = None
) -> tuple[Mapping[str, AnchorSpec] | None, list[Diagnostic]]:
    """Read anchors and give every problem instead of raising.

    Parameters
    ----------
    ontology : Ontology
        Resolves the structures an anchor goes through; its project may have anchors too.
    path : Path, optional
        Only this file; by default the packaged one, and those of the project.

    Returns
    -------
    Mapping of str to AnchorSpec, or None
        None where a problem is an error.
    list of Diagnostic
        Errors, and what a project replaces.
    """
    project = ontology.project
    own = project.anchors if project is not None and path is None else ()
    anchors, problems = _read_file(path or packaged_anchor_path(), ontology)
    shipped = {name: spec.span for name, spec in anchors.items()}
    for each in own:
        found, wrong = _read_file(each, ontology, shipped)
        problems += wrong
        anchors |= found
    problems = problems if has_errors(problems) else [*problems, *check_regions(anchors, ontology)]
    return (None if has_errors(problems) else MappingProxyType(anchors)), problems


def _read_file(
    path: Path, ontology: Ontology, shipped: Mapping[str, Span | None] | None = None
) -> tuple[dict[str, AnchorSpec], list[Diagnostic]]:
    """Read one file; `shipped` are the places of other anchors, which it may say to replace."""
    try:
        document = load_document(path)
    except DiagnosticError as error:
        return {}, list(error.diagnostics)
    model, problems = validate(AnchorFile, document)
    anchors: dict[str, AnchorSpec] = {}
    for name, anchor in model.anchors.items() if model else ():
        at = ("anchors", name)
        try:
            anchors[name] = _anchor_spec(name, anchor, document, ontology)
        except DiagnosticError as error:
            problems.extend(error.diagnostics)
        if shipped is not None:
            replaces = document.span((*at, KEY)) if anchor.replace else None
            span = document.span(at, key=True)
            problems += check_replacing("anchor", name, span, replaces, shipped.get(name), shipped)
    return anchors, problems


def _anchor_spec(
    name: str, model: AnchorModel, document: Document, ontology: Ontology
) -> AnchorSpec:
    at: YamlPath = ("anchors", name)
    span = document.span(at, key=True)
    about = model.about.strip()
    if isinstance(model, PlaneModel):
        return PlaneSpec(
            name=name,
            about=about,
            structures=_structures(model.through, ontology, document, (*at, "through")),
            at_least=model.at_least,
            toward=DIRECTIONS[model.toward],
            within=DIRECTIONS[model.within] if model.within else None,
            max_tilt_deg=model.implausible.tilt_deg,
            max_residual_mm=model.implausible.residual_mm,
            outlier_factor=model.outlier_factor,
            span=span,
        )
    if isinstance(model, LevelModel):
        structures = _structures(model.through, ontology, document, (*at, "through"))
        return LevelSpec(
            name=name,
            about=about,
            structures=structures,
            at_least=_at_least(model.at_least, structures),
            direction=DIRECTIONS[model.direction],
            at=_end(model),
            combine=model.combine,
            span=span,
        )
    if isinstance(model, BoxModel):
        structures = _structures(model.around, ontology, document, (*at, "around"))
        low, high = _margins(model.margin_mm)
        return BoxSpec(
            name=name,
            about=about,
            structures=structures,
            at_least=_at_least(model.at_least, structures),
            margin_low_mm=low,
            margin_high_mm=high,
            span=span,
        )
    return RegionSpec(name, about, model.where, span, document, (*at, "where"))


def _structures(
    selector: object, ontology: Ontology, document: Document, at: YamlPath
) -> tuple[str, ...]:
    structures = select(parse_selector(selector, ontology, document, at), ontology)
    if not structures:
        message = "this selects no structure"
        raise DiagnosticError([Diagnostic("RUL010", "error", message, span=document.span(at))])
    return structures


def _at_least(written: int | str, structures: tuple[str, ...]) -> int:
    return written if isinstance(written, int) else len(structures)


def _end(model: LevelModel) -> str:
    if model.at == "centre":
        return "centre"
    return "far" if DIRECTIONS[ENDS[model.at]] == DIRECTIONS[model.direction] else "near"


def _margins(written: float | Mapping[Direction, float]) -> tuple[Vector, Vector]:
    if not isinstance(written, Mapping):
        return (written, written, written), (written, written, written)
    low, high = [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]
    for direction, margin in written.items():
        for axis, part in enumerate(DIRECTIONS[direction]):
            if part:
                (high if part > 0 else low)[axis] = margin
    return (low[0], low[1], low[2]), (high[0], high[1], high[2])
