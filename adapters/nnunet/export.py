"""A dataset for nnU-Net out of a scheme, images and label maps, whole or not at all."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from vesalius.adapters.files.atomic import json_text, replace_folder
from vesalius.adapters.files.claims import sweep
from vesalius.adapters.files.io_diagnostics import failure, listing, plural, problem
from vesalius.adapters.files.label_volume import read_labels
from vesalius.adapters.files.link_or_copy import link_or_copy
from vesalius.adapters.files.nifti_write import write_labels
from vesalius.adapters.nnunet.integrity import (
    CheckedCase,
    check_case,
    orientation_note,
    pair_cases,
)
from vesalius.adapters.nnunet.label_ids import LabelIds, label_ids, label_regions
from vesalius.adapters.nnunet.mirror_rule import TRAINER
from vesalius.adapters.nnunet.regions import Regions
from vesalius.adapters.nnunet.templates import find_cases, why_none
from vesalius.ontology.graph import Ontology
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError
from vesalius.ontology.reading.side_files import REPORT_BYTES, read_side_file
from vesalius.ontology.scheme.scheme import Scheme

TABLE_FILE, MANIFEST_FILE, DATASET_FILE = (
    "vesalius_labels.json",
    "vesalius_export.json",
    "dataset.json",
)
MANIFEST_SCHEMA = "nnunet_export/1"
REORIENT = "NibabelIOWithReorient"
"""nnU-Net's reader of NIfTI that turns every image to RAS, in training and prediction."""
LARGEST_ID = 999
FOLDS = 5
_STRANGE_SHOWN = 3
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_READER_AXES = 3  # nnU-Net reverses i, j, k to axes 0, 1, 2 of its arrays

Link = Literal["hard", "copy"]


@dataclass(frozen=True)
class ExportJob:
    """What to export.

    Parameters
    ----------
    scheme : Scheme
        Numbering of the label maps.
    images, labels : str
        Path templates with ``{case}``.
    raw : Path
        Folder of nnU-Net's raw datasets (`nnUNet_raw`).
    dataset_id : int
        1..999.
    name : str
        Second half of the dataset's name.
    link : {"hard", "copy"}
        Whether files that go over unchanged are hard links (copies where the file system knows
        none) or copies.
    reader : str
        One of `READERS`.
    channel : str
        Name of the only channel; nnU-Net normalises ``CT`` by fixed values.
    overwrite : bool
        Whether a dataset of that name may be replaced.
    regions : bool
        Whether a class covers those inside it too, as nnU-Net's overlapping regions.
    """

    scheme: Scheme
    images: str
    labels: str
    raw: Path
    dataset_id: int
    name: str
    link: Link = "hard"
    reader: str = REORIENT
    channel: str = "CT"
    overwrite: bool = False
    regions: bool = False

    @property
    def dataset(self) -> str:
        """Name of the dataset and of its folder."""
        return f"Dataset{self.dataset_id:03d}_{self.name}"

    @property
    def folder(self) -> Path:
        """Where the dataset goes."""
        return self.raw / self.dataset


@dataclass(frozen=True)
class Exported:
    """A dataset that is in place.

    Parameters
    ----------
    folder : Path
        Where.
    cases : int
        How many.
    ids : LabelIds
        The numbering.
    written : bool
        False where the same dataset was there already.
    rewritten : int
        Label files that had to be renumbered.
    diagnostics : tuple of Diagnostic
        Warnings and notes.
    """

    folder: Path
    cases: int
    ids: LabelIds
    written: bool
    rewritten: int
    diagnostics: tuple[Diagnostic, ...]


def export_dataset(job: ExportJob, ontology: Ontology) -> Exported:
    """Check every case, then write the dataset.

    Parameters
    ----------
    job : ExportJob
        What and where.
    ontology : Ontology
        Gives the mirror pairs.

    Returns
    -------
    Exported

    Raises
    ------
    DiagnosticError
        With every problem of every file: IO0xx, NNU002-NNU006, NNU009-NNU011, NNU025. Nothing is
        written then.
    """
    _check_names(job)
    images, labels = find_cases(job.images, "--images"), find_cases(job.labels, "--labels")
    both = ((job.images, images), (job.labels, labels))
    absent = [template for template, files in both if not files]
    if absent:
        text = f"no file is called like {' or '.join(f'`{template}`' for template in absent)}"
        raise failure("NNU004", None, text, why_none(*absent))
    pairs, problems = pair_cases(images, labels)
    ids = label_ids(job.scheme, ontology)
    checked: list[CheckedCase] = []
    found: list[Diagnostic] = []
    for pair in pairs:
        try:
            case, remarks = check_case(pair, job.scheme, ids)
            checked.append(case)
            found += remarks
        except DiagnosticError as error:
            problems += error.diagnostics
    if problems:
        raise DiagnosticError(list(dict.fromkeys([*found, *_few_of(problems)])))
    seen = {integer for case in checked for integer in case.integers}
    if not job.scheme.closed and ids.unknown(seen):
        ids = label_ids(job.scheme, ontology, unlisted=True)
    found += orientation_note(checked, job.reader, job.reader == REORIENT)
    found += _left_out(job.scheme, ids, seen) + _never_seen(ids, seen) + _too_few(checked)
    found += _not_mirrored(ids)
    rewritten = sum(_rewrite(case, ids) for case in checked)
    regions = label_regions(ids, job.scheme, ontology) if job.regions else None
    dataset = dataset_json(job, ids, checked, regions)
    manifest = _manifest(dataset, checked)
    written = _place(job, manifest, lambda part: _write(part, job, ids, checked, manifest))
    return Exported(job.folder, len(checked), ids, written, rewritten, tuple(dict.fromkeys(found)))


def dataset_json(
    job: ExportJob, ids: LabelIds, cases: Sequence[CheckedCase], regions: Regions | None = None
) -> dict[str, object]:
    """Give dataset.json; under ``vesalius`` it carries the table into every trained model."""
    return {
        "channel_names": {"0": job.channel},
        "labels": ids.dataset_labels(regions),
        **({} if regions is None else {"regions_class_order": list(regions)}),
        "numTraining": len(cases),
        "file_ending": _ending(cases),
        "overwrite_image_reader_writer": job.reader,
        "name": job.dataset,
        "vesalius": {**ids.to_json(), "orientation": _orientation(job, cases)},
    }


def _orientation(job: ExportJob, cases: Sequence[CheckedCase]) -> dict[str, object]:
    """Say how images lie, and which axis of nnU-Net's arrays (z, y, x) crosses the patient.

    The axis is that before nnU-Net's own transposition (`transpose_forward` of the plans), and
    None where images lie in different ways and the reader leaves them so.
    """
    axes = {case.left_right_axis for case in cases}
    codes = sorted({case.orientation for case in cases})
    ijk = 0 if job.reader == REORIENT else axes.pop() if len(axes) == 1 else None
    axis = None if ijk is None else _READER_AXES - 1 - ijk
    return {"images": codes, "reader": job.reader, "left_right_axis": axis}


def _manifest(dataset: dict[str, object], cases: Sequence[CheckedCase]) -> dict[str, object]:
    return {
        "schema": MANIFEST_SCHEMA,
        "dataset": dataset,
        "cases": [
            {"case": c.pair.case, "image_sha256": c.image_sha256, "labels_sha256": c.labels_sha256}
            for c in cases
        ],
    }


def _write(
    part: Path,
    job: ExportJob,
    ids: LabelIds,
    cases: Sequence[CheckedCase],
    manifest: dict[str, object],
) -> None:
    ending = _ending(cases)
    for folder in ("imagesTr", "labelsTr"):
        (part / folder).mkdir(parents=True)
    for case in cases:
        _bring(case.pair.image, part / "imagesTr" / f"{case.pair.case}_0000{ending}", job.link)
        labels = part / "labelsTr" / f"{case.pair.case}{ending}"
        if _rewrite(case, ids):
            volume = read_labels(case.pair.labels)
            write_labels(labels, ids.to_nnunet(volume.array), volume.grid, volume.header)
        else:
            _bring(case.pair.labels, labels, job.link)
    (part / TABLE_FILE).write_text(json_text(ids.to_json()), encoding="utf-8")
    (part / MANIFEST_FILE).write_text(json_text(manifest), encoding="utf-8")
    (part / DATASET_FILE).write_text(json_text(manifest["dataset"]), encoding="utf-8")


def _rewrite(case: CheckedCase, ids: LabelIds) -> bool:
    return case.labels_rewrite or ids.changes(case.integers)


def _ending(cases: Sequence[CheckedCase]) -> str:
    """Give the one ending of a dataset's files: plain only where all images are."""
    plain = all(case.pair.image.name.endswith(".nii") for case in cases)
    return ".nii" if plain else ".nii.gz"


def _bring(source: Path, target: Path, link: Link) -> None:
    """Link or copy a file, packing or unpacking it where its name must change."""
    packed, wanted = source.name.endswith(".gz"), target.name.endswith(".gz")
    if packed != wanted:
        data = source.read_bytes()
        packer = gzip.decompress if packed else lambda raw: gzip.compress(raw, 1, mtime=0)
        target.write_bytes(packer(data))
        return
    link_or_copy(source, target, link=link == "hard")


def _place(job: ExportJob, manifest: dict[str, object], write: Callable[[Path], None]) -> bool:
    """Write into a folder beside the dataset and rename it; False where it is there already."""
    sweep(job.raw)
    if job.folder.exists():
        if _same(job.folder / MANIFEST_FILE, manifest):
            return False
        if not job.overwrite:
            text = f"`{job.dataset}` is there already, with other cases, labels or settings"
            hint = "choose another --dataset-id, or replace it with --overwrite"
            raise failure("NNU011", job.folder, text, hint)
    replace_folder(job.folder, write)
    return True


def _same(path: Path, manifest: dict[str, object]) -> bool:
    try:
        return read_side_file(path, REPORT_BYTES) == json_text(manifest).encode("utf-8")
    except OSError:
        return False


def _check_names(job: ExportJob) -> None:
    if not 1 <= job.dataset_id <= LARGEST_ID:
        text = f"--dataset-id {job.dataset_id} is not one of 1..{LARGEST_ID}"
        raise failure("NNU025", None, text)
    if not _NAME.fullmatch(job.name):
        text = f"--name `{job.name}` has characters other than letters, digits, `_` and `-`"
        raise failure("NNU025", None, text)
    others = sorted(
        path.name
        for path in job.raw.glob(f"Dataset{job.dataset_id:03d}_*")
        if path.name != job.dataset
    )
    if others:
        text = f"the id {job.dataset_id} belongs to `{others[0]}` already"
        hint = "nnU-Net finds datasets by id: choose another --dataset-id"
        raise failure("NNU011", job.raw, text, hint)


def _left_out(scheme: Scheme, ids: LabelIds, seen: set[int]) -> list[Diagnostic]:
    entries = scheme.by_integer()
    found = []
    for integers, fate in ((ids.dropped, "background"), (ids.ignored, "not annotated")):
        names = [f"{n} `{entries[n].name}`" for n in integers if n in seen]
        if names:
            text = f"{listing(names)} of `{scheme.name}`: {fate} in this dataset"
            found.append(problem("NNU013", None, text, severity="info"))
    if ids.unlisted_ignored:
        known = {ids.background, *ids.dropped, *ids.ignored, *(x.ours for x in ids.labels)}
        text = f"{plural(len(seen - known), 'integer')} that the open scheme `{scheme.name}` "
        text += "does not list: not annotated in this dataset"
        found.append(problem("NNU013", None, text, severity="info"))
    return found


def _few_of(problems: list[Diagnostic]) -> list[Diagnostic]:
    """Show a scheme that does not fit by a few label maps, and say how many more there are."""
    strange = [d for d in problems if d.code == "NNU006"]
    if len(strange) <= _STRANGE_SHOWN:
        return problems
    more = plural(len(strange) - _STRANGE_SHOWN, "more label map")
    last = strange[_STRANGE_SHOWN - 1]
    shown = [*strange[: _STRANGE_SHOWN - 1], replace(last, message=f"{last.message}; so in {more}")]
    return [*(d for d in problems if d.code != "NNU006"), *shown]


def _never_seen(ids: LabelIds, seen: set[int]) -> list[Diagnostic]:
    names = [f"`{label.name}`" for label in ids.labels if label.ours not in seen]
    if not names:
        return []
    text = f"no case has {listing(names)}; nnU-Net cannot learn what it never sees"
    return [problem("NNU014", None, text, severity="warning")]


def _not_mirrored(ids: LabelIds) -> list[Diagnostic]:
    names = [f"`{label.name}`" for label in ids.labels if label.nnunet in ids.alone]
    if not names:
        return []
    text = f"{listing(names)}: on one side and without a partner on the other"
    hint = f"{TRAINER} does not mirror a patch with it from left to right; other trainers do"
    return [problem("NNU027", None, text, hint, severity="info")]


def _too_few(cases: Sequence[CheckedCase]) -> list[Diagnostic]:
    if len(cases) >= FOLDS:
        return []
    text = f"{plural(len(cases), 'case')}: nnU-Net's own split into {FOLDS} folds needs {FOLDS}"
    hint = "train with `--fold all`, or give a split of your own with `--splits`"
    return [problem("NNU012", None, text, hint, severity="warning")]
