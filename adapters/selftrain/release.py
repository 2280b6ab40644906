"""The release folder: label maps, reports, tables, plans, and where everything comes from.

It is written beside its place and renamed, so it is there whole or not at all; it holds no date
and no path of this machine, so that equal inputs give equal bytes.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

from vesalius.adapters.cases.report_file import with_digest
from vesalius.adapters.cases.run_folder import read_run_report
from vesalius.adapters.cohort.case_task import CaseTask
from vesalius.adapters.cohort.cohort_diagnostics import cases_in_words, error
from vesalius.adapters.cohort.done_before import tool_version
from vesalius.adapters.files.atomic import json_text, replace_folder
from vesalius.adapters.files.label_tables import LabelRow, itksnap_table, json_table, slicer_table
from vesalius.adapters.files.link_or_copy import link_or_copy
from vesalius.adapters.selftrain.selftrain_diagnostics import stop
from vesalius.ontology.reading.diagnostics import Diagnostic, Span

PROVENANCE = "provenance.json"
RELEASE_SCHEMA = "selftrain-release/1"
_PATHS = ("path", "scheme_file", "defined_at", "rules", "prefer")
"""Keys of a report whose values, or lists of them, may be paths."""
_PACKAGES = ("nnunetv2", "torch", "numpy", "scipy", "nibabel")

Images = Literal["none", "link", "copy"]


@dataclass(frozen=True)
class ReleaseJob:
    """What goes into a release.

    Parameters
    ----------
    folder : Path
        Where.
    name : str
        Of the pipeline.
    repaired : Path
        Folder of the repaired label maps.
    tasks : sequence of CaseTask
        The cases, with the places of their label maps and reports.
    images : {"none", "link", "copy"}
        Whether the images come along.
    rows : sequence of LabelRow
        The classes.
    texts : mapping of str to str
        Further files: the pipeline file, plans, the selection.
    stages : callable
        Gives the key and the outputs of every stage that led here.
    digest : callable
        The sha256 of a file.
    verdicts : tuple of str
        Which cases come along; of each the report says its verdict.
    """

    folder: Path
    name: str
    repaired: Path
    tasks: Sequence[CaseTask]
    images: Images
    rows: Sequence[LabelRow]
    texts: Mapping[str, str]
    stages: Callable[[], Mapping[str, object]]
    digest: Callable[[Path], str]
    verdicts: tuple[str, ...] = ("keep",)


def check_release_folder(folder: Path, span: Span) -> list[Diagnostic]:
    """Refuse to replace a folder that is no release."""
    if folder.is_dir() and (not any(folder.iterdir()) or (folder / PROVENANCE).is_file()):
        return []
    if not os.path.lexists(folder):
        return []
    text = f"`{folder}` is there and is no release, so it is not replaced"
    return [error("STR010", text, span, "name another folder, or move this one away")]


def write_release(job: ReleaseJob) -> list[Path]:
    """Write the release in place of an older one.

    Returns
    -------
    list of Path
        Its files.

    Raises
    ------
    DiagnosticError
        EXP001 where a report is not what was written; IO050, IO051 where it cannot be written;
        STR011 where no case is kept.
    """
    if not any(_verdict(task) in job.verdicts for task in job.tasks):
        text = f"none of {cases_in_words(len(job.tasks))} comes into the release"
        hint = "`cohort.csv` of the repair says why; `review: true` takes those with errors too"
        raise stop("STR011", text, hint)
    replace_folder(job.folder, partial(_fill, job))
    return [path for path in job.folder.rglob("*") if path.is_file()]


def _fill(job: ReleaseJob, part: Path) -> None:
    cases = []
    left_out = []
    for task in job.tasks:
        verdict = _verdict(task)
        if verdict not in job.verdicts:
            left_out.append({"case": task.case, "verdict": verdict})
            continue
        name = task.place.labels.relative_to(job.repaired)
        report = task.place.report.relative_to(job.repaired)
        _bring(task.place.labels, part / "labels" / name, link=False)
        _write_report(task.place.report, part / "reports" / report)
        row = {"case": task.case, "labels": f"labels/{name.as_posix()}"}
        row["report"] = f"reports/{report.as_posix()}"
        image = task.files.image
        if job.images != "none" and image is not None:
            ending = ".nii" if image.name.endswith(".nii") else ".nii.gz"
            place = Path("images") / f"{name.as_posix().removesuffix('.nii.gz')}{ending}"
            _bring(image, part / place, link=job.images == "link")
            row["image"] = place.as_posix()
        cases.append(row)
    tables = {
        "labels.json": json_table(job.rows),
        "labels.txt": itksnap_table(job.rows),
        "labels.ctbl": slicer_table(job.rows),
        "dataset.json": json_text(_dataset(job, cases, left_out)),
    }
    for file, text in sorted({**tables, **job.texts}.items()):
        (part / file).write_text(text, encoding="utf-8")
    files = {
        path.relative_to(part).as_posix(): job.digest(path)
        for path in sorted(part.rglob("*"))
        if path.is_file()
    }
    provenance = {
        "schema": RELEASE_SCHEMA,
        "pipeline": job.name,
        "tool": tool_version(),
        "python": platform.python_version(),
        "packages": {name: found for name in _PACKAGES if (found := _version(name))},
        "stages": dict(job.stages()),
        "files": files,
    }
    (part / PROVENANCE).write_text(json_text(provenance), encoding="utf-8")


def _verdict(task: CaseTask) -> str:
    """Give the verdict on a case; one that a rule excludes has no report in its place.

    Raises
    ------
    DiagnosticError
        EXP001 where its report is not what was written.
    """
    if not os.path.lexists(task.place.report):
        return "exclude"
    verdict = read_run_report(task.place.report, task.place.report).get("verdict")
    return str(verdict["word"]) if isinstance(verdict, dict) else "review"


def _dataset(
    job: ReleaseJob, cases: list[dict[str, str]], left_out: list[dict[str, str]]
) -> dict[str, object]:
    """Describe the label maps as nnU-Net's dataset.json does, in our integers."""
    labels = {row.name: row.integer for row in sorted(job.rows, key=lambda row: row.integer)}
    return {
        "name": job.name,
        "channel_names": {"0": "CT"},
        "labels": {"background": 0, **labels},
        "numTraining": len(cases),
        "file_ending": ".nii.gz",
        "cases": cases,
        "left_out": left_out,
    }


def _bring(source: Path, target: Path, *, link: bool) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    link_or_copy(source, target, link=link)


def _write_report(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    report = _without_folders(read_run_report(source, source))
    target.write_text(json_text(with_digest(report)), encoding="utf-8")


def _without_folders(value: Any, key: str = "") -> Any:  # noqa: ANN401 - any JSON value
    """Leave of absolute paths the name of the file: other machines have other folders."""
    if isinstance(value, list):
        return [_without_folders(item, key) for item in value]
    if isinstance(value, dict):
        return {name: _without_folders(item, name) for name, item in value.items()}
    if key in _PATHS and isinstance(value, str) and os.path.isabs(value):
        return os.path.basename(value)
    return value


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
