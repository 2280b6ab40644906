"""`vesalius population`: a cohort described as a population."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vesalius.adapters.cli.common_options import format_option, workers_option
from vesalius.adapters.cli.measuring import FORMATS, end, measure, print_rows
from vesalius.adapters.cli.outcome import show
from vesalius.adapters.cli.progress import working
from vesalius.adapters.cli.project_choice import current_project
from vesalius.adapters.population.names import FACTS, TABLES, VERB

if TYPE_CHECKING:
    from vesalius.adapters.population.describe import Population


def _split_dataset(
    context: click.Context, option: click.Parameter, given: tuple[str, ...]
) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for text in given:
        name, equals, path = text.partition("=")
        if not (name and equals and path):
            raise click.BadParameter(f"`{text}` is not NAME=PATH")
        if name in found:
            raise click.BadParameter(f"two datasets are called `{name}`")
        found[name] = Path(path)
    return found


def _split_column(
    context: click.Context, option: click.Parameter, given: tuple[str, ...]
) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in given:
        fact, equals, column = text.partition("=")
        if fact not in FACTS or not (equals and column):
            raise click.BadParameter(f"`{text}` is not FACT=COLUMN; facts: {', '.join(FACTS)}")
        found[fact] = column
    return found


@click.command(name=VERB)
@click.argument("cohort", metavar="COHORT.yaml", type=click.Path(path_type=Path))
@click.argument("folder", metavar="RUN", type=click.Path(readable=False, path_type=Path))
@click.option(
    "--output", "-o", type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the tables and the page; cases that were measured before are not measured"
    " again.",
)  # fmt: skip
@click.option(
    "--column", "columns", multiple=True, metavar="FACT=COLUMN", callback=_split_column,
    help="Column of the cohort's table that holds a fact (age, sex, diagnosis, dataset, site,"
    " scanner), where it is not called so.",
)  # fmt: skip
@click.option(
    "--against", multiple=True, metavar="NAME=STATS.csv", callback=_split_dataset,
    help="Another dataset to compare volumes with: what `vesalius stats -o` wrote.",
)  # fmt: skip
@click.option(
    "--lesions", metavar="PATH", type=click.Path(path_type=Path),
    help="Folder of the lesion masks, or a path with {case} in it; each on its own grid.",
)  # fmt: skip
@click.option(
    "--limits", metavar="LIMITS.csv", type=click.Path(path_type=Path),
    help="Usual volumes of a reference cohort; by default those of this one.",
)  # fmt: skip
@click.option("--no-image", is_flag=True, help="Do not read the CTs, so tell nothing of HU.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True,
              help="Of permutations and resamples.")  # fmt: skip
@workers_option()
@format_option(FORMATS, "csv: one table, see --table. json: all of them, or that one.")
@click.option("--table", type=click.Choice(TABLES), help="With --format: which table is printed.")
@click.option("--force", is_flag=True, help="Measure cases again that were measured before.")
def command(
    cohort: Path,
    folder: Path,
    output: Path | None,
    columns: dict[str, str],
    against: dict[str, Path],
    lesions: Path | None,
    limits: Path | None,
    no_image: bool,
    seed: int,
    workers: int,
    form: str,
    table: str | None,
    force: bool,
) -> None:
    """Describe a cohort as a population, by its label maps and its table of cases.

    RUN is what `vesalius run COHORT.yaml -o RUN` wrote. Tables say who is in it, which source
    feeds which structure, how volumes differ between datasets, how they go with age and sex, how
    often lesions touch a structure, which volumes are unusual, and where rules fire more than
    elsewhere.
    """
    if table is not None and form == "human":
        raise click.UsageError("--table needs --format csv or json")
    if form == "csv" and table is None:
        raise click.UsageError(f"--format csv prints one table: --table {' | '.join(TABLES)}")
    # Whoever asks how the verb is used does not wait for scipy.
    from vesalius.adapters.measures.run_measures import records_folder  # noqa: PLC0415
    from vesalius.adapters.population.request import (  # noqa: PLC0415
        PopulationRequest,
        open_population,
        write_population,
    )

    request = PopulationRequest(
        cohort=cohort, run=folder, columns=columns, against=against, lesions=lesions,
        limits=limits, use_image=not no_image, seed=seed, force=force, project=current_project(),
    )  # fmt: skip
    with records_folder(output, (folder, cohort), VERB) as records:
        opened = open_population(request, records)
        show(opened.remarks)
        made = measure(opened.job.job, opened.job.tasks, {}, workers, "measuring")
        with working("comparing"):
            found = opened.describe(made)
        page = None
        if output is not None:
            write_population(found, made, output)
            page = _write_page(found, output)
    if form == "human":
        print_population(found)
    elif table is not None:
        print_rows(table, found.tables[table], form)
    else:
        click.echo(json.dumps({"summary": found.summary(), "tables": found.tables}, indent=2))
    if output is not None and form == "human":
        click.echo(f"{output}: {', '.join(f'{name}.csv' for name in TABLES)}, {VERB}.json")
        click.echo(page)
    end(made)


def _write_page(found: Population, output: Path) -> str:
    from vesalius.adapters.population.page import write_page  # noqa: PLC0415
    from vesalius.adapters.report.fill import missing_packages  # noqa: PLC0415

    missing = missing_packages()
    if missing:
        return f"no page: it needs {', '.join(missing)} (`pip install 'vesalius[report]'`)"
    with working("drawing"):
        return f"page: {write_page(found, output)}"


def print_population(found: Population) -> None:
    """Say the main points of a population."""
    counts = found.summary()["cases"]
    told = ", ".join(f"{number} {status}" for status, number in counts.items())
    click.echo(f"{found.people.cohort}: {told}")
    rates: list[dict[str, Any]] = [row for row in found.tables["rule_rates"] if row["stands_out"]]
    for row in rates:
        click.echo(
            f"  {row['rule']} fires at {row['by']} {row['value']} in {row['fired']} of "
            f"{row['cases']} cases, elsewhere in {row['elsewhere_fired']} of "
            f"{row['elsewhere_cases']}"
        )
    outside = found.tables["outside_limits"]
    click.echo(f"  {len(outside)} unusual volumes in {len({r['case'] for r in outside})} cases")
    for name, why in found.missing.items():
        click.echo(f"  no {name}: {why}")
