"""Arrays in all 48 orders and directions of their axes, each with the affine that fits."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np


class Turned(NamedTuple):
    """A volume with other array axes.

    Parameters
    ----------
    array : ndarray, shape (i, j, k)
        Its voxels, of half of them in C order in memory and of half in Fortran order.
    affine : ndarray of float, shape (4, 4)
        Gives each voxel the patient position it had.
    turn, back : callable
        Turn another array of the same shape alike, and back again.
    """

    array: np.ndarray
    affine: np.ndarray
    turn: Callable[[np.ndarray], np.ndarray]
    back: Callable[[np.ndarray], np.ndarray]


PARTS = 4


def orientations(
    array: np.ndarray, affine: np.ndarray, part: int | None = None
) -> Iterator[Turned]:
    """Yield a volume in all 48 orientations of its array axes.

    With a `part` (0 to 3), in as it is and in twelve others: all orders of the axes, each in both
    memory orders. All four parts are all of them. What random volumes show needs not all at each.
    """
    for axes in itertools.permutations(range(3)):
        for number, flips in enumerate(itertools.product((1, -1), repeat=3)):
            as_it_is = axes == (0, 1, 2) and number == 0
            if part is not None and number % PARTS != part and not as_it_is:
                continue
            cut = tuple(slice(None, None, flip) for flip in flips)
            order = "C" if flips[0] > 0 else "F"

            def turn(a, axes=axes, cut=cut, order=order):
                return np.array(a.transpose(axes)[cut], order=order)

            def back(a, axes=axes, cut=cut):
                return a[cut].transpose(np.argsort(axes))

            turned = turn(array)
            matrix = np.eye(4)
            for new, old in enumerate(axes):
                matrix[:3, new] = affine[:3, old] * flips[new]
            last = [n - 1 if flip < 0 else 0 for n, flip in zip(turned.shape, flips, strict=True)]
            matrix[:3, 3] = affine[:3, 3] - matrix[:3, :3] @ last
            yield Turned(turned, matrix, turn, back)
