"""A pipeline in a folder whose name holds braces and a character beyond U+FFFF."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import pytest

from vesalius.adapters.nnunet.templates import fill
from vesalius.adapters.selftrain.cohort_work import write_cohort
from vesalius.adapters.selftrain.preflight import prepare_pipeline
from vesalius.adapters.selftrain.snakefile import snakefile


@pytest.fixture
def odd(study, tmp_path_factory):
    folder = tmp_path_factory.mktemp("odd") / "a{b} {case} }{{ 🫀"
    shutil.copytree(study.folder, folder)
    return type(study)(folder)


def test_every_file_is_found_and_every_place_is_in_the_folder(odd):
    prepared = prepare_pipeline(odd.load())
    assert [task.case for task in prepared.merge.tasks] == ["c0", "c1", "c2"]
    assert prepared.images["c1"] == odd.folder / "cohort" / "c1_0000.nii.gz"
    for name, template in prepared.pipeline.predictions.items():
        ours = next(s for s in prepared.pipeline.merge.cohort.sources if s.name == name)
        wanted = prepared.pipeline.work / "predictions" / name / "c1.nii.gz"
        assert fill(template, "c1") == wanted
        assert ours.template.fill({"case": "c1"}) == str(wanted)


def test_a_stage_runs_there(odd):
    stages, _ = odd.stages()
    export = next(stage for stage in stages if stage.name == "export.organs")
    written = {path.name for path in export.work()}
    assert {"dataset.json", "c0_0000.nii.gz", "c4.nii.gz"} <= written


def test_the_written_cohort_is_read_again(odd):
    prepared = prepare_pipeline(odd.load())
    path = write_cohort(prepared.merge.written, prepared.pipeline.work)
    text = path.read_text(encoding="utf-8")
    assert "🫀" in text
    assert json.loads(text)["root"] == str(odd.folder)


def test_the_workflow_runs_in_snakemake(odd, tmp_path):
    """With a program that does nothing: every stage is asked for, once, in its order."""
    pytest.importorskip("snakemake")
    stages, _ = odd.stages()
    pipeline = odd.load()
    text = snakefile(pipeline, stages)
    assert f'PIPELINE = "{odd.folder / "pipeline.yaml"}"' in text
    pipeline.work.mkdir(parents=True, exist_ok=True)
    target = odd.folder / "Snakefile"
    target.write_text(text, encoding="utf-8")
    log, script = tmp_path / "log", tmp_path / "program.py"
    note = "sys.argv[sys.argv.index('--stage') + 1] + '\\n'"
    script.write_text(f"import sys\nopen({str(log)!r}, 'a').write({note})")
    program = f"{sys.executable} {script}"
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-m", "snakemake", "--snakefile", target, "--cores", "1",
             "--resources", "gpu=1", "--config", f"vesalius={program}"],
            cwd=odd.folder, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    ran = log.read_text().split()
    assert sorted(ran) == sorted(stage.name for stage in stages)
    for stage in stages:
        assert all(ran.index(name) < ran.index(stage.name) for name in stage.after)
        assert (pipeline.work / "snakemake" / f"{stage.name}.done").is_file()
