"""Lesions by structure, on the grid of their own mask, and rates by diagnosis."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import binomtest

from vesalius.adapters.files.label_volume import read_labels
from vesalius.adapters.measures.structure_stats import rounded
from vesalius.adapters.measures.table_schema import Cell
from vesalius.adapters.population.people import UNKNOWN, People
from vesalius.engine.runs.grid import Grid
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError
from vesalius.ontology.scheme.meaning import of_sex, structures_of
from vesalius.ontology.scheme.scheme import Scheme

NOWHERE = "none"
"""What lesions lie in where no structure is."""
LEVEL = 0.95


def lesion_rows(
    lesions: Path, labels: Path, scheme: Scheme, metadata: Mapping[str, str]
) -> Iterator[dict[str, Cell]]:
    """Measure how much of the lesions of a patient lies in each structure.

    Every lesion voxel takes the label of the voxel that its centre lies in; the lesions are never
    resampled.

    Parameters
    ----------
    lesions : Path
        A mask or label map, 0 where there is no lesion.
    labels : Path
        The label map.
    scheme : Scheme
        What its integers mean.
    metadata : mapping of str to str
        What is known of the patient.

    Yields
    ------
    dict
        structure, voxels and volume_ml; `NOWHERE` for what lies in none. A patient without a lesion
        has one row of 0 voxels in `NOWHERE`.

    Raises
    ------
    DiagnosticError
        IO0xx where a file cannot be read; POP005 where the two have no place in common.
    """
    mask, found = read_labels(lesions), read_labels(labels)
    at = np.argwhere(mask.array)
    values = _labels_at(at, mask.grid, found.array, found.grid)
    if at.size and (values < 0).all():
        text = "no lesion voxel lies in the label map"
        hint = "is it the lesion mask of this case, and in the same patient coordinates?"
        raise DiagnosticError([Diagnostic("POP005", "error", text, path=str(lesions), help=hint)])
    counts: dict[str, int] = {} if at.size else {NOWHERE: 0}
    entries = scheme.by_integer()
    for value, voxels in zip(*np.unique(values, return_counts=True), strict=True):
        names = [NOWHERE]
        if int(value) in entries:
            of = structures_of(of_sex(entries[int(value)].target, metadata.get("sex", UNKNOWN)))
            names = sorted(of) or names
        for name in names:
            counts[name] = counts.get(name, 0) + int(voxels)
    for name, voxels in counts.items():
        yield {
            "structure": name,
            "voxels": voxels,
            "volume_ml": rounded(voxels * mask.grid.voxel_ml),
        }


def rate_rows(
    people: People, lesions: Sequence[Mapping[str, Any]], least_ml: Sequence[float]
) -> Iterator[dict[str, Cell]]:
    """Give the rows of the table `lesion_rates`.

    Patients without a lesion are left out, as in the paper of the DAP Atlas.

    Parameters
    ----------
    people : People
        Their diagnoses.
    lesions : sequence of mapping
        Rows of the table `lesions`.
    least_ml : sequence of float
        A structure is touched by more than so much of a lesion.
    """
    diagnosis_of = {person.case: person.of("diagnosis") for person in people.written}
    ml: dict[str, dict[str, float]] = {}
    for row in lesions:
        if row["voxels"] and row["case"] in diagnosis_of:
            ml.setdefault(row["case"], {})[row["structure"]] = row["volume_ml"]
    structures = sorted({name for of in ml.values() for name in of if name != NOWHERE})
    for diagnosis in sorted({diagnosis_of[case] for case in ml}):
        cases = [case for case in ml if diagnosis_of[case] == diagnosis]
        for structure in structures:
            for least in least_ml:
                touched = sum(ml[case].get(structure, 0.0) > least for case in cases)
                yield {
                    "diagnosis": diagnosis, "structure": structure, "least_ml": float(least),
                    "touched": touched, "patients": len(cases), **share(touched, len(cases)),
                }  # fmt: skip


def share(some: int, of_all: int) -> dict[str, Cell]:
    """Give a share with its Wilson interval (scipy's), as cells `rate`, `rate_low`, `rate_high`."""
    interval = binomtest(some, of_all).proportion_ci(LEVEL, method="wilson")
    return {
        "rate": rounded(some / of_all),
        "rate_low": rounded(float(interval.low)),
        "rate_high": rounded(float(interval.high)),
    }


def _labels_at(at: Any, grid: Grid, labels: Any, other: Grid) -> Any:  # noqa: ANN401
    """Give the label at each voxel of another grid; -1 outside."""
    ijk = np.rint(other.to_ijk(grid.to_mm(at))).astype(np.int64).reshape(-1, 3)
    inside = ((ijk >= 0) & (ijk < np.array(labels.shape))).all(axis=1)
    values = np.full(len(ijk), -1, dtype=np.int64)
    values[inside] = labels[tuple(ijk[inside].T)]
    return values
