from __future__ import annotations

import os
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from calling import call_vesalius

AFFINE = np.array([[-2.0, 0, 0, 11], [0, 2, 0, -9], [0, 0, 2.5, 4], [0, 0, 0, 1]])


@pytest.fixture(scope="session")
def organs() -> np.ndarray:
    """AMOS labels: a liver in two pieces, a small spleen, a right kidney and a prostate."""
    array = np.zeros((12, 10, 8), np.uint8)
    array[1:6, 2:7, 2:6] = 6
    array[9:11, 7:9, 5:6] = 6
    array[8:10, 2:5, 2:4] = 1
    array[8:10, 2:4, 5:6] = 2
    array[5:7, 8:10, 0:2] = 15
    return array


@pytest.fixture(scope="session")
def affine() -> np.ndarray:
    """Two to two and a half millimetres, the first axis to the patient's left."""
    return AFFINE.copy()


@pytest.fixture(scope="session")
def file(tmp_path_factory, organs) -> Path:
    """`organs` as a file."""
    path = tmp_path_factory.mktemp("amos") / "seg.nii.gz"
    nib.save(nib.Nifti1Image(organs, AFFINE), path)
    return path


@pytest.fixture(scope="session")
def ways(file, organs) -> dict[str, object]:
    """The same labels in every form that can be given."""
    return {
        "text": str(file),
        "path": file,
        "image": nib.load(file),
        "image in memory": nib.Nifti1Image(organs, AFFINE),
        "array": (organs, AFFINE),
        "array in C order": (np.ascontiguousarray(organs), AFFINE.tolist()),
        "int64": (organs.astype(np.int64), AFFINE),
    }


@pytest.fixture(scope="session")
def pack() -> Path:
    """The liver is one piece; the rest becomes background."""
    return Path(__file__).parents[1] / "cli" / "packs" / "small.yaml"


@pytest.fixture(scope="session")
def command():
    """Call the command in this process."""
    return call_vesalius


@pytest.fixture
def same_text():
    """Compare with a golden text; VESALIUS_UPDATE_GOLDEN=1 writes it anew."""

    def compare(name: str, text: str) -> None:
        path = Path(__file__).parent / "golden" / name
        if os.environ.get("VESALIUS_UPDATE_GOLDEN"):
            path.write_text(text)
        assert text == path.read_text()

    return compare


@pytest.fixture(scope="session")
def root() -> Path:
    """The top of the checkout."""
    return Path(__file__).parents[2]
