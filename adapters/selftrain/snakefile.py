"""A pipeline as a Snakefile: one job per training fold and prediction part.

Every rule calls this program for one stage, so Snakemake decides when and where, and the stages
know by themselves what is done. What Snakemake sees of a stage is an empty marker file: it
deletes the outputs of a job that is killed, and a training that goes on needs its checkpoints.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from vesalius.adapters.selftrain.pipeline_file import Pipeline
from vesalius.adapters.selftrain.stage import Stage

_HEAD = """\
# The pipeline `{name}` for Snakemake 8 and newer, written by
# `vesalius nnunet selftrain --emit snakemake`; write it again after changing the pipeline file.
#
# On this machine, two cores and one GPU:
#   snakemake --snakefile FILE --cores 2 --resources gpu=1
# On a cluster, with an executor plugin; jobs say what they need:
#   snakemake --snakefile FILE --executor slurm --jobs 20
import hashlib

VESALIUS = config.get("vesalius", "vesalius")
PIPELINE = {pipeline}
WORK = {work}

with open(PIPELINE, "rb") as file:
    # A marker of another pipeline file does not count.
    DIGEST = hashlib.sha256(file.read()).hexdigest()


# Paths that Snakemake looks at are relative: it cannot have braces in them.
workdir: WORK


rule all:
    input:
        "snakemake/{last}.done",
"""
_RULE = """

rule {rule}:{inputs}
    output:
        touch("snakemake/{stage}.done"),
    params:
        digest=DIGEST,
    threads: {threads}{resources}
    shell:
        "{{VESALIUS}} nnunet selftrain {{PIPELINE:q}} --work {{WORK:q}} "
        "--stage {stage} --workers {{threads}}"
"""
_GPU = """
    resources:
        gpu=1,"""


def snakefile(pipeline: Pipeline, stages: Sequence[Stage]) -> str:
    """Write the Snakefile of a pipeline.

    Parameters
    ----------
    pipeline : Pipeline
        Gives the paths, written as absolute ones.
    stages : sequence of Stage
        All stages; the last is what is wanted.

    Returns
    -------
    str
        The text.
    """
    head = _HEAD.format(
        name=pipeline.model.pipeline,
        pipeline=json.dumps(str(pipeline.path), ensure_ascii=False),
        work=json.dumps(str(pipeline.work), ensure_ascii=False),
        last=stages[-1].name,
    )
    threads = pipeline.model.nnunet.processes
    return head + "".join(_rule(stage, threads) for stage in stages)


def _rule(stage: Stage, threads: int) -> str:
    return _RULE.format(
        rule=re.sub(r"\W", "_", stage.name),
        stage=stage.name,
        inputs=_inputs(stage),
        threads=threads,
        resources=_GPU if stage.gpu else "",
    )


def _inputs(stage: Stage) -> str:
    names = "".join(f'\n        "snakemake/{name}.done",' for name in stage.after)
    return f"\n    input:{names}" if names else ""
