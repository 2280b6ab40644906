"""Anchors as written in YAML: named places that are fitted from structures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from vesalius.ontology.diagnostics import DiagnosticError, Span
from vesalius.ontology.document import Document, load_document
from vesalius.ontology.ontology import Ontology
from vesalius.ontology.selectors import parse_selector
from vesalius.ontology.validation import validate
from vesalius.rules.directions import DIRECTIONS, Vector

Direction = Literal["left", "right", "posterior", "anterior", "inferior", "superior"]


class _Limits(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    tilt_deg: Annotated[float, Field(gt=0, le=90, strict=False)]
    residual_mm: Annotated[float, Field(gt=0, strict=False)]


class _AnchorModel(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    about: str
    kind: Literal["plane"]
    through: Any
    at_least: Annotated[int, Field(ge=2)]
    toward: Direction
    within: Direction | None = None
    implausible: _Limits


class _AnchorFile(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    schema_: Annotated[Literal["anchors/1"], Field(alias="schema")]
    anchors: dict[str, _AnchorModel]


@dataclass(frozen=True)
class AnchorSpec:
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
    document = load_document(path or packaged_anchor_path())
    model, problems = validate(_AnchorFile, document)
    if model is None:
        raise DiagnosticError(problems)
    anchors: dict[str, AnchorSpec] = {}
    for name, anchor in model.anchors.items():
        try:
            anchors[name] = _anchor_spec(name, anchor, document, ontology)
        except DiagnosticError as error:
            problems.extend(error.diagnostics)
    if problems:
        raise DiagnosticError(problems)
    return MappingProxyType(anchors)


def _anchor_spec(
    name: str, anchor: _AnchorModel, document: Document, ontology: Ontology
) -> AnchorSpec:
    where = ("anchors", name, "through")
    selector = parse_selector(anchor.through, ontology, document, where)
    return AnchorSpec(
        name=name,
        about=anchor.about.strip(),
        structures=ontology.select(selector),
        at_least=anchor.at_least,
        toward=DIRECTIONS[anchor.toward],
        within=DIRECTIONS[anchor.within] if anchor.within else None,
        max_tilt_deg=anchor.implausible.tilt_deg,
        max_residual_mm=anchor.implausible.residual_mm,
        span=document.span(("anchors", name), key=True),
    )


def anchors_json_schema() -> dict[str, object]:
    """Give the JSON Schema of an anchors file."""
    return _AnchorFile.model_json_schema()
