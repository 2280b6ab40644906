"""The rows of the table `stats`: volume, place and image values of every structure of a case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vesalius.adapters.measures.structure_map import StructureMap
from vesalius.adapters.measures.table_schema import Cell
from vesalius.engine.runs.components import Components, components
from vesalius.engine.runs.grid import Grid
from vesalius.engine.runs.intensity import Values
from vesalius.engine.runs.measure import Measures
from vesalius.engine.runs.value_histogram import ValueHistograms, value_histograms

PERCENTILES = {
    "hu_min": 0.0, "hu_p01": 1.0, "hu_p05": 5.0, "hu_p25": 25.0, "hu_p50": 50.0,
    "hu_p75": 75.0, "hu_p95": 95.0, "hu_p99": 99.0, "hu_max": 100.0,
}  # fmt: skip
"""Column of each percentile."""
_DIRECTIONS = (("L", "R"), ("P", "A"), ("I", "S"))
"""Letters of the low and the high end of x, y, z."""
_DIGITS = 6
"""Decimals that are kept: more is noise of the last bits."""


def structure_stats(
    found: StructureMap, titles: Mapping[str, str], image: Values | None = None
) -> Iterator[dict[str, Cell]]:
    """Measure every structure of a segmentation.

    Parameters
    ----------
    found : StructureMap
        The segmentation.
    titles : mapping of str to str
        How structures are shown.
    image : Values, optional
        Hounsfield values on its grid.

    Yields
    ------
    dict
        Cells of the table `stats`, without case and source; in the order of the labels.
    """
    connected = components(found.labels)
    measures = connected.by_label()
    columns = _columns(connected, measures)
    values = None if image is None else value_histograms(found.labels, image)
    row_of = {label: row for row, label in enumerate(measures.label.tolist())}
    for label, name in enumerate(found.names):
        row = row_of.get(label)
        if label == 0 or (row is None and name not in found.listed):
            continue
        head: dict[str, Cell] = {
            "scheme": found.scheme.name,
            "structure": name,
            "title": titles.get(name, name),
            "integer": found.integers[label] or None,
            "voxels": 0,
        }
        if row is not None:
            head |= {column: cells[row] for column, cells in columns.items()}
            if values is not None:
                head |= _values(values, label, columns["voxels"][row])
        yield head


def _columns(connected: Components, found: Measures) -> dict[str, list[Any]]:
    """Give place and pieces of the labels that are there, column by column."""
    faces = _cut_faces(found)
    return {
        "voxels": found.voxels.tolist(),
        "volume_ml": _each_rounded(found.volume_ml),
        **{
            f"centroid_{axis}_mm": _each_rounded(found.centre_mm[:, at])
            for at, axis in enumerate("xyz")
        },
        **{
            f"box_{axis}_{end}": index[:, at].tolist()
            for at, axis in enumerate("ijk")
            for end, index in (("first", found.box_lo), ("last", found.box_hi - 1))
        },
        "cut_at_border": [bool(letters) for letters in faces],
        "cut_faces": [letters or None for letters in faces],
        "pieces": np.bincount(connected.label)[found.label].tolist(),
        "largest_piece_share": _each_rounded(connected.largest_of_label / found.voxels),
    }


def _cut_faces(found: Measures) -> list[str]:
    """Name the faces of the volume that each row touches by the patient direction they face most.

    Letters of L, R, A, P, I, S, each once, in alphabetical order.
    """
    letters = [letter for sides in _face_letters(found.grid) for letter in sides]
    return [
        "".join(sorted({letter for letter, cut in zip(letters, row, strict=True) if cut}))
        for row in found.on_border.reshape(len(found), len(letters)).tolist()
    ]


def _face_letters(grid: Grid) -> tuple[tuple[str, str], ...]:
    """Give the letters of the low and the high face of each array axis."""
    # A face is named by its normal, not by the axis that leads to it: they differ under shear.
    normals = np.linalg.inv(grid.affine[:3, :3])
    main = np.argmax(np.abs(normals), axis=1).tolist()
    return tuple(
        _DIRECTIONS[at] if normals[axis, at] > 0 else _DIRECTIONS[at][::-1]
        for axis, at in enumerate(main)
    )


def _values(values: ValueHistograms, label: int, voxels: int) -> dict[str, Cell]:
    counted = values.voxels(label)
    cells: dict[str, Cell] = {
        "without_value_share": rounded((voxels - counted) / voxels),
        "hu_step_hu": values.step,
        "hu_mean": rounded(values.mean(label)),
        "hu_sd": rounded(values.spread(label)),
    }
    found = values.percentiles(label, tuple(PERCENTILES.values()))
    return cells | {name: rounded(at) for name, at in zip(PERCENTILES, found, strict=True)}


def _each_rounded(values: NDArray[np.float64]) -> list[float | None]:
    return [rounded(value) for value in values.tolist()]


def rounded(value: float | None) -> float | None:
    """Round a figure to six decimals; what is undefined stays so."""
    return None if value is None or not isfinite(value) else round(float(value), _DIGITS)
