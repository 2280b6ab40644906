"""The function that describes a cohort as a population: `vesalius.population`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from vesalius.adapters.measures.measured_table import MeasuredTable, measured_table
from vesalius.adapters.measures.run_measures import Measurement, measure_cases, records_folder
from vesalius.adapters.population.measure import LESIONS, STATS
from vesalius.adapters.population.names import TABLES, VERB
from vesalius.adapters.population.page import write_page
from vesalius.adapters.population.people import check_columns
from vesalius.adapters.population.request import (
    PopulationRequest,
    open_population,
    write_population,
)
from vesalius.adapters.report.fill import missing_packages
from vesalius.inputs import ProjectRef, as_project
from vesalius.ontology.reading.diagnostics import Diagnostic

PathRef: TypeAlias = str | os.PathLike[str]


@dataclass(frozen=True, eq=False)
class PopulationTables(Mapping[str, MeasuredTable]):
    """A cohort described: its tables by name, such as ``found["age_trends"].table()``.

    Parameters
    ----------
    tables : dict of str to MeasuredTable
        Those over all cases, and ``stats`` and ``lesions``, what was measured of each.
    missing : dict of str to str
        Why a table has no rows.
    summary : dict
        How many cases became what, what was selected, and the settings.
    remarks : tuple of Diagnostic
        What reading had to say.
    problems : dict of str to tuple of Diagnostic
        Cases that could not be measured, and why; the others are described without them.
    page : Path or None
        The page, where an output folder was given.
    """

    tables: dict[str, MeasuredTable]
    missing: dict[str, str]
    summary: dict[str, Any]
    remarks: tuple[Diagnostic, ...] = ()
    problems: dict[str, tuple[Diagnostic, ...]] = field(default_factory=dict)
    page: Path | None = None

    def __getitem__(self, name: str) -> MeasuredTable:
        """Return a table by its name."""
        return self.tables[name]

    def __iter__(self) -> Iterator[str]:
        """Go through the names of the tables."""
        return iter(self.tables)

    def __len__(self) -> int:
        """Return the number of tables."""
        return len(self.tables)


def population(
    cohort: PathRef,
    run: PathRef,
    *,
    columns: Mapping[str, str] | None = None,
    against: Mapping[str, PathRef] | None = None,
    lesions: PathRef | None = None,
    limits: PathRef | None = None,
    use_image: bool = True,
    seed: int = 0,
    workers: int = 1,
    output: PathRef | None = None,
    project: ProjectRef = None,
) -> PopulationTables:
    """Describe a cohort as a population, by its label maps and its table of cases.

    Parameters
    ----------
    cohort : path
        The cohort's YAML.
    run : path
        What ``vesalius run cohort.yaml -o RUN`` wrote.
    columns : mapping of str to str, optional
        Column of the cohort's table that holds a fact (age, sex, diagnosis, dataset, site,
        scanner), where it is not called so.
    against : mapping of str to path, optional
        Further datasets to compare volumes with: what ``vesalius stats -o`` wrote, by name.
    lesions : path, optional
        Folder of the lesion masks, or a path with ``{case}`` in it; each on its own grid.
    limits : path, optional
        Usual volumes of a reference cohort (its ``limits.csv``); by default those of this one.
    use_image : bool
        Whether CTs are read; without them nothing is said of Hounsfield values.
    seed : int
        Of permutations and resamples.
    workers : int
        Cases at a time, each in a process of its own.
    output : path, optional
        Folder that gets all tables, the report and the page, as from the command; cases that were
        measured there before are not measured again.
    project : Project or path, optional
        A user's own folder (its `vesalius.yaml`): what it has is known besides what is shipped.

    Returns
    -------
    PopulationTables
        A mapping of the tables by name; `.missing`, `.summary`, `.remarks`, `.problems`, `.page`.

    Raises
    ------
    DiagnosticError
        With every problem of YAML, of tables and of paths.
    ValueError
        If a key of `columns` is no fact.
    """
    check_columns(columns or {})
    request = PopulationRequest(
        cohort=Path(cohort),
        run=Path(run),
        columns=dict(columns or {}),
        against={name: Path(path) for name, path in (against or {}).items()},
        lesions=None if lesions is None else Path(lesions),
        limits=None if limits is None else Path(limits),
        use_image=use_image,
        seed=seed,
        project=as_project(project),
    )
    place = None if output is None else Path(output)
    with records_folder(place, (request.run, request.cohort), VERB) as records:
        opened = open_population(request, records)
        made = measure_cases(opened.job.job, opened.job.tasks, workers)
        found = opened.describe(made)
        page = None
        if place is not None:
            write_population(found, made, place)
            page = None if missing_packages() else write_page(found, place)
        each = {name: list(made.rows(name)) for name in (STATS, LESIONS) if name in made.job.tables}
        rows = {**{name: list(found.tables[name]) for name in TABLES}, **each}
        return PopulationTables(
            tables={name: measured_table(name, table) for name, table in rows.items()},
            missing=dict(found.missing),
            summary=found.summary(),
            remarks=(*opened.remarks, *_remarks(made)),
            problems={outcome.case: outcome.problems for outcome in made.failed},
            page=page,
        )


def _remarks(made: Measurement) -> tuple[Diagnostic, ...]:
    """Give what reading the cases had to say, each once."""
    found = {
        (remark["code"], remark["message"]): Diagnostic(
            remark["code"], remark["severity"], remark["message"], path=remark.get("path")
        )
        for remark in made.remarks
    }
    return tuple(found.values())
