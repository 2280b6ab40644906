"""What a population is described by, found and opened: for the command and for Python alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vesalius.adapters.cohort.cohort_file import load_cohort
from vesalius.adapters.measures.run_measures import Measurement, write_tables
from vesalius.adapters.population.describe import Population, describe
from vesalius.adapters.population.gate import read_limits
from vesalius.adapters.population.measure import PopulationJob, prepare_population
from vesalius.adapters.population.people import People, read_people
from vesalius.adapters.population.volumes import Figures, read_figures
from vesalius.ontology.graph import Ontology
from vesalius.ontology.load import load_ontology
from vesalius.ontology.project import Project
from vesalius.ontology.reading.diagnostics import Diagnostic


@dataclass(frozen=True)
class PopulationRequest:
    """What is described.

    Parameters
    ----------
    cohort : Path
        The cohort's YAML.
    run : Path
        What its run wrote.
    columns : mapping of str to str
        Column of a fact where it is not called so.
    against : mapping of str to Path
        Tables of further datasets.
    lesions : Path or None
        Folder of the lesion masks, or a path with ``{case}`` in it.
    limits : Path or None
        Usual volumes of a reference cohort.
    use_image : bool
        Whether CTs are read.
    seed : int
        Of permutations and resamples.
    force : bool
        Measure cases again that were measured before.
    project : Project or None
        What it adds is known too.
    """

    cohort: Path
    run: Path
    columns: Mapping[str, str] = field(default_factory=dict)
    against: Mapping[str, Path] = field(default_factory=dict)
    lesions: Path | None = None
    limits: Path | None = None
    use_image: bool = True
    seed: int = 0
    force: bool = False
    project: Project | None = None


@dataclass(frozen=True, eq=False)
class OpenedPopulation:
    """A population whose files were found; its cases are still to be measured.

    Parameters
    ----------
    request : PopulationRequest
        What is described.
    ontology : Ontology
        Systems of structures.
    people : People
        Who is in it.
    job : PopulationJob
        Which cases are measured, and how.
    others : dict of str to Figures
        Further datasets.
    reference : list of mapping, or None
        Rows of the limits of a reference cohort.
    """

    request: PopulationRequest
    ontology: Ontology
    people: People
    job: PopulationJob
    others: dict[str, Figures]
    reference: list[dict[str, Any]] | None

    @property
    def remarks(self) -> tuple[Diagnostic, ...]:
        """What reading had to say of the table of cases and of the lesions."""
        return (*self.people.remarks, *self.job.remarks)

    def describe(self, made: Measurement) -> Population:
        """Make all tables of what was measured of its cases."""
        return describe(
            self.people, made, self.ontology, self.others, self.reference, self.request.seed
        )


def open_population(request: PopulationRequest, records: Path) -> OpenedPopulation:
    """Read the cohort, its run and the tables beside it.

    Parameters
    ----------
    request : PopulationRequest
        What is described.
    records : Path
        Folder of the records of cases.

    Raises
    ------
    DiagnosticError
        With every problem of YAML, of tables and of paths.
    """
    ontology = load_ontology(request.project)
    people = read_people(load_cohort(request.cohort, ontology), request.run, request.columns)
    others: dict[str, Figures] = {}
    for name, path in request.against.items():
        others.update(read_figures(path, name))
    reference = None if request.limits is None else read_limits(request.limits)
    job = prepare_population(
        people, request.run, records, request.lesions,
        use_image=request.use_image, force=request.force, project=request.project,
    )  # fmt: skip
    return OpenedPopulation(request, ontology, people, job, others, reference)


def write_population(found: Population, made: Measurement, output: Path) -> None:
    """Write all tables and the report of a population, all or none."""
    write_tables(made, output, more=dict(found.tables), summary=found.summary())
