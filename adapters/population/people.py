"""Who is in a cohort: each case with what its run knows of the patient, and what became of it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from vesalius.adapters.cases.report_file import read_whole_report
from vesalius.adapters.cohort.cohort_file import Cohort
from vesalius.adapters.files.io_diagnostics import listing, plural
from vesalius.adapters.measures.cohort_output import no_cohort, written_cohort
from vesalius.adapters.measures.table_schema import Cell
from vesalius.adapters.population.names import FACTS
from vesalius.adapters.population.settings import read_settings
from vesalius.adapters.report.record import told_ml
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError, suggest

SEXES = ("female", "male")
UNKNOWN = "unknown"
_OLDEST_YEARS = 130.0
WRITTEN = "written"


@dataclass(frozen=True)
class Person:
    """A case of a cohort.

    Parameters
    ----------
    case : str
        Its name.
    status : str
        What became of it: written, excluded, failed, incomplete, open, or dropped.
    why : str
        Why it was not written; empty where it was.
    age_years : float or None
        None where it is not known.
    sex : str
        One of `SEXES`, or unknown.
    known : mapping of str to str
        Diagnosis, dataset, site and scanner, as far as they are known.
    verdict : str
        Of the run; empty where there is none.
    fired : mapping of str to bool
        Of each rule that ran whether it found or changed something; empty where there is no report.
    painted_ml : mapping of (str, str) to float
        By source and structure, what a source says before others and rules have their turn.
    """

    case: str
    status: str
    why: str = ""
    age_years: float | None = None
    sex: str = UNKNOWN
    known: Mapping[str, str] = field(default_factory=dict)
    verdict: str = ""
    fired: Mapping[str, bool] = field(default_factory=dict)
    painted_ml: Mapping[tuple[str, str], float] = field(default_factory=dict)

    def of(self, fact: str) -> str:
        """Give one of the facts in words; unknown where it is not known."""
        if fact == "sex":
            return self.sex
        return self.known.get(fact, UNKNOWN)

    @property
    def age_band(self) -> str:
        """The decade of the age, such as 40-49; unknown where there is no age."""
        if self.age_years is None:
            return UNKNOWN
        width = read_settings().ages.band_years
        low = int(self.age_years // width) * width
        return f"{low:02}-{low + width - 1:02}"


@dataclass(frozen=True)
class People:
    """A cohort as people.

    Parameters
    ----------
    cohort : str
        Its name.
    target : str
        Scheme of its label maps.
    everyone : tuple of Person
        All that were found: written, not written, not selected.
    facts : frozenset of str
        Which of `FACTS` the cohort's table has.
    about : mapping
        The record of the cohort, without its cases.
    remarks : tuple of Diagnostic
        Values that could not be read.
    """

    cohort: str
    target: str
    everyone: tuple[Person, ...]
    facts: frozenset[str]
    about: Mapping[str, Any]
    remarks: tuple[Diagnostic, ...] = ()

    @property
    def written(self) -> tuple[Person, ...]:
        """Those with a label map."""
        return tuple(person for person in self.everyone if person.status == WRITTEN)


def check_columns(columns: Mapping[str, str]) -> None:
    """Make sure that columns are named for what is asked of a patient.

    Raises
    ------
    ValueError
        If one is not of `FACTS`.
    """
    for fact in columns:
        if fact not in FACTS:
            raise ValueError(f"`{fact}` is no fact of a patient; facts: {', '.join(FACTS)}")


def read_people(cohort: Cohort, folder: Path, columns: Mapping[str, str] | None = None) -> People:
    """Read who is in a cohort.

    Parameters
    ----------
    cohort : Cohort
        As declared; its table says what is known of patients.
    folder : Path
        What `vesalius run cohort.yaml -o` wrote.
    columns : mapping of str to str, optional
        Column of the table that holds a fact, where it has another name.

    Raises
    ------
    DiagnosticError
        POP001 where the folder is none of this cohort, or no case was written; POP002 for a column
        that the table does not have; MEA016 where the record was changed.
    """
    record = written_cohort(folder, "POP001")
    if record["cohort"] != cohort.name:
        text = f"this is what was written of cohort `{record['cohort']}`, not of `{cohort.name}`"
        raise no_cohort(folder, text, "POP001")
    known = {column for row in cohort.rows.values() for column in row}
    for fact, column in (columns or {}).items():
        if column not in known:
            listed = ", ".join(sorted(known)) or "none"
            hint = suggest(column, sorted(known)) or f"columns of the table: {listed}"
            text = f"the cohort's table has no column `{column}`, which would be the {fact}"
            raise DiagnosticError([Diagnostic("POP002", "error", text, help=hint)])
    named = {fact: (columns or {}).get(fact, fact) for fact in FACTS}
    unread: dict[str, list[str]] = {}
    everyone = [
        _with_run(_person(row["case"], cohort, named, unread), folder, row)
        for row in record["cases"]
    ]
    for row in record["selection"]["dropped"]:
        person = _person(row["case"], cohort, named, unread)
        everyone.append(replace(person, status="dropped", why="; ".join(row["why"])))
    if not any(person.status == WRITTEN for person in everyone):
        raise no_cohort(folder, "no case of this cohort was written", "POP001")
    facts = frozenset(fact for fact, column in named.items() if column in known)
    about = {key: value for key, value in record.items() if key != "cases"}
    return People(
        cohort.name, str(record["target"]), tuple(everyone), facts, about, tuple(_remarks(unread))
    )


def patient_rows(people: People) -> Iterator[dict[str, Cell]]:
    """Give the rows of the table `patients`."""
    for person in people.everyone:
        yield {
            "case": person.case,
            "status": person.status,
            "why": person.why or None,
            "verdict": person.verdict or None,
            "age_years": person.age_years,
            "sex": person.sex,
            **{fact: person.known.get(fact) for fact in FACTS[2:]},
        }


def count_rows(people: People) -> Iterator[dict[str, Cell]]:
    """Give the rows of the table `patient_counts`: all groups of age, sex and diagnosis."""
    groups = Counter((p.of("diagnosis"), p.age_band, p.sex) for p in people.written)
    for (diagnosis, band, sex), number in sorted(groups.items()):
        yield {"diagnosis": diagnosis, "age_band_years": band, "sex": sex, "patients": number}


def _person(
    case: str, cohort: Cohort, named: Mapping[str, str], unread: dict[str, list[str]]
) -> Person:
    row = cohort.rows.get(case, {})
    values = {fact: row[column] for fact, column in named.items() if row.get(column)}
    sex = values.get("sex", UNKNOWN).lower()
    if sex not in (*SEXES, UNKNOWN):
        what = f"sex `{values['sex']}` is none of {', '.join(SEXES)}"
        unread.setdefault(what, []).append(case)
        sex = UNKNOWN
    age_years = _age(values.get("age"))
    if age_years is None and "age" in values:
        unread.setdefault(f"age `{values['age']}` is no number of years", []).append(case)
    known = {fact: values[fact] for fact in FACTS[2:] if fact in values}
    return Person(case, "open", "", age_years, sex, {"dataset": cohort.name, **known})


def _with_run(person: Person, folder: Path, row: Mapping[str, Any]) -> Person:
    """Add what became of a case."""
    if row["status"] != WRITTEN:
        problems = "; ".join(problem["message"] for problem in row.get("problems", ()))
        why = row.get("why") or problems or "; ".join(row.get("verdict", {}).get("reasons", ()))
        return replace(person, status=row["status"], why=why)
    # One that was changed is told of where its label map is looked for (MEA016).
    report: Mapping[str, Any] = read_whole_report(folder / row["report"]) or {}
    return replace(
        person,
        status=WRITTEN,
        verdict=row["verdict"]["word"],
        fired={
            outcome["rule"]: bool(outcome["remains"] or outcome["moves"])
            for outcome in report.get("outcomes", ())
            if outcome["status"] not in ("skipped", "failed")
        },
        painted_ml=told_ml(report) if report else {},
    )


def _age(text: str | None) -> float | None:
    """Read an age in years; DICOM's `063Y` too."""
    if text is None:
        return None
    try:
        years = float(text.removesuffix("Y").replace(",", "."))
    except ValueError:
        return None
    return years if math.isfinite(years) and 0 <= years <= _OLDEST_YEARS else None


def _remarks(unread: Mapping[str, Sequence[str]]) -> Iterator[Diagnostic]:
    for what, cases in unread.items():
        listed = listing(list(cases), 5)
        text = f"{what}: of {plural(len(cases), 'case')} it counts as unknown ({listed})"
        hint = "`metadata: values:` of the cohort file says what a value means"
        yield Diagnostic("POP003", "warning", text, help=hint)
