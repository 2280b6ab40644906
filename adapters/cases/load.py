"""Reading a case: predictions and CT from files onto one grid, as runs."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vesalius.adapters.cases.case_image import CaseImage
from vesalius.adapters.cases.loaded import LoadedCase, LoadedSource, PredictionFile
from vesalius.adapters.files.align import AlignedVolume, align
from vesalius.adapters.files.embedded_names import check_embedded_names
from vesalius.adapters.files.io_diagnostics import plural
from vesalius.adapters.files.mask_folder import read_mask_folder
from vesalius.adapters.files.nifti_read import (
    LabelVolume,
    hounsfield_doubt,
    read_image,
    read_labels,
)
from vesalius.engine.claims import unlisted_integers
from vesalius.engine.grid import Grid
from vesalius.engine.labelmap import LabelMap, encode
from vesalius.engine.plan import Plan
from vesalius.ontology.diagnostics import Diagnostic, DiagnosticError
from vesalius.ontology.library import scheme_paths
from vesalius.ontology.scheme_types import Scheme

SHOWN = 8


@dataclass(frozen=True)
class CaseFiles:
    """A case as the user names it.

    Parameters
    ----------
    predictions : sequence of PredictionFile
        At least one.
    image : Path or None
        The CT; its grid is the output's. Without it, that of the predictions.
    metadata : mapping of str to str
        What is known of the patient.
    resample : bool
        Whether predictions on another lattice may be resampled by nearest neighbour.
    """

    predictions: Sequence[PredictionFile]
    image: Path | None
    metadata: Mapping[str, str]
    resample: bool


@dataclass(frozen=True)
class _Target:
    grid: Grid
    reference: Path


def load_case(files: CaseFiles, plan: Plan, schemes: Mapping[str, Scheme]) -> LoadedCase:
    """Read a case.

    Parameters
    ----------
    files : CaseFiles
        What to read.
    plan : Plan
        Its tables say which integers are known.
    schemes : mapping of str to Scheme
        Scheme of each source, by token.

    Returns
    -------
    LoadedCase

    Raises
    ------
    DiagnosticError
        With every problem of every file: IO0xx, RUN001 integers the scheme does not list, RUN002
        no common grid.

    Notes
    -----
    The image is read to its end: into memory where the plan has steps, which may ask for its
    values, else only to see that it is sound. Values that cannot be Hounsfield units are kept from
    the steps.
    """
    problems: list[Diagnostic] = []
    remarks: list[Diagnostic] = []
    image, voxels, image_digest = None, None, None
    if files.image is not None:
        try:
            image = read_image(files.image)
            remarks += image.diagnostics
            # Before any other work: a damaged image is the end of the case, whether or not a
            # rule asks for its voxels.
            voxels = image.load() if plan.steps else None
            image_digest = image.check() if voxels is None else voxels.digest
            doubt = None if voxels is None else hounsfield_doubt(image.path, voxels)
            if doubt is not None:
                remarks.append(doubt)
                voxels = None
        except DiagnosticError as error:
            problems += error.diagnostics
    target = None if image is None else _Target(image.grid, Path(image.path))
    first = None
    sources: list[LoadedSource] = []
    for prediction in sorted(files.predictions, key=lambda p: p.token):
        try:
            volume = read_prediction(prediction, schemes[prediction.token])
            remarks += check_embedded_names(prediction.path, schemes[prediction.token])
            first = first or volume
            where = target or _Target(first.grid, Path(first.header_path))
            placed = _place(volume, where, image is not None, files.resample)
            labels = encode(placed.array, where.grid.affine)
            problems += _unlisted(prediction, labels, plan, schemes[prediction.token])
            remarks += [*volume.diagnostics, *placed.diagnostics, *_empty(prediction, labels)]
            sources.append(
                LoadedSource(
                    prediction.token, str(prediction.path), volume.digest, placed.how, labels
                )
            )
        except DiagnosticError as error:
            problems += error.diagnostics
    if problems:
        raise DiagnosticError([*remarks, *problems])
    if first is None:
        raise ValueError("a case needs at least one prediction")
    remarks += _given_twice(sources, schemes)
    where = target or _Target(first.grid, Path(first.header_path))
    return LoadedCase(
        grid=where.grid,
        axes=sources[0].labels.axes,
        reference=where.reference,
        image_path=None if image is None else image.path,
        image_digest=image_digest,
        image=None if voxels is None else CaseImage(voxels),
        sources=tuple(sources),
        metadata=dict(files.metadata),
        diagnostics=tuple(dict.fromkeys(remarks)),
    )


def read_prediction(prediction: PredictionFile, scheme: Scheme) -> LabelVolume:
    """Read a multi-label file, or a folder with one mask per class."""
    if os.path.isdir(prediction.path):
        return read_mask_folder(prediction.path, scheme).volume()
    return read_labels(prediction.path)


def _place(volume: LabelVolume, where: _Target, image: bool, resample: bool) -> AlignedVolume:
    placed = align(volume, where.grid, resample=resample)
    if not image and placed.how in ("shifted", "resampled") and not resample:
        raise DiagnosticError(
            [
                Diagnostic(
                    code="RUN002",
                    severity="error",
                    message=(
                        f"lies on another grid than {where.reference}, and no image says which of "
                        "them the output shall have"
                    ),
                    path=volume.path,
                    help="give the CT with --image",
                )
            ]
        )
    return placed


def _unlisted(
    prediction: PredictionFile, labels: LabelMap, plan: Plan, scheme: Scheme
) -> list[Diagnostic]:
    table = next(t for t in plan.sources if t.token == prediction.token)
    unlisted = {} if table.open else unlisted_integers(table, labels)
    if not unlisted:
        return []
    listed = [f"{integer} ({plural(voxels, 'voxel')})" for integer, voxels in unlisted.items()]
    more = f" and {len(listed) - SHOWN} more" if len(listed) > SHOWN else ""
    example = next(iter(unlisted))
    return [
        Diagnostic(
            code="RUN001",
            severity="error",
            message=(
                f"`{scheme.name}` does not list integer{'s' if len(listed) > 1 else ''} "
                + ", ".join(listed[:SHOWN])
                + more
            ),
            path=str(prediction.path),
            help=(
                f"is this the right scheme? Otherwise write `{example}: STRUCTURE`, "
                f"`{example}: drop` or `{example}: ignore` into {_own_file(scheme)}"
            ),
        )
    ]


def _own_file(scheme: Scheme) -> str:
    """Name the file to edit: not that of the package, which the next installation writes over."""
    shipped = scheme_paths().get(scheme.name)
    if shipped is None or shipped.resolve() != Path(scheme.path).resolve():
        return scheme.path
    return f"a copy of {scheme.path}, and give its path in place of `{scheme.name}`"


def _empty(prediction: PredictionFile, labels: LabelMap) -> list[Diagnostic]:
    if len(labels):
        return []
    return [
        Diagnostic(
            code="RUN003",
            severity="warning",
            message=f"has no labelled voxel; `{prediction.token}` says nothing about this case",
            path=str(prediction.path),
        )
    ]


def _given_twice(
    sources: Sequence[LoadedSource], schemes: Mapping[str, Scheme]
) -> list[Diagnostic]:
    """Warn of predictions whose files have the same bytes."""
    found = []
    first: dict[str, LoadedSource] = {}
    for source in sources:
        other = first.setdefault(source.digest, source)
        # Models that found nothing may well have written the same.
        if other is source or not len(source.labels):
            continue
        text = f"`{source.token}` and `{other.token}` are the same file"
        if schemes[source.token].name == schemes[other.token].name:
            text += "; the second adds nothing"
        else:
            text += ", read with two schemes; one of them is wrong"
        found.append(
            Diagnostic(
                code="RUN004",
                severity="warning",
                message=text,
                path=source.path,
                help="was another file meant?",
            )
        )
    return found
