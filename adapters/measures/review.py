"""What readers decided: the form they fill, read back, and how far two of them agree."""

from __future__ import annotations

import csv
import io
import json
import os
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import combinations
from pathlib import Path
from typing import Any

from vesalius.adapters.files.atomic import Outputs
from vesalius.adapters.files.io_diagnostics import unreadable
from vesalius.adapters.files.json_files import read_object
from vesalius.adapters.keeping.program_version import tool_version
from vesalius.adapters.measures.sampling import SampledCase
from vesalius.adapters.measures.table_files import csv_text, has_parquet, write_table
from vesalius.adapters.measures.table_schema import table_schema
from vesalius.ontology.graph import Ontology
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError, Span, suggest
from vesalius.ontology.reading.side_files import TABLE_BYTES, read_side_file

SAMPLE, FORM, PAGE, TABLE, RECORD = (
    "sample.json", "review_form.csv", "review_form.html", "review", "review.json",
)  # fmt: skip
SAMPLE_SCHEMA, RECORD_SCHEMA = "sample/1", "review/1"
DECISIONS = KEEP, REPAIR, DISCARD = "keep", "repair", "discard"
"""The better first."""
_PACKAGE = "sklearn"
_DRAW = "draw one first: vesalius sample FOLDER --n 25"


@dataclass(frozen=True)
class Kappa:
    """How far two readers agree on whole cases.

    Parameters
    ----------
    readers : tuple of str
        The two.
    cases : int
        That both decided on.
    agreeing : int
        On which they decided the same.
    kappa : float or None
        Cohen's kappa; None where it is undefined: no case, or both always said the same one word.
    """

    readers: tuple[str, str]
    cases: int
    agreeing: int
    kappa: float | None


def write_form(folder: Path, drawn: Sequence[SampledCase], seed: int, ontology: Ontology) -> None:
    """Write the sample and its form, as a page and as CSV, all or none.

    Parameters
    ----------
    folder : Path
        Of the cohort; ``sample.json``, ``review_form.html`` and ``review_form.csv`` go there.
    drawn : sequence of SampledCase
        The cases.
    seed : int
        They were drawn with.
    ontology : Ontology
        Names of structures, for the page.
    """
    columns = table_schema(TABLE).names
    data = {
        "columns": columns,
        "decisions": DECISIONS,
        "structures": [s.name for s in ontology.structures.values() if not s.abstract],
        "cases": [{"case": each.name, "about": _about(each)} for each in drawn],
    }
    # What ends a script or begins a tag cannot stand in the page, whatever a case is called.
    text = json.dumps(data).replace("<", "\\u003c")
    page = Path(__file__).with_name(PAGE).read_text(encoding="utf-8").replace("/*DATA*/", text)
    sample = {
        "schema": SAMPLE_SCHEMA,
        "tool": tool_version(),
        "seed": seed,
        "cases": [{"case": each.name, **each.known, "labels": each.labels} for each in drawn],
    }
    with Outputs(folder) as outputs:
        outputs.write_text(folder / PAGE, page)
        outputs.write_text(folder / FORM, csv_text(TABLE, ({"case": each.name} for each in drawn)))
        outputs.write_json(folder / SAMPLE, sample)


def read_filled(
    folder: Path, paths: Sequence[Path], ontology: Ontology
) -> list[dict[str, str | None]]:
    """Read filled forms.

    Parameters
    ----------
    folder : Path
        Has the sample.
    paths : sequence of Path
        One or more forms.
    ontology : Ontology
        Knows the structures.

    Returns
    -------
    list of dict
        Rows of the table `review`. A line of the form without a decision is no row.

    Raises
    ------
    DiagnosticError
        MEA014 with every line that is wrong.
    """
    cases = _sampled(folder)
    rows: list[dict[str, str | None]] = []
    problems: list[Diagnostic] = []
    for path in paths:
        for line, row in _lines(path):
            wrong = _wrong(row, cases, ontology)
            if wrong is not None:
                text, hint = wrong
                span = Span(str(path), line, 1, 2)
                problems.append(Diagnostic("MEA014", "error", text, span=span, help=hint))
            elif row["decision"]:
                rows.append({key: value or None for key, value in row.items()})
    problems += _twice(rows)
    if problems:
        raise DiagnosticError(problems)
    return rows


def agreements(rows: Iterable[Mapping[str, Any]]) -> list[Kappa]:
    """Compare every two readers by their decisions on whole cases.

    Raises
    ------
    DiagnosticError
        MEA015 where two readers are to be compared and scikit-learn is not installed.
    """
    by_reader: dict[str, dict[str, str]] = {}
    for row in rows:
        if not row["structure"]:
            by_reader.setdefault(row["reader"], {})[row["case"]] = row["decision"]
    return [
        _kappa((one, other), by_reader[one], by_reader[other])
        for one, other in combinations(sorted(by_reader), 2)
    ]


def write_review(
    folder: Path, rows: Sequence[dict[str, str | None]], found: Sequence[Kappa]
) -> None:
    """Write what readers decided into the folder of the cohort, all or none."""
    readers = sorted({str(row["reader"]) for row in rows})
    record = {
        "schema": RECORD_SCHEMA,
        "tool": tool_version(),
        "cases": sorted(_sampled(folder)),
        "readers": {
            reader: {
                word: sum(
                    row["reader"] == reader and not row["structure"] and row["decision"] == word
                    for row in rows
                )
                for word in DECISIONS
            }
            for reader in readers
        },
        "agreement": [
            {
                "readers": list(each.readers),
                "cases": each.cases,
                "agreeing": each.agreeing,
                "kappa": each.kappa,
            }
            for each in found
        ],
    }
    with Outputs(folder) as outputs:
        write_table(outputs, folder, TABLE, rows, parquet=has_parquet())
        outputs.write_json(folder / RECORD, record)


def read_decisions(folder: Path) -> list[dict[str, str]]:
    """Read what readers decided from the folder of the cohort; empty where nobody did.

    Returns
    -------
    list of dict
        Rows of the table `review`.

    Raises
    ------
    DiagnosticError
        MEA014 where the table is not what was written.
    """
    path = folder / f"{TABLE}.csv"
    if not os.path.lexists(path):
        return []
    rows = [row for _, row in _lines(path)]
    for row in rows:
        if row["decision"] not in DECISIONS:
            text = f"`{row['decision']}` is no decision on case `{row['case']}`"
            raise _no_form(
                path, text, "read the forms again: vesalius sample FOLDER --filled FORM.csv"
            )
    return rows


def _about(case: SampledCase) -> str:
    known = ", ".join(f"{key} {value}" for key, value in sorted(case.known.items()))
    return "; ".join(words for words in (known, *case.why, case.labels) if words)


def _sampled(folder: Path) -> frozenset[str]:
    try:
        sample = read_object(folder / SAMPLE)
    except (OSError, ValueError):
        sample = {}
    if sample.get("schema") != SAMPLE_SCHEMA:
        text = f"`{folder}` has no sample to read a form for"
        raise DiagnosticError([Diagnostic("MEA014", "error", text, help=_DRAW)])
    cases = sample.get("cases")
    rows = cases if isinstance(cases, list) else []
    named = [row["case"] for row in rows if isinstance(row, dict) and "case" in row]
    if not rows or len(named) < len(rows) or not all(isinstance(name, str) for name in named):
        raise _no_form(folder / SAMPLE, "the sample was changed: it names no cases", _DRAW)
    return frozenset(named)


def _lines(path: Path) -> list[tuple[int, dict[str, str]]]:
    columns = table_schema(TABLE).names
    try:
        text = read_side_file(path, TABLE_BYTES).decode("utf-8-sig")
    except OSError as failed:
        raise unreadable(path, failed) from None
    except UnicodeDecodeError:
        raise _no_form(path, "the form is not UTF-8 text", "save it as CSV UTF-8") from None
    mark = ";" if ";" in text.partition("\n")[0] else ","
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=mark)
    found = []
    try:
        missing = [name for name in columns if name not in (reader.fieldnames or ())]
        if missing:
            text = f"this is no filled form: column `{missing[0]}` is missing"
            raise _no_form(path, text, f"its columns are {', '.join(columns)}")
        for row in reader:
            cells = {name: (row.get(name) or "").strip() for name in columns}
            found.append((reader.line_num, cells))
    except csv.Error as error:
        text = f"the form cannot be read beyond line {reader.line_num}: {error}"
        raise _no_form(path, text, "save it as CSV UTF-8") from None
    return found


def _no_form(path: Path, text: str, hint: str) -> DiagnosticError:
    return DiagnosticError([Diagnostic("MEA014", "error", text, path=str(path), help=hint)])


def _wrong(
    row: Mapping[str, str], cases: frozenset[str], ontology: Ontology
) -> tuple[str, str | None] | None:
    """Say what is wrong with a line and how to mend it, or nothing."""
    if row["case"] not in cases:
        return f"case `{row['case']}` was not drawn", suggest(row["case"], sorted(cases))
    if not row["decision"]:
        return None
    if row["decision"] not in DECISIONS:
        words = ", ".join(DECISIONS)
        hint = suggest(row["decision"], DECISIONS) or f"one of {words}"
        return f"`{row['decision']}` is no decision", hint
    if not row["reader"]:
        return "it is not said who decided", "write a name or initials into column `reader`"
    if row["structure"] and row["structure"] not in ontology.structures:
        near = suggest(row["structure"], ontology.structures)
        return f"no structure is called `{row['structure']}`", near
    return None


def _twice(rows: Iterable[Mapping[str, str | None]]) -> list[Diagnostic]:
    seen: dict[tuple[str | None, ...], str | None] = {}
    problems = []
    for row in rows:
        key = (row["case"], row["reader"], row["structure"])
        if key in seen and seen[key] != row["decision"]:
            what = row["structure"] or "the whole case"
            text = f"{row['reader']} decides twice on {what} of case `{row['case']}`"
            problems.append(Diagnostic("MEA014", "error", text, help="keep one of the two"))
        seen[key] = row["decision"]
    return problems


def _kappa(readers: tuple[str, str], one: Mapping[str, str], other: Mapping[str, str]) -> Kappa:
    both = [case for case in one if case in other]
    agreeing = sum(one[case] == other[case] for case in both)
    words = {one[case] for case in both} | {other[case] for case in both}
    if len(words) < 2:
        return Kappa(readers, len(both), agreeing, None)
    if find_spec(_PACKAGE) is None:
        text = "the agreement of readers needs the package scikit-learn, which is not installed"
        hint = "pip install 'vesalius[review]'; or read one form at a time"
        raise DiagnosticError([Diagnostic("MEA015", "error", text, help=hint)])
    from sklearn.metrics import cohen_kappa_score  # noqa: PLC0415 - an extra

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        kappa = cohen_kappa_score([one[case] for case in both], [other[case] for case in both])
    return Kappa(readers, len(both), agreeing, round(float(kappa), 6))
