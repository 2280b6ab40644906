"""`vesalius concordance`: several models on the same scans, and no truth."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vesalius.adapters.cli.case_options import known_of, sex_option, split_prediction
from vesalius.adapters.cli.measuring import (
    end,
    figure,
    measure,
    measuring_options,
    print_measured,
    print_place,
)
from vesalius.adapters.cli.project_choice import current_project
from vesalius.adapters.cli.tables import print_table
from vesalius.adapters.measures.names import METHODS

if TYPE_CHECKING:
    from vesalius.adapters.measures.standing_out import Models

MAPS = "maps"
SHOWN = 12
_FIGURES = (
    "structures", "Dice", "cases", "with others", "among others", "score", "disagreement",
    "findings", "volume",
)  # fmt: skip


@click.command(name="concordance")
@click.argument("cohort", required=False, metavar="[COHORT.yaml]", type=click.Path(path_type=Path))
@click.option(
    "--prediction", "-p", "predictions", multiple=True, metavar="SCHEME=PATH",
    help="A model's file, folder of masks or folder of cases. May be given several times.",
)  # fmt: skip
@click.option(
    "--image", "-i", type=click.Path(readable=False, path_type=Path),
    help="The CT, or the folder of those of all cases; all is brought onto its grid.",
)  # fmt: skip
@sex_option
@click.option(
    "--consensus", type=click.Choice(METHODS), default="majority", show_default=True,
    help="More than half of those that can tell a structure, or STAPLE (SimpleITK).",
)  # fmt: skip
@click.option(
    "--rules", multiple=True, default=("recommended",), show_default=True, metavar="PACK",
    help="Rules whose findings raise the suspicion; `none` for none.",
)  # fmt: skip
@click.option("--maps", is_flag=True, help="Write a map of disagreement of each case (with -o).")
@measuring_options
def command(
    cohort: Path | None,
    predictions: tuple[str, ...],
    image: Path | None,
    sex: str,
    consensus: str,
    rules: tuple[str, ...],
    maps: bool,
    resample: bool,
    output: Path | None,
    workers: int,
    form: str,
    force: bool,
) -> None:
    """Compare several models of the same scans with their consensus, where there is no truth.

    Each goes through the ontology to the structures that at least two can tell. The tables: Dice
    and volume of each model against the consensus, and what an expert should look at first. A
    consensus is no truth: models trained on the same data share their mistakes.
    """
    if (cohort is None) == (not predictions):
        raise click.UsageError("give a cohort file, or predictions with -p")
    if maps and output is None:
        raise click.UsageError("--maps needs an output folder, -o")
    # Whoever asks how the verb is used does not wait for the engine.
    from vesalius.adapters.measures.concordance_cases import (  # noqa: PLC0415
        ConcordanceRequest,
        prepare_concordance,
    )
    from vesalius.adapters.measures.run_measures import (  # noqa: PLC0415
        records_folder,
        write_tables,
    )
    from vesalius.adapters.measures.standing_out import Models  # noqa: PLC0415
    from vesalius.adapters.measures.suspicion import suspicion_rows  # noqa: PLC0415

    request = ConcordanceRequest(
        cohort=cohort,
        predictions=tuple(split_prediction(prediction) for prediction in predictions),
        image=image,
        metadata=known_of(sex),
        consensus=consensus,
        rules=rules,
        maps=output / MAPS if maps and output is not None else None,
        resample=resample,
        project=current_project(),
        force=force,
    )
    with records_folder(output, request.inputs, "concordance") as records:
        job, tasks, left_out = prepare_concordance(request, records)
        made = measure(job, tasks, left_out, workers, "comparing")
        models = Models().add(made.rows("concordance"))
        suspicion = suspicion_rows(made.rows("suspicion"))
        if output is not None:
            write_tables(made, output, {"suspicion": suspicion}, summary=models.to_json())
        places = {s: str(path) for task in made.tasks for s, path in task.segmentations.items()}
        print_measured(made, form, lambda: _print(models, suspicion, places))
        print_place(made, output, (*job.tables, "suspicion"), form)
    end(made)


def _print(models: Models, suspicion: list[dict[str, Any]], places: Mapping[str, str]) -> None:
    print_table(
        [
            {
                "source": source,
                "structures": str(len(names)),
                "Dice": figure(models.median_dice(source), 3),
                "such as": places[source],
            }
            for source, names in models.told.items()
        ],
        right=_FIGURES,
        more_follows=True,
    )
    out = models.stand_out()
    if out:
        click.echo("stands out: the others agree much better with each other than with it")
        rows = [
            {
                "structure": each.structure,
                "source": each.source,
                "with others": figure(each.with_others, 3),
                "among others": figure(each.among_others, 3),
                "cases": str(each.cases),
            }
            for each in out[:SHOWN]
        ]
        print_table(rows, right=_FIGURES, more_follows=True)
        if len(out) > SHOWN:
            click.echo(f"and {len(out) - SHOWN} more, see concordance.json")
    worst = [row for row in suspicion if row["score"]][:SHOWN]
    if worst:
        click.echo("look at first")
        print_table([_line(row) for row in worst], right=_FIGURES, more_follows=True)
    click.echo("a consensus is no truth: models trained on the same data share their mistakes")


def _line(row: dict[str, Any]) -> dict[str, str]:
    return {
        "case": row["case"],
        "structure": row["structure"],
        "score": figure(row["score"], 2),
        "disagreement": figure(row["disagreement_part"], 2),
        "findings": figure(row["findings_part"], 2),
        "volume": figure(row["volume_part"], 2),
        "furthest": row["furthest_source"] or "",
    }
