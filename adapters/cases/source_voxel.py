"""What each prediction of a run says at one voxel, read again from its file."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vesalius.adapters.cases.file_names import RUN_FROM, place_of, places_of
from vesalius.adapters.cases.inputs import PredictionFile
from vesalius.adapters.cases.prediction_line import read_prediction
from vesalius.adapters.cases.run_folder import RunFolder
from vesalius.adapters.files.align import AlignedVolume, align
from vesalius.adapters.files.label_values import Labels
from vesalius.adapters.files.label_volume import LabelVolume, read_labels
from vesalius.adapters.files.mask_names import mask_files
from vesalius.adapters.files.nifti_names import nifti_stem
from vesalius.ontology.load import load_ontology, load_scheme
from vesalius.ontology.project import Project
from vesalius.ontology.reading.diagnostics import DiagnosticError

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


def sources_at(
    run: RunFolder, places: Sequence[Ijk], project: Project | None = None
) -> list[tuple[SourceVoxel, ...]]:
    """Read what every prediction of a run says at some voxels; each file is read once.

    Parameters
    ----------
    run : RunFolder
        The result; its report names the files.
    places : sequence of tuple of int
        The voxels.
    project : Project, optional
        Where schemes are looked for besides those that are shipped.

    Returns
    -------
    list of tuple of SourceVoxel
        For each voxel, in the order of the report. A file that is gone or cannot be read is one
        of them.
    """
    classes = {row["source"]: row for row in run.report["sources"]}
    by_source = [
        _source_at(row, classes[row["source"]], run, places, project)
        for row in run.report["inputs"]
        if row["role"] == "prediction"
    ]
    return [tuple(said[at] for said in by_source) for at in range(len(places))]


def source_arrays(run: RunFolder, project: Project | None = None) -> dict[str, Labels]:
    """Give the integers of every prediction of a run on the grid of its result.

    A file that is gone, cannot be read or has changed since is left out.

    Parameters
    ----------
    run : RunFolder
        The result; its report names the files.
    project : Project, optional
        Where schemes are looked for besides those that are shipped.

    Returns
    -------
    dict of str to ndarray, shape (i, j, k)
        By the name of the source.
    """
    classes = {row["source"]: row for row in run.report["sources"]}
    found: dict[str, Labels] = {}
    for row in run.report["inputs"]:
        if row["role"] != "prediction":
            continue
        try:
            volume = _read(row, classes[row["source"]], run, project)
            placed = _placed(row, volume, run)
        except DiagnosticError:
            continue
        if volume.digest == row["sha256"]:
            found[row["source"]] = placed.array
    return found


def _placed(row: Row, volume: LabelVolume, run: RunFolder) -> AlignedVolume:
    return align(volume, run.grid, resample=row["placed"] == "resampled",
                 trust=row["placed"] == "trusted")  # fmt: skip


def _source_at(
    row: Row, source: Row, run: RunFolder, places: Sequence[Ijk], project: Project | None
) -> list[SourceVoxel]:
    try:
        volume = _read(row, source, run, project)
        placed = _placed(row, volume, run)
    except DiagnosticError as error:
        (first, *_) = error.diagnostics
        gone = _said(row, None, "", (), f"cannot be read any more: {first.message}", False)
        return [gone] * len(places)
    reliable = volume.digest == row["sha256"]
    return [_voxel_of(row, source, placed, reliable, ijk) for ijk in places]


def _voxel_of(
    row: Row, source: Row, placed: AlignedVolume, reliable: bool, ijk: Ijk
) -> SourceVoxel:
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


def _read(row: Row, source: Row, run: RunFolder, project: Project | None) -> LabelVolume:
    """Read the file that was merged; of several with its name the one with its content."""
    found: list[LabelVolume] = []
    places = list(places_of(row["path"], run.folder, run.report.get(RUN_FROM)))
    for path in places or [Path(row["path"])]:
        try:
            volume = _read_at(path, row, source, run, project)
        except DiagnosticError:
            if len(places) > 1:
                continue
            raise
        if volume.digest == row["sha256"]:
            return volume
        found.append(volume)
    return found[0] if found else _read_at(places[0], row, source, run, project)


def _read_at(
    path: Path, row: Row, source: Row, run: RunFolder, project: Project | None
) -> LabelVolume:
    if not os.path.isdir(path):
        return read_labels(path)
    # Only the scheme knows which class a mask's file name stands for.
    file = place_of(source["scheme_file"], run.folder, run.report.get(RUN_FROM))
    ontology = load_ontology(project)
    scheme = load_scheme(file if file.is_file() else source["scheme"], ontology)
    # The run took what the scheme does not know for another source's, or for nothing.
    others = [nifti_stem(file.name) for file in mask_files(path)]
    return read_prediction(PredictionFile(row["source"], path), scheme, others)


def _said(
    row: Row, integer: int | None, name: str, claims: tuple[str, ...], remark: str, reliable: bool
) -> SourceVoxel:
    return SourceVoxel(row["source"], row["path"], integer, name, claims, remark, reliable)
