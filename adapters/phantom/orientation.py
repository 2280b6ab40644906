"""The 48 ways to lay the axes of an array along the patient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.runs.grid import Grid

CANONICAL = "RAS"

# What grows along an array axis: patient axis, and +1 where the axis grows with it (RAS+).
_LETTERS = {"R": (0, 1), "L": (0, -1), "A": (1, 1), "P": (1, -1), "S": (2, 1), "I": (2, -1)}


@dataclass(frozen=True)
class Turn:
    """For each array axis, the patient axis it runs along, and +1 or -1 for its direction."""

    axes: tuple[int, ...]
    signs: tuple[int, ...]


def turn_from_code(code: str) -> Turn:
    """Read a code such as ``RAS`` or ``PIR``.

    Raises
    ------
    ValueError
        If it is not three letters for three different axes.
    """
    found = [_LETTERS[letter] for letter in code if letter in _LETTERS]
    if len(code) != 3 or sorted(axis for axis, _ in found) != [0, 1, 2]:
        raise ValueError(f"an orientation is three letters such as {CANONICAL}, not {code!r}")
    return Turn(tuple(axis for axis, _ in found), tuple(sign for _, sign in found))


def turn_of(affine: NDArray[np.float64]) -> Turn | None:
    """Give the turn of an axis-aligned affine; None where it is oblique."""
    matrix = affine[:3, :3]
    if np.count_nonzero(matrix) != 3:
        return None
    axes = tuple(int(axis) for axis in np.abs(matrix).argmax(axis=0))
    signs = tuple(int(np.sign(matrix[axis, i])) for i, axis in enumerate(axes))
    return Turn(axes, signs)


def turned(array: NDArray[Any], turn: Turn) -> NDArray[Any]:
    """Lay a canonical array along the axes of a turn (a copy, in C order)."""
    laid = array.transpose(turn.axes)[tuple(slice(None, None, sign) for sign in turn.signs)]
    return np.ascontiguousarray(laid)


def turned_grid(grid: Grid, turn: Turn) -> Grid:
    """Give the grid of a turned canonical array."""
    i, j, k = (grid.shape[axis] for axis in turn.axes)
    affine = grid.affine.copy()
    affine[:3, :3] = grid.affine[:3, list(turn.axes)] * np.array(turn.signs)
    for column, count, sign in zip(affine[:3, :3].T, (i, j, k), turn.signs, strict=True):
        if sign < 0:
            affine[:3, 3] -= column * (count - 1)
    return Grid((i, j, k), affine)


def canonical_grid(grid: Grid, turn: Turn) -> Grid:
    """Give the canonical grid with the voxel centres of an axis-aligned grid."""
    shape = [0, 0, 0]
    affine = np.eye(4)
    affine[:3, 3] = grid.affine[:3, 3]
    for i, (axis, sign) in enumerate(zip(turn.axes, turn.signs, strict=True)):
        column = grid.affine[:3, i]
        shape[axis] = grid.shape[i]
        affine[:3, axis] = np.abs(column)
        if sign < 0:
            affine[:3, 3] += column * (grid.shape[i] - 1)
    return Grid((shape[0], shape[1], shape[2]), affine)
