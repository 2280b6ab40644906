"""What a run left in its output folder: a case or a cohort, each case in a few figures."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from vesalius.adapters.cases.fail_on import SEVERITIES
from vesalius.adapters.cases.map_result import LABELS, REPORT
from vesalius.adapters.cases.run_folder import read_run_report
from vesalius.adapters.cohort.cohort_record import (
    COHORT_REPORT,
    CohortRecordError,
    has_cohort_record,
    read_cohort_record,
)
from vesalius.adapters.cohort.shard_record import SHARDS
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError
from vesalius.ontology.reading.real_path import real_path

Json = Mapping[str, Any]

WORDS = ("failed", "exclude", "review", "incomplete", "open", "keep")
"""What a case may be, the worst first."""
_HINT = "give what `vesalius run -o FOLDER` has written, of a case or of a cohort"


@dataclass(frozen=True)
class RuleCell:
    """What became of one rule in one case.

    Parameters
    ----------
    status : str
        How it ended when it ran.
    severity : {"error", "warning", "info"}
        Of its findings.
    remains : int
        Findings in what is written.
    changed_voxels : int
        Voxels that it moved.
    reason : str
        Why it could not judge; empty where it could.
    """

    status: str
    severity: str
    remains: int
    changed_voxels: int
    reason: str


@dataclass(frozen=True)
class CaseRecord:
    """One case of a run, as far as the index tells of it.

    Parameters
    ----------
    name : str
        As the user calls it.
    word : str
        One of `WORDS`.
    why : tuple of str
        Why it is not simply kept.
    summary : mapping or None
        Figures of :class:`vesalius.adapters.cases.case_verdict.CaseSummary`; None of a case that
        was not run.
    report, labels : Path or None
        Its files; None where none was written, or where it cannot be read.
    rules : mapping of str to RuleCell
        By rule; empty where there is no report.
    not_judged : tuple of str
        What no rule could say anything of.
    plan, sha256 : str
        Digests: of the plan, and of its report.
    volumes_ml : mapping of str to float
        By structure, of what is written.
    told_ml : mapping of (str, str) to float
        By source and structure, what a source says before others and rules have their turn.
    """

    name: str
    word: str
    why: tuple[str, ...] = ()
    summary: Json | None = None
    report: Path | None = None
    labels: Path | None = None
    rules: Mapping[str, RuleCell] = field(default_factory=dict)
    not_judged: tuple[str, ...] = ()
    plan: str = ""
    sha256: str = ""
    volumes_ml: Mapping[str, float] = field(default_factory=dict)
    told_ml: Mapping[tuple[str, str], float] = field(default_factory=dict)

    def found(self, severity: str) -> int:
        """Count the findings of a severity that remain."""
        return 0 if self.summary is None else int(self.summary["findings"][severity])


@dataclass(frozen=True)
class RunRecord:
    """What one output folder tells.

    Parameters
    ----------
    folder : Path
        The folder.
    name : str
        Of the cohort, or of the folder of a single case.
    cohort : bool
        Whether it is a cohort.
    about : mapping
        The record itself, without its cases: cohort.json or report.json.
    cases : tuple of CaseRecord
        The worst first.
    problems : tuple of Diagnostic
        Cases whose report cannot be read.
    """

    folder: Path
    name: str
    cohort: bool
    about: Json
    cases: tuple[CaseRecord, ...]
    problems: tuple[Diagnostic, ...] = ()


def read_record(folder: Path) -> RunRecord:
    """Read the output folder of `vesalius run`.

    Parameters
    ----------
    folder : Path
        Of one case or of a cohort.

    Raises
    ------
    DiagnosticError
        REP001 where it is no such folder, or its record is damaged; EXP001 where the report of a
        single case is.
    """
    if has_cohort_record(folder):
        return _cohort(folder, _cohort_record(folder))
    if not os.path.lexists(folder / REPORT):
        what, hint = "there is no such folder", _HINT
        if (folder / SHARDS).is_dir():
            what = f"the shards of this cohort have no {COHORT_REPORT} yet"
            hint = f"`vesalius cohort merge {folder}` puts what they say together"
        elif os.path.isdir(folder):
            what = f"this folder has neither {COHORT_REPORT} nor {REPORT}"
        elif os.path.lexists(folder):
            what = "this is no folder"
        raise _no_record(folder, what, hint)
    report = read_run_report(folder / REPORT, folder)
    name = real_path(folder).name
    case = _with_report(
        CaseRecord(
            name=name,
            word=report["verdict"]["word"],
            why=tuple(report["verdict"]["reasons"]),
            summary=report["summary"],
            report=folder / REPORT,
            labels=folder / LABELS,
        ),
        report,
    )
    return RunRecord(folder, name, cohort=False, about=report, cases=(case,))


def badness(case: CaseRecord) -> tuple[Any, ...]:
    """Give what cases are ordered by, the worst first."""
    return (WORDS.index(case.word), *(-case.found(s) for s in SEVERITIES), case.name)


def _cohort_record(folder: Path) -> Json:
    try:
        return read_cohort_record(folder)
    except CohortRecordError as error:
        raise _no_record(folder / COHORT_REPORT, str(error)) from None


def _cohort(folder: Path, record: Json) -> RunRecord:
    cases: list[CaseRecord] = []
    problems: list[Diagnostic] = []
    for row in record["cases"]:
        case = _case(folder, row)
        if case.report is not None:
            try:
                case = _with_report(case, read_run_report(case.report, case.report))
            except DiagnosticError as error:
                problems += error.diagnostics
                why = (*case.why, f"its report cannot be shown: {error.diagnostics[0].message}")
                case = CaseRecord(case.name, case.word, why, case.summary)
        cases.append(case)
    about = {key: value for key, value in record.items() if key != "cases"}
    ordered = tuple(sorted(cases, key=badness))
    return RunRecord(folder, str(record["cohort"]), True, about, ordered, tuple(problems))


def _case(folder: Path, row: Json) -> CaseRecord:
    if "summary" not in row:
        why = [p["message"] for p in row.get("problems", ()) if p["severity"] == "error"]
        # A case that was not begun has no reason.
        told = [row["why"]] if "why" in row else []
        return CaseRecord(row["case"], row["status"], tuple(why or told))
    verdict = row["verdict"]
    return CaseRecord(
        name=row["case"],
        word=verdict["word"],
        why=tuple(verdict["reasons"]),
        summary=row["summary"],
        report=folder / row["report"] if "report" in row else None,
        labels=folder / row["labels"] if "labels" in row else None,
    )


def _with_report(case: CaseRecord, report: Json) -> CaseRecord:
    """Add what only the report of a case knows."""
    return replace(
        case,
        rules={row["rule"]: _cell(row) for row in report["outcomes"]},
        not_judged=tuple(report["not_judged"]),
        plan=report["plan"],
        sha256=report["sha256"],
        volumes_ml={row["structure"]: row["ml"] for row in report["structures"]},
        told_ml=told_ml(report),
    )


def told_ml(report: Json) -> dict[tuple[str, str], float]:
    """Give by source and structure how much of it the source says, before anything is decided."""
    voxels: Counter[tuple[str, str]] = Counter()
    for source in report["sources"]:
        for row in source["classes"]:
            for structure, painted in row["painted"].items():
                voxels[source["source"], structure] += painted
    return {key: number * report["grid"]["voxel_ml"] for key, number in voxels.items()}


def _cell(row: Json) -> RuleCell:
    unable = row["status"] in ("skipped", "failed")
    return RuleCell(
        status=row["status"],
        severity=row["severity"],
        remains=len(row["remains"]),
        changed_voxels=sum(move["voxels"] for move in row["moves"]),
        reason=row["reason"] if unable else "",
    )


def _no_record(path: Path, text: str, hint: str = _HINT) -> DiagnosticError:
    return DiagnosticError([Diagnostic("REP001", "error", text, path=str(path), help=hint)])
