"""One case of a cohort, in whatever process: done before, or run and written."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from vesalius.adapters.cases.report import read_report
from vesalius.adapters.cases.rule_outcomes import Json
from vesalius.adapters.cases.run_case import REPORT, CaseRun, run_case, write_case
from vesalius.adapters.cohort.case_tasks import CaseTask
from vesalius.adapters.cohort.done_before import (
    done_before,
    folder_digest,
    recorded_outputs,
)
from vesalius.adapters.files.atomic import Outputs, json_text
from vesalius.adapters.files.claims import sweep
from vesalius.adapters.files.gzip_stream import file_digest
from vesalius.adapters.files.label_tables import LabelRow
from vesalius.engine.plan_json import plan_digest
from vesalius.engine.run_steps import Options
from vesalius.ontology.diagnostics import Diagnostic, DiagnosticError
from vesalius.ontology.scheme_types import Scheme
from vesalius.rules.compile.compiler import Compiled

Status = Literal["written", "present", "failed"]


@dataclass(frozen=True)
class CohortJob:
    """What is the same for every case; travels once to every worker.

    Parameters
    ----------
    compiled : Compiled
        The plan and its remarks.
    digest : str
        Of the plan, taken where it was compiled; a worker checks it.
    schemes : mapping of str to Scheme
        Scheme of each source, by token.
    rows : tuple of LabelRow
        The integers of the target.
    options : Options
        How rules are run.
    resample : bool
        Whether nearest-neighbour resampling is allowed.
    force : bool
        Run cases again that were done before.
    """

    compiled: Compiled
    digest: str
    schemes: Mapping[str, Scheme]
    rows: tuple[LabelRow, ...]
    options: Options
    resample: bool
    force: bool

    @cached_property
    def fingerprint(self) -> str:
        """The sha256 of everything but the inputs that the files of a case depend on."""
        pack = self.compiled.pack
        data = {
            "plan": self.digest,
            "rows": [[row.integer, row.name, row.rgb] for row in self.rows],
            "schemes": {
                token: [scheme.name, [[e.integer, e.name] for e in scheme.entries], scheme.folder]
                for token, scheme in sorted(self.schemes.items())
            },
            "rules": None if pack is None else pack.document.text,
            "options": [self.options.repair, _unsafe(self.options.unsafe), self.options.trace],
            "remarks": [[d.code, d.message] for d in self.compiled.diagnostics],
            "resample": self.resample,
        }
        return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()

    def check(self) -> None:
        """Make sure that the plan arrived as it was sent.

        Raises
        ------
        ValueError
            If its digest is another.
        """
        if plan_digest(self.compiled.plan) != self.digest:
            raise ValueError("the plan that arrived is not the plan that was sent")


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
    problems : tuple of Diagnostic
        Why it failed.
    trace : str
        Where the program broke, for its authors; not for a report.
    """

    case: str
    status: Status
    structures: int = 0
    remarks: int = 0
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
        report = None if job.force else done_before(task, job.fingerprint)
        if report is not None:
            return _outcome(task, "present", report)
        return _outcome(task, "written", _run(job, task))
    except DiagnosticError as failed:
        return Outcome(task.case, "failed", problems=failed.diagnostics)
    except MemoryError:
        text = "there is not enough memory for this case"
        return Outcome(task.case, "failed", problems=(_failure("COH020", text, "fewer --workers"),))
    except Exception as failed:
        text = f"{type(failed).__name__}: {failed}"
        problem = _failure("COH021", text, "this is a bug in vesalius; please report it")
        trace = "".join(traceback.format_exception(failed))
        return Outcome(task.case, "failed", problems=(problem,), trace=trace)


def _unsafe(unsafe: bool | frozenset[str]) -> object:
    return sorted(unsafe) if isinstance(unsafe, frozenset) else unsafe


def _run(job: CohortJob, task: CaseTask) -> Json:
    # Taken before the masks are read: what changes meanwhile is not called done.
    folders = {
        prediction.token: folder_digest(prediction.path)
        for prediction in task.files.predictions
        if os.path.isdir(prediction.path)
    }
    done = run_case(task.files, job.compiled, job.schemes, job.options)
    with tempfile.TemporaryDirectory(prefix="vesalius-") as staged:
        folder = Path(staged)
        write_case(done, folder, job.rows, task.inputs)
        report = _signed(done, task, job, folders, folder)
        _publish(folder, report, task)
    return report


def _signed(
    done: CaseRun, task: CaseTask, job: CohortJob, folders: Mapping[str, str], staged: Path
) -> Json:
    """Add to a report what tells later that the case was done: inputs and outputs by digest."""
    inputs = done.report["inputs"]
    if not isinstance(inputs, list):
        raise TypeError("the report's `inputs` is not a list")
    digests = {str(row.get("source", row["role"])): str(row["sha256"]) for row in inputs}
    outputs = {
        place.name: file_digest(path)
        for path in sorted(staged.iterdir())
        if path.name != REPORT and (place := task.place.path(path.name)) is not None
    }
    record = {
        "case": task.case,
        "job": job.fingerprint,
        "inputs": dict(sorted({**digests, **folders}.items())),
        "outputs": dict(sorted(outputs.items())),
    }
    return {**done.report, "cohort": record}


def _publish(staged: Path, report: Json, task: CaseTask) -> None:
    """Put the files of a case into their place, all or none.

    What an earlier run wrote for the case and this one does not, such as a trace, goes.
    """
    before = read_report(task.place.report)
    with Outputs(task.place.folder, task.inputs) as outputs:
        for path in sorted(staged.iterdir()):
            place = task.place.path(path.name)
            if place is not None and path.name != REPORT:
                outputs.write_bytes(place, path.read_bytes())
        # Last, because a report vouches for the files it names.
        outputs.write_text(task.place.report, json_text(report))
    for name in recorded_outputs(before) - recorded_outputs(report):
        if name == os.path.basename(name):
            (task.place.folder / name).unlink(missing_ok=True)


def _outcome(task: CaseTask, status: Status, report: Json) -> Outcome:
    return Outcome(
        case=task.case,
        status=status,
        structures=_count(report["structures"]),
        remarks=_count(report["remarks"]),
    )


def _count(rows: object) -> int:
    return len(rows) if isinstance(rows, Sequence) else 0


def _failure(code: str, text: str, hint: str) -> Diagnostic:
    return Diagnostic(code, "error", text, help=hint)
