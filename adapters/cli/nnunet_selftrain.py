"""`vesalius nnunet selftrain`: a whole self-training from one file."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vesalius.adapters.cli.common_options import workers_option
from vesalius.adapters.cli.outcome import CASES_FAILED, FINE, Ended, show
from vesalius.adapters.cli.project_choice import current_project
from vesalius.adapters.cli.streams import stdout_to_stderr

if TYPE_CHECKING:
    from vesalius.adapters.selftrain.preflight import Prepared
    from vesalius.adapters.selftrain.stage import Stage
    from vesalius.adapters.selftrain.stage_records import StageRecords

_NAME = "vesalius nnunet selftrain"


@click.command(name="selftrain", short_help="Run a whole self-training.")
@click.argument("pipeline", metavar="PIPELINE.yaml", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Show every stage and its command; run nothing.")
@click.option("--emit", type=click.Choice(["snakemake"]), help="Write a workflow; run nothing.")
@click.option(
    "--output", "-o", type=click.Path(dir_okay=False, path_type=Path),
    help="Where --emit writes; else stdout.",
)  # fmt: skip
@click.option(
    "--work", type=click.Path(file_okay=False, path_type=Path),
    help="Folder for everything in between; else the file's `work`.",
)  # fmt: skip
@click.option("--stage", metavar="NAME", help="Run this stage alone, as an emitted workflow does.")
@workers_option("Cases at a time in merge and repair.")
def command(
    pipeline: Path,
    dry_run: bool,
    emit: str | None,
    output: Path | None,
    work: Path | None,
    stage: str | None,
    workers: int,
) -> None:
    """Train experts, merge what they say of a cohort, train one model on it, release its results.

    Every stage notes what went in and what came out. Started again, the command goes on where it
    stopped: inside a training at the last checkpoint, else at the stage.
    """
    if output is not None and emit is None:
        raise click.UsageError("-o is for --emit")
    if sum([dry_run, emit is not None, stage is not None]) > 1:
        raise click.UsageError("choose one of --dry-run, --emit and --stage")
    from vesalius.adapters.nnunet.installation import require_nnunet  # noqa: PLC0415
    from vesalius.adapters.selftrain.pipeline_file import load_pipeline  # noqa: PLC0415
    from vesalius.adapters.selftrain.preflight import prepare_pipeline  # noqa: PLC0415
    from vesalius.adapters.selftrain.screen import Screen  # noqa: PLC0415
    from vesalius.adapters.selftrain.stage_records import StageRecords  # noqa: PLC0415
    from vesalius.adapters.selftrain.stages import build_stages  # noqa: PLC0415
    from vesalius.ontology.load import load_ontology  # noqa: PLC0415

    if not dry_run and emit is None and stage is None:
        require_nnunet(_NAME)
    ontology = load_ontology(current_project())
    declared = load_pipeline(pipeline, ontology, work)
    prepared = prepare_pipeline(declared, show)
    show(prepared.remarks)
    records = StageRecords(declared.work)
    stages = build_stages(prepared, records, ontology, workers, Screen(show, _run_cohort))
    if emit is not None:
        from vesalius.adapters.selftrain.snakefile import snakefile  # noqa: PLC0415

        _emit(snakefile(declared, stages), output)
    elif dry_run:
        _dry_run(prepared, stages, records)
    else:
        _run(prepared, stages, records, stage)


def _run_cohort(path: Path, output: Path, workers: int) -> None:
    from vesalius.adapters.cli.run_cohort import CohortOptions, run_cohort  # noqa: PLC0415

    # What remains is no reason to stop: the release takes what is kept.
    options = CohortOptions(output, workers, False, False, False, False, "never")
    run_cohort(path, options, project=current_project())


def _emit(text: str, output: Path | None) -> None:
    from vesalius.adapters.files.atomic import write_text  # noqa: PLC0415

    if output is None:
        click.echo(text, nl=False)
        return
    write_text(output, text)
    click.echo(f"{output}: written")


def _dry_run(prepared: Prepared, stages: list[Stage], records: StageRecords) -> None:
    """Show what is done, what is not, and the commands that do it."""
    from vesalius.adapters.selftrain.commands import Commands  # noqa: PLC0415
    from vesalius.adapters.selftrain.run_stages import plan_states  # noqa: PLC0415

    commands = Commands(prepared.pipeline, prepared.ending)
    states = plan_states(stages, records)
    done = sum(state == "done" for state in states.values())
    name = prepared.pipeline.model.pipeline
    click.echo(f"{name}: {len(stages)} stages, {done} done; nothing is run")
    for stage in stages:
        click.echo(f"[{states[stage.name]}] {stage.name}")
        click.echo(f"    {shlex.join(stage.command or commands.stage(stage.name))}")


def _run(prepared: Prepared, stages: list[Stage], records: StageRecords, only: str | None) -> None:
    from vesalius.adapters.nnunet.installation import require_nnunet  # noqa: PLC0415
    from vesalius.adapters.selftrain import cohort_work, run_stages  # noqa: PLC0415
    from vesalius.adapters.selftrain.screen import CasesFailed  # noqa: PLC0415

    wanted = stages if only is None else [run_stages.find_stage(only, stages)]
    if any(stage.nnunet for stage in wanted):
        require_nnunet(_NAME)
        # nnU-Net reads it when it is imported, for the workers of its validation.
        processes = prepared.pipeline.model.nnunet.processes
        os.environ.setdefault("nnUNet_def_n_proc", str(processes))
    work = prepared.pipeline.work
    for cohort in (prepared.merge, prepared.repair):
        cohort_work.write_cohort(cohort.written, work)
    images = cohort_work.images_folder(work)
    cohort_work.link_cases(images, prepared.images, prepared.ending)
    number = {stage.name: place for place, stage in enumerate(stages, start=1)}

    def tell(name: str, what: str) -> None:
        click.echo(f"[{number[name]}/{len(stages)}] {name}: {what}", err=True)

    with stdout_to_stderr():
        _check_nnunet(prepared, [s for s in wanted if s.nnunet], records, stages)
        try:
            if only is None:
                run_stages.run_stages(stages, records, tell)
            else:
                run_stages.run_one(only, stages, records, tell)
        except CasesFailed:
            raise Ended(CASES_FAILED) from None
    click.echo(f"{only}: done" if only else f"{prepared.pipeline.release}: released")
    raise Ended(FINE)


def _check_nnunet(
    prepared: Prepared, wanted: list[Stage], records: StageRecords, stages: list[Stage]
) -> None:
    """Look for trainers and device before days of work, where any of it is still to do."""
    from dataclasses import replace  # noqa: PLC0415

    from vesalius.adapters.nnunet.installation import activate  # noqa: PLC0415
    from vesalius.adapters.nnunet.trainer_names import check_planner, check_trainer  # noqa: PLC0415
    from vesalius.adapters.nnunet.training import check_device  # noqa: PLC0415
    from vesalius.adapters.selftrain.nnunet_work import nnunet_folders  # noqa: PLC0415
    from vesalius.adapters.selftrain.run_stages import plan_states  # noqa: PLC0415
    from vesalius.ontology.reading.diagnostics import DiagnosticError  # noqa: PLC0415

    states = plan_states(stages, records)
    if all(states[stage.name] == "done" for stage in wanted):
        return
    # Before nnU-Net is imported: it reads its folders then.
    activate(nnunet_folders(prepared.pipeline.work))
    model, document = prepared.pipeline.model, prepared.pipeline.document
    places = [(("experts", name, "trainer"), e.trainer) for name, e in model.experts.items()]
    for at, trainer in [*places, (("unified", "trainer"), model.unified.trainer)]:
        try:
            check_trainer(trainer)
        except DiagnosticError as failed:
            span = document.span(at)
            raise DiagnosticError([replace(d, span=span) for d in failed.diagnostics]) from None
    try:
        check_planner(model.nnunet.planner)
    except DiagnosticError as failed:
        span = document.span(("nnunet", "planner"))
        raise DiagnosticError([replace(d, span=span) for d in failed.diagnostics]) from None
    check_device(model.nnunet.device)
