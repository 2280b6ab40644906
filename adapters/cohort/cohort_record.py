"""The record of a cohort read back, as whatever stands on it does: whole, or not at all."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from vesalius.adapters.cases.report_file import is_whole
from vesalius.adapters.files.json_files import read_object
from vesalius.ontology.reading.side_files import REPORT_BYTES

COHORT_REPORT_SCHEMA = "cohort-report/1"
COHORT_REPORT = "cohort.json"
COHORT_TABLE = "cohort.csv"
_KEYS = frozenset(("cases", "cohort", "plan", "rules", "selection", "sources", "target", "tool"))


class CohortRecordError(ValueError):
    """A record that cannot be believed: why, in words."""


def has_cohort_record(folder: Path) -> bool:
    """Tell whether a folder has a record of a cohort, damaged or not."""
    return os.path.lexists(folder / COHORT_REPORT)


def read_cohort_record(folder: Path) -> dict[str, Any]:
    """Read the record in the output folder of a cohort.

    Parameters
    ----------
    folder : Path
        What `vesalius run cohort.yaml -o` wrote.

    Returns
    -------
    dict
        See :func:`vesalius.adapters.cohort.cohort_report.build_cohort_report`.

    Raises
    ------
    CohortRecordError
        Where it cannot be read, is none, is of another version, or is not what was written.
    """
    try:
        record = read_object(folder / COHORT_REPORT, REPORT_BYTES)
    except OSError as error:
        raise CohortRecordError(f"the record cannot be read: {error.strerror}") from None
    except json.JSONDecodeError as error:
        raise CohortRecordError(f"the record is damaged at line {error.lineno}") from None
    except ValueError:
        raise CohortRecordError("the record is damaged: it is no JSON object in UTF-8") from None
    if record.get("schema") != COHORT_REPORT_SCHEMA:
        raise CohortRecordError(f"this is no record of a cohort (`{COHORT_REPORT_SCHEMA}`)")
    missing = sorted(_KEYS - set(record))
    if missing:
        raise CohortRecordError(f"the record is of another version: it lacks `{missing[0]}`")
    if not is_whole(record):
        raise CohortRecordError("the record was changed after it was written")
    return record
