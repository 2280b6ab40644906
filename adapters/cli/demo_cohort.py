"""`vesalius demo cohort`: a study of forty made patients, with effects that must be found again."""

from __future__ import annotations

from pathlib import Path

import click

from vesalius.adapters.cli.measuring import measure
from vesalius.adapters.cli.outcome import FINDINGS, Ended
from vesalius.adapters.cli.population import print_population
from vesalius.adapters.cli.progress import counting, working
from vesalius.adapters.cli.run_cohort import CohortOptions, run_cohort
from vesalius.adapters.cli.tables import print_table
from vesalius.adapters.cohort.case_worker import Outcome
from vesalius.adapters.measures.run_measures import records_folder
from vesalius.adapters.population.demo_cohort import COHORT, LESIONS, make_cohort
from vesalius.adapters.population.names import VERB
from vesalius.adapters.population.page import write_page
from vesalius.adapters.population.planted import read_planted
from vesalius.adapters.population.recovered import Effect, effects
from vesalius.adapters.population.request import (
    PopulationRequest,
    open_population,
    write_population,
)
from vesalius.adapters.report.fill import missing_packages
from vesalius.adapters.report.record import read_record
from vesalius.adapters.report.write_pages import write_pages
from vesalius.ontology.load import load_ontology

RUN, POPULATION, PAGES = "run", "population", "report"


def demo_cohort(output: Path, workers: int, seed: int) -> None:
    """Make the demo cohort, run it, describe it, and compare with what was planted.

    Parameters
    ----------
    output : Path
        Gets the files of the study, and `run`, `population` and `report`.
    workers : int
        Cases at a time.
    seed : int
        Of all that is random.

    Raises
    ------
    Ended
        1 where an effect was not recovered.
    """
    planted, ontology = read_planted(), load_ontology()
    with counting("making phantoms", planted.cases) as advance:
        make_cohort(planted, output, ontology, seed, lambda c: advance(Outcome(c, "written")))
    options = CohortOptions(
        output / RUN, workers, keep_going=False, force=False, dry_run=False, as_json=False,
        fail_on="never",
    )  # fmt: skip
    run_cohort(output / COHORT, options)
    place = output / POPULATION
    request = PopulationRequest(output / COHORT, output / RUN, lesions=output / LESIONS, seed=seed)
    with records_folder(place, (output / RUN,), VERB) as records:
        opened = open_population(request, records)
        made = measure(opened.job.job, opened.job.tasks, {}, workers, "measuring")
        with working("comparing"):
            found = opened.describe(made)
        write_population(found, made, place)
    recovered = effects(planted, found)
    print_population(found)
    click.echo()
    print_table([_line(effect) for effect in recovered])
    if missing_packages():
        click.echo("no pages: they need `pip install 'vesalius[report]'`")
    else:
        with working("drawing"):
            page = write_page(found, place, recovered)
            pages = write_pages(read_record(output / RUN), output / PAGES)
        click.echo(f"pages: {page}, {pages.index}")
    if not all(effect.recovered for effect in recovered):
        raise Ended(FINDINGS)


def _line(effect: Effect) -> dict[str, str]:
    return {
        "effect": effect.what,
        "planted": effect.planted,
        "found": effect.found,
        "interval": effect.interval,
        "recovered": "yes" if effect.recovered else "NO",
    }
