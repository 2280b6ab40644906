"""What a run of a cohort left in its output folder, believed only where it is what was written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from vesalius.adapters.cases.report_file import read_whole_report
from vesalius.adapters.cohort.cohort_record import (
    COHORT_REPORT,
    CohortRecordError,
    has_cohort_record,
    read_cohort_record,
)
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError

Json = Mapping[str, Any]


def cohort_record(folder: Path) -> Json | None:
    """Read the record of a cohort; None where the folder has none.

    Raises
    ------
    DiagnosticError
        MEA016 where it is damaged or was changed.
    """
    if not has_cohort_record(folder):
        return None
    try:
        return read_cohort_record(folder)
    except CohortRecordError as error:
        raise DiagnosticError([_damaged(folder / COHORT_REPORT, str(error))]) from None


def written_cohort(folder: Path, code: str) -> Json:
    """Read the record of a cohort, where nothing else will do.

    Raises
    ------
    DiagnosticError
        `code` where the folder has none; MEA016 where it is damaged or was changed.
    """
    record = cohort_record(folder)
    if record is None:
        text = f"this is no output folder of a cohort: it has no {COHORT_REPORT}"
        raise no_cohort(folder, text, code)
    return record


def no_cohort(folder: Path, text: str, code: str) -> DiagnosticError:
    """Refuse a folder that is not the output wanted."""
    hint = "give what `vesalius run cohort.yaml -o FOLDER` has written"
    return DiagnosticError([Diagnostic(code, "error", text, path=str(folder), help=hint)])


def with_reports(folder: Path, rows: Iterable[Json]) -> Iterator[tuple[Json, Json]]:
    """Yield rows of a record, each with the report of its case.

    Parameters
    ----------
    folder : Path
        The output folder.
    rows : iterable of dict
        Of cases that were written.

    Raises
    ------
    DiagnosticError
        MEA016, in the end, with every report that is not what was written.
    """
    problems: list[Diagnostic] = []
    for row in rows:
        path = folder / row["report"]
        report = read_whole_report(path)
        if report is None:
            text = f"the report of case `{row['case']}` was changed, or is not there any more"
            problems.append(_damaged(path, text))
        else:
            yield row, report
    if problems:
        raise DiagnosticError(problems)


def _damaged(path: Path, text: str) -> Diagnostic:
    hint = "run the cohort again: cases that are done are not repeated, and this is made whole"
    return Diagnostic("MEA016", "error", text, path=str(path), help=hint)
