"""A case in memory, ready for the engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from vesalius.adapters.cases.case_image import CaseImage
from vesalius.engine.grid import Grid
from vesalius.engine.labelmap import Axes, LabelMap
from vesalius.ontology.diagnostics import Diagnostic


@dataclass(frozen=True)
class PredictionFile:
    """A prediction as the user names it.

    Parameters
    ----------
    token : str
        Name of the source in the plan.
    path : Path
        A multi-label file, or a folder with one mask per class.
    """

    token: str
    path: Path


@dataclass(frozen=True)
class LoadedSource:
    """One prediction on the grid of the case.

    Parameters
    ----------
    token : str
        Name of the source in the plan.
    path : str
        Where it came from.
    digest : str
        sha256 of the file's bytes (of all masks of a folder).
    how : str
        How it came onto the grid: "same", "reoriented", "shifted" or "resampled".
    labels : LabelMap
        In the integers of the file.
    """

    token: str
    path: str
    digest: str
    how: str
    labels: LabelMap


@dataclass(frozen=True)
class LoadedCase:
    """Everything known about a case.

    Parameters
    ----------
    grid : Grid
        Grid of the output.
    axes : tuple of int
        Memory order of the output.
    reference : Path
        The file whose header the output takes over.
    image_path, image_digest : str or None
        The CT.
    image : CaseImage or None
        Its voxels, where a plan may ask for them.
    sources : tuple of LoadedSource
        In token order.
    metadata : mapping of str to str
        Such as sex.
    diagnostics : tuple of Diagnostic
        Remarks of reading.
    """

    grid: Grid
    axes: Axes
    reference: Path
    image_path: str | None
    image_digest: str | None
    image: CaseImage | None
    sources: tuple[LoadedSource, ...]
    metadata: Mapping[str, str]
    diagnostics: tuple[Diagnostic, ...]
