"""One case of a cohort, in whatever process: done before, or run and written."""

from __future__ import annotations

import os
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Literal

from vesalius.adapters.cases.map_result import MapResult
from vesalius.adapters.cases.report_file import read_whole_report
from vesalius.adapters.cases.rule_findings import Json
from vesalius.adapters.cases.trace_files import TRACE
from vesalius.adapters.cohort.case_task import CaseTask
from vesalius.adapters.cohort.cohort_job import CohortJob
from vesalius.adapters.cohort.done_before import (
    done_before,
    folder_digest,
    recorded_outputs,
)
from vesalius.adapters.cohort.output_place import OutputPlace
from vesalius.adapters.files.atomic import Outputs
from vesalius.adapters.files.claims import sweep
from vesalius.adapters.files.gzip_stream import file_digest
from vesalius.adapters.files.refusals import refusal
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError

Status = Literal["written", "present", "failed"]
JUDGED = ("verdict", "summary", "excluded_by")
"""What the report of a cohort takes over from that of a case."""


@dataclass(frozen=True)
class Outcome:
    """What came of a case.

    Parameters
    ----------
    case : str
        Its name.
    status : {"written", "present", "failed"}
        "present" is a case that was done before.
    structures, remarks : int
        How many there are in the report; 0 for a failed case.
    judged : dict or None
        What the report says of the case: its verdict and summary; None for a failed case.
    doubts : tuple of dict
        Warnings about its files: `code` and `message` of each; of a case that is measured, all
        that reading it had to say.
    problems : tuple of Diagnostic
        Why it failed.
    trace : str
        Where the program broke, for its authors; not for a report.
    """

    case: str
    status: Status
    structures: int = 0
    remarks: int = 0
    judged: Json | None = None
    doubts: tuple[Json, ...] = ()
    problems: tuple[Diagnostic, ...] = ()
    trace: str = ""


def do_case(job: CohortJob, task: CaseTask) -> Outcome:
    """Run a case, unless it was done before; whatever fails is in the outcome.

    Parameters
    ----------
    job : CohortJob
        The plan.
    task : CaseTask
        The case.

    Returns
    -------
    Outcome
    """
    sweep(task.place.folder)
    try:
        report = None if job.force else _done_before(job, task)
        if report is not None:
            return _outcome(job, task, "present", report)
        return _outcome(job, task, "written", _run(job, task))
    except DiagnosticError as failed:
        return Outcome(task.case, "failed", problems=failed.diagnostics)
    except Exception as failed:
        return broken(task.case, failed)


def broken(case: str, failed: Exception) -> Outcome:
    """Give the outcome of a case that failed for a reason that is no fault of its files.

    Parameters
    ----------
    case : str
        Its name.
    failed : Exception
        The reason.
    """
    if isinstance(failed, MemoryError):
        text = "there is not enough memory for this case"
        return Outcome(case, "failed", problems=(_failure("COH020", text, "fewer --workers"),))
    if (said := refusal(failed)) is not None:
        hint = "run again when there is more; cases that are done are not repeated"
        return Outcome(case, "failed", problems=(_failure("COH020", said, hint),))
    text = f"{type(failed).__name__}: {failed}"
    problem = _failure("COH021", text, "this is a bug in vesalius; please report it")
    trace = "".join(traceback.format_exception(failed))
    return Outcome(case, "failed", problems=(problem,), trace=trace)


def _done_before(job: CohortJob, task: CaseTask) -> Json | None:
    """Give the report of a case that was done before, wherever it went."""
    report = done_before(task, job.fingerprint)
    if report is None and job.write_excluded and task.excluded is not None:
        report = done_before(replace(task, place=task.excluded), job.fingerprint)
    return report


def _run(job: CohortJob, task: CaseTask) -> Json:
    # Taken before the masks are read: what changes meanwhile is not called done.
    folders = {
        prediction.token: folder_digest(prediction.path)
        for prediction in task.files.predictions
        if os.path.isdir(prediction.path)
    }
    done = job.session.run(task.files)
    place, other = task.place, task.excluded
    if done.verdict.word == "exclude" and other is not None:
        if not job.write_excluded:
            _retract(place, task.case)
            _retract(other, task.case)
            return done.report
        place, other = other, place
        sweep(place.folder)
    task = replace(task, place=place)
    before = _written_before(task)
    with Outputs(place.folder, task.inputs) as outputs:
        written = done.add_files(outputs, place.path)
        digests = {path.name: file_digest(outputs.unfinished(path)) for path in written}
        record = _record(done, task, job, folders, digests)
        report, text = done.signed_in(place.folder, cohort=record)
        # Last, because a report vouches for the files it names.
        outputs.write_text(place.report, text)
        # What an earlier run wrote for the case and this one does not, such as a trace, goes.
        for name in sorted(before - recorded_outputs(report)):
            if name == os.path.basename(name):
                outputs.remove(place.folder / name)
    if other is not None:
        _retract(other, task.case)
    return report


def _retract(place: OutputPlace, case: str) -> None:
    """Take away what an earlier run wrote of a case in a place that is not its place any more."""
    if not os.path.lexists(place.report):
        return
    report = read_whole_report(place.report)
    record = None if report is None else report.get("cohort")
    if report is not None and not (isinstance(record, dict) and record.get("case") == case):
        return
    # A report that was changed is believed in nothing; what any run writes here goes.
    names = recorded_outputs(report) or _usual(place)
    for name in names:
        if name == os.path.basename(name):
            (place.folder / name).unlink(missing_ok=True)
    place.report.unlink(missing_ok=True)
    with suppress(OSError):  # there is more in it
        place.folder.rmdir()


def _record(
    done: MapResult,
    task: CaseTask,
    job: CohortJob,
    folders: Mapping[str, str],
    outputs: Mapping[str, str],
) -> Json:
    """Give what tells later that the case was done: inputs and outputs by digest."""
    inputs = done.told["inputs"]
    if not isinstance(inputs, list):
        raise TypeError("the report's `inputs` is not a list")
    digests = {str(row.get("source", row["role"])): str(row["sha256"]) for row in inputs}
    return {
        "case": task.case,
        "job": job.fingerprint,
        "inputs": dict(sorted({**digests, **folders}.items())),
        "outputs": dict(sorted(outputs.items())),
    }


def _written_before(task: CaseTask) -> frozenset[str]:
    """Name the files of an earlier run of the case; of a changed report no name is believed."""
    report = read_whole_report(task.place.report)
    if report is None and os.path.lexists(task.place.report):
        return _usual(task.place)
    return recorded_outputs(report)


def _usual(place: OutputPlace) -> frozenset[str]:
    """Name the files that a run of a case can write, but for its report."""
    paths = (*place.known(), place.path(TRACE))
    return frozenset(path.name for path in paths if path is not None) - {place.report.name}


def _outcome(job: CohortJob, task: CaseTask, status: Status, report: Json) -> Outcome:
    return Outcome(
        case=task.case,
        status=status,
        structures=_count(report["structures"]),
        remarks=_count(report["remarks"]),
        judged={key: report[key] for key in JUDGED},
        doubts=_doubts(job, report["remarks"]),
    )


def _doubts(job: CohortJob, remarks: object) -> tuple[Json, ...]:
    """Give the warnings about the files of a case; those about the plan are of every case."""
    everywhere = {d.code for d in job.session.prepared.diagnostics}
    rows = remarks if isinstance(remarks, Sequence) else ()
    return tuple(
        {"code": row["code"], "message": row["message"]}
        for row in rows
        if row["severity"] != "info" and row["code"] not in everywhere
    )


def _count(rows: object) -> int:
    return len(rows) if isinstance(rows, Sequence) else 0


def _failure(code: str, text: str, hint: str) -> Diagnostic:
    return Diagnostic(code, "error", text, help=hint)
