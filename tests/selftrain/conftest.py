"""A study of tiny phantoms: two labelled datasets, a cohort without labels, a pipeline file."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from calling import call_vesalius
from vesalius.adapters.cli.outcome import show
from vesalius.adapters.phantom.describe import load_description
from vesalius.adapters.phantom.phantom import make_phantom
from vesalius.adapters.phantom.predict import clean_prediction
from vesalius.adapters.selftrain.pipeline_file import load_pipeline
from vesalius.adapters.selftrain.preflight import prepare_pipeline
from vesalius.adapters.selftrain.screen import Screen
from vesalius.adapters.selftrain.stage_records import StageRecords
from vesalius.adapters.selftrain.stages import build_stages
from vesalius.ontology.load import load_ontology, load_scheme

SCRIPT = """\
import sys
from vesalius.adapters.cli.main import cli
from vesalius.adapters.cli.outcome import guard

if __name__ == "__main__":
    sys.exit(guard(cli, sys.argv[1:]))
"""
SCHEMES = {
    "organs": "  1: liver\n  4: kidney_right\n  5: kidney_left\n  9: spleen\n",
    "frame": "  2: autochthon_left\n  3: autochthon_right\n  7: aorta\n  8: heart\n",
    "whole": (
        "  1: liver\n  2: kidney_right\n  3: kidney_left\n  4: spleen\n"
        "  11: autochthon_left\n  12: autochthon_right\n  20: aorta\n  21: heart\n"
    ),
}
TABLE = "name,Sex,patient,study\nc0,M,P1,2.25.10001\nc1,F,P2,2.25.10002\nc2,F,P1,2.25.10003\n"
PIPELINE = """\
schema: selftrain/1
pipeline: tiny
nnunet:
  device: cuda
  plans: {configurations: {3d_fullres: {batch_size: 2, patch_size: [32, 32, 32]}}}
experts:
  organs:
    scheme: organs.yaml
    dataset: 501
    images: organs/ct/{case}_0000.nii.gz
    labels: organs/seg/{case}.nii.gz
    trainer: nnUNetTrainer_MirrorSwap
    folds: [0, 1]
    prediction: {parts: 2}
  frame:
    scheme: frame.yaml
    dataset: 502
    name: frame_of_body
    images: frame/ct/{case}_0000.nii.gz
    labels: frame/seg/{case}.nii.gz
    folds: all
cohort:
  image: cohort/{case}_0000.nii.gz
  metadata: {table: cases.csv, case: name, sex: Sex, values: {sex: {M: male, F: female}}}
  cases: {from: image}
merge: {target: whole.yaml, rules: none}
unified:
  dataset: 510
  trainer: nnUNetTrainer_5000epochs
  folds: all
  lengths: {epochs: 2}
  fine_tuning: {lengths: {epochs: 1}}
repair: rules.yaml
release: {name: "AutoPET_{patient}_{study:last5}.nii.gz", images: link}
"""
RULES = """\
schema: rules/1
pack: one_piece
about: For tests.
phases: [pieces]
rules:
  - {id: pieces/one, summary: More than one piece., for: [liver, heart],
     expect: {components: {at_most: 1}}, repair: {keep: largest, rest: background}}
"""


class Study:
    """Files of a study in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)
        self.text = PIPELINE

    def pipeline(self, *pieces: str) -> Path:
        """Write the pipeline file with pieces of it replaced: old, new, old, new, ..."""
        text = self.text
        for old, new in zip(pieces[::2], pieces[1::2], strict=True):
            assert old in text, old
            text = text.replace(old, new)
        path = self.folder / "pipeline.yaml"
        path.write_text(text)
        return path

    def load(self):
        return load_pipeline(self.folder / "pipeline.yaml", load_ontology())

    def stages(self, workers: int = 1):
        pipeline = self.load()
        records = StageRecords(pipeline.work)
        prepared = prepare_pipeline(pipeline)
        screen = Screen(show, lambda *_: pytest.fail("a cohort is run by the command only"))
        return build_stages(prepared, records, load_ontology(), workers, screen), records


def write_study(folder: Path, volumes) -> Study:
    """Write schemes, table and volumes; `volumes(kind, number)` gives CT, labels and affine."""
    for name, labels in SCHEMES.items():
        (folder / f"{name}.yaml").write_text(
            f"schema: scheme/1\nscheme: {name}\ntitle: {name}\nlabels:\n{labels}"
        )
    (folder / "cases.csv").write_text(TABLE)
    (folder / "rules.yaml").write_text(RULES)
    for kind, number in (("organs", 5), ("frame", 2), ("cohort", 3)):
        for case in range(number):
            ct, labels, affine = volumes(kind, case)
            place = folder / kind / "ct" if kind != "cohort" else folder / kind
            place.mkdir(parents=True, exist_ok=True)
            nib.save(nib.Nifti1Image(ct, affine), place / f"c{case}_0000.nii.gz")
            if labels is not None:
                (folder / kind / "seg").mkdir(exist_ok=True)
                nib.save(nib.Nifti1Image(labels, affine), folder / kind / "seg" / f"c{case}.nii.gz")
    study = Study(folder)
    study.pipeline()
    return study


@pytest.fixture
def study(tmp_path, monkeypatch) -> Study:
    """Noise instead of bodies: enough for everything but a training."""
    monkeypatch.chdir(tmp_path)

    def volumes(kind, number):
        rng = np.random.default_rng(number)
        ct = rng.integers(-1000, 1000, (6, 5, 7)).astype(np.int16)
        known = {"organs": [0, 1, 4, 5, 9], "frame": [0, 2, 3, 7, 8]}.get(kind)
        labels = None if known is None else rng.choice(known, ct.shape).astype(np.uint8)
        return ct, labels, np.eye(4)

    return write_study(tmp_path, volumes)


@pytest.fixture(scope="session")
def phantom_study():
    """Write a study of phantoms into a folder."""
    description, ontology = load_description(), load_ontology()

    def make(folder: Path) -> Study:
        def volumes(kind, number):
            seed = {"organs": 0, "frame": 10, "cohort": 20}[kind] + number
            phantom = make_phantom(description, (8.0,) * 3, (40, 32, 48), seed=seed)
            labels = None
            if kind != "cohort":
                scheme = load_scheme(folder / f"{kind}.yaml", ontology)
                labels = clean_prediction(phantom, scheme, ontology).astype(np.uint8)
            return phantom.ct, labels, phantom.grid.affine

        return write_study(folder, volumes)

    return make


@pytest.fixture(scope="session")
def script(tmp_path_factory) -> Path:
    """The command as a program of its own."""
    path = tmp_path_factory.mktemp("bin") / "run.py"
    path.write_text(SCRIPT)
    return path


@pytest.fixture(scope="session")
def selftrain(script):
    """Run `vesalius nnunet selftrain ...`: here, or apart where code is run `before`."""

    def run(*arguments, before="", cwd=None, **env):
        if not before:
            return call_vesalius(
                "nnunet", "selftrain", *arguments, cwd=cwd, environment={**os.environ, **env}
            )
        code = before + SCRIPT
        return subprocess.run(
            [sys.executable, "-c", code, "nnunet", "selftrain", *map(str, arguments)],
            capture_output=True,
            text=True,
            check=False,
            cwd=cwd,
            env={**os.environ, "NO_COLOR": "1", **env},
        )

    return run


@pytest.fixture(scope="session")
def digests():
    """Give the sha256 of every file below some folders."""

    def digests(*folders: Path) -> dict[str, str]:
        return {
            str(path): hashlib.sha256(path.read_bytes()).hexdigest()
            for folder in folders
            for path in sorted(Path(folder).rglob("*"))
            if path.is_file()
        }

    return digests
