"""The image below the labels: a CT in Hounsfield units, or any other image in gray values."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vesalius.adapters.cases.case_image import CaseImage
from vesalius.adapters.cases.run_folder import RunFolder
from vesalius.adapters.files.hounsfield import hounsfield_doubt
from vesalius.adapters.files.image_values import ImageVoxels, read_values
from vesalius.adapters.files.nifti_header import parse_header
from vesalius.adapters.files.opened import open_given
from vesalius.adapters.report.before import NO_HU, image_of, image_path
from vesalius.adapters.view.scene import Making
from vesalius.adapters.view.volume_file import Steps, gray_file, image_file, steps_of
from vesalius.engine.runs.grid import Grid
from vesalius.ontology.reading.diagnostics import Diagnostic

GRAY_PERCENT = (1.0, 99.0)
"""Percentiles of the values of an image that is no CT which are shown black and white."""
HU = "HU"


@dataclass(frozen=True, eq=False)
class ShownImage:
    """An image that can be shown.

    Parameters
    ----------
    making : callable
        Gives its volume.
    unit : str
        Of its values; empty where they have none.
    remarks : tuple of str
        What is to be known of how it is shown.
    """

    making: Making
    unit: str
    remarks: tuple[str, ...] = ()


def image_of_file(path: Path, most_voxels: int) -> tuple[ShownImage, tuple[Diagnostic, ...]]:
    """Read an image that is shown with a segmentation, and what reading it had to say.

    Raises
    ------
    DiagnosticError
        IO0xx of the file.
    """
    with open_given(path) as opened:
        header = parse_header(opened)
        voxels = read_values(opened, header)
    steps = steps_of(header.grid, most_voxels)
    doubt = hounsfield_doubt(header.name, voxels)
    if doubt is not None:
        return _gray(voxels, header.grid, steps), (*header.diagnostics, doubt)
    image = CaseImage(voxels)
    return ShownImage(lambda: image_file(image, header.grid, steps), HU), header.diagnostics


def image_of_run(run: RunFolder, steps: Steps) -> tuple[ShownImage | None, str]:
    """Read the image of a run; where it cannot be shown, say why."""
    image, why = image_of(run)
    if image is not None:
        return ShownImage(lambda: image_file(image, run.grid, steps), HU), ""
    path = image_path(run)
    if why != NO_HU or path is None:
        return None, why
    with open_given(path) as opened:
        voxels = read_values(opened, parse_header(opened))
    if voxels.stored.shape != run.grid.shape:
        return None, why
    return _gray(voxels, run.grid, steps), ""


def _gray(voxels: ImageVoxels, grid: Grid, steps: Steps) -> ShownImage:
    values = voxels.sample
    values = values[np.isfinite(values)]
    low, high = (0.0, 1.0) if not values.size else np.percentile(values, GRAY_PERCENT).tolist()
    window = low, high if high > low else low + 1.0
    image = CaseImage(voxels)
    said = (
        "the image is no CT: {:g} is shown black and {:g} white, its {:g}st and {:g}th percentile"
    )
    return ShownImage(
        lambda: gray_file(image, grid, steps, window), "", (said.format(*window, *GRAY_PERCENT),)
    )
