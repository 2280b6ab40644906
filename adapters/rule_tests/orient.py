"""The 48 ways to lay a patient's volume into an array, with the matching affine."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

_LETTERS = ("LR", "PA", "IS")


@dataclass(frozen=True)
class Orientation:
    """An order of the axes and a direction of each.

    Parameters
    ----------
    axes : tuple of int, shape (3,)
        Patient axis (0, 1, 2 for x, y, z) along array axes i, j, k.
    flips : tuple of bool, shape (3,)
        Whether array axes i, j, k run against their patient axis.
    """

    axes: tuple[int, int, int]
    flips: tuple[bool, bool, bool]

    @cached_property
    def name(self) -> str:
        """Where i, j and k grow to, such as ``RAS`` or ``PIR``."""
        pairs = zip(self.axes, self.flips, strict=True)
        return "".join(_LETTERS[axis][not flipped] for axis, flipped in pairs)

    @cached_property
    def _reversed(self) -> tuple[int, ...]:
        return tuple(axis for axis in range(3) if self.flips[axis])

    def apply(self, array: NDArray[Any]) -> NDArray[Any]:
        """Turn an array of patient axes x, y, z into this orientation, a view."""
        return np.flip(array.transpose(self.axes), self._reversed)

    def undo(self, array: NDArray[Any]) -> NDArray[Any]:
        """Turn an array of this orientation into one of patient axes, a view."""
        return np.flip(array, self._reversed).transpose(np.argsort(self.axes))

    def matrix(self, shape: tuple[int, ...]) -> NDArray[np.float64]:
        """Return the map from an index of this orientation to the one of patient axes.

        Parameters
        ----------
        shape : tuple of int, shape (3,)
            Voxels along patient axes x, y, z.

        Returns
        -------
        ndarray of float, shape (4, 4)
        """
        matrix = np.zeros((4, 4))
        matrix[3, 3] = 1
        for column, (axis, flipped) in enumerate(zip(self.axes, self.flips, strict=True)):
            matrix[axis, column] = -1 if flipped else 1
            matrix[axis, 3] = shape[axis] - 1 if flipped else 0
        return matrix

    def patient_index(
        self, ijk: tuple[int, int, int], shape: tuple[int, ...]
    ) -> tuple[int, int, int]:
        """Turn a voxel index of this orientation into one of patient axes."""
        index = [0, 0, 0]
        for value, axis, flipped in zip(ijk, self.axes, self.flips, strict=True):
            index[axis] = shape[axis] - 1 - value if flipped else value
        return index[0], index[1], index[2]


ORIENTATIONS: tuple[Orientation, ...] = tuple(
    Orientation((i, j, k), (a, b, c))
    for i, j, k in itertools.permutations(range(3))
    for a, b, c in itertools.product((False, True), repeat=3)
)
"""All of them; the first has the patient axes as they are."""
