"""The exact text of the messages that the command line and the reading of a case make.

Write the texts anew with `VESALIUS_UPDATE_GOLDEN=1` and review the difference.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from vesalius.ontology.packaged import packaged_root

GOLDEN = Path(__file__).parent / "golden"


def unlisted() -> np.ndarray:
    array = np.ones((4, 4, 4), np.uint8)
    array[0, 0, :3] = 99
    array[1, 1, 1] = 77
    return array


COMMANDS = {
    "CLI001": ("explain", "kidny_left"),
    "CLI002": ("lint", "kind.yaml", "empty.yaml", "none.yaml"),
    "RUN001": ("convert", "unlisted.nii.gz", "--from", "segthor", "--to", "btcv", "-o", "o.nii.gz"),
    "RUN001-own_scheme": (
        "convert", "unlisted.nii.gz", "--from", "own.yaml", "--to", "btcv", "-o", "o.nii.gz",
    ),
    "RUN002": ("run", "--rules", "none", "-p", "segthor=one.nii.gz", "-p", "btcv=other.nii.gz",
               "-o", "out"),
    "RUN004": ("run", "--rules", "none", "-p", "segthor=one.nii.gz", "-p", "btcv=one.nii.gz",
               "-o", "out"),
    "RUN003": ("run", "--rules", "none", "-p", "segthor=empty.nii.gz", "-t", "segthor",
               "-o", "out"),
}  # fmt: skip


@pytest.mark.parametrize("name", COMMANDS)
def test_golden(name, vesalius, save, tmp_path):
    save("unlisted.nii.gz", unlisted())
    save("one.nii.gz", np.ones((4, 4, 4), np.uint8))
    save("other.nii.gz", np.ones((9, 9, 9), np.uint8))
    save("empty.nii.gz", np.zeros((4, 4, 4), np.uint8))
    (tmp_path / "kind.yaml").write_text("schema: schem/1\n")
    (tmp_path / "empty.yaml").write_text("")
    (tmp_path / "none.yaml").write_text("labels:\n  1: liver\n")
    (tmp_path / "own.yaml").write_text(
        "schema: scheme/1\nscheme: own\ntitle: Own\nlabels:\n  1: liver\n"
    )
    done = vesalius(*COMMANDS[name], cwd=tmp_path)
    text = done.stdout if name.startswith("CLI002") else done.stderr
    text = text.replace(f"{packaged_root().parent}/", "").replace(f"{tmp_path}/", "")
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("VESALIUS_UPDATE_GOLDEN"):
        path.write_text(text)
    assert f"[{name[:6]}]" in text
    assert text == path.read_text()
