"""Anchors as written in YAML: named places that are fitted from structures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

from vesalius.ontology.diagnostics import Diagnostic, DiagnosticError, Span
from vesalius.ontology.document import Document, YamlPath, load_document
from vesalius.ontology.ontology import Ontology
from vesalius.ontology.selectors import parse_selector
from vesalius.ontology.validation import validate
from vesalius.rules.anchor_models import (
    ENDS,
    AnchorFile,
    AnchorModel,
    BoxModel,
    LevelModel,
    PlaneModel,
)
from vesalius.rules.directions import DIRECTIONS, Vector
from vesalius.rules.place_models import Direction, Relations


@dataclass(frozen=True)
class PlaneSpec:
    """A fitted plane by name.

    Parameters
    ----------
    name : str
        How schemes and rules refer to it.
    about : str
        What it is and where it comes from.
    structures : tuple of str
        Structures whose centres are the points, in ontology order.
    at_least : int
        Fewest points for a fit.
    toward, within : tuple of float, shape (3,)
        Unit vectors in RAS+; see :class:`vesalius.engine.plan.PlaneAnchor`.
    max_tilt_deg, max_residual_mm : float
        Limits of a plausible fit.
    span : Span
        Where it is written.
    """

    name: str
    about: str
    structures: tuple[str, ...]
    at_least: int
    toward: Vector
    within: Vector | None
    max_tilt_deg: float
    max_residual_mm: float
    span: Span


@dataclass(frozen=True)
class LevelSpec:
    """A plane across a patient axis, at the height of structures.

    Parameters
    ----------
    name, about, structures, at_least, span
        As for a plane.
    direction : tuple of float, shape (3,)
        Unit vector in RAS+, the normal.
    at : {"centre", "far", "near"}
        Which point of a structure counts; the ends along `direction`.
    combine : {"mean", "outermost"}
        Of the ends of several structures the mean, or the one furthest out.
    """

    name: str
    about: str
    structures: tuple[str, ...]
    at_least: int
    direction: Vector
    at: str
    combine: str
    span: Span | None


@dataclass(frozen=True)
class BoxSpec:
    """A box around structures, along the patient axes.

    Parameters
    ----------
    name, about, structures, at_least, span
        As for a plane.
    margin_low_mm, margin_high_mm : tuple of float, shape (3,)
        How far the box reaches beyond the structures towards lower and higher x, y, z (RAS+).
    """

    name: str
    about: str
    structures: tuple[str, ...]
    at_least: int
    margin_low_mm: Vector
    margin_high_mm: Vector
    span: Span


@dataclass(frozen=True)
class RegionSpec:
    """A name for relations to other places."""

    name: str
    about: str
    where: Relations
    span: Span
    document: Document = field(repr=False, compare=False)
    at: YamlPath = ()


MIDLINE: Final = "midline"
"""Name of the plane that divides what has no side."""

FittedSpec = PlaneSpec | LevelSpec | BoxSpec
AnchorSpec = PlaneSpec | LevelSpec | BoxSpec | RegionSpec


def packaged_anchor_path() -> Path:
    """Give the path of the anchors that come with the package."""
    return Path(__file__).parent / "anchors.yaml"


def load_anchors(ontology: Ontology, path: Path | None = None) -> Mapping[str, AnchorSpec]:
    """Read anchors.

    Parameters
    ----------
    ontology : Ontology
        Resolves the structures an anchor goes through.
    path : Path, optional
        The file; by default the packaged one.

    Returns
    -------
    Mapping of str to AnchorSpec

    Raises
    ------
    DiagnosticError
        With every problem of the file.
    """
    from vesalius.rules.relations import check_regions  # noqa: PLC0415 - it asks back

    document = load_document(path or packaged_anchor_path())
    model, problems = validate(AnchorFile, document)
    if model is None:
        raise DiagnosticError(problems)
    anchors: dict[str, AnchorSpec] = {}
    for name, anchor in model.anchors.items():
        try:
            anchors[name] = _anchor_spec(name, anchor, document, ontology)
        except DiagnosticError as error:
            problems.extend(error.diagnostics)
    problems = problems or check_regions(anchors, ontology)
    if problems:
        raise DiagnosticError(problems)
    return MappingProxyType(anchors)


def midline_of(anchors: Mapping[str, AnchorSpec]) -> PlaneSpec | None:
    """Give the plane that divides what has no side; None where no plane has that name."""
    spec = anchors.get(MIDLINE)
    return spec if isinstance(spec, PlaneSpec) else None


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
    structures = ontology.select(parse_selector(selector, ontology, document, at))
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


def anchors_json_schema() -> dict[str, object]:
    """Give the JSON Schema of an anchors file."""
    return AnchorFile.model_json_schema()
