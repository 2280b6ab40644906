"""The functions that measure label sets: `vesalius.stats`, `validate`, `compare`, `concordance`."""

from __future__ import annotations

from collections.abc import Mapping

from vesalius.adapters.measures.in_memory import (
    comparison_table,
    concordance_table,
    pair_table,
    stats_table,
)
from vesalius.adapters.measures.measured_table import MeasuredTable
from vesalius.adapters.measures.names import DEFAULT_TOLERANCE_MM
from vesalius.adapters.measures.surface_figures import require_surfaces
from vesalius.adapters.measures.validation import validation_rows
from vesalius.adapters.prepared.asked import SchemeRef
from vesalius.assigning import Key, Predictions
from vesalius.inputs import Image, ProjectRef, Segmentation
from vesalius.one_case import each_prediction, require_scheme


def stats(
    x: Segmentation | Mapping[str, Segmentation],
    scheme: SchemeRef | None = None,
    *,
    image: Image | Mapping[str, Image] | None = None,
    case: Mapping[str, object] | None = None,
    resample: bool = False,
    project: ProjectRef = None,
) -> MeasuredTable:
    """Measure every structure of segmentations: volume, place, pieces, image values.

    Parameters
    ----------
    x : segmentation, or mapping of str to segmentation
        As for `lint`; several by the names of their cases.
    scheme : str or path
        What their integers mean.
    image : image, or mapping of str to image, optional
        The CT in Hounsfield units; for several cases by their names.
    case : mapping of str to object, optional
        What is known of the patients, such as ``{"sex": "female"}``.
    resample : bool
        Whether labels may be resampled onto the image by nearest neighbour.
    project : Project or path, optional
        A user's own folder (its `vesalius.yaml`): what it has is known besides what is shipped.

    Returns
    -------
    MeasuredTable
        `.table()`, `.columns`, `.save(path)`; what is undefined is None, never 0.

    Raises
    ------
    DiagnosticError
        With every problem of files and YAML.
    """
    return stats_table(
        x, require_scheme(scheme, "stats"), image, case, resample=resample, project=project
    )


def validate(
    pred: Segmentation | Mapping[str, Segmentation],
    truth: Segmentation | Mapping[str, Segmentation],
    scheme_pred: SchemeRef | None = None,
    scheme_truth: SchemeRef | None = None,
    *,
    case: Mapping[str, object] | None = None,
    tolerance_mm: float = DEFAULT_TOLERANCE_MM,
    surfaces: bool = True,
    resample: bool = False,
    project: ProjectRef = None,
) -> MeasuredTable:
    """Compare predictions with a truth, on the structures that both can tell.

    Parameters
    ----------
    pred : segmentation, or mapping of str to segmentation
        As for `lint`; several by the names of their cases.
    truth : segmentation, or mapping of str to segmentation
        The same cases.
    scheme_pred : str or path
        What the integers of the predictions mean.
    scheme_truth : str or path
        What those of the truth mean; by default the same.
    case : mapping of str to object, optional
        What is known of the patients, such as ``{"sex": "female"}``.
    tolerance_mm : float
        Of the normalised surface distance.
    surfaces : bool
        Whether distances of surfaces are measured; needs the extra `metrics`.
    resample : bool
        Whether predictions may be resampled onto the grid of the truth.
    project : Project or path, optional
        A user's own folder (its `vesalius.yaml`): what it has is known besides what is shipped.

    Returns
    -------
    MeasuredTable
        `.table()`, `.columns`, `.save(path)`; what is undefined is None, never 0.

    Raises
    ------
    DiagnosticError
        With every problem of files and YAML; MEA007 without the extra; MEA008 where the schemes
        share no structure; MEA009 where grids differ.
    """
    if surfaces:
        require_surfaces()
    first = require_scheme(scheme_pred, "validate")
    schemes = (first, first if scheme_truth is None else scheme_truth)
    options = {"surfaces": surfaces, "tolerance_mm": tolerance_mm}
    return pair_table(
        "validate", (pred, truth), schemes, case,
        lambda _, pair: validation_rows(pair, options), resample=resample, project=project,
    )  # fmt: skip


def compare(
    old: Segmentation | Mapping[str, Segmentation],
    new: Segmentation | Mapping[str, Segmentation],
    scheme_old: SchemeRef | None = None,
    scheme_new: SchemeRef | None = None,
    *,
    case: Mapping[str, object] | None = None,
    resample: bool = False,
    project: ProjectRef = None,
) -> MeasuredTable:
    """Compare two label sets of the same cases, on the structures that both can tell.

    Parameters
    ----------
    old : segmentation, or mapping of str to segmentation
        As for `lint`; several by the names of their cases.
    new : segmentation, or mapping of str to segmentation
        The same cases. A result of `repair` or `merge` tells which rules touched a structure.
    scheme_old : str or path
        What the integers of the old ones mean.
    scheme_new : str or path
        What those of the new ones mean; by default the same.
    case : mapping of str to object, optional
        What is known of the patients, such as ``{"sex": "female"}``.
    resample : bool
        Whether the old ones may be resampled onto the grids of the new ones.
    project : Project or path, optional
        A user's own folder (its `vesalius.yaml`): what it has is known besides what is shipped.

    Returns
    -------
    MeasuredTable
        `.table()`, `.columns`, `.save(path)`; what is undefined is None, never 0.

    Raises
    ------
    DiagnosticError
        With every problem of files and YAML; MEA008 where the schemes share no structure; MEA009
        where grids differ.
    """
    first = require_scheme(scheme_old, "compare")
    schemes = (first, first if scheme_new is None else scheme_new)
    return comparison_table(old, new, schemes, case, resample=resample, project=project)


def concordance(
    predictions: Predictions[Key],
    *,
    image: Image | None = None,
    case: Mapping[str, object] | None = None,
    consensus: str = "majority",
    resample: bool = False,
    project: ProjectRef = None,
) -> MeasuredTable:
    """Compare the predictions of several models of one scan with their consensus.

    Parameters
    ----------
    predictions : mapping of scheme to segmentation
        Such as ``{"totalsegmentator_v2": "seg.nii.gz", "moose_organs": image}``; several of one
        scheme as a list.
    image : path, nibabel image or (array, affine), optional
        The CT, whose grid all are brought onto; by default that of the first.
    case : mapping of str to object, optional
        What is known of the patient, such as ``{"sex": "female"}``.
    consensus : {"majority", "staple"}
        More than half of those that can tell a structure; or STAPLE, with the extra `consensus`.
    resample : bool
        Whether predictions on another lattice may be resampled by nearest neighbour.
    project : Project or path, optional
        A user's own folder (its `vesalius.yaml`): what it has is known besides what is shipped.

    Returns
    -------
    MeasuredTable
        `.table()`, `.columns`, `.save(path)`; what is undefined is None, never 0.

    Raises
    ------
    DiagnosticError
        With every problem of files and YAML; MEA011 without SimpleITK; MEA012 for one prediction.
    """
    given = each_prediction(predictions)
    return concordance_table(given, image, case, consensus, resample=resample, project=project)
