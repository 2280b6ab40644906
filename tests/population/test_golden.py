"""The exact text of every message of `vesalius population`.

Write the texts anew with `VESALIUS_UPDATE_GOLDEN=1` and review the difference.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from calling import call_vesalius

GOLDEN = Path(__file__).parent / "golden"
MORE = {
    "POP001-no_run": ("preds",),
    "POP002-no_column": ("out", "--column", "age=years"),
    "POP003-unread": ("out",),
    "POP004-no_table": ("out", "--against", "other=cases.csv"),
    "POP005-elsewhere": ("out", "--lesions", "lesions"),
    "POP006-no_limits": ("out", "--limits", "cases.csv"),
    "POP007-no_mask": ("out", "--lesions", "lesions"),
}


@pytest.mark.parametrize("name", MORE)
def test_text(name, copied):
    if "elsewhere" in name:
        far = np.eye(4)
        far[:3, 3] = 900
        image = nib.Nifti1Image(np.ones((2, 2, 2), np.uint8), far)
        nib.save(image, copied / "lesions/a.nii.gz")
    done = call_vesalius("population", "cohort.yaml", *MORE[name], "-o", "pop", cwd=copied)
    code = name.partition("-")[0]
    said = re.split(r"\n(?=\w+\[|case )", done.stderr.strip())
    text = "\n".join(part for part in said if f"[{code}]" in part) + "\n"
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("VESALIUS_UPDATE_GOLDEN"):
        path.write_text(text)
    assert text == path.read_text()
