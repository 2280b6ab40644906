"""The whole pipeline with the real nnU-Net on tiny phantoms: killed, gone on, and by Snakemake.

Every run is a process of its own, with all that nnU-Net starts. It begins from one that has
imported nnU-Net (`warm_start`), which would take longer than all that these runs do.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import nibabel as nib
import numpy as np
import pytest

from vesalius.adapters.nnunet.installation import is_installed
from vesalius.adapters.selftrain.nnunet_work import nnunet_folders
from warm_start import WarmCommand

pytestmark = pytest.mark.skipif(not is_installed(), reason="nnU-Net is not installed")

NETWORK = """\
  device: cpu
  processes: 1
  validate: false
  plans:
    configurations:
      3d_fullres:
        batch_size: 2
        patch_size: [32, 32, 32]
        architecture:
          arch_kwargs:
            n_stages: 3
            features_per_stage: [8, 16, 32]
            kernel_sizes: [[3, 3, 3], [3, 3, 3], [3, 3, 3]]
            strides: [[1, 1, 1], [2, 2, 2], [2, 2, 2]]
            n_conv_per_stage: [1, 1, 1]
            n_conv_per_stage_decoder: [1, 1]
"""
SHORT = "lengths: {epochs: 2, iterations: 4, val_iterations: 1}"
CHANGES = (
    "  device: cuda\n"
    "  plans: {configurations: {3d_fullres: {batch_size: 2, patch_size: [32, 32, 32]}}}\n",
    NETWORK,
    "    folds: [0, 1]\n    prediction: {parts: 2}\n", f"    folds: [0]\n    {SHORT}\n",
    "    folds: all\ncohort", f"    folds: all\n    {SHORT}\ncohort",
    "lengths: {epochs: 2}", SHORT,
    "{lengths: {epochs: 1}}", "{lengths: {epochs: 1, iterations: 2, val_iterations: 1}}",
    "repair: rules.yaml", "repair: {pack: rules.yaml, unsafe: true}",
)  # fmt: skip
SETTINGS = {"nnUNet_n_proc_DA": "0", "OMP_NUM_THREADS": "1", "NO_COLOR": "1"}
STAGES = [
    "export.organs", "plan.organs", "train.organs.fold0", "predict.organs.part0",
    "export.frame", "plan.frame", "train.frame.all",
    "predict.frame.part0", "merge", "export.unified", "plan.unified", "train.unified.all",
    "finetune.unified.all", "predict.unified.part0", "repair", "release",
]  # fmt: skip
FINE = "nnUNetTrainer_1000epochs_NoMirroring_constLR1en3"
PLANS = "nnUNetPlans__3d_fullres"
TRAINED = [name for name in STAGES if name.startswith(("train", "finetune", "plan"))]


DIE_IN_EPOCH_1 = """\
import os, signal
from vesalius.adapters.nnunet import training

run = training._run

def watched(job, **settings):
    from nnunetv2.training.nnUNetTrainer.nnUNetTrainer import nnUNetTrainer

    step = nnUNetTrainer.train_step

    def die(trainer, batch):
        if trainer.current_epoch == 1:
            os.killpg(0, signal.SIGKILL)
        return step(trainer, batch)

    nnUNetTrainer.train_step = die
    run(job, **settings)

training._run = watched
"""
"""Ends the program and all it started, without warning, in the second epoch of a training."""
DIE_AFTER_MERGE = """\
import os, signal
from vesalius.adapters.selftrain import run_stages

run_stage = run_stages.run_stage

def watched(stage, *others):
    run_stage(stage, *others)
    if stage.name == "merge":
        os.killpg(0, signal.SIGKILL)

run_stages.run_stage = watched
"""
"""Does so between two stages; whoever reads what it says may come too late on a busy machine."""
DIE_IN_PREDICTION = """\
import os, signal
from vesalius.adapters.nnunet.prediction_task import Task

finish, finished = Task.finish, []

def watched(task, *others):
    if "frame" in task.output.parts:
        finished.append(task.case)
        if len(finished) == 2:
            os.killpg(0, signal.SIGKILL)
    finish(task, *others)

Task.finish = watched
"""
"""Does so when one case of an expert is in its place."""


class Runs:
    """Runs of the pipeline as processes of their own, and what they said."""

    def __init__(self, study, command):
        self.folder, self.command = study.folder, command
        self.program = command.write_program(study.folder / "run.py")
        self.work = study.folder / "work"
        self.results = self.work / "nnunet" / "results"

    def run(self, program):
        self.log = self.folder / "log.txt"
        with self.log.open("wb") as log:
            return subprocess.run(
                [sys.executable, program, "nnunet", "selftrain", "pipeline.yaml"],
                cwd=self.folder, stdout=log, stderr=subprocess.STDOUT, check=False,
                env={**os.environ, **SETTINGS},
            ).returncode  # fmt: skip

    def finish(self):
        code = self.run(self.program)
        assert code == 0, self.log.read_text()[-3000:]
        return self.said()

    def killed_by(self, code):
        """Run the program with code in front of it that kills it and all that it started."""
        program = self.command.write_program(self.folder / "dies.py", code)
        assert self.run(program) == -signal.SIGKILL, self.log.read_text()[-3000:]
        program.unlink()
        return self.said()

    def said(self):
        """Give what was said of each stage, the last word of each."""
        words = {}
        for line in self.log.read_text(errors="replace").splitlines():
            if line.startswith("[") and "/16] " in line:
                name, _, word = line.split("] ")[1].partition(": ")
                words[name] = word
        return words


def checkpoint(path):
    import torch

    return torch.load(path, map_location="cpu", weights_only=False)


@pytest.fixture(scope="module")
def study(tmp_path_factory, phantom_study):
    study = phantom_study(tmp_path_factory.mktemp("study"))
    study.pipeline(*CHANGES)
    return study


@pytest.fixture(scope="module")
def command(study):
    places = nnunet_folders(study.folder / "work")
    folders = {f"nnUNet_{kind}": str(place) for kind, place in vars(places).items()}
    command = WarmCommand({**SETTINGS, **folders})
    yield command
    command.close()


@pytest.fixture(scope="module")
def runs(study, command):
    """Killed in an epoch of a training, and between two stages; then run to its end."""
    runs = Runs(study, command)
    fold = runs.results / "Dataset501_organs" / f"nnUNetTrainer_MirrorSwap__{PLANS}" / "fold_0"
    latest = fold / "checkpoint_latest.pth"
    runs.first = runs.killed_by(DIE_IN_EPOCH_1)
    runs.epoch_1 = checkpoint(latest)
    runs.second = runs.killed_by(DIE_AFTER_MERGE)
    runs.recorded = {p.parent.name for p in (runs.work / "stages").glob("*/done.json")}
    runs.expert = checkpoint(fold / "checkpoint_final.pth")
    runs.before = {p: p.read_bytes() for p in sorted((runs.work / "merged").iterdir())}
    runs.third = runs.finish()
    return runs


def test_killed_in_an_epoch_it_goes_on_with_that_epoch(runs):
    assert runs.first["train.organs.fold0"] == "start"
    assert "predict.organs.part0" not in runs.first
    assert runs.second["plan.organs"] == "done"
    assert runs.second["train.organs.fold0"] == "finished"
    assert runs.epoch_1["current_epoch"] == 1
    assert runs.expert["current_epoch"] == 2
    losses = runs.expert["logging"]["train_losses"]
    assert len(losses) == 2
    assert losses[:1] == runs.epoch_1["logging"]["train_losses"]
    assert not (runs.work / "replaced").exists()


def test_killed_between_stages_it_goes_on_with_the_next(runs):
    """What had its record when the program died is done, and all else is run."""
    done = [name for name, word in runs.third.items() if word == "done"]
    assert done == [name for name in STAGES if name in runs.recorded]
    assert done == STAGES[: len(done)]
    assert done[-1] == "merge"
    assert set(runs.third.values()) == {"done", "finished"}
    assert runs.third["release"] == "finished"
    assert {p: p.read_bytes() for p in runs.before} == runs.before


def test_the_second_training_starts_from_all_weights_of_the_first(runs):
    place = runs.results / "Dataset510_unified"
    first = checkpoint(
        place / f"nnUNetTrainer_5000epochs__{PLANS}" / "fold_all" / "checkpoint_final.pth"
    )
    fold = place / f"{FINE}__{PLANS}" / "fold_all"
    second = checkpoint(fold / "checkpoint_final.pth")
    log = next(fold.glob("training_log*.txt")).read_text()
    assert "starting from the whole network of" in log
    # Two steps of learning rate 0.001 away, heads included; from random heads it would be far.
    heads = [key for key in first["network_weights"] if ".seg_layers." in key]
    assert heads
    for key in heads:
        apart = (second["network_weights"][key] - first["network_weights"][key]).abs().max()
        assert 0 <= apart < 0.05, key
    assert second["logging"]["lrs"] == [1e-3]
    assert second["inference_allowed_mirroring_axes"] is None


def test_the_merge_holds_what_both_experts_say(runs):
    tables = {"organs": {1: 1, 4: 2, 5: 3, 9: 4}, "frame": {2: 11, 3: 12, 7: 20, 8: 21}}
    seen = set()
    for case in ("c0", "c1", "c2"):
        merged = np.asarray(nib.load(runs.work / "merged" / f"{case}.nii.gz").dataobj)
        said = np.zeros((2, *merged.shape), np.uint8)
        for row, (name, table) in zip(said, tables.items(), strict=True):
            ours = np.asarray(nib.load(runs.work / "predictions" / name / f"{case}.nii.gz").dataobj)
            for integer, target in table.items():
                row[ours == integer] = target
        assert np.array_equal(merged != 0, (said != 0).any(axis=0))
        assert ((merged == 0) | (merged == said).any(axis=0)).all()
        seen |= set(np.unique(merged).tolist())
    assert len(seen) > 2


def test_the_release(runs):
    release = runs.folder / "release"
    names = ["AutoPET_P1_10001", "AutoPET_P1_10003", "AutoPET_P2_10002"]
    assert sorted(p.name for p in (release / "labels").iterdir()) == [f"{n}.nii.gz" for n in names]
    dataset = json.loads((release / "dataset.json").read_text())
    assert len(dataset["labels"]) == 9
    row = next(row for row in dataset["cases"] if row["case"] == "c2")
    image = release / row["image"]
    assert image.samefile(runs.folder / "cohort" / "c2_0000.nii.gz")
    labels = nib.load(release / row["labels"])
    assert np.array_equal(labels.affine, nib.load(image).affine)
    assert set(np.unique(labels.dataobj)) <= set(dataset["labels"].values())
    provenance = json.loads((release / "provenance.json").read_text())
    assert set(provenance["stages"]) == set(STAGES) - {"release"}
    assert str(runs.folder) not in (release / row["report"]).read_text()


def test_all_done_nothing_is_run(runs, digests):
    before = digests(runs.work / "stages", runs.folder / "release")
    assert set(runs.finish().values()) == {"done"}
    assert digests(runs.work / "stages", runs.folder / "release") == before


def test_what_does_no_training_is_the_same_to_the_byte(runs, digests):
    """What is no training is lost, and made again from the same networks, killed on the way."""
    places = [
        runs.work / "predictions", runs.work / "merged", runs.work / "repaired",
        runs.work / "cohorts", runs.folder / "release", runs.work / "nnunet" / "raw",
    ]  # fmt: skip
    before = digests(*places)
    assert len(before) > 60
    records = {name: (runs.work / "stages" / name / "done.json").read_bytes() for name in STAGES}
    for place in places:
        shutil.rmtree(place)
    for name in set(STAGES) - set(TRAINED):
        shutil.rmtree(runs.work / "stages" / name)
    runs.killed_by(DIE_IN_PREDICTION)
    assert len(list((runs.work / "predictions" / "frame").glob("*.nii.gz"))) == 1
    said = runs.finish()
    assert said["predict.organs.part0"] == "done"
    after = digests(*places)
    assert set(after) == set(before)
    other = {path for path in after if after[path] != before[path]}
    said_again = {name for name in TRAINED if said[name] != "done"}
    experts = [str(runs.work / "predictions" / name) for name in ("organs", "frame")]
    if any(path.startswith(tuple(experts)) for path in other):
        # The bits of a prediction are torch's to give. What follows from other ones is made again.
        assert said_again <= {"plan.unified", "train.unified.all", "finetune.unified.all"}
        return
    assert other == set()
    assert said_again == set()
    for name, record in records.items():
        assert (runs.work / "stages" / name / "done.json").read_bytes() == record


def test_the_emitted_workflow_runs_in_snakemake(runs):
    pytest.importorskip("snakemake")
    target = runs.folder / "Snakefile"
    subprocess.run(
        [sys.executable, runs.program, "nnunet", "selftrain", "pipeline.yaml",
         "--emit", "snakemake", "-o", target],
        cwd=runs.folder, check=True, capture_output=True,
    )  # fmt: skip
    redone = ["finetune.unified.all", "predict.unified.part0", "repair", "release"]
    for name in redone:
        shutil.rmtree(runs.work / "stages" / name)
    shutil.rmtree(runs.folder / "release")
    # Snakemake believes what its markers say: the experts are done.
    ready = STAGES[: STAGES.index("merge")]
    (runs.work / "snakemake").mkdir()
    for name in ready:
        (runs.work / "snakemake" / f"{name}.done").touch()
        time.sleep(0.01)
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "--snakefile", target, "--cores", "2",
         "--resources", "gpu=1", "--config", f"vesalius={sys.executable} {runs.program}"],
        cwd=runs.folder, capture_output=True, text=True, check=False,
        env={**os.environ, **SETTINGS},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    for name in STAGES[len(ready) :]:
        assert (runs.work / "snakemake" / f"{name}.done").is_file()
        word = "finished" if name in redone else "done"
        assert f"] {name}: {word}" in done.stderr + done.stdout
    assert (runs.folder / "release" / "provenance.json").is_file()
