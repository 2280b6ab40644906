"""Small label sets that are measured, and the command line in this process."""

from __future__ import annotations

import json
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from vesalius.adapters.cli.main import cli
from vesalius.adapters.cli.outcome import guard


@pytest.fixture
def save(tmp_path):
    """Write an array as NIfTI with nibabel, in a folder of this test."""

    def write(name: str, array: np.ndarray, affine: np.ndarray | None = None) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        image = nib.Nifti1Image(array, np.eye(4) if affine is None else affine)
        image.set_sform(image.affine, code=1)
        image.set_qform(image.affine, code=1)
        nib.save(image, path)
        return path

    return write


@pytest.fixture
def command(capsys, monkeypatch):
    """Give a command to vesalius in this process; returns exit code, stdout, stderr."""
    monkeypatch.setenv("NO_COLOR", "1")

    def run(*arguments: object) -> tuple[int, str, str]:
        code = guard(cli, [str(argument) for argument in arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.fixture
def rows(command):
    """Give the rows that a command prints as JSON."""

    def run(*arguments: object, code: int = 0) -> list[dict]:
        ended, out, err = command(*arguments, "--format", "json")
        assert ended == code, err
        return json.loads(out)

    return run


@pytest.fixture
def organs() -> np.ndarray:
    """An AMOS array: a liver in two pieces that the lower end of k cuts, a spleen."""
    array = np.zeros((12, 10, 8), np.uint8)
    array[5:10, 2:8, 0:4] = 6
    array[0:2, 8:10, 6] = 6
    array[1:4, 2:5, 4:7] = 1
    return array


@pytest.fixture
def pack(tmp_path) -> Path:
    """A pack of one rule, `small.yaml`: a liver is one piece."""
    path = tmp_path / "small.yaml"
    path.write_text(
        "schema: rules/1\npack: small\nabout: One rule.\nphases: [parts]\nrules:\n"
        "  - id: parts/one-liver\n    summary: A liver is one piece.\n    for: liver\n"
        "    expect: {components: {at_most: 1}}\n    repair: {keep: largest, rest: background}\n"
    )
    return path
