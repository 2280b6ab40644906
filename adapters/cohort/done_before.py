"""Whether a case was done before: by digests of plan, inputs and outputs, never by dates."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from vesalius.adapters.cases.report import REPORT_SCHEMA
from vesalius.adapters.cases.report_file import read_whole_report
from vesalius.adapters.cases.rule_findings import Json
from vesalius.adapters.cohort.case_task import CaseTask
from vesalius.adapters.files.gzip_stream import file_digest
from vesalius.adapters.files.mask_names import mask_files
from vesalius.adapters.keeping.program_version import tool_version
from vesalius.ontology.reading.diagnostics import DiagnosticError


def done_before(task: CaseTask, job: str) -> Json | None:
    """Give the report of a case that needs not be run again.

    Parameters
    ----------
    task : CaseTask
        The case.
    job : str
        Fingerprint of plan and settings.

    Returns
    -------
    dict or None
        The report, where nothing in it was changed, it has the same version of the program, the
        same job, metadata and inputs, and all outputs it names are there with the bytes it names.
    """
    report = read_whole_report(task.place.report)
    if report is None or report.get("schema") != REPORT_SCHEMA:
        return None
    record = report.get("cohort")
    if not isinstance(record, dict) or report.get("tool") != tool_version():
        return None
    same = (
        record.get("job") == job
        and record.get("case") == task.case
        and report.get("metadata") == dict(task.files.metadata)
        and _is_there(record.get("outputs"), task)
    )
    try:
        return report if same and record.get("inputs") == input_digests(task) else None
    except (DiagnosticError, OSError):
        return None  # reading the case says what is wrong with its files


def input_digests(task: CaseTask) -> dict[str, str]:
    """Give the sha256 of every input by its role or source.

    Raises
    ------
    DiagnosticError
        If one cannot be read.
    """
    digests = {}
    if task.files.image is not None:
        digests["image"] = file_digest(task.files.image)
    for prediction in task.files.predictions:
        read = folder_digest if os.path.isdir(prediction.path) else file_digest
        digests[prediction.token] = read(prediction.path)
    return dict(sorted(digests.items()))


def recorded_outputs(report: Json | None) -> frozenset[str]:
    """Give the names of the files that a report of ours vouches for."""
    record = None if report is None else report.get("cohort")
    outputs = record.get("outputs") if isinstance(record, dict) else None
    return frozenset(outputs) if isinstance(outputs, dict) else frozenset()


def folder_digest(folder: Path) -> str:
    """Give a sha256 over the names and bytes of a folder's masks.

    Raises
    ------
    DiagnosticError
        If there is none, or one cannot be read.
    """
    digest = hashlib.sha256()
    for path in mask_files(folder):
        digest.update(os.fsencode(f"{path.name} {file_digest(path)}\n"))
    return digest.hexdigest()


def _is_there(outputs: object, task: CaseTask) -> bool:
    if not isinstance(outputs, dict) or task.place.labels.name not in outputs:
        return False
    try:
        return all(
            file_digest(task.place.folder / str(name)) == digest for name, digest in outputs.items()
        )
    except DiagnosticError:
        return False
