"""Small images and label maps, and the command as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from calling import call_vesalius
from vesalius.adapters.nnunet.export import ExportJob
from vesalius.ontology.load import load_ontology, load_scheme

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
