"""Rows of a report that are the same for many cases, with their text."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from vesalius.adapters.cases.briefs import Prepared, tokens_of
from vesalius.adapters.cases.file_names import name_of
from vesalius.adapters.cases.kept_objects import KeptObjects
from vesalius.adapters.cases.rule_findings import Json
from vesalius.adapters.cases.rule_outcomes import RuleOutcome, outcome_json

OUTCOMES: Final = "outcomes"
"""Key of a report: its rows about rules."""
COMPACT: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False)


class KeptRow(dict[str, object]):
    """A row that stands in the reports of many cases, so that nobody may change it.

    Parameters
    ----------
    row : dict
        JSON values.
    """

    def __init__(self, row: Json) -> None:
        super().__init__(row)
        self.text = COMPACT.encode(row)

    def own(self) -> Json:
        """Give a row for somebody who may change it."""
        return {key: list(each) if isinstance(each, list) else each for key, each in self.items()}


_ROWS: KeptObjects[KeptRow] = KeptObjects()


def outcome_rows(outcomes: Sequence[RuleOutcome], prepared: Prepared) -> list[Json]:
    """Write outcomes as JSON values; see :func:`.rule_outcomes.outcome_json`.

    Parameters
    ----------
    outcomes : sequence of RuleOutcome
        What became of each rule.
    prepared : Prepared
        The plan that was run.

    Returns
    -------
    list of dict
        Those that follow from the plan alone are of :class:`KeptRow`.
    """
    tokens = tokens_of(prepared.plan)
    judged = prepared.judged
    # A name depends on the working directory; equal ones are one object.
    named = {path: sys.intern(name_of(path)) for path in {o.rule.path for o in outcomes}}
    rows: list[Json] = []
    for outcome in outcomes:
        name = named[outcome.rule.path]
        found = _ROWS.find((outcome, prepared, name))
        if found is not None:
            rows.append(found)
            continue
        place = f"{name}:{outcome.rule.line}"
        make = partial(outcome_json, outcome, place, tokens, judged)
        if outcome.is_kept and outcome.result.is_kept:
            rows.append(_ROWS.get((outcome, prepared, name), partial(_keep, make)))
        else:
            rows.append(make())
    return rows


def _keep(make: Callable[[], Json]) -> KeptRow:
    return KeptRow(make())


def own_rows(report: Json) -> Json:
    """Give a report of which every row is its own."""
    rows = report[OUTCOMES]
    if not isinstance(rows, list):
        raise TypeError(f"the report's `{OUTCOMES}` is not a list")
    return {
        **report,
        OUTCOMES: [row.own() if isinstance(row, KeptRow) else row for row in rows],
    }


def compact_text(data: object) -> str:
    """Give the JSON text of a value without blanks; rows that are kept are not written anew."""
    rows = data.get(OUTCOMES) if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(rows, list):
        return COMPACT.encode(data)
    if not any(isinstance(row, KeptRow) for row in rows):
        return COMPACT.encode(data)
    texts = (row.text if isinstance(row, KeptRow) else COMPACT.encode(row) for row in rows)
    at = [*data].index(OUTCOMES)
    before, after = ({key: data[key] for key in keys} for keys in ([*data][:at], [*data][at + 1 :]))
    parts = (
        COMPACT.encode(before)[1:-1],
        f'"{OUTCOMES}":[{",".join(texts)}]',
        COMPACT.encode(after)[1:-1],
    )
    return f"{{{','.join(filter(None, parts))}}}"
