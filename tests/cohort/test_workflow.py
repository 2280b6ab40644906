"""The workflow that a cohort is written as: what its jobs ask for, and that it runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml

from vesalius.adapters.cli.main import cli
from vesalius.adapters.cli.outcome import Ended, guard
from vesalius.adapters.cli.run_cohort import CohortOptions, run_cohort
from vesalius.adapters.cohort.case_worker import do_case
from vesalius.adapters.cohort.cohort_workflow import cohort_snakefile
from vesalius.adapters.cohort.workload import (
    ShardNeeds,
    Workload,
    estimate_workloads,
    shard_needs,
    shards_for,
)

GOLDEN = Path(__file__).parent / "golden_workflow"
SCRIPT = """\
import sys
from vesalius.adapters.cli.main import cli
from vesalius.adapters.cli.outcome import Ended, guard

sys.exit(guard(cli, sys.argv[1:]))
"""


def emit(*arguments: str, output: str = "out") -> int:
    return guard(cli, ["run", "cohort.yaml", "-o", output, "--emit", "snakemake", *arguments])


def do_here(job, tasks, workers):
    yield from (do_case(job, task) for task in tasks)


def test_a_shard_takes_half_an_hour():
    """10,000 cases of 9 s are 25 hours: 50 shards of one core, 25 of two, never more than cases."""
    loads = [Workload(f"c{n}", 9.0, 1e9) for n in range(10_000)]
    assert shards_for(loads, 30, 1) == 50
    assert shards_for(loads, 30, 2) == 25
    assert shards_for(loads[:2], 1e-9, 1) == 2
    assert shards_for([], 30, 1) == 1
    needs = shard_needs(loads, 50, 2)
    # Two cases at a time, and the process that hands them out; twice the time that is thought.
    assert {need.memory_mb for need in needs} == {2300}
    assert sum(need.minutes - 5 for need in needs) == pytest.approx(1500, abs=50)


def test_a_shard_asks_for_what_its_own_largest_case_needs():
    loads = [Workload("a", 1.0, 2e9), Workload("b", 1.0, 1e9), Workload("c", 1.0, 5e9)]
    # b falls to the second of five, a and c to the first.
    needs = shard_needs(loads, 5, 1)
    assert [need.memory_mb for need in needs] == [5300, 1300, 300, 300, 300]
    assert [need.memory_mb for need in shard_needs(loads, 5, 2)][:2] == [7300, 1300]


def test_work_is_told_from_headers(study):
    """A CT takes bytes of its own; of a header that cannot be read the largest counts."""
    study.volume("preds/a.nii.gz", np.zeros((100, 100, 100), np.uint8))
    study.volume("images/a_0000.nii.gz", np.zeros((100, 100, 100), np.int16))
    Path("images/c_0000.nii.gz").write_bytes(b"no image")
    with_ct = estimate_workloads(study.preflight()[2].ready)
    assert [load.case for load in with_ct] == ["a", "b", "c"]
    a, b, c = with_ct
    assert (c.cpu_s, c.memory_bytes) == (a.cpu_s, a.memory_bytes)
    assert a.cpu_s == pytest.approx(0.24)
    assert a.memory_bytes == pytest.approx(300e6 + 1.5 * 4.5e6)
    assert b.memory_bytes < a.memory_bytes
    study.cohort("image: images/{case}_0000.nii.gz\n", "", "{from: image}", "{from: amos22}")
    without = {load.case: load for load in estimate_workloads(study.preflight()[2].ready)}
    assert without["a"].memory_bytes == pytest.approx(300e6 + 1.5 * 2.5e6)


def test_the_text(study):
    text = cohort_snakefile(
        "study", Path("/data/a cohort.yaml"), Path("/out/{x}"),
        [ShardNeeds(1000, 60), ShardNeeds(2000, 70)], 4,
        keep_going=True, project=Path("/pro'ject/{y}/vesalius.yaml"),
    )  # fmt: skip
    path = GOLDEN / "snakefile.txt"
    if os.environ.get("VESALIUS_UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_what_is_written(study, capsys):
    assert emit("--shards", "2", "--workers", "3") == 0
    written = sorted(p.as_posix() for p in Path("out").rglob("*") if p.is_file())
    assert written == ["out/workflow/Snakefile", "out/workflow/slurm/config.yaml"]
    said = capsys.readouterr().out.splitlines()
    assert said[1].startswith("3 cases in 2 shards, about 0.0 hours of one core, up to ")
    profile = yaml.safe_load(Path("out/workflow/slurm/config.yaml").read_text())
    assert profile["executor"] == "slurm"
    assert profile["jobs"] == 2
    Path("preds/b.nii.gz").unlink()
    assert emit() == 3
    assert emit("--keep-going") == 0
    assert " --keep-going " in Path("out/workflow/Snakefile").read_text()


@pytest.mark.parametrize(
    "arguments",
    [("--shards", "3"), ("--shard", "1/2", "--dry-run"), ("--emit", "snakemake", "--shard", "1/2")],
)
def test_options_that_do_not_go_together(arguments, capsys):
    assert guard(cli, ["run", "cohort.yaml", "-o", "out", *arguments]) == 2
    assert "--shard" in capsys.readouterr().err


def test_it_runs_in_snakemake(study, digests):
    """In a folder that has a blank and braces, with a case that fails in each of its tries."""
    pytest.importorskip("snakemake")
    Path("images/b_0000.nii.gz").unlink()
    Path("preds/c.nii.gz").write_bytes(b"no image")
    study.case("d")
    study.table("name,Sex\na,M\nc,F\nd,F\n")  # a and c fall to the first of two, d to the second
    Path("script.py").write_text(SCRIPT)
    output = Path("the out {x}")
    assert emit("--shards", "2", output=str(output)) == 0
    workflow = output / "workflow/Snakefile"
    workflow.write_text(workflow.read_text().replace("RETRIES = 2", "RETRIES = 1"))
    # The profile with which it would go to Slurm, but for the executor.
    settings = yaml.safe_load((output / "workflow/slurm/config.yaml").read_text())
    settings |= {"executor": "local", "cores": 2, "latency-wait": 5}
    Path("here").mkdir()
    Path("here/config.yaml").write_text(json.dumps(settings))
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "--snakefile", workflow, "--profile", "here",
         "--config", f"vesalius={sys.executable} {Path('script.py').absolute()}"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    said = done.stdout + done.stderr
    # The record is written, and the workflow does not end as if all were well.
    assert done.returncode == 1, said[-3000:]
    assert "2 shards, 3 cases: 2 written, 1 failed" in said
    assert said.count("case `c` failed") == 2
    markers = {path.name for path in (output / "shards/snakemake").iterdir()}
    assert markers == {"1-of-2.done", "2-of-2.done"}
    options = CohortOptions(
        Path("one"), 1, keep_going=False, force=False, dry_run=False, as_json=False
    )
    with pytest.raises(Ended):
        # Reports name the inputs by absolute paths then, as in the jobs.
        run_cohort(Path("cohort.yaml").absolute(), options, do_here)
    others = ("shards/", "workflow/", ".snakemake/")
    assert {k: v for k, v in digests(output).items() if not k.startswith(others)} == digests("one")
