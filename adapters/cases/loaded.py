"""A case in memory, ready for the engine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from vesalius.adapters.files.nifti_bytes import NiftiHeader
from vesalius.engine.execute import Case
from vesalius.engine.judging.context import Image
from vesalius.engine.runs.labelmap import LabelMap
from vesalius.ontology.reading.diagnostics import Diagnostic


@dataclass(frozen=True)
class LoadedSource:
    """One prediction on the grid of the case.

    Parameters
    ----------
    token : str
        Name of the source in the plan.
    path : str
        Where it came from; of what was in memory, what messages call it.
    noun : str
        What was given: "file", "folder", "image" or "array".
    digest : str
        sha256 of the file's bytes (of all masks of a folder); of what was in memory, of its
        shape, type, affine and voxels.
    how : str
        How it came onto the grid: "same", "reoriented", "shifted", "trusted" or
        "resampled".
    labels : LabelMap
        In the integers of the file.
    """

    token: str
    path: str
    noun: str
    digest: str
    how: str
    labels: LabelMap


@dataclass(frozen=True, kw_only=True)
class LoadedCase(Case):
    """A case as the engine takes it, and where it came from.

    Parameters
    ----------
    header : Nifti1Header, Nifti2Header or None
        The header that the output takes over; None where an array was given.
    image_path, image_digest : str or None
        The CT.
    doubted_image : Image or None
        What is no CT, where some of its voxels hold no number: these are counted, no rule sees it.
    predictions : tuple of LoadedSource
        Where `sources` came from, in token order.
    inputs : tuple of Path
        Every file or folder that was read; no output may replace one of them.
    diagnostics : tuple of Diagnostic
        Remarks of reading.
    """

    header: NiftiHeader | None
    image_path: str | None
    image_digest: str | None
    doubted_image: Image | None
    predictions: tuple[LoadedSource, ...]
    inputs: tuple[Path, ...]
    diagnostics: tuple[Diagnostic, ...]
