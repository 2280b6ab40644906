"""What each prediction of a run says at one voxel, read again from its file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vesalius.adapters.cases.load import read_prediction
from vesalius.adapters.cases.loaded import PredictionFile
from vesalius.adapters.cases.run_folder import Report
from vesalius.adapters.files.align import align
from vesalius.adapters.files.nifti_read import LabelVolume, read_labels
from vesalius.engine.grid import Grid
from vesalius.ontology.diagnostics import DiagnosticError
from vesalius.ontology.library import load_scheme
from vesalius.ontology.ontology import load_ontology

Ijk = tuple[int, int, int]
Row = Mapping[str, Any]

CHANGED = "the file has changed since the run"


@dataclass(frozen=True)
class SourceVoxel:
    """One prediction at one voxel.

    Parameters
    ----------
    source : str
        Name of the source in the run.
    path : str
        Its file or folder.
    integer : int or None
        What stands there; 0 for background, None where that is not known.
    name : str
        The class as the dataset calls it; empty where it has no name.
    claims : tuple of str
        The structure it is read as; several where a plane decides voxel by voxel, and the
        report does not say how it decided here; none where nothing is claimed.
    remark : str
        What else is to be said; empty if nothing.
    reliable : bool
        Whether the file is still the one that was merged.
    """

    source: str
    path: str
    integer: int | None
    name: str
    claims: tuple[str, ...]
    remark: str
    reliable: bool


def sources_at(report: Report, grid: Grid, ijk: Ijk) -> tuple[SourceVoxel, ...]:
    """Read what every prediction of a run says at a voxel.

    Parameters
    ----------
    report : dict
        Of the run; names the files.
    grid : Grid
        Of the result.
    ijk : tuple of int
        The voxel.

    Returns
    -------
    tuple of SourceVoxel
        In the order of the report. A file that is gone or cannot be read is one of them.
    """
    classes = {row["source"]: row for row in report["sources"]}
    return tuple(
        _source_at(row, classes[row["source"]], grid, ijk)
        for row in report["inputs"]
        if row["role"] == "prediction"
    )


def _source_at(row: Row, source: Row, grid: Grid, ijk: Ijk) -> SourceVoxel:
    try:
        volume = _read(row, source)
        placed = align(volume, grid, resample=row["placed"] == "resampled")
    except DiagnosticError as error:
        (first, *_) = error.diagnostics
        return _said(row, None, "", (), f"cannot be read any more: {first.message}", False)
    reliable = volume.digest == row["sha256"]
    remarks = [] if reliable else [CHANGED]
    inside = all(lo <= at < hi for lo, at, hi in zip(placed.lo, ijk, placed.hi, strict=True))
    integer = int(placed.array[ijk])
    if not inside:
        remarks.append("its scan does not reach here")
    if integer == 0:
        return _said(row, 0, "", (), "; ".join(remarks), reliable)
    known = next((c for c in source["classes"] if c["integer"] == integer), None)
    if known is None:
        remarks.append("the run did not meet this integer")
        return _said(row, integer, "", (), "; ".join(remarks), reliable)
    remarks += _unpainted(known)
    claims = tuple(known["painted"])
    return _said(row, integer, known["name"] or "", claims, "; ".join(remarks), reliable)


def _unpainted(known: Row) -> list[str]:
    """Say what becomes of an integer, or of some of its voxels, besides being painted."""
    some = "some of it " if known["painted"] else ""
    remarks = []
    if known.get("dropped"):
        remarks.append(f"{some}dropped on purpose")
    if known.get("ignored"):
        remarks.append(f"{some}not annotated, so no opinion")
    if known.get("unlisted"):
        remarks.append(f"{some}not listed in the scheme")
    lost = [name for name in known.get("lost", {}) if name not in known["painted"]]
    if lost:
        remarks.append(f"{some}{', '.join(lost)}, for which the target has no place")
    return remarks


def _read(row: Row, source: Row) -> LabelVolume:
    path = Path(row["path"])
    if not os.path.isdir(path):
        return read_labels(path)
    # Only the scheme knows which class a mask's file name stands for.
    file = Path(source["scheme_file"])
    scheme = load_scheme(file if file.is_file() else source["scheme"], load_ontology())
    return read_prediction(PredictionFile(row["source"], path), scheme)


def _said(
    row: Row, integer: int | None, name: str, claims: tuple[str, ...], remark: str, reliable: bool
) -> SourceVoxel:
    return SourceVoxel(row["source"], row["path"], integer, name, claims, remark, reliable)
