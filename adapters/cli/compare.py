"""`vesalius compare`: two label sets of one cohort."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from vesalius.adapters.cli.case_options import known_of, sex_option
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
from vesalius.adapters.files.io_diagnostics import plural

if TYPE_CHECKING:
    from vesalius.adapters.measures.comparison import Changes

CASES_SHOWN = 12
_FIGURES = ("cases", "changed", "IoU", "lost ml", "gained ml", "ml")
_PATH = click.Path(readable=False, path_type=Path)


@click.command(name="compare")
@click.argument("old", type=_PATH)
@click.argument("new", type=_PATH)
@click.option("--scheme", "-s", metavar="SCHEME", help="What the integers of both mean.")
@click.option("--scheme-old", metavar="SCHEME", help="What those of OLD mean, where they differ.")
@click.option("--scheme-new", metavar="SCHEME", help="What those of NEW mean, where they differ.")
@sex_option
@measuring_options
def command(
    old: Path,
    new: Path,
    scheme: str | None,
    scheme_old: str | None,
    scheme_new: str | None,
    sex: str,
    resample: bool,
    output: Path | None,
    workers: int,
    form: str,
    force: bool,
) -> None:
    """Compare two label sets of the same cases: what changed, by how much, through which rules.

    OLD and NEW are files, folders of cases or output folders of cohorts, in the same scheme or in
    two: raw and repaired, two versions of a dataset, two rule packs, two observers. Where NEW was
    made by `vesalius run`, its reports say which rules touched each structure.
    """
    # Whoever asks how the verb is used does not wait for the engine.
    from vesalius.adapters.measures.comparison import (  # noqa: PLC0415
        NAMES,
        Changes,
        measure_comparison,
    )
    from vesalius.adapters.measures.pairs import PairRequest, prepare_pairs  # noqa: PLC0415
    from vesalius.adapters.measures.run_measures import (  # noqa: PLC0415
        records_folder,
        write_tables,
    )

    request = PairRequest(
        names=NAMES,
        paths=(old, new),
        schemes=(scheme_old or scheme, scheme_new or scheme),
        metadata=known_of(sex),
        options={"resample": resample},
        project=current_project(),
        force=force,
    )
    with records_folder(output, (old, new), "compare") as records:
        job, tasks, left_out = prepare_pairs(request, records, "compare", measure_comparison)
        made = measure(job, tasks, left_out, workers, "comparing")
        changes = Changes().add(made.rows("compare"))
        if output is not None:
            write_tables(made, output, summary=changes.to_json())
        print_measured(made, form, lambda: _print(changes))
        print_place(made, output, job.tables, form)
    end(made)


def _print(changes: Changes) -> None:
    changed = sorted(changes.changed, key=changes.median_iou)
    print_table([_line(name, changes) for name in changed], right=_FIGURES, more_follows=True)
    cases = sorted(changes.cases.items(), key=lambda item: -item[1])
    worst = [(case, ml) for case, ml in cases if ml]
    if len(changes.cases) > 1 and worst:
        rows = [{"case": case, "ml": figure(ml, 2)} for case, ml in worst[:CASES_SHOWN]]
        print_table(rows, right=_FIGURES, more_follows=True)
    total = len(changes.ious)
    click.echo(
        f"{plural(total, 'structure')}, {len(changes.agreeing)} of them with a median IoU above "
        f"0.9; {len(changed)} changed in {len(worst)} of {plural(len(changes.cases), 'case')}"
    )


def _line(name: str, changes: Changes) -> dict[str, str]:
    found = changes.changed[name].values()
    return {
        "structure": name,
        "cases": str(len(changes.ious[name])),
        "changed": str(len(changes.changed[name])),
        "IoU": figure(changes.median_iou(name), 3),
        "lost ml": figure(sum(lost for lost, _ in found), 2),
        "gained ml": figure(sum(gained for _, gained in found), 2),
        "rules": ", ".join(changes.rules.get(name, ())),
    }
