"""`vesalius stats`: every structure of every segmentation, measured."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import click

from vesalius.adapters.cli.case_options import known_of, sex_option
from vesalius.adapters.cli.measuring import (
    end,
    figure,
    measure,
    measuring_options,
    print_place,
    print_rows,
)
from vesalius.adapters.cli.project_choice import current_project
from vesalius.adapters.cli.tables import print_table

if TYPE_CHECKING:
    from vesalius.adapters.files.atomic import Outputs
    from vesalius.adapters.measures.run_measures import Measurement

_FIGURES = (
    "ml",
    "HU",
    "HU sd",
    "pieces",
    "cases",
    "ml from",
    "ml to",
    "cut",
    "in pieces",
    "absent",
)


@click.command(name="stats")
@click.argument(
    "paths", nargs=-1, required=True, metavar="PATH...",
    type=click.Path(readable=False, path_type=Path),
)  # fmt: skip
@click.option("--scheme", "-s", metavar="SCHEME", help="What the integers mean.")
@click.option(
    "--image", "-i", type=click.Path(readable=False, path_type=Path),
    help="The CT, or the folder of those of all cases: image values are measured too.",
)  # fmt: skip
@click.option("--no-image", is_flag=True, help="Leave the images out that a cohort names.")
@sex_option
@click.option(
    "--like", type=click.Choice(["totalsegmentator"]),
    help="Also the figures of `TotalSegmentator --statistics`, under its names.",
)  # fmt: skip
@measuring_options
def command(
    paths: tuple[Path, ...],
    scheme: str | None,
    image: Path | None,
    no_image: bool,
    sex: str,
    like: str | None,
    resample: bool,
    output: Path | None,
    workers: int,
    form: str,
    force: bool,
) -> None:
    """Measure volume, place, pieces and image values of every structure.

    PATH is a segmentation (a file, or a folder of masks), a folder of cases, the output folder of a
    cohort, or a cohort file, whose predictions are measured each. With -o the table is written as
    CSV, and as Parquet where pyarrow is installed.
    """
    # Whoever asks how the verb is used does not wait for the engine.
    from vesalius.adapters.measures.run_measures import (  # noqa: PLC0415
        records_folder,
        write_tables,
    )
    from vesalius.adapters.measures.stats import StatsRequest, prepare_stats  # noqa: PLC0415

    request = StatsRequest(
        paths=paths,
        scheme=scheme,
        image=None if no_image else image,
        use_image=not no_image,
        metadata=known_of(sex),
        resample=resample,
        like=like is not None,
        project=current_project(),
        force=force,
    )
    with records_folder(output, paths, "stats") as records:
        job, tasks, left_out = prepare_stats(request, records)
        made = measure(job, tasks, left_out, workers, "measuring")
        if output is not None:
            place = output
            write_tables(made, place, add=lambda outputs: _like_files(made, outputs, place))
        _print(made, form, like is not None)
        print_place(made, output, job.tables, form)
    end(made)


def _print(made: Measurement, form: str, like: bool) -> None:
    if form == "csv":
        print_rows(made.job.tables[-1], made.rows(made.job.tables[-1]), form)
    elif form == "json" and like:
        click.echo(json.dumps(_like_documents(made), indent=2))
    elif form == "json":
        print_rows("stats", made.rows("stats"), form)
    elif len(made.tasks) == 1:
        print_table([_one(row) for row in made.rows("stats") if row["voxels"]], right=_FIGURES)
    else:
        print_table(_many(made.rows("stats")), right=_FIGURES)


def _one(row: dict[str, Any]) -> dict[str, str]:
    return {
        "structure": row["structure"],
        "ml": figure(row.get("volume_ml")),
        "pieces": str(row["pieces"]),
        "cut": row.get("cut_faces") or "",
        "HU": figure(row.get("hu_mean")),
        "HU sd": figure(row.get("hu_sd")),
    }


def _many(rows: Iterable[dict[str, Any]]) -> list[dict[str, str]]:
    together: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        together.setdefault(row["structure"], []).append(row)
    return [_summary(name, found) for name, found in together.items()]


def _summary(name: str, rows: list[dict[str, Any]]) -> dict[str, str]:
    present = [row for row in rows if row["voxels"]]
    volumes = [row["volume_ml"] for row in present]
    values = [row["hu_mean"] for row in present if row.get("hu_mean") is not None]
    return {
        "structure": name,
        "cases": str(len(present)),
        "absent": str(len(rows) - len(present)),
        "ml": figure(median(volumes) if volumes else None),
        "ml from": figure(min(volumes, default=None)),
        "ml to": figure(max(volumes, default=None)),
        "cut": str(sum(row["cut_at_border"] for row in present)),
        "in pieces": str(sum(row["pieces"] > 1 for row in present)),
        "HU": figure(median(values) if values else None),
    }


def _like_documents(made: Measurement) -> dict[str, Any]:
    """Give the JSON of TotalSegmentator; by case, and by source where there are several."""
    from vesalius.adapters.measures.like_totalsegmentator import (  # noqa: PLC0415
        TABLE,
        statistics_json,
    )

    documents: dict[str, Any] = {}
    for task, record in made.records():
        by_source: dict[str, list[dict[str, Any]]] = {}
        for row in record["tables"].get(TABLE, ()):
            by_source.setdefault(row["source"], []).append(row)
        for source, rows in by_source.items():
            name = task.case if len(by_source) == 1 else f"{task.case} {source}"
            documents[name] = statistics_json(rows)
    return next(iter(documents.values())) if len(documents) == 1 else documents


def _like_files(made: Measurement, outputs: Outputs, output: Path) -> None:
    if made.job.options["like"]:
        outputs.write_json(output / "statistics.json", _like_documents(made))
