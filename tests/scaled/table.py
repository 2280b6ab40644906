"""What the default pack finds in patients of other sizes, beyond what it finds in their own.

Run from the root of the repository: ``python tests/scaled/table.py``.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import nibabel
import numpy as np
from numpy.typing import NDArray

import vesalius

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from variants.body import Body

TIMES = (0.3, 0.5, 1.3)
DATA = Path(os.environ.get("VESALIUS_DATA", "../shared/data"))
EXPERT = DATA / "totalseg_s0327/gt_v2.nii.gz"


class Patient(NamedTuple):
    """A case: its name, the scheme of its labels, the labels in index order, and the affine."""

    name: str
    scheme: str
    array: NDArray[np.uint16]
    affine: NDArray[np.float64]


class Row(NamedTuple):
    """What is new in a patient who is so many times as large: rules and their findings."""

    name: str
    times: float
    errors: Counter[str]
    warnings: Counter[str]
    infos: Counter[str]


def phantom() -> Patient:
    """Give the phantom at 5 mm."""
    body = Body("dap_atlas")
    return Patient("phantom", body.scheme, body.array, body.grid.affine)


def expert() -> Patient | None:
    """Give the case that an expert corrected, at half its resolution; None where it is absent."""
    if not EXPERT.exists():
        return None
    image = nibabel.load(EXPERT)
    array = np.asarray(image.dataobj).astype(np.uint16)[::2, ::2, ::2]
    return Patient("s0327", "totalsegmentator_v2", array, image.affine @ np.diag([2, 2, 2, 1]))


def rows(patient: Patient) -> Iterator[Row]:
    """Lint a patient at each size."""
    own = _found(patient, 1.0)
    for times in TIMES:
        new = _found(patient, times) - own
        by = [
            Counter({rule: n for (severity, rule), n in new.items() if severity == word})
            for word in ("error", "warning", "info")
        ]
        yield Row(patient.name, times, *by)


def _found(patient: Patient, times: float) -> Counter[tuple[str, str]]:
    affine = np.diag([times, times, times, 1.0]) @ patient.affine
    image = nibabel.Nifti1Image(patient.array, affine)
    lint = vesalius.lint(image, scheme=patient.scheme)
    return Counter((finding.severity, finding.rule) for finding in lint.findings)


def written(found: list[Row]) -> str:
    """Write the table."""
    lines = [
        "| case | times | errors | warnings | infos | warnings of |",
        "|---|---:|---:|---:|---:|---|",
    ]
    lines += [
        f"| {row.name} | {row.times:g} | {row.errors.total()} | {row.warnings.total()} | "
        f"{row.infos.total()} | {', '.join(f'`{rule}`' for rule in sorted(row.warnings))} |"
        for row in found
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    patients = [patient for patient in (expert(), phantom()) if patient is not None]
    print(written([row for patient in patients for row in rows(patient)]))
