"""What nnU-Net would stumble over, found before anything is written: all problems at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from nibabel.orientations import aff2axcodes, io_orientation

from vesalius.adapters.cases.prediction_line import file_to_edit
from vesalius.adapters.files.align import GRID_TOLERANCE_VOXELS
from vesalius.adapters.files.image_values import check_values, read_values
from vesalius.adapters.files.io_diagnostics import listing, plural, problem
from vesalius.adapters.files.label_volume import LabelVolume, read_labels
from vesalius.adapters.files.nifti_header import VolumeHeader, parse_header
from vesalius.adapters.files.opened import open_given
from vesalius.adapters.nnunet.label_ids import LabelIds
from vesalius.engine.runs.grid import Grid
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError
from vesalius.ontology.scheme.scheme import Scheme

_SPATIAL_AXES = 3
_CHANNEL = "_0000"
"""How nnU-Net calls the first channel of an image."""
_SHOWN = 3


@dataclass(frozen=True)
class CasePair:
    """The two files of one training case."""

    case: str
    image: Path
    labels: Path


@dataclass(frozen=True)
class CheckedCase:
    """A case that was read.

    Parameters
    ----------
    pair : CasePair
        Its files.
    image_sha256, labels_sha256 : str
        Digests of the files' bytes.
    integers : tuple of int
        Integers of the label map, ascending.
    orientation : str
        Directions of the array axes, such as ``LPS``.
    left_right_axis : int
        The array axis (i, j, k = 0, 1, 2) that runs across the patient.
    labels_rewrite : bool
        Whether the label file cannot go to nnU-Net as it is, whatever its integers are.
    """

    pair: CasePair
    image_sha256: str
    labels_sha256: str
    integers: tuple[int, ...]
    orientation: str
    left_right_axis: int
    labels_rewrite: bool


def pair_cases(
    images: Mapping[str, Path], labels: Mapping[str, Path]
) -> tuple[list[CasePair], list[Diagnostic]]:
    """Match images and label maps by case; those without a partner are problems (NNU003)."""
    pairs = [CasePair(c, images[c], labels[c]) for c in sorted(images.keys() & labels.keys())]
    problems = []
    if not pairs and (_say_channel(images, labels) or len(images) + len(labels) > _SHOWN):
        return pairs, [_no_pair(images, labels)]
    for ours, others, what in ((images, labels, "labels"), (labels, images, "image")):
        for case in sorted(ours.keys() - others.keys()):
            hint = f"give the {what} of `{case}`, or move this file out of the folder"
            text = f"case `{case}` has no {what}"
            problems.append(problem("NNU003", ours[case], text, hint))
    return pairs, problems


def _no_pair(images: Mapping[str, Path], labels: Mapping[str, Path]) -> Diagnostic:
    """Say that no name of the one is a name of the other: a template is wrong, not the cases."""
    ours, theirs = (listing([f"`{case}`" for case in sorted(x)], _SHOWN) for x in (images, labels))
    hint = "write both templates so that `{case}` is the same for an image and its labels"
    if _say_channel(images, labels):
        hint = f"nnU-Net's images end in {_CHANNEL}: write `{{case}}{_CHANNEL}` in --images"
    text = f"no image has labels: the images are {ours}, the labels {theirs}"
    return problem("NNU003", None, text, hint)


def _say_channel(images: Mapping[str, Path], labels: Mapping[str, Path]) -> bool:
    """Tell whether the names of images and labels differ by the channel alone."""
    return bool(images) and all(case.removesuffix(_CHANNEL) in labels for case in images)


def check_case(
    pair: CasePair, scheme: Scheme, ids: LabelIds
) -> tuple[CheckedCase, list[Diagnostic]]:
    """Read one case and say everything that is wrong with it.

    Parameters
    ----------
    pair : CasePair
        The files.
    scheme : Scheme
        For messages.
    ids : LabelIds
        Which integers are known.

    Returns
    -------
    CheckedCase
    list of Diagnostic
        Warnings and notes.

    Raises
    ------
    DiagnosticError
        With every problem of both files: IO0xx, NNU005, NNU006, NNU009, NNU010.
    """
    found: list[Diagnostic] = []
    errors: list[Diagnostic] = []
    image = labels = None
    digest = ""
    try:
        with open_given(pair.image) as opened:
            image = parse_header(opened)
            found += image.diagnostics
            errors += four_axes(pair.image, image)
            if image.dtype.kind == "f":
                voxels = read_values(opened, image)
                digest = voxels.digest
                errors += _not_finite(pair.image, voxels.without_number())
            else:
                digest = check_values(opened, image)
    except DiagnosticError as error:
        errors += error.diagnostics
    try:
        labels = read_labels(pair.labels)
        found += labels.diagnostics
        errors += _unknown(labels, pair.labels, scheme, ids)
    except DiagnosticError as error:
        errors += error.diagnostics
    if image is not None and labels is not None:
        errors += _grids(image.grid, labels.grid, pair)
    if errors or image is None or labels is None:
        raise DiagnosticError([*found, *errors])
    integers = _integers(labels)
    if set(integers) <= {ids.background}:
        text = f"case `{pair.case}` has no labelled voxel; nnU-Net learns only background from it"
        found.append(problem("NNU007", pair.labels, text, severity="warning"))
    axes = io_orientation(image.grid.affine)[:, 0]  # type: ignore[no-untyped-call]
    checked = CheckedCase(
        pair=pair,
        image_sha256=digest,
        labels_sha256=labels.digest,
        integers=integers,
        orientation="".join(aff2axcodes(image.grid.affine)),  # type: ignore[no-untyped-call]
        left_right_axis=int(np.flatnonzero(axes == 0)[0]),
        labels_rewrite=int(labels.header["dim"][0]) > _SPATIAL_AXES,
    )
    return checked, found


def orientation_note(
    cases: Sequence[CheckedCase], reader: str, reorients: bool
) -> list[Diagnostic]:
    """Say when the images do not all lie the same way (NNU008)."""
    ways = Counter(case.orientation for case in cases)
    if len(ways) < 2:
        return []
    words = [f"{plural(n, 'image')} in {way}" for way, n in sorted(ways.items())]
    if reorients:
        text = f"{listing(words)}; `{reader}` turns all of them to RAS, in prediction too"
        return [problem("NNU008", None, text, severity="info")]
    text = f"{listing(words)}; `{reader}` keeps them as they are, so the network sees patients "
    text += "lying in different ways"
    hint = "use `--reader NibabelIOWithReorient`"
    return [problem("NNU008", None, text, hint, severity="warning")]


def _integers(labels: LabelVolume) -> tuple[int, ...]:
    present = np.zeros(np.iinfo(labels.array.dtype).max + 1, bool)
    present[labels.array.reshape(-1, order="F")] = True
    return tuple(int(n) for n in np.flatnonzero(present))


def _unknown(labels: LabelVolume, path: Path, scheme: Scheme, ids: LabelIds) -> list[Diagnostic]:
    unknown = ids.unknown(_integers(labels)) if scheme.closed else []
    if not unknown:
        return []
    noun = "integer" if len(unknown) == 1 else "integers"
    words = [f"{n} ({plural(int(np.count_nonzero(labels.array == n)), 'voxel')})" for n in unknown]
    text = f"`{scheme.name}` does not list {noun} {listing(words)}"
    hint = (
        f"is this the right scheme? Otherwise write `{unknown[0]}: STRUCTURE`, "
        f"`{unknown[0]}: drop` or `{unknown[0]}: ignore` into {file_to_edit(scheme)}"
    )
    return [problem("NNU006", path, text, hint)]


def _grids(image: Grid, labels: Grid, pair: CasePair) -> list[Diagnostic]:
    apart_mm = image.offset_mm(labels)
    if apart_mm <= GRID_TOLERANCE_VOXELS * min(*image.spacing_mm, *labels.spacing_mm):
        return []
    if image.shape != labels.shape:
        ours, theirs = (" x ".join(str(n) for n in grid.shape) for grid in (labels, image))
        text = f"labels of {ours} voxels, but the image {pair.image} has {theirs}"
    else:
        text = f"labels and image {pair.image} lie up to {apart_mm:.3g} mm apart"
    hint = "write the labels on the voxels of the image first (`vesalius run --image ...`)"
    return [problem("NNU005", pair.labels, text, hint)]


def _not_finite(path: Path, count: int) -> list[Diagnostic]:
    if not count:
        return []
    verb = "is" if count == 1 else "are"
    text = f"{plural(count, 'voxel')} {verb} NaN or infinite; training on it gives NaN"
    return [problem("NNU010", path, text, "write the value of air instead, -1024 for a CT")]


def four_axes(path: Path, header: VolumeHeader) -> list[Diagnostic]:
    """Refuse a file that is no volume of three axes, be the fourth one of one voxel (NNU009)."""
    if int(header.nifti["dim"][0]) <= _SPATIAL_AXES:
        return []
    text = "the file has four axes; nnU-Net reads volumes of three"
    return [problem("NNU009", path, text, "write the volume without the fourth axis")]
