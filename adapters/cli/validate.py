"""`vesalius validate`: predictions against a truth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vesalius.adapters.cli.case_options import known_of, sex_option
from vesalius.adapters.cli.measuring import (
    end,
    figure,
    measure,
    measuring_options,
    print_measured,
    print_place,
    print_rows,
)
from vesalius.adapters.cli.project_choice import current_project
from vesalius.adapters.cli.tables import print_table
from vesalius.adapters.files.io_diagnostics import plural
from vesalius.adapters.keeping.known import known_ontology
from vesalius.adapters.measures.averages import Averages
from vesalius.adapters.measures.names import DEFAULT_TOLERANCE_MM
from vesalius.adapters.measures.reference_table import read_reference, reference_names
from vesalius.ontology.reading.listing import listing

if TYPE_CHECKING:
    from vesalius.adapters.files.atomic import Outputs
    from vesalius.adapters.measures.run_measures import Measurement

METRICS = (
    "dice", "iou", "surface_overlap", "mean_surface_distance_mm", "pooled_surface_distance_mm",
    "surface_distance_p95_mm",
)  # fmt: skip
_SHOWN = {
    "dice": ("Dice", 3), "surface_overlap": ("NSD", 3), "mean_surface_distance_mm": ("MSD mm", 2),
    "surface_distance_p95_mm": ("HD95 mm", 2),
}  # fmt: skip
NAMES_SHOWN = 8
LOWEST = 5
_COUNTS = {"both": "cases", "only_pred": "only pred", "only_truth": "only truth"}
_PATH = click.Path(readable=False, path_type=Path)


@click.command(name="validate")
@click.option("--pred", type=_PATH, help="Predictions: a file, or a folder of cases.")
@click.option("--truth", type=_PATH, help="The truth, under the same names.")
@click.option("--scheme-pred", metavar="SCHEME", help="What the integers of --pred mean.")
@click.option("--scheme-truth", metavar="SCHEME", help="What the integers of --truth mean.")
@click.option("--summary", type=_PATH, help="Read this summary.json of nnU-Net instead.")
@click.option(
    "--tolerance", type=click.FloatRange(min=0, min_open=True), default=DEFAULT_TOLERANCE_MM,
    show_default=True, metavar="MM", help="Of the normalised surface distance.",
)  # fmt: skip
@click.option("--no-surfaces", is_flag=True, help="Volumes alone.")
@click.option(
    "--reference", type=click.Choice(reference_names()),
    help="Show the means in the layout of this published table, below its rows.",
)  # fmt: skip
@sex_option
@measuring_options
def command(
    pred: Path | None,
    truth: Path | None,
    scheme_pred: str | None,
    scheme_truth: str | None,
    summary: Path | None,
    tolerance: float,
    no_surfaces: bool,
    reference: str | None,
    sex: str,
    resample: bool,
    output: Path | None,
    workers: int,
    form: str,
    force: bool,
) -> None:
    """Compare predictions with a truth, structure by structure, whatever schemes they are in.

    Both go through the ontology to the structures that both can tell. Dice, IoU, normalised surface
    distance (at --tolerance), mean surface distance and its 95th percentile. Where neither side
    has a voxel nothing is defined and nothing enters a mean; where one side has none, Dice is 0
    and distances are undefined. With -o also nnU-Net's summary.json is written.
    """
    if summary is not None:
        if pred is not None or truth is not None:
            raise click.UsageError("--summary stands instead of --pred and --truth")
        _show_summary(summary, scheme_truth, sex, reference, form)
        return
    if pred is None or truth is None:
        raise click.UsageError("give --pred and --truth, or --summary")
    # Whoever asks how the verb is used does not wait for the engine.
    from vesalius.adapters.measures.pairs import PairRequest, prepare_pairs  # noqa: PLC0415
    from vesalius.adapters.measures.run_measures import (  # noqa: PLC0415
        records_folder,
        write_tables,
    )
    from vesalius.adapters.measures.surface_figures import require_surfaces  # noqa: PLC0415
    from vesalius.adapters.measures.validation import NAMES, measure_validation  # noqa: PLC0415

    if not no_surfaces:
        require_surfaces()
    request = PairRequest(
        names=NAMES,
        paths=(pred, truth),
        schemes=(scheme_pred, scheme_truth),
        metadata=known_of(sex),
        options={"resample": resample, "surfaces": not no_surfaces, "tolerance_mm": tolerance},
        project=current_project(),
        force=force,
    )
    with records_folder(output, (pred, truth), "validate") as records:
        job, tasks, left_out = prepare_pairs(request, records, "validate", measure_validation)
        made = measure(job, tasks, left_out, workers, "validating")
        averages = Averages(METRICS).add(made.rows("validate"))
        if output is not None:
            place = output
            write_tables(
                made, place, add=lambda outputs: _add_summary(made, outputs, place),
                summary=averages.to_json(),
            )  # fmt: skip
        print_measured(made, form, lambda: _print_all(made, averages, reference))
        print_place(made, output, job.tables, form)
    end(made)


def _print_all(made: Measurement, averages: Averages, reference: str | None) -> None:
    _print(averages, reference)
    _print_unshared(made, averages)
    _print_lowest(made)


def _add_summary(made: Measurement, outputs: Outputs, output: Path) -> None:
    from vesalius.adapters.measures.nnunet_summary import SUMMARY, summary_json  # noqa: PLC0415

    cases = (
        (str(task.segmentations["pred"]), str(task.segmentations["truth"]),
         record["tables"]["validate"])
        for task, record in made.records()
    )  # fmt: skip
    outputs.write_text(output / SUMMARY, summary_json(cases))


def _show_summary(
    path: Path, scheme: str | None, sex: str, reference: str | None, form: str
) -> None:
    from vesalius.adapters.measures.nnunet_summary import read_summary  # noqa: PLC0415
    from vesalius.adapters.measures.stats import scheme_of  # noqa: PLC0415
    from vesalius.session import Session  # noqa: PLC0415

    ontology = known_ontology(current_project())
    named = scheme_of((path,), scheme, "--scheme-truth")
    session = Session(target=named, rules=None, project=current_project())
    rows: list[dict[str, Any]] = list(read_summary(path, session.target, ontology, sex))
    if form == "human":
        _print(Averages(METRICS).add(rows), reference)
    else:
        print_rows("validate", rows, form)


def _print(averages: Averages, reference: str | None) -> None:
    if reference is not None:
        table = read_reference(reference)
        click.echo(f"{table.title}. {table.source}")
        lines = table.laid_out(averages, "here")
        print_table(lines, right=[head for head in lines[0] if head])
        for note in table.notes:
            click.echo(f"note: {note}")
        return
    shown = [m for m in _SHOWN if averages.over_rows(m) is not None]
    seen = [name for name in averages.figures if averages.seen(name)]
    rows = [_line(name, averages, shown) for name in seen]
    means = {"structure": "mean of structures", **dict.fromkeys(_COUNTS.values(), "")}
    for metric in shown:
        head, digits = _SHOWN[metric]
        means[head] = figure(averages.over_structures(metric), digits)
    print_table([*rows, means], right=[head for head in means if head != "structure"])
    unseen = [name for name in averages.figures if name not in seen]
    if unseen:
        words = listing(unseen, NAMES_SHOWN)
        click.echo(f"no voxel on either side of {plural(len(unseen), 'structure')}: {words}")


def _print_lowest(made: Measurement) -> None:
    """Say which structures of which cases agree least, for a mean hides them."""
    rows = [row for row in made.rows("validate") if row["dice"] is not None]
    if len({row["case"] for row in rows}) < 2:
        return
    lowest = sorted(rows, key=lambda row: (row["dice"], row["case"], row["structure"]))[:LOWEST]
    shown = [m for m in _SHOWN if any(row.get(m) is not None for row in lowest)]
    lines = [
        {"case": row["case"], "structure": row["structure"]}
        | {_SHOWN[m][0]: figure(row.get(m), _SHOWN[m][1]) for m in shown}
        for row in lowest
    ]
    click.echo("\nlowest Dice")
    print_table(lines, right=[_SHOWN[m][0] for m in shown])


def _line(name: str, averages: Averages, shown: list[str]) -> dict[str, str]:
    states = averages.states[name]
    line = {"structure": name}
    line |= {head: str(states.get(state, 0)) for state, head in _COUNTS.items()}
    for metric in shown:
        head, digits = _SHOWN[metric]
        line[head] = figure(averages.mean(name, metric), digits)
    return line


def _print_unshared(made: Measurement, averages: Averages) -> None:
    """Say what was not compared, for nothing is left out in silence."""
    for name, session in made.job.sessions.items():
        alone = [s for s in session.target.structures() if s not in averages.figures]
        if alone:
            words = listing(alone, NAMES_SHOWN)
            click.echo(f"{plural(len(alone), 'structure')} of {name} not compared alone: {words}")
