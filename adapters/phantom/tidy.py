"""Loose pieces and pockets of air that a coarse grid makes: their surroundings take them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

_FACES = ndimage.generate_binary_structure(3, 1)


def tidy(
    painted: NDArray[np.uint16],
    structure_of: Sequence[str],
    fragmented: Collection[str],
    into: Collection[str],
) -> None:
    """Let each structure keep its largest piece (6-connected); change `painted` in place.

    Parameters
    ----------
    painted : ndarray of uint16
        Numbers of painting steps; 0 is air.
    structure_of : sequence of str
        The structure of each number; the first is air.
    fragmented : collection of str
        Structures that may be in several pieces.
    into : collection of str
        Structures that take up a loose piece: what touches it most often, the first painted
        where several do. Where none of these touches it, one of the other fragmented ones does,
        and else any other.
    """
    names = list(dict.fromkeys(structure_of))
    index = {name: number for number, name in enumerate(names)}
    of_step = np.array([index[name] for name in structure_of], dtype=np.uint16)
    structures = of_step[painted]
    boxes = ndimage.find_objects(structures)
    takes = [
        np.array([name in allowed for name in structure_of])
        for allowed in (into, {*fragmented, structure_of[0]}, set(structure_of))
    ]
    for number, name in enumerate(names[1:], start=1):
        box = boxes[number - 1] if number <= len(boxes) else None
        if box is not None and name not in fragmented:
            wide = _widened(box, painted.shape)
            _keep_largest(painted[wide], structures[wide] == number, takes)
    _close_pockets(painted, takes)


def _close_pockets(painted: NDArray[np.uint16], takes: Sequence[NDArray[np.bool_]]) -> None:
    """Give pockets of air that are closed off on all sides to what surrounds them."""
    pockets, count = ndimage.label(ndimage.binary_fill_holes(painted > 0) & (painted == 0), _FACES)
    for piece, box in enumerate(ndimage.find_objects(pockets, max_label=count), start=1):
        wide = _widened(box, painted.shape)
        _give_away(painted[wide], pockets[wide] == piece, takes)


def _keep_largest(
    view: NDArray[np.uint16], mask: NDArray[np.bool_], takes: Sequence[NDArray[np.bool_]]
) -> None:
    pieces, count = ndimage.label(mask, _FACES)
    if count < 2:
        return
    sizes = np.bincount(pieces.ravel())[1:]
    largest = int(sizes.argmax()) + 1
    for piece, box in enumerate(ndimage.find_objects(pieces), start=1):
        if piece == largest or box is None:
            continue
        wide = _widened(box, view.shape)
        _give_away(view[wide], pieces[wide] == piece, takes)


def _widened(box: tuple[slice, ...], shape: tuple[int, ...]) -> tuple[slice, ...]:
    """Add a voxel on each side of a box, within the array."""
    return tuple(
        slice(max(s.start - 1, 0), min(s.stop + 1, n)) for s, n in zip(box, shape, strict=True)
    )


def _give_away(
    view: NDArray[np.uint16], here: NDArray[np.bool_], takes: Sequence[NDArray[np.bool_]]
) -> None:
    """Give voxels to the neighbour that touches them most often, of the first kind that does."""
    rim = ndimage.binary_dilation(here, _FACES) & ~here
    around = np.bincount(view[rim], minlength=len(takes[0]))
    for allowed in takes:
        votes = np.where(allowed, around, 0)
        if votes.any():
            view[here] = int(votes.argmax())
            return
