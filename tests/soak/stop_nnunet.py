"""SIGTERM in every stage of nnU-Net: the program ends at once, and everything that it started.

By hand, with nnU-Net installed: ``PYTHONPATH=tests python -m soak.stop_nnunet --tries 4``. It makes
a tiny dataset, and in plan, preprocess, train, validate and predict tells the process to end at
random moments. Printed is a row for each stage: tries, those that ended with 143, those that were
done before the signal came, hung, and processes left.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import nibabel as nib
import numpy as np

from processes import members_of
from tiny_network import PATCH

SCHEME = (
    "schema: scheme/1\nscheme: tiny\ntitle: Tiny\nlabels:\n"
    "  2: liver\n  5: kidney_right\n  6: kidney_left\n"
)
SETTINGS = {
    "OMP_NUM_THREADS": "1", "nnUNet_n_proc_DA": "2", "nnUNet_def_n_proc": "2", "NO_COLOR": "1",
    "VESALIUS_NNUNET_EPOCHS": "1", "VESALIUS_NNUNET_ITERATIONS": "4",
    "VESALIUS_NNUNET_VAL_ITERATIONS": "1", "VESALIUS_NNUNET_SAVE_EVERY": "1",
}  # fmt: skip
ENDED = 143
PATIENCE_S = 120.0
"""Unwinding may take 25 s, and a busy machine makes that more."""
AFTER_S = 20.0


class Study:
    """A folder with a dataset, and the commands on it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.log = root / "log.txt"
        rng = np.random.default_rng(0)
        for number in range(6):
            labels = np.zeros((40, 36, 32), np.uint8)
            labels[20:34, 8:28, 8:24], labels[26:36, 29:35, 4:12] = 2, 5
            labels[4:12, 26:34, 4:16] = 6
            image = (40.0 * labels + rng.normal(-900, 30, labels.shape)).astype(np.int16)
            for path, array in ((f"ct/c{number}_0000", image), (f"seg/c{number}", labels)):
                (root / path).parent.mkdir(exist_ok=True)
                nib.save(nib.Nifti1Image(array, np.eye(4)), root / f"{path}.nii.gz")
        (root / "tiny.yaml").write_text(SCHEME)
        (root / "patch.json").write_text(json.dumps(PATCH))
        self.run(
            "export", "--scheme", "tiny.yaml", "--images", "ct/{case}_0000.nii.gz", "--labels",
            "seg/{case}.nii.gz", "--dataset-id", "501", "--name", "tiny", "-o", "raw",
        )  # fmt: skip
        self.prepared = root / "preprocessed" / "Dataset501_tiny"
        self.model = root / "results" / "Dataset501_tiny" / "nnUNetTrainer__nnUNetPlans__3d_fullres"

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        with self.log.open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "vesalius", "nnunet", *arguments], cwd=self.root,
                stdout=log, stderr=subprocess.STDOUT, env={**os.environ, **SETTINGS},
                start_new_session=True,
            )  # fmt: skip

    def run(self, *arguments: str) -> None:
        if self.start(*arguments).wait():
            raise SystemExit(self.log.read_text()[-3000:])

    def train(self, *more: str) -> tuple[str, ...]:
        return (
            "train", "-d", "501", "-f", "0", "--device", "cpu", "--processes", "2",
            "--plans-patch", "patch.json", "--raw", "raw", "--preprocessed", "preprocessed",
            "--results", "results", *more,
        )  # fmt: skip

    def predict(self) -> tuple[str, ...]:
        return (
            "predict", "--model", str(self.model), "--images", "ct/{case}_0000.nii.gz",
            "--output", "preds/{case}.nii.gz", "--device", "cpu", "--processes", "2",
        )  # fmt: skip

    def fresh(self, stage: str) -> None:
        """Take away what the stage is to make, so that it has something to do."""
        shutil.rmtree(self.root / "preds", ignore_errors=True)
        if stage == "plan":
            shutil.rmtree(self.prepared, ignore_errors=True)
        if stage == "preprocess":
            for path in self.prepared.glob("vesalius_preprocess_*"):
                path.unlink()
        if stage == "train":
            shutil.rmtree(self.root / "results", ignore_errors=True)
        if stage == "validate":
            shutil.rmtree(self.model / "fold_0" / "validation", ignore_errors=True)

    def is_in(self, stage: str) -> bool:
        """Tell whether the process that runs has come to the stage."""
        said = self.log.read_text(errors="replace")
        if stage == "plan":
            return any(self.prepared.glob("vesalius_plan_*.json"))
        if stage == "preprocess":
            return any(self.prepared.glob("vesalius_preprocess_*.json"))
        if stage == "train":
            return "Epoch 0" in said
        if stage == "validate":
            return (self.model / "fold_0" / "validation").is_dir()
        return "redicting" in said

    def arguments(self, stage: str) -> tuple[str, ...]:
        if stage == "predict":
            return self.predict()
        return self.train("--continue") if stage == "validate" else self.train()


def stop_in(study: Study, stage: str, wait_s: float) -> tuple[str, int]:
    """Give how the process ended, and how many of its session are left."""
    study.fresh(stage)
    process = study.start(*study.arguments(stage))
    while process.poll() is None and not study.is_in(stage):
        time.sleep(0.01)
    time.sleep(wait_s)
    process.send_signal(signal.SIGTERM)
    try:
        code = process.wait(PATIENCE_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return "hung", 0
    end = time.monotonic() + AFTER_S
    while (left := members_of(process.pid)) and time.monotonic() < end:
        time.sleep(0.2)
    if left:
        os.killpg(process.pid, signal.SIGKILL)
    words = {ENDED: "ended", 0: "done before"}
    return words.get(code, f"code {code}"), len(left)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tries", type=int, default=4)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        study = Study(Path(folder))
        study.run(*study.train())
        for stage in ("predict", "validate", "train", "preprocess", "plan"):
            ends: Counter[str] = Counter()
            left = 0
            for _ in range(options.tries):
                end, more = stop_in(study, stage, rng.uniform(0, 1.5))
                ends[end] += 1
                left += more
            print(f"{stage}: {dict(ends)}, processes left {left}", flush=True)
            if stage == "train":
                study.run(*study.train("--continue"))


if __name__ == "__main__":
    main()
