"""One prediction on its way: open, header, values, names, place, runs.

Each stage takes what the one before has made; what is said on the way goes along
(:class:`~vesalius.adapters.files.told.Told`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeAlias

from vesalius.adapters.cases.inputs import Prediction
from vesalius.adapters.cases.loaded import LoadedSource
from vesalius.adapters.files.align import align, lies_on
from vesalius.adapters.files.class_table import ClassTable
from vesalius.adapters.files.embedded_names import check_names
from vesalius.adapters.files.io_diagnostics import plural
from vesalius.adapters.files.label_volume import LabelVolume, read_labels
from vesalius.adapters.files.mask_folder import read_mask_folder
from vesalius.adapters.files.nifti_bytes import NiftiHeader
from vesalius.adapters.files.told import Told
from vesalius.engine.merge.claims import unlisted_integers
from vesalius.engine.plan.plan import SourceTable
from vesalius.engine.runs.grid import Grid
from vesalius.engine.runs.labelmap import LabelMap, encode
from vesalius.ontology.packaged import packaged_scheme_paths
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError
from vesalius.ontology.reading.listing import listing
from vesalius.ontology.reading.real_path import real_path

_BYTE = 256
_SHOWN = 8
_VALUES_OF_AN_IMAGE = 256
"""With more values than these that are no class, a file is hardly a label map."""
Looks: TypeAlias = Callable[[LabelMap, str, str], str | None]
"""Says which scheme the labels of a file look like, by the map and what messages call it."""


@dataclass(frozen=True, eq=False)
class Target:
    """Where the output lies.

    Parameters
    ----------
    grid : Grid
        Its voxels.
    name : str
        What messages call the image or prediction that says so.
    header : Nifti1Header, Nifti2Header or None
        Its header, which the output takes over.
    is_image : bool
        Whether it is the CT: then predictions may have another field of view.
    """

    grid: Grid
    name: str
    header: NiftiHeader | None
    is_image: bool


def read_source(
    prediction: Prediction,
    scheme: ClassTable,
    table: SourceTable,
    target: Target | None,
    *,
    resample: bool,
    trust: bool = False,
    shared: Collection[str] = (),
    looks: Looks | None = None,
) -> tuple[Told[LoadedSource], Target | None]:
    """Read one prediction onto the grid of the case.

    Parameters
    ----------
    prediction : Prediction
        What is read.
    scheme : ClassTable
        What its integers mean.
    table : SourceTable
        Which of them the plan knows.
    target : Target or None
        Where the case lies; None where that is not known yet: then it lies as this prediction.
    resample : bool
        Whether another lattice may be resampled by nearest neighbour.
    trust : bool
        Whether labels of the shape of the image are taken voxel for voxel.
    shared : collection of str
        Of a folder of masks: stems that another prediction of the case is read from.
    looks : callable, optional
        Says what labels look like that the scheme does not list.

    Returns
    -------
    source : Told of LoadedSource
        Problems are IO0xx, RUN001 integers the scheme does not list, RUN002 no common grid.
    target : Target or None
        Where the case lies; still None where the prediction cannot be read.
    """
    read = Told(prediction).then(lambda p: _values(p, scheme, shared))
    named = read.then(lambda v: _names(v, scheme))
    if named.value is None:
        return Told(None, named.remarks, named.problems), target
    own = named.value
    where = target or Target(own.grid, own.header_path, own.header, is_image=False)
    placed = named.then(lambda volume: _place(volume, table.token, where, resample, trust))
    return placed.then(lambda source: _looked_at(source, scheme, table, looks)), where


def read_prediction(
    prediction: Prediction, scheme: ClassTable, shared: Collection[str] = ()
) -> LabelVolume:
    """Read a multi-label file, a folder with one mask per class, or what is in memory.

    Raises
    ------
    DiagnosticError
        With every problem of the files.
    """
    if isinstance(prediction.given, Path) and os.path.isdir(prediction.given):
        return read_mask_folder(prediction.given, scheme, shared)
    return read_labels(prediction.given)


def _values(
    prediction: Prediction, scheme: ClassTable, shared: Collection[str]
) -> Told[LabelVolume]:
    # What it remarks is told once its labels have a place.
    return Told(read_prediction(prediction, scheme, shared))


def _names(volume: LabelVolume, scheme: ClassTable) -> Told[LabelVolume]:
    return Told(volume, tuple(check_names(volume, scheme)))


def _place(
    volume: LabelVolume, token: str, where: Target, resample: bool, trust: bool
) -> Told[LoadedSource]:
    source = partial(LoadedSource, token, volume.path, volume.noun, volume.digest)
    if lies_on(volume.grid, where.grid):
        labels = replace(volume.labels, grid=where.grid)
        return Told(source("same", labels), volume.diagnostics)
    trust = trust and where.is_image
    aligned = align(volume, where.grid, resample=resample, trust=trust)
    if not where.is_image and aligned.how in ("shifted", "resampled") and not resample:
        text = (
            f"lies on another grid than {where.name}, and no image says which of "
            "them the output shall have"
        )
        hint = "give the CT with --image"
        problem = Diagnostic("RUN002", "error", text, path=volume.path, help=hint)
        raise DiagnosticError([problem])
    labels = encode(aligned.array, where.grid.affine)
    return Told(source(aligned.how, labels), (*volume.diagnostics, *aligned.diagnostics))


def _looked_at(
    source: LoadedSource, scheme: ClassTable, table: SourceTable, looks: Looks | None
) -> Told[LoadedSource]:
    return Told(source, _empty(source), _unlisted(source, table, scheme, looks))


def _unlisted(
    source: LoadedSource, table: SourceTable, scheme: ClassTable, looks: Looks | None
) -> tuple[Diagnostic, ...]:
    unlisted = {} if table.open else unlisted_integers(table, source.labels)
    if not unlisted:
        return ()
    listed = [f"{integer} ({plural(voxels, 'voxel')})" for integer, voxels in unlisted.items()]
    noun = "integers" if len(listed) > 1 else "integer"
    text = f"`{scheme.name}` does not list {noun} {listing(listed, _SHOWN)}"
    example = next(iter(unlisted))
    like = None if looks is None else looks(source.labels, source.path, source.token)
    question = "is this the right scheme? No other one that is known clearly fits."
    if like is not None:
        question = f"{like}."
    elif looks is None:
        question = "is this the right scheme?"
    cut = _cut_to_bytes(unlisted, source.labels.largest, scheme)
    if cut is not None:
        return (Diagnostic("RUN001", "error", text, path=source.path, help=cut),)
    if like is None and source.labels.labels().tolist() == [_BYTE - 1]:
        question = (
            "is this the mask of one class (0 and 255)? Masks are given as a folder, each called "
            "as its class."
        )
    if like is None and len(unlisted) > _VALUES_OF_AN_IMAGE:
        question = "is this an image? Its labels are a file of their own."
    hint = (
        f"{question} Otherwise write `{example}: STRUCTURE`, "
        f"`{example}: drop` or `{example}: ignore` into {file_to_edit(scheme)}"
    )
    return (Diagnostic("RUN001", "error", text, path=source.path, help=hint),)


def _cut_to_bytes(unlisted: Iterable[int], largest: int, scheme: ClassTable) -> str | None:
    """Say that labels were stored in bytes and lost what is above 255; None where it is not so."""
    if largest >= _BYTE:
        return None
    above = {entry.integer % _BYTE: entry.integer for entry in scheme.entries}
    above = {rest: integer for rest, integer in above.items() if integer >= _BYTE}
    found = [*unlisted]
    if not all(integer in above for integer in found):
        return None
    return (
        f"labels above 255 do not fit into bytes: {found[0]} would be {above[found[0]]}; write the "
        "file again as uint16"
    )


def file_to_edit(scheme: ClassTable) -> str:
    """Name the file to edit: not that of the package, which the next installation writes over."""
    shipped = packaged_scheme_paths().get(scheme.name)
    if shipped is None or real_path(shipped) != real_path(scheme.path):
        return scheme.path
    return f"a copy of {scheme.path}, and give its path in place of `{scheme.name}`"


def _empty(source: LoadedSource) -> tuple[Diagnostic, ...]:
    if len(source.labels):
        return ()
    text = f"has no labelled voxel; `{source.token}` says nothing about this case"
    return (Diagnostic("RUN003", "warning", text, path=source.path),)
