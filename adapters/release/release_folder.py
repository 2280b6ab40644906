"""The release folder: label maps, reports, tables, plans, and where everything comes from.

It is written beside its place and renamed, so it is there whole or not at all; it holds no date
and no path of this machine, so that equal inputs give equal bytes.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

from vesalius.adapters.cases.report_file import with_digest
from vesalius.adapters.cases.run_folder import Report, read_run_report
from vesalius.adapters.cases.run_inputs import image_row
from vesalius.adapters.cohort.cohort_diagnostics import error
from vesalius.adapters.files.atomic import json_text, replace_folder
from vesalius.adapters.files.io_diagnostics import plural
from vesalius.adapters.files.label_tables import itksnap_table, json_table, slicer_table
from vesalius.adapters.files.link_or_copy import link_or_copy
from vesalius.adapters.keeping.program_version import tool_version
from vesalius.adapters.measures.review import KEEP, REPAIR
from vesalius.adapters.measures.table_files import csv_text
from vesalius.adapters.release.structure_rows import STRUCTURES, structure_rows
from vesalius.ontology.graph import Ontology
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError, Span
from vesalius.ontology.scheme.scheme import Scheme
from vesalius.scheme_set import label_rows

PROVENANCE = "provenance.json"
RELEASE_SCHEMA = "release/1"
REVIEW, EXCLUDE = "review", "exclude"
_PATHS = ("path", "scheme_file", "defined_at", "rules", "prefer")
"""Keys of a report whose values, or lists of them, may be paths."""
_PACKAGES = ("numpy", "scipy", "nibabel")

Images = Literal["none", "link", "copy"]


@dataclass(frozen=True)
class ReleaseCase:
    """A case that may come along.

    Parameters
    ----------
    case : str
        Its name.
    labels, report : Path
        Its label map and its report, where the run put them.
    image : Path or None
        Its CT.
    readers : str
        The worst that readers decided on it; empty where nobody looked.
    verdict : str
        The word of its report, where that was read already; empty where it was not.
    """

    case: str
    labels: Path
    report: Path
    image: Path | None = None
    readers: str = ""
    verdict: str = ""


@dataclass(frozen=True)
class ReleaseJob:
    """What goes into a release.

    Parameters
    ----------
    folder : Path
        Where.
    name : str
        Of the dataset.
    root : Path
        Folder of the label maps; below it they keep their names.
    cases : sequence of ReleaseCase
        Those that may come along.
    images : {"none", "link", "copy"}
        Whether the images come along.
    target : Scheme
        Of the label maps.
    ontology : Ontology
        Knows its structures.
    texts : mapping of str to str
        Further files: the pipeline file, plans, the selection.
    origin : callable
        Gives what led here, as keys of the provenance.
    digest : callable
        The sha256 of a file.
    packages : tuple of str
        What it was made with, besides what every run needs.
    review : bool
        Whether cases in which errors remain come along, too.
    not_written : mapping of str to str
        Cases that have no label map, and what became of each.
    """

    folder: Path
    name: str
    root: Path
    cases: Sequence[ReleaseCase]
    images: Images
    target: Scheme
    ontology: Ontology
    texts: Mapping[str, str]
    origin: Callable[[], Mapping[str, object]]
    digest: Callable[[Path], str]
    packages: tuple[str, ...] = ()
    review: bool = False
    not_written: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Released:
    """What was written.

    Parameters
    ----------
    cases : int
        That came along.
    left_out : tuple of dict
        The others, and why.
    """

    cases: int
    left_out: tuple[Mapping[str, str], ...]


def check_release_folder(folder: Path, span: Span | None = None) -> list[Diagnostic]:
    """Refuse to replace a folder that is no release."""
    if folder.is_dir() and (not any(folder.iterdir()) or (folder / PROVENANCE).is_file()):
        return []
    if not os.path.lexists(folder):
        return []
    text = f"`{folder}` is there and is no release, so it is not replaced"
    return [error("REL001", text, span, "name another folder, or move this one away")]


def write_release(job: ReleaseJob) -> Released:
    """Write the release in place of an older one.

    Raises
    ------
    DiagnosticError
        EXP001 where a report is not what was written; IO050, IO051 where it cannot be written;
        REL002 where no case is kept; REL003 where a label map or an image is not the one that
        the report of its case tells of.
    """
    why = {each.case: _left_out(each, each.verdict or _verdict(each), job) for each in job.cases}
    coming = [each for each in job.cases if why[each.case] is None]
    if not coming:
        number = len(job.cases) + len(job.not_written)
        text = f"none of {plural(number, 'case')} comes into the release"
        hint = "`cohort.csv` of the cohort says why; cases with errors can come along, too (review)"
        raise DiagnosticError([error("REL002", text, None, hint)])
    left_out = [row for row in why.values() if row is not None]
    left_out += [{"case": case, "status": word} for case, word in job.not_written.items()]
    replace_folder(job.folder, partial(_fill, job, coming, left_out))
    return Released(len(coming), tuple(left_out))


def _verdict(case: ReleaseCase) -> str:
    """Give the verdict on a case; one that a rule excludes has no report in its place.

    Raises
    ------
    DiagnosticError
        EXP001 where its report is not what was written.
    """
    if not os.path.lexists(case.report):
        return EXCLUDE
    return verdict_word(read_run_report(case.report, case.report))


def verdict_word(report: Mapping[str, Any]) -> str:
    """Give the word of a report's verdict; to be reviewed is what has none."""
    verdict = report.get("verdict")
    return str(verdict["word"]) if isinstance(verdict, dict) else REVIEW


def _left_out(case: ReleaseCase, verdict: str, job: ReleaseJob) -> dict[str, str] | None:
    """Say why a case stays behind; None where it comes along."""
    verdicts, decisions = (
        ((KEEP, REVIEW), ("", KEEP, REPAIR)) if job.review else ((KEEP,), ("", KEEP))
    )
    if verdict in verdicts and case.readers in decisions:
        return None
    row = {"case": case.case, "verdict": verdict}
    return {**row, "readers": case.readers} if case.readers else row


def _fill(
    job: ReleaseJob,
    coming: Sequence[ReleaseCase],
    left_out: Sequence[Mapping[str, str]],
    part: Path,
) -> None:
    cases = []
    volumes_ml: dict[str, list[float]] = {}
    wanted: dict[str, tuple[Path, str]] = {}
    for each in coming:
        report = read_run_report(each.report, each.report)
        name = each.labels.relative_to(job.root)
        labels = f"labels/{name.as_posix()}"
        _bring(each.labels, part / labels, link=False)
        wanted[labels] = each.labels, _digest_of_labels(report, each.labels.name)
        row = {"case": each.case, "labels": labels}
        row["report"] = f"reports/{each.report.relative_to(job.root).as_posix()}"
        _write_report(report, part / row["report"])
        if job.images != "none" and each.image is not None:
            ending = ".nii" if each.image.name.endswith(".nii") else ".nii.gz"
            row["image"] = f"images/{name.as_posix().removesuffix('.nii.gz')}{ending}"
            _bring(each.image, part / row["image"], link=job.images == "link")
            wanted[row["image"]] = each.image, _digest_of_image(report)
        cases.append(row)
        for found in report["structures"]:
            if found["voxels"]:
                volumes_ml.setdefault(found["structure"], []).append(found["ml"])
    classes = label_rows(job.target, job.ontology)
    tables = {
        "labels.json": json_table(classes),
        "labels.txt": itksnap_table(classes),
        "labels.ctbl": slicer_table(classes),
        f"{STRUCTURES}.csv": csv_text(
            STRUCTURES, structure_rows(job.target, job.ontology, volumes_ml)
        ),
        "dataset.json": json_text(
            {
                "name": job.name,
                "channel_names": {"0": "CT"},
                # As nnU-Net's dataset.json names classes, in our integers.
                "labels": {"background": 0, **{row.name: row.integer for row in classes}},
                "numTraining": len(cases),
                "file_ending": ".nii.gz",
                "cases": cases,
                "left_out": left_out,
            }
        ),
    }
    for file, text in sorted({**tables, **job.texts}.items()):
        (part / file).write_text(text, encoding="utf-8")
    files = {
        path.relative_to(part).as_posix(): job.digest(path)
        for path in sorted(part.rglob("*"))
        if path.is_file()
    }
    _check_digests(files, wanted)
    packages = (*_PACKAGES, *job.packages)
    provenance = {
        "schema": RELEASE_SCHEMA,
        "name": job.name,
        "tool": tool_version(),
        "python": platform.python_version(),
        "packages": {name: found for name in packages if (found := _version(name))},
        **job.origin(),
        "files": files,
    }
    (part / PROVENANCE).write_text(json_text(provenance), encoding="utf-8")


def _check_digests(files: Mapping[str, str], wanted: Mapping[str, tuple[Path, str]]) -> None:
    """Refuse files that are not those of which the reports tell."""
    hint = "run the cohort again: what was changed since is made anew, and the rest is not repeated"
    text = "the file was changed after the run that its report tells of"
    problems = [
        error("REL003", text, None, hint, str(path))
        for name, (path, sha256) in wanted.items()
        if sha256 and files[name] != sha256
    ]
    if problems:
        raise DiagnosticError(problems)


def _digest_of_labels(report: Report, name: str) -> str:
    cohort = report.get("cohort")
    return str(cohort["outputs"].get(name, "")) if isinstance(cohort, dict) else ""


def _digest_of_image(report: Report) -> str:
    return str((image_row(report) or {}).get("sha256", ""))


def _bring(source: Path, target: Path, *, link: bool) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    link_or_copy(source, target, link=link)


def _write_report(report: Report, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json_text(with_digest(without_folders(report, ""))), encoding="utf-8")


def without_folders(value: Any, key: str) -> Any:  # noqa: ANN401 - any JSON value
    """Leave of absolute paths the name of the file: other machines have other folders.

    Parameters
    ----------
    value : any JSON value
        A report, or a part of one.
    key : str
        Its key; empty for a whole report.
    """
    if isinstance(value, list):
        return [without_folders(item, key) for item in value]
    if isinstance(value, dict):
        return {name: without_folders(item, name) for name, item in value.items()}
    if key in _PATHS and isinstance(value, str) and os.path.isabs(value):
        return os.path.basename(value)
    return value


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
