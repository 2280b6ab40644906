"""`vesalius run cohort.yaml --emit snakemake`: a cohort as a workflow of shards."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from vesalius.adapters.cli.progress import working
from vesalius.adapters.cohort.cohort_report import CohortRun
from vesalius.adapters.cohort.cohort_workflow import (
    PROFILE,
    SNAKEFILE,
    WORKFLOW,
    cohort_snakefile,
    slurm_profile,
)
from vesalius.adapters.cohort.workload import estimate_workloads, shard_needs, shards_for
from vesalius.adapters.files.atomic import Outputs
from vesalius.adapters.files.io_diagnostics import plural
from vesalius.ontology.project import Project

MINUTES = 30
"""How long a shard shall take."""


def emit_workflow(
    run: CohortRun,
    cohort: Path,
    workers: int,
    shards: int | None = None,
    *,
    keep_going: bool = False,
    project: Project | None = None,
) -> None:
    """Write the workflow into the output folder and say how it is started.

    Parameters
    ----------
    run : CohortRun
        The whole cohort, every file found.
    cohort : Path
        Its YAML.
    workers : int
        Cases at a time in a shard.
    shards : int, optional
        How many; else as many as take half an hour each.
    keep_going : bool
        Run complete cases where others are incomplete.
    project : Project, optional
        The project it is run in.

    Raises
    ------
    DiagnosticError
        IO050, IO051 where nothing can be written.
    """
    with working("reading headers"):
        loads = estimate_workloads(run.tasks.ready)
    count = shards or shards_for(loads, MINUTES, workers)
    needs = shard_needs(loads, count, workers)
    folder = run.output / WORKFLOW
    text = cohort_snakefile(
        run.cohort.name, cohort, run.output, needs, workers, keep_going=keep_going,
        project=None if project is None else project.path,
    )  # fmt: skip
    with Outputs(run.output, run.cohort.inputs):
        pass  # makes the folder
    with Outputs((folder / PROFILE).parent, run.cohort.inputs) as outputs:
        outputs.write_text(folder / SNAKEFILE, text)
        outputs.write_text(folder / PROFILE, slurm_profile(count))
    hours = sum(load.cpu_s for load in loads) / 3600
    most = max(need.memory_mb for need in needs)
    click.echo(
        f"{plural(len(loads), 'case')} in {plural(count, 'shard')}, about {hours:,.1f} hours of "
        f"one core, up to {most:,} MB a job; {folder}"
    )
    start = f"snakemake --snakefile {shlex.quote(str(folder / SNAKEFILE))}"
    profile = shlex.quote(str((folder / PROFILE).parent))
    click.echo(f"  on this machine: {start} --cores all")
    click.echo(f"  with Slurm:      {start} --profile {profile}")
