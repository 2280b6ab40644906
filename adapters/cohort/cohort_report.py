"""The JSON report of a cohort, a versioned artefact that other programs read.

It depends on the inputs alone: not on the number of workers, the order in which cases finish,
the time, or how often the run was interrupted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vesalius.adapters.cases.rule_outcomes import Json
from vesalius.adapters.cohort.case_tasks import CaseTask, Tasks
from vesalius.adapters.cohort.case_worker import CohortJob, Outcome
from vesalius.adapters.cohort.cohort_file import Cohort
from vesalius.adapters.cohort.done_before import tool_version
from vesalius.adapters.cohort.selection import Selection, rule_words
from vesalius.ontology.render import to_json

COHORT_REPORT_SCHEMA = "cohort-report/1"
COHORT_REPORT = "cohort.json"
STATUSES = ("written", "failed", "incomplete", "open")


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
    """

    cohort: Cohort
    selection: Selection
    tasks: Tasks
    job: CohortJob
    output: Path


def build_cohort_report(run: CohortRun, outcomes: Sequence[Outcome]) -> Json:
    """Write what became of a cohort as JSON values.

    Parameters
    ----------
    run : CohortRun
        What was to be done.
    outcomes : sequence of Outcome
        What has been done, in any order; cases without one are "open".

    Returns
    -------
    dict
        Keys: schema, tool, cohort, plan, target, rules, image, sources, output, selection,
        counts, cases. Paths of outputs are relative to the output folder.
    """
    cohort = run.cohort
    cases = [*_cases(run, {outcome.case: outcome for outcome in outcomes})]
    return {
        "schema": COHORT_REPORT_SCHEMA,
        "tool": tool_version(),
        "cohort": cohort.name,
        "plan": run.job.digest,
        "target": run.job.compiled.plan.target,
        "rules": None if run.job.compiled.pack is None else run.job.compiled.pack.name,
        "image": None if cohort.image is None else cohort.image.text,
        "sources": [
            {"source": token, "scheme": scheme.name, "path": source.template.text}
            for (token, scheme), source in zip(run.job.schemes.items(), cohort.sources, strict=True)
        ],
        "output": cohort.output.text,
        "selection": selection_report(cohort, run.selection),
        "counts": {s: sum(case["status"] == s for case in cases) for s in STATUSES},
        "cases": cases,
    }


def selection_report(cohort: Cohort, selection: Selection) -> Json:
    """Write what was kept and dropped and why as JSON values."""
    reasons = [reason for why in selection.dropped.values() for reason in why]
    return {
        "found": len(selection.found),
        "kept": len(selection.kept),
        "rules": [
            {
                "rule": rule_words(rule),
                "dropped": sum(reason.rule == position for reason in reasons),
            }
            for position, rule in enumerate(cohort.select)
        ],
        "dropped": [
            {"case": case, "why": [reason.text for reason in why]}
            for case, why in selection.dropped.items()
        ],
    }


def _cases(run: CohortRun, outcomes: Mapping[str, Outcome]) -> list[Json]:
    tasks = {task.case: task for task in run.tasks.ready}
    rows: list[Json] = []
    for case in run.selection.kept:
        if case in run.tasks.incomplete:
            rows.append({"case": case, "status": "incomplete", "why": run.tasks.incomplete[case]})
        elif case not in outcomes:
            rows.append({"case": case, "status": "open"})
        else:
            rows.append(_case(tasks[case], outcomes[case], run.output))
    return rows


def _case(task: CaseTask, outcome: Outcome, output: Path) -> Json:
    if outcome.status == "failed":
        return {"case": task.case, "status": "failed", "problems": to_json(outcome.problems)}
    # A case that was there already is like one that was written now.
    return {
        "case": task.case,
        "status": "written",
        "labels": task.place.labels.relative_to(output).as_posix(),
        "report": task.place.report.relative_to(output).as_posix(),
        "structures": outcome.structures,
        "remarks": outcome.remarks,
    }
