"""The meaning of anchors: planes, levels and boxes fitted to the voxels of labels."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from oracle.dense import components
from oracle.geometry import TIE_MM, Affine, Mask, Voxel, exceeds, position_mm, unit
from vesalius.engine.plan.plan import Anchor, BoxAnchor, LevelAnchor, PlaneAnchor

Point = NDArray[np.float64]

FLAT = 0.05
"""Points lie on a line if they scatter across it less than this share of along it."""
ROUND = 0.5
"""A direction is one only if the next scatters less than this share of it."""
PARALLEL_DEG = 10
"""A line this near to the given direction makes no plane with it."""
ONE_PLACE_MM = 1e-6
"""Points that scatter less lie in one place."""
ACROSS = 0.7071
"""Cosine of 45 degrees: array axes that lead across a plane."""


class Fit(NamedTuple):
    """What became of an anchor; `normal` is of length 1."""

    token: str
    status: str
    n_points: int
    dropped: tuple[int, ...] = ()
    normal: tuple[float, ...] | None = None
    offset_mm: float | None = None
    tilt_deg: float | None = None
    residual_mm: float | None = None
    low_mm: tuple[float, ...] | None = None
    high_mm: tuple[float, ...] | None = None

    @property
    def fitted(self) -> bool:
        """Whether it may be used."""
        return self.status == "fitted"

    def holds(self, xyz_mm: Point) -> bool:
        """Tell whether a point lies on the positive side of the plane, or in the box."""
        if self.low_mm is not None:
            return all(
                low - TIE_MM <= c <= high + TIE_MM
                for low, c, high in zip(self.low_mm, xyz_mm, self.high_mm, strict=True)
            )
        return bool(np.dot(self.normal, xyz_mm) >= self.offset_mm - TIE_MM)


def fit(anchor: Anchor, painted: NDArray[np.int64], affine: Affine) -> Fit:
    """Fit an anchor to the largest pieces of its labels."""
    pieces = {label: _largest(painted == label, affine) for label in anchor.labels}
    if isinstance(anchor, PlaneAnchor):
        for label, piece in pieces.items():
            if _cut_on_a_side(piece, painted.shape, affine, anchor):
                pieces[label] = []
        pieces = _without_remnants(pieces, painted.shape, anchor.min_points)
    points = {n: [position_mm(affine, voxel) for voxel in own] for n, own in pieces.items() if own}
    present = [label for label in anchor.labels if label in points]
    if len(present) < anchor.min_points:
        return Fit(anchor.token, "missing", len(present))
    if isinstance(anchor, BoxAnchor):
        all_points = np.array([xyz for own in points.values() for xyz in own])
        low = tuple(all_points.min(axis=0) - anchor.margin_low_mm)
        high = tuple(all_points.max(axis=0) + anchor.margin_high_mm)
        return Fit(anchor.token, "fitted", len(present), low_mm=low, high_mm=high)
    if isinstance(anchor, LevelAnchor):
        normal = unit(anchor.direction)
        offset_mm = _level(anchor, [[float(normal @ xyz) for xyz in points[n]] for n in present])
        return Fit(anchor.token, "fitted", len(present), (), tuple(normal), offset_mm)
    return _plane(anchor, {label: np.mean(points[label], axis=0) for label in present})


def _largest(mask: Mask, affine: Affine) -> list[Voxel]:
    """The voxels of the largest piece; of several equally large ones those of all."""
    pieces = [piece.voxels for piece in components(mask.astype(int), affine, 26)]
    most = max((len(piece) for piece in pieces), default=0)
    return [voxel for piece in pieces if len(piece) == most for voxel in piece]


def _cut_on_a_side(
    piece: list[Voxel], shape: tuple[int, ...], affine: Affine, anchor: PlaneAnchor
) -> bool:
    """Tell whether a piece reaches an end of an array axis that leads across the plane."""
    for axis in range(3):
        one, other = (affine[:3, at] for at in range(3) if at != axis)
        across = abs(float(unit(np.cross(one, other)) @ unit(anchor.toward)))
        ends = (0, shape[axis] - 1)
        if round(across, 6) >= ACROSS and any(voxel[axis] in ends for voxel in piece):
            return True
    return False


def _without_remnants(
    pieces: dict[int, list[Voxel]], shape: tuple[int, ...], at_least: int
) -> dict[int, list[Voxel]]:
    """Leave out what is cut to less than half the median size, where enough others are left."""
    seen = {label: piece for label, piece in pieces.items() if piece}
    sizes = [len(piece) for piece in seen.values()]
    kept = {
        label: piece
        for label, piece in seen.items()
        if 2 * len(piece) >= np.median(sizes)
        or all(0 < voxel[axis] < shape[axis] - 1 for voxel in piece for axis in range(3))
    }
    return kept if len(kept) >= at_least else seen


def _level(anchor: LevelAnchor, heights: list[list[float]]) -> float:
    if anchor.at == "centre":
        centres = sorted(float(np.mean(own)) for own in heights)
        return (centres[(len(centres) - 1) // 2] + centres[len(centres) // 2]) / 2
    furthest = max if anchor.at == "far" else min
    ends = [furthest(own) for own in heights]
    return sum(ends) / len(ends) if anchor.combine == "mean" else furthest(ends)


def _plane(anchor: PlaneAnchor, centres: dict[int, Point]) -> Fit:
    """Fit a plane to all points, and again to those that are no outliers."""
    used = list(centres)
    plane = _through(anchor, list(centres.values()))
    if plane is not None:
        away = {n: abs(plane[0] @ xyz - plane[1]) for n, xyz in centres.items()}
        usual = float(np.median(list(away.values())))
        limit = max(anchor.outlier_factor * usual, anchor.max_residual_mm)
        near = [label for label in centres if not exceeds(away[label], limit)]
        if anchor.min_points <= len(near) < len(centres):
            used = near
            plane = _through(anchor, [centres[label] for label in used])
    dropped = tuple(label for label in centres if label not in used)
    if plane is None:
        return Fit(anchor.token, "implausible", len(centres), dropped)
    normal, offset_mm = plane
    toward = unit(anchor.toward)
    sine, cosine = float(np.linalg.norm(np.cross(normal, toward))), float(normal @ toward)
    tilt_deg = float(np.degrees(np.arctan2(sine, cosine)))
    squares = [float(normal @ centres[label] - offset_mm) ** 2 for label in used]
    residual_mm = float(np.sqrt(sum(squares) / len(squares)))
    good = not exceeds(tilt_deg, anchor.max_tilt_deg)
    good = good and not exceeds(residual_mm, anchor.max_residual_mm)
    figures = tuple(normal), offset_mm, tilt_deg, residual_mm
    status = "fitted" if good else "implausible"
    return Fit(anchor.token, status, len(centres), dropped, *figures)


def _through(anchor: PlaneAnchor, points: list[Point]) -> tuple[Point, float] | None:
    """Return normal and offset of the plane of least squares, None where there is none."""
    centre = np.mean(points, axis=0)
    spread = sum(np.outer(p - centre, p - centre) for p in points)
    values, vectors = np.linalg.eigh(spread)
    short, middle, long = (float(scatter) for scatter in np.sqrt(np.maximum(values, 0)))
    if long <= ONE_PLACE_MM:
        return None
    if not exceeds(FLAT * long, middle) and not exceeds(short, ROUND * middle):
        normal = vectors[:, 0]
    elif exceeds(middle, ROUND * long) or anchor.within is None:
        return None
    else:
        normal = np.cross(vectors[:, 2], unit(anchor.within))
        if not exceeds(float(np.linalg.norm(normal)), float(np.sin(np.radians(PARALLEL_DEG)))):
            return None
        normal = unit(normal)
    if normal @ unit(anchor.toward) < 0:
        normal = -normal
    return normal, float(normal @ centre)
