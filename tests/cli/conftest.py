from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from calling import call_vesalius


@pytest.fixture(scope="session")
def vesalius() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Call the command in this process."""

    def run(*arguments: object, cwd: Path | None = None, **env: str):
        return call_vesalius(*arguments, cwd=cwd, environment={**os.environ, **env})

    return run


@pytest.fixture(scope="session")
def installed() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the installed command in a process of its own."""
    script = Path(sys.executable).parent / "vesalius"

    def run(*arguments: object, cwd: Path | None = None, **env: str):
        return subprocess.run(
            [str(script), *map(str, arguments)],
            capture_output=True,
            text=True,
            check=False,
            cwd=cwd,
            env={**os.environ, "NO_COLOR": "1", **env},
        )

    return run


@pytest.fixture
def save(tmp_path) -> Callable[..., Path]:
    """Write an array as NIfTI with nibabel."""

    def write(name: str, array: np.ndarray, affine: np.ndarray | None = None) -> Path:
        path = tmp_path / name
        image = nib.Nifti1Image(array, np.eye(4) if affine is None else affine)
        image.set_sform(image.affine, code=1)
        image.set_qform(image.affine, code=1)
        nib.save(image, path)
        return path

    return write


@pytest.fixture
def small(save) -> Path:
    """A tiny AMOS file: a spleen block, a liver block."""
    array = np.zeros((6, 5, 4), np.uint8)
    array[1:3, 1:3, 1:3] = 1
    array[3:5, 2:4, 0:2] = 6
    return save("seg.nii.gz", array)


@pytest.fixture(scope="session")
def root() -> Path:
    """The top of the checkout."""
    return Path(__file__).parents[2]


@pytest.fixture
def pack() -> Path:
    """A rule pack that only these tests know."""
    return Path(__file__).parent / "packs" / "small.yaml"


@pytest.fixture
def organs() -> np.ndarray:
    """An AMOS array of 2 mm voxels: a liver in two pieces, a small spleen, a right kidney."""
    array = np.zeros((12, 10, 8), np.uint8)
    array[1:6, 2:7, 2:6] = 6
    array[9:11, 7:9, 5:6] = 6
    array[8:10, 2:5, 2:4] = 1
    array[8:10, 2:4, 5:6] = 2
    return array


@pytest.fixture
def case(save, organs) -> Path:
    """`organs` as a file."""
    return save("seg.nii.gz", organs, np.diag([2.0, 2.0, 2.0, 1.0]))


@pytest.fixture
def same_text() -> Callable[[str, str], None]:
    """Compare with a golden text; VESALIUS_UPDATE_GOLDEN=1 writes it anew."""

    def compare(name: str, text: str) -> None:
        path = Path(__file__).parent / "golden" / name
        if os.environ.get("VESALIUS_UPDATE_GOLDEN"):
            path.write_text(text)
        assert text == path.read_text()

    return compare


@pytest.fixture
def traced_run(vesalius, case, pack, organs, save, tmp_path):
    """Run AMOS and BTCV predictions into AMOS by the small pack, with a trace, in `tmp_path`.

    BTCV agrees on the spleen, calls a corner of the liver spleen, and has no kidney.
    """
    shutil.copy(pack, tmp_path / "small.yaml")
    other = np.where(organs == 1, 1, 0).astype(np.uint8)
    other[5, 2:4, 2:4] = 1
    save("other.nii.gz", other, np.diag([2.0, 2, 2, 1]))
    done = vesalius(
        "run", "-p", "amos22=seg.nii.gz", "-p", "btcv=other.nii.gz", "-t", "amos22",
        "--rules", "small.yaml", "--unsafe", "--trace", "-o", "out", cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return tmp_path


@pytest.fixture
def explain(vesalius, traced_run):
    def go(*arguments: object, out: object = "out"):
        return vesalius("explain", out, *arguments, cwd=traced_run)

    return go
