"""The JSON report of a cohort, a versioned artefact that other programs read.

It depends on the inputs alone: not on the number of workers, the order in which cases finish,
the time, or how often the run was interrupted.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vesalius.adapters.cases.file_names import problems_json
from vesalius.adapters.cases.report import report_rows
from vesalius.adapters.cases.report_file import is_whole, read_report, with_digest
from vesalius.adapters.cases.rule_findings import Json
from vesalius.adapters.cohort.case_task import CaseTask
from vesalius.adapters.cohort.case_tasks import Tasks
from vesalius.adapters.cohort.case_worker import Outcome
from vesalius.adapters.cohort.cohort_file import Cohort
from vesalius.adapters.cohort.cohort_job import CohortJob
from vesalius.adapters.cohort.cohort_record import COHORT_REPORT, COHORT_REPORT_SCHEMA
from vesalius.adapters.cohort.selection import Drop, Selection, rule_words
from vesalius.adapters.cohort.shard import Shard
from vesalius.adapters.keeping.program_version import tool_version

STATUSES = ("written", "excluded", "failed", "incomplete", "open")


@dataclass(frozen=True)
class CohortRun:
    """Everything a report is made from.

    Parameters
    ----------
    cohort : Cohort
        As declared.
    selection : Selection
        Which cases are kept.
    tasks : Tasks
        Which of them can be run.
    job : CohortJob
        The plan.
    output : Path
        The output folder.
    shard : Shard or None
        The part of the cohort that it is; None for all of it.
    """

    cohort: Cohort
    selection: Selection
    tasks: Tasks
    job: CohortJob
    output: Path
    shard: Shard | None = None


def known_before(run: CohortRun) -> dict[str, Json]:
    """Give what the last run with the same plan wrote of the cases that it had done.

    A run that is interrupted has looked at some cases only; of the others this is still known.

    Parameters
    ----------
    run : CohortRun
        What is to be done.

    Returns
    -------
    dict of str to dict
        Row of each such case whose files are still there; empty where the record was changed or is
        of another plan.
    """
    before = read_report(run.output / COHORT_REPORT)
    if before is None or not is_whole(before):
        return {}
    if any(before.get(key) != value for key, value in _same_run(run).items()):
        return {}
    return still_true(run, report_rows(before, "cases"))


def still_true(run: CohortRun, rows: Iterable[dict[str, Any]]) -> dict[str, Json]:
    """Give the rows, by case, of cases that are to be run and whose files are there."""
    ready = {task.case for task in run.tasks.ready}
    return {
        row["case"]: row
        for row in rows
        if row["status"] in ("written", "excluded") and row["case"] in ready
        if os.path.isfile(run.output / row.get("report", COHORT_REPORT))
    }


def build_cohort_report(
    run: CohortRun, outcomes: Sequence[Outcome], known: Mapping[str, Json] | None = None
) -> Json:
    """Write what became of a cohort as JSON values.

    Parameters
    ----------
    run : CohortRun
        What was to be done.
    outcomes : sequence of Outcome
        What has been done, in any order; cases without one are "open".
    known : mapping of str to dict, optional
        What an earlier run said of cases that have no outcome yet.

    Returns
    -------
    dict
        Keys: schema, tool, cohort, plan, file, target, rules, image, sources, output, selection,
        counts, cases, sha256 (of all before it). Paths of outputs are relative to the output
        folder.
    """
    cases = case_rows(run, {outcome.case: outcome for outcome in outcomes}, known or {})
    report = {
        **declared(run),
        "selection": selection_report(run.cohort, run.selection),
        "counts": {s: sum(case["status"] == s for case in cases) for s in STATUSES},
        "cases": cases,
    }
    return with_digest(report)


def declared(run: CohortRun) -> Json:
    """Give the keys that say what was to be done, the first of a report."""
    cohort, session = run.cohort, run.job.session
    pack = session.prepared.pack
    return {
        **_same_run(run),
        "file": _file_from(run),
        "target": session.prepared.plan.target,
        "rules": None if pack is None else pack.name,
        "image": None if cohort.image is None else cohort.image.text,
        "sources": [
            {"source": token, "scheme": scheme.name, "path": source.template.text}
            for (token, scheme), source in zip(
                session.prepared.schemes.items(), cohort.sources, strict=True
            )
        ],
        "output": cohort.output.text,
    }


def _file_from(run: CohortRun) -> str:
    """Say how the cohort file is reached from the output folder, wherever the run is started."""
    there = os.path.realpath(run.output)
    return Path(os.path.relpath(os.path.realpath(run.cohort.document.path), there)).as_posix()


def _same_run(run: CohortRun) -> Json:
    """Give the keys that two runs have in common if what one wrote is what the other would."""
    return {
        "schema": COHORT_REPORT_SCHEMA,
        "tool": tool_version(),
        "cohort": run.cohort.name,
        "plan": run.job.digest,
    }


def selection_report(cohort: Cohort, selection: Selection) -> Json:
    """Write what was kept and dropped and why as JSON values."""
    rules = [rule_words(rule) for rule in cohort.select]
    return selection_values(rules, len(selection.kept), selection.dropped)


def selection_values(
    rules: Sequence[str], kept: int, dropped: Mapping[str, Sequence[Drop]]
) -> Json:
    """Write a selection as JSON values.

    Parameters
    ----------
    rules : sequence of str
        What each rule of it says.
    kept : int
        How many cases it keeps.
    dropped : mapping of str to sequence of Drop
        The other cases, in order, and why.
    """
    counts = Counter(reason.rule for why in dropped.values() for reason in why)
    return {
        "found": kept + len(dropped),
        "kept": kept,
        "rules": [{"rule": words, "dropped": counts[at]} for at, words in enumerate(rules)],
        "dropped": [
            {"case": case, "why": [reason.text for reason in why]} for case, why in dropped.items()
        ],
    }


def case_rows(
    run: CohortRun, outcomes: Mapping[str, Outcome], known: Mapping[str, Json]
) -> list[dict[str, Any]]:
    """Say what became of every kept case, in order; see :func:`build_cohort_report`."""
    tasks = {task.case: task for task in run.tasks.ready}
    rows: list[dict[str, Any]] = []
    for case in run.selection.kept:
        if case in run.tasks.incomplete:
            rows.append({"case": case, "status": "incomplete", "why": run.tasks.incomplete[case]})
        elif case not in outcomes:
            rows.append(known.get(case, {"case": case, "status": "open"}))
        else:
            rows.append(case_row(run, tasks[case], outcomes[case]))
    return rows


def case_row(run: CohortRun, task: CaseTask, outcome: Outcome) -> dict[str, Any]:
    """Say what became of a case that was run."""
    if outcome.status == "failed" or outcome.judged is None:
        return {"case": task.case, "status": "failed", "problems": problems_json(outcome.problems)}
    excluded = is_excluded(outcome)
    place = task.excluded if excluded and task.excluded else task.place
    files: Json = {
        "labels": place.labels.relative_to(run.output).as_posix(),
        "report": place.report.relative_to(run.output).as_posix(),
    }
    # A case that was there already is like one that was written now.
    return {
        "case": task.case,
        "status": "excluded" if excluded else "written",
        **(files if run.job.write_excluded or not excluded else {}),
        "structures": outcome.structures,
        "remarks": outcome.remarks,
        "doubts": list(outcome.doubts),
        **outcome.judged,
    }


def is_excluded(outcome: Outcome) -> bool:
    """Tell whether a rule excludes a case that was run."""
    return outcome.judged is not None and bool(outcome.judged["excluded_by"])
