"""What a segmentation of unknown scheme shows: its labels, measured once, and any names."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vesalius.adapters.files.embedded_names import names_given
from vesalius.adapters.files.given import Given, given_name
from vesalius.adapters.files.io_diagnostics import failure
from vesalius.adapters.files.label_volume import LabelVolume, read_labels
from vesalius.adapters.files.mask_folder import read_mask_folder
from vesalius.adapters.files.mask_names import mask_files
from vesalius.adapters.files.nifti_names import nifti_stem
from vesalius.engine.runs.labelmap import LabelMap
from vesalius.engine.runs.measure import measure
from vesalius.ontology.reading.diagnostics import Diagnostic


@dataclass(frozen=True, eq=False)
class Seen:
    """Measures of every label that is present, one row each.

    Parameters
    ----------
    path : str
        What was looked at.
    integer : tuple of int, n
        The labels, ascending; of a folder of masks 1, 2, ... in the order of its files.
    voxels : ndarray of int64, shape (n,)
        Their number.
    volume_ml : ndarray of float, shape (n,)
        Volumes in millilitres.
    centre_mm : ndarray of float, shape (n, 3)
        Centroids in the patient frame, RAS+.
    size_mm : ndarray of float, shape (n, 3)
        Sides of the box around each, along the patient's axes.
    cut : ndarray of bool, shape (n,)
        Whether it touches the edge of the volume, so that its size says little.
    stem : mapping of int to str
        Of a folder of masks: the file of each integer, without ending; else empty.
    names : mapping of int to str
        Class names that the file, or what lies beside it, gives.
    remarks : tuple of Diagnostic
        What reading had to say.
    """

    path: str
    integer: tuple[int, ...]
    voxels: NDArray[np.int64]
    volume_ml: NDArray[np.float64]
    centre_mm: NDArray[np.float64]
    size_mm: NDArray[np.float64]
    cut: NDArray[np.bool_]
    stem: Mapping[int, str] = field(default_factory=dict)
    names: Mapping[int, str] = field(default_factory=dict)
    remarks: tuple[Diagnostic, ...] = ()

    def __len__(self) -> int:
        """Return the number of labels."""
        return len(self.integer)


@dataclass(frozen=True)
class _Mask:
    integer: int
    name: str


@dataclass(frozen=True)
class _OwnNames:
    """A folder's own list of classes, so that it is read before its scheme is known."""

    name: str
    entries: tuple[_Mask, ...]
    folder: str = "{name}"


def look_at(given: Given) -> Seen:
    """Read a segmentation and measure its labels.

    Parameters
    ----------
    given : Path, GivenImage or GivenArray
        A label map; a path may also be a folder with one mask per class.

    Raises
    ------
    DiagnosticError
        Every problem of the files (IO0xx); IDN001 where there is no labelled voxel.
    """
    if isinstance(given, Path) and os.path.isdir(given):
        stems = [nifti_stem(file.name) for file in mask_files(given)]
        own = _OwnNames(str(given), tuple(_Mask(i, stem) for i, stem in enumerate(stems, 1)))
        volume = read_mask_folder(given, own, any_number=True)
        stem = {mask.integer: mask.name for mask in own.entries}
        names: Mapping[int, str] = {}
    else:
        volume = read_labels(given)
        stem = {}
        names = names_given(volume).names
    seen = seen_in(volume.labels, given_name(given), stem, names, volume)
    if not len(seen):
        hint = "give a segmentation in which something was found"
        text = "has no labelled voxel, so every scheme fits it alike"
        raise failure("IDN001", given_name(given), text, hint)
    return seen


def seen_in(
    labels: LabelMap,
    path: str,
    stem: Mapping[int, str] | None = None,
    names: Mapping[int, str] | None = None,
    volume: LabelVolume | None = None,
) -> Seen:
    """Measure the labels of a map.

    Parameters
    ----------
    labels : LabelMap
        In runs.
    path : str
        What messages call it.
    stem, names : mapping of int to str, optional
        As in `Seen`.
    volume : LabelVolume, optional
        Where it was read from; its remarks are kept.
    """
    rows = measure(labels)
    reach = np.abs(labels.grid.affine[:3, :3])
    return Seen(
        path=path,
        integer=tuple(rows.label.tolist()),
        voxels=rows.voxels,
        volume_ml=rows.volume_ml,
        centre_mm=rows.centre_mm,
        size_mm=np.asarray((rows.box_hi - rows.box_lo) @ reach.T, dtype=np.float64),
        cut=np.asarray(rows.on_border.any(axis=(1, 2)), dtype=np.bool_),
        stem=stem or {},
        names=names or {},
        remarks=() if volume is None else volume.diagnostics,
    )
