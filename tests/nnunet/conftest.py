"""Small images and label maps, the command as a process of its own, and one real training.

What the real nnU-Net made of six tiny volumes is shared by all `test_real_*` files: it must be one
set of folders in a process, and a training takes seconds. Each makes other files there.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import nibabel as nib
import numpy as np
import pytest

from calling import call_vesalius
from tiny_network import PATCH
from vesalius.adapters.nnunet.export import ExportJob, export_dataset
from vesalius.adapters.nnunet.installation import Folders, activate
from vesalius.adapters.nnunet.planning import PlanJob, plan_and_preprocess
from vesalius.adapters.nnunet.trainer_settings import START_FROM
from vesalius.adapters.nnunet.training import TrainJob, train_fold
from vesalius.ontology.load import load_ontology, load_scheme
from warm_start import end_helpers, few_samples, warm_helpers

COMMAND = (
    "import sys\n"
    "from vesalius.adapters.cli.outcome import guard\n"
    "from vesalius.adapters.cli.nnunet import command\n"
    "sys.exit(guard(command, sys.argv[1:]))\n"
)
SCHEME = """\
schema: scheme/1
scheme: mini
title: Mini
labels:
  2: liver
  5: kidney_right
  6: kidney_left
  9: drop
  12: spleen
  200: ignore
names:
  9: rubbish
  200: not annotated
"""
TINY = (
    "schema: scheme/1\nscheme: tiny\ntitle: Tiny\nlabels:\n"
    "  2: liver\n  5: kidney_right\n  6: kidney_left\n  12: spleen\n  200: ignore\n"
    "names:\n  200: not annotated\n"
)
BOXES = {  # in RAS: x to the right
    2: ((20, 8, 8), (34, 28, 24)),
    5: ((26, 29, 4), (36, 35, 12)),
    6: ((4, 26, 4), (12, 34, 16)),
    12: ((4, 6, 18), (10, 16, 28)),
    200: ((30, 2, 26), (38, 8, 32)),
}
SETTINGS = {
    "OMP_NUM_THREADS": "1",
    "nnUNet_n_proc_DA": "0",
    "nnUNet_def_n_proc": "1",
    "VESALIUS_NNUNET_EPOCHS": "1",
    "VESALIUS_NNUNET_ITERATIONS": "3",
    "VESALIUS_NNUNET_VAL_ITERATIONS": "1",
    "VESALIUS_NNUNET_SAVE_EVERY": "1",
}


@pytest.fixture(scope="session")
def ontology():
    return load_ontology()


@pytest.fixture(scope="session")
def write_scheme(ontology):
    """Write a scheme and load it."""

    def write(folder, text=SCHEME):
        name = next(x.split()[1] for x in text.splitlines() if x.startswith("scheme:"))
        path = Path(folder) / f"{name}.yaml"
        path.write_text(text)
        return load_scheme(path, ontology)

    return write


@pytest.fixture(scope="session")
def save():
    def save(path, array, affine=None):
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        nib.save(nib.Nifti1Image(array, np.eye(4) if affine is None else affine), path)
        return path

    return save


@pytest.fixture
def mini(tmp_path, monkeypatch, save, write_scheme):
    """Two small cases and an export job for them, with relative paths."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(3)
    for case in ("a", "b"):
        save(f"ct/{case}_0000.nii.gz", rng.integers(-1000, 1000, (6, 5, 4)).astype(np.int16))
        labels = rng.choice([0, 2, 5, 6, 12], (6, 5, 4)).astype(np.uint8)
        save(f"seg/{case}.nii.gz", labels)
    return ExportJob(
        scheme=write_scheme(""),
        images="ct/{case}_0000.nii.gz",
        labels="seg/{case}.nii.gz",
        raw=Path("raw"),
        dataset_id=7,
        name="mini",
    )


@pytest.fixture
def change():
    return replace


@pytest.fixture(scope="session")
def vesalius_nnunet():
    """Run `vesalius nnunet ...`: here, or apart where code is run `before` or nnU-Net speaks."""

    def run(*arguments, before="", apart=False, cwd=None, **env):
        if not (before or apart):
            return call_vesalius("nnunet", *arguments, cwd=cwd, environment={**os.environ, **env})
        return subprocess.run(
            [sys.executable, "-c", before + COMMAND, *map(str, arguments)],
            capture_output=True,
            text=True,
            check=False,
            cwd=cwd,
            env={**os.environ, "NO_COLOR": "1", **env},
        )

    return run


@contextmanager
def set_up(folders):
    """Let nnU-Net work in its folders, shortly and without delay."""
    before = dict(os.environ)
    os.environ.update(SETTINGS)
    os.environ.pop(START_FROM, None)
    activate(folders)
    with warm_helpers():
        yield
    os.environ.clear()
    os.environ.update(before)


def body(number, flip):
    rng = np.random.default_rng(number)
    labels = np.zeros((40, 36, 32), np.uint8)
    image = rng.normal(-900, 30, labels.shape)
    for integer, (lo, hi) in BOXES.items():
        where = tuple(slice(a + number % 2, b) for a, b in zip(lo, hi, strict=True))
        labels[where] = integer
        image[where] = 40 * integer + rng.normal(0, 10, image[where].shape)
    image = image.astype(np.int16)
    affine = np.diag([1.5, 1.5, 2.0, 1.0])
    if flip:
        affine = affine @ np.diag([-1.0, -1, 1, 1])
        affine[:2, 3] = [39 * 1.5, 35 * 1.5]
        image, labels = image[::-1, ::-1], labels[::-1, ::-1]
    return image, labels, affine


@pytest.fixture(scope="session")
def tiny_dataset(tmp_path_factory, write_scheme, save, ontology):
    """Six cases, three of them lying in LPS, exported."""
    root = tmp_path_factory.mktemp("nnunet")
    folders = Folders(root / "raw", root / "preprocessed", root / "results")
    for number in range(6):
        image, labels, affine = body(number, flip=bool(number % 2))
        save(root / f"ct/c{number}_0000.nii.gz", image, affine)
        save(root / f"seg/c{number}.nii.gz", labels, affine)
    job = ExportJob(
        scheme=write_scheme(root, TINY),
        images=f"{root}/ct/{{case}}_0000.nii.gz",
        labels=f"{root}/seg/{{case}}.nii.gz",
        raw=folders.raw,
        dataset_id=501,
        name="tiny",
    )
    exported = export_dataset(job, ontology)
    yield SimpleNamespace(root=root, folders=folders, ids=exported.ids, images=job.images)
    end_helpers()


@pytest.fixture(scope="session")
def tiny_planned(tiny_dataset):
    with set_up(tiny_dataset.folders), few_samples():
        assert plan_and_preprocess(PlanJob(tiny_dataset.folders, 501, patch=PATCH, processes=1))
    return tiny_dataset


@pytest.fixture(scope="session")
def tiny_trained(tiny_planned):
    with set_up(tiny_planned.folders):
        job = TrainJob(
            tiny_planned.folders, 501, 0, trainer="nnUNetTrainer_MirrorSwap", device="cpu"
        )
        done = train_fold(job)
    assert done.done
    return done


@pytest.fixture(scope="module")
def work(tiny_dataset):
    """The exported dataset, and nnU-Net set up for it."""
    with set_up(tiny_dataset.folders):
        yield tiny_dataset


@pytest.fixture(scope="module")
def planned(work, tiny_planned):
    """The same, planned and preprocessed."""
    return tiny_planned


@pytest.fixture(scope="module")
def trained(planned, tiny_trained):
    """One epoch with side-swapping mirroring, validated by nnU-Net."""
    return tiny_trained


@pytest.fixture
def make_trainer(planned):
    """Build a trainer the way nnU-Net does, by name."""
    import torch
    from nnunetv2.run.run_training import get_trainer_from_args

    from vesalius.adapters.nnunet.trainer_names import make_findable

    make_findable()

    def make(name):
        return get_trainer_from_args("501", "3d_fullres", 0, name, device=torch.device("cpu"))

    return make
