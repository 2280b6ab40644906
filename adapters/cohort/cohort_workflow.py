"""A cohort as a Snakefile: one job a shard, and one that merges their records.

What Snakemake sees of a shard is an empty marker file: it deletes the outputs of a job that is
killed, and a shard that is tried again goes on where it was.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from pathlib import Path

from vesalius.adapters.cohort.workload import ShardNeeds

WORKFLOW = "workflow"
"""Folder, below that of the output, of what `--emit` writes."""
SNAKEFILE = "Snakefile"
PROFILE = "slurm/config.yaml"
JOBS = 200
"""Jobs at a time on a cluster, at the most."""

_SNAKEFILE = """\
# The cohort `{name}` in {count} shards, for Snakemake 8 and newer, written by
# `vesalius run COHORT.yaml --emit snakemake`; write it again after the cohort has changed.
#
# On this machine, four cores:
#   snakemake --snakefile FILE --cores 4
# On a cluster with Slurm (pip install snakemake-executor-plugin-slurm):
#   snakemake --snakefile FILE --profile FOLDER_OF_FILE/slurm
# How far it is:
#   vesalius cohort status OUTPUT
#
# Memory and time are estimates from headers; a job that is tried again asks for more, and goes on
# where it was. Cases that fail in the last try too do not hold up the others: the last job writes
# the record of all, names them and fails. To try those again: --forcerun shard.
import hashlib

VESALIUS = config.get("vesalius", "vesalius")
COHORT = {cohort}
OUTPUT = {output}
SHARDS = {count}
RETRIES = 2
MEMORY_MB = {memory_mb}
MINUTES = {minutes}

with open(COHORT, "rb") as file:
    # A marker of another cohort file does not count.
    DIGEST = hashlib.sha256(file.read()).hexdigest()


# Paths that Snakemake looks at are relative: it cannot have braces in them.
workdir: OUTPUT


localrules:
    all,
    merge,


rule all:
    input:
        f"shards/snakemake/merged-{{SHARDS}}.done",


rule shard:
    output:
        touch("shards/snakemake/{{number}}" + f"-of-{{SHARDS}}.done"),
    params:
        digest=DIGEST,
    wildcard_constraints:
        number="[0-9]+",
    threads: {workers}
    retries: RETRIES
    resources:
        mem_mb=lambda wildcards, attempt: MEMORY_MB[int(wildcards.number) - 1] * attempt,
        runtime=lambda wildcards, attempt: MINUTES[int(wildcards.number) - 1] * attempt,
        last_try=lambda wildcards, attempt: int(attempt > RETRIES),
    shell:
        "{{VESALIUS}} {project} run {{COHORT:q}} -o {{OUTPUT:q}} "
        "--shard {{wildcards.number}}/{{SHARDS}} --workers {{threads}} --fail-on never{more} "
        "|| {{{{ [ $? -eq 4 ] && [ {{resources.last_try}} -eq 1 ]; }}}}"


rule merge:
    input:
        [f"shards/snakemake/{{number}}-of-{{SHARDS}}.done" for number in range(1, SHARDS + 1)],
    output:
        touch(f"shards/snakemake/merged-{{SHARDS}}.done"),
    shell:
        "{{VESALIUS}} cohort merge {{OUTPUT:q}}"
"""
_PROFILE = """\
# Snakemake's settings for a cluster with Slurm:
#   snakemake --snakefile FILE --profile THIS_FOLDER
# Options of the command line count more than these.
executor: slurm
jobs: {jobs}
keep-going: true
rerun-incomplete: true
# Seconds that a shared file system may take to show a file.
latency-wait: 120
# What the cluster wants to be told, such as:
# default-resources:
#   slurm_account: my_group
#   slurm_partition: cpu
"""


def cohort_snakefile(
    name: str,
    cohort: Path,
    output: Path,
    needs: Sequence[ShardNeeds],
    workers: int,
    *,
    keep_going: bool = False,
    project: Path | None = None,
) -> str:
    """Write the Snakefile of a cohort.

    Parameters
    ----------
    name : str
        Of the cohort.
    cohort, output : Path
        Its YAML and the output folder, written as absolute paths.
    needs : sequence of ShardNeeds
        What each shard asks for; their number is that of the shards.
    workers : int
        Cases at a time in a shard.
    keep_going : bool
        Run complete cases where others are incomplete.
    project : Path, optional
        The project's file.

    Returns
    -------
    str
        The text.
    """
    return _SNAKEFILE.format(
        name=name,
        cohort=json.dumps(str(cohort.absolute()), ensure_ascii=False),
        output=json.dumps(str(output.absolute()), ensure_ascii=False),
        count=len(needs),
        memory_mb=[need.memory_mb for need in needs],
        minutes=[need.minutes for need in needs],
        workers=workers,
        project=_inside_shell(
            f"--project {shlex.quote(str(project.absolute()))}" if project else "--no-project"
        ),
        more=" --keep-going" if keep_going else "",
    )


def slurm_profile(shards: int) -> str:
    """Write Snakemake's settings for a cluster with Slurm."""
    return _PROFILE.format(jobs=min(shards, JOBS))


def _inside_shell(text: str) -> str:
    """Write a piece of a shell command into a string literal that Snakemake formats."""
    return json.dumps(text.replace("{", "{{").replace("}", "}}"), ensure_ascii=False)[1:-1]
