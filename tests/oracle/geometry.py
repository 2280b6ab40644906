"""Positions in the patient, and how measured figures are rounded and compared."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Affine = NDArray[np.float64]
Mask = NDArray[np.bool_]
Voxel = tuple[int, int, int]

TIE_MM = 1e-6
"""A voxel centre this little below a plane lies on it."""
SLACK = 1e-9
"""A figure that passes a limit by less than this share of it does not pass it."""


def position_mm(affine: Affine, voxel: ArrayLike) -> NDArray[np.float64]:
    """Patient position of a voxel, or of any point between voxels."""
    return np.asarray(affine[:3, :3] @ np.asarray(voxel, dtype=np.float64) + affine[:3, 3])


def centre_mm(mask: Mask, affine: Affine) -> NDArray[np.float64]:
    """Mean of the patient positions of some voxels."""
    return position_mm(affine, np.argwhere(mask).sum(axis=0) / mask.sum())


def unit(vector: ArrayLike) -> NDArray[np.float64]:
    """The same direction with length 1."""
    values = np.asarray(vector, dtype=np.float64)
    return np.asarray(values / np.sqrt((values**2).sum()))


def heights_mm(mask: Mask, direction: ArrayLike, affine: Affine) -> NDArray[np.float64]:
    """How far each voxel lies along a direction."""
    return np.array([unit(direction) @ position_mm(affine, v) for v in np.argwhere(mask)])


def microns(mm: float) -> int:
    """Whole units of 1e-6 mm.

    The units are shifted by a fraction: neat figures often fall on halves, where the last bit
    would decide.
    """
    return round(float(mm) * 1e6 + 0.2817)


def settled(figure: float) -> float:
    """Round a figure to 1e-6, so that it is the same in all orientations of the array."""
    return microns(figure) / 1e6


def place_microns(xyz_mm: ArrayLike) -> tuple[int, ...]:
    """Patient position in whole units of 1e-6 mm."""
    return tuple(microns(c) for c in np.asarray(xyz_mm))


def voxel_ml(affine: Affine) -> float:
    """Volume of one voxel."""
    return float(abs(np.linalg.det(affine[:3, :3]))) / 1000.0


def exceeds(value: float, limit: float) -> bool:
    """Tell whether a figure of a fit is beyond a limit; a tie is not."""
    return value > limit + SLACK * max(abs(limit), 1.0)


def layer_mm(axis: int, affine: Affine) -> float:
    """Distance between two neighbouring layers of voxels, along their common normal."""
    one, other = (affine[:3, at] for at in range(3) if at != axis)
    return float(abs(unit(np.cross(one, other)) @ affine[:3, axis]))


def image_mm(xyz_mm: ArrayLike, normal: ArrayLike, offset_mm: float) -> NDArray[np.float64]:
    """The mirror image of a point behind a plane, the normal being of length 1."""
    point = np.asarray(xyz_mm)
    return np.asarray(point - 2 * (point @ np.asarray(normal) - offset_mm) * np.asarray(normal))


def nearest_mm(one: Mask, other: Mask, affine: Affine) -> float:
    """Smallest distance of any voxel of one mask to any of another, to 1e-6 mm."""
    apart = np.argwhere(one)[:, np.newaxis] - np.argwhere(other)[np.newaxis]
    return settled(np.sqrt(((apart @ affine[:3, :3].T) ** 2).sum(axis=2)).min())


def comes_near(one: Mask, others: Mask, limit_mm: float, affine: Affine) -> bool:
    """Tell whether voxels of two masks are so near; nothing is near to none."""
    return bool(others.any()) and nearest_mm(one, others, affine) <= limit_mm


def in_outer_layer(mask: Mask) -> bool:
    """Tell whether a voxel lies in an outermost layer of the array."""
    return any(
        index in (0, n - 1)
        for voxel in np.argwhere(mask).tolist()
        for index, n in zip(voxel, mask.shape, strict=True)
    )


def reaches_end(mask: Mask, direction: ArrayLike, affine: Affine) -> bool:
    """Tell whether voxels lie in the last layer of the array, going in a direction.

    That is each layer that looks there, or at most 60 degrees aside.
    """
    for axis, n in enumerate(mask.shape):
        one, other = (affine[:3, at] for at in range(3) if at != axis)
        normal = unit(np.cross(one, other))
        if normal @ affine[:3, axis] < 0:
            normal = -normal
        cosine = round(float(normal @ unit(direction)), 6)
        layers = mask.any(axis=tuple(at for at in range(3) if at != axis))
        if (cosine >= 0.5 and layers[n - 1]) or (cosine <= -0.5 and layers[0]):
            return True
    return False


def neighbours(voxel: Sequence[int], shape: Sequence[int], connectivity: int) -> list[Voxel]:
    """The 6, 18 or 26 neighbours of a voxel that lie in the array."""
    most = {6: 1, 18: 2, 26: 3}[connectivity]
    i, j, k = voxel
    return [
        (i + a, j + b, k + c)
        for a in (-1, 0, 1)
        for b in (-1, 0, 1)
        for c in (-1, 0, 1)
        if 1 <= abs(a) + abs(b) + abs(c) <= most
        and 0 <= i + a < shape[0]
        and 0 <= j + b < shape[1]
        and 0 <= k + c < shape[2]
    ]
