"""The rows of the table `stats`: volume, place and image values of every structure of a case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from math import isfinite

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
    labels = found.labels
    connected = components(labels)
    rows = _Rows(connected.by_label())
    pieces = _Pieces(connected)
    values = None if image is None else value_histograms(labels, image)
    row_of = {label: row for row, label in enumerate(rows.labels)}
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
            voxels = rows.voxels[row]
            head |= rows.place(row) | pieces.of(label, voxels)
            head |= {} if values is None else _values(values, label, voxels)
        yield head


class _Pieces:
    """Number of pieces of each label and the voxels of the largest."""

    def __init__(self, found: Components) -> None:
        number = np.bincount(found.label)
        largest: NDArray[np.int64] = np.zeros(number.size, dtype=np.int64)
        np.maximum.at(largest, found.label, found.voxels)
        self._number: list[int] = number.tolist()
        self._largest: list[int] = largest.tolist()

    def of(self, label: int, voxels: int) -> dict[str, Cell]:
        share = self._largest[label] / voxels
        return {"pieces": self._number[label], "largest_piece_share": rounded(share)}


class _Rows:
    """Measures of labels as cells; columns are turned into numbers of Python once."""

    def __init__(self, found: Measures) -> None:
        self.labels: list[int] = found.label.tolist()
        self.voxels: list[int] = found.voxels.tolist()
        self._grid = found.grid
        self._volume_ml = found.volume_ml.tolist()
        self._centre_mm = found.centre_mm.tolist()
        self._box = found.box_lo.tolist(), (found.box_hi - 1).tolist()
        self._on_border = found.on_border
        self._cut: list[bool] = np.any(self._on_border, axis=(1, 2)).tolist()

    def place(self, row: int) -> dict[str, Cell]:
        cells: dict[str, Cell] = {
            "voxels": self.voxels[row],
            "volume_ml": rounded(self._volume_ml[row]),
        }
        for axis, at in zip("xyz", self._centre_mm[row], strict=True):
            cells[f"centroid_{axis}_mm"] = rounded(at)
        first, last = self._box
        for axis, low, high in zip("ijk", first[row], last[row], strict=True):
            cells[f"box_{axis}_first"], cells[f"box_{axis}_last"] = low, high
        faces = cut_faces(self._grid, self._on_border[row]) if self._cut[row] else ""
        return cells | {"cut_at_border": bool(faces), "cut_faces": faces or None}


def cut_faces(grid: Grid, touched: NDArray[np.bool_]) -> str:
    """Name faces of a volume by the patient direction they face most.

    Parameters
    ----------
    grid : Grid
        The volume.
    touched : ndarray of bool, shape (3, 2)
        By array axis, low and high face.

    Returns
    -------
    str
        Letters of L, R, A, P, I, S, each once, in alphabetical order.
    """
    if not touched.any():
        return ""
    letters = {
        letter
        for axis, sides in enumerate(_face_letters(grid.affine.tobytes()))
        for letter, is_cut in zip(sides, touched[axis], strict=True)
        if is_cut
    }
    return "".join(sorted(letters))


@lru_cache(maxsize=8)
def _face_letters(affine: bytes) -> tuple[tuple[str, str], ...]:
    """Give the letters of the low and the high face of each array axis."""
    # A face is named by its normal, not by the axis that leads to it: they differ under shear.
    normals = np.linalg.inv(np.frombuffer(affine).reshape(4, 4)[:3, :3])
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


def rounded(value: float | None) -> float | None:
    """Round a figure to six decimals; what is undefined stays so."""
    return None if value is None or not isfinite(value) else round(float(value), _DIGITS)
