"""The meaning of anchors, voxel by voxel; only tests import this."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vesalius.engine.anchors import (
    COINCIDE_MM,
    LINE_RATIO,
    OUTLIER_FACTOR,
    PARALLEL_DEG,
    ROUND_RATIO,
    SLACK,
    AnchorFit,
)
from vesalius.engine.grid import LATERAL, Grid
from vesalius.engine.plan import Anchor, BoxAnchor, LevelAnchor, PlaneAnchor
from vesalius.engine.reference import components


def position_mm(affine: NDArray[np.float64], voxel: ArrayLike) -> NDArray[np.float64]:
    """Patient position of a voxel."""
    return np.asarray(affine[:3, :3] @ np.asarray(voxel, dtype=np.float64) + affine[:3, 3])


def _unit(vector: ArrayLike) -> NDArray[np.float64]:
    return np.asarray(np.asarray(vector, dtype=np.float64) / np.linalg.norm(np.asarray(vector)))


def _over(value: float, limit: float) -> bool:
    return value > limit + SLACK * max(abs(limit), 1.0)


def _main_piece(mask: NDArray[np.bool_], affine: NDArray[np.float64]) -> list[tuple[int, int, int]]:
    if not mask.any():
        return []
    pieces = [p.voxels for p in components(mask.astype(np.int64), Grid(mask.shape, affine), 26)]
    return [voxel for piece in pieces if len(piece) == len(pieces[0]) for voxel in piece]


def _cut_on_a_side(
    piece: list[tuple[int, int, int]],
    shape: tuple[int, ...],
    affine: NDArray[np.float64],
    anchor: PlaneAnchor,
) -> bool:
    """Tell whether a piece reaches an end of an array axis that leads across the plane."""
    for axis in range(3):
        one, other = (affine[:3, a] for a in range(3) if a != axis)
        across = abs(float(_unit(np.cross(one, other)) @ _unit(anchor.toward)))
        ends = (0, shape[axis] - 1)
        if round(across, 6) >= LATERAL and any(voxel[axis] in ends for voxel in piece):
            return True
    return False


def reference_fit(
    anchor: Anchor, painted: NDArray[np.int64], affine: NDArray[np.float64]
) -> AnchorFit:
    """Fit an anchor to voxels of work labels; the reason stays empty."""
    voxels = {label: _main_piece(painted == label, affine) for label in anchor.labels}
    if isinstance(anchor, PlaneAnchor):
        voxels = {
            label: [] if _cut_on_a_side(piece, painted.shape, affine, anchor) else piece
            for label, piece in voxels.items()
        }
    positions = {
        label: [position_mm(affine, voxel) for voxel in piece] for label, piece in voxels.items()
    }
    present = [label for label in anchor.labels if positions[label]]
    if len(present) < anchor.min_points:
        return AnchorFit(anchor.token, "missing", "", len(present))
    centres = {label: np.mean(positions[label], axis=0) for label in present}
    if isinstance(anchor, BoxAnchor):
        everywhere = np.array([xyz for label in present for xyz in positions[label]])
        low = everywhere.min(axis=0) - anchor.margin_low_mm
        high = everywhere.max(axis=0) + anchor.margin_high_mm
        return AnchorFit(
            anchor.token, "fitted", "", len(present), low_mm=tuple(low), high_mm=tuple(high)
        )
    if isinstance(anchor, LevelAnchor):
        normal = _unit(anchor.direction)
        heights = [[float(normal @ xyz) for xyz in positions[label]] for label in present]
        offset = _level(anchor, heights)
        return AnchorFit(anchor.token, "fitted", "", len(present), (), tuple(normal), float(offset))
    used = present
    plane = _plane(anchor, [centres[label] for label in used])
    if plane is not None:
        normal, offset = plane
        distance = {label: abs(normal @ centres[label] - offset) for label in present}
        limit = max(OUTLIER_FACTOR * np.median(list(distance.values())), anchor.max_residual_mm)
        near = [label for label in present if not _over(distance[label], limit)]
        if anchor.min_points <= len(near) < len(present):
            used = near
            plane = _plane(anchor, [centres[label] for label in used])
    dropped = tuple(label for label in present if label not in used)
    if plane is None:
        return AnchorFit(anchor.token, "implausible", "", len(present), dropped)
    normal, offset = plane
    tilt = float(np.degrees(np.arccos(np.clip(normal @ _unit(anchor.toward), -1, 1))))
    residual = float(np.sqrt(np.mean([(normal @ centres[label] - offset) ** 2 for label in used])))
    bad = _over(tilt, anchor.max_tilt_deg) or _over(residual, anchor.max_residual_mm)
    return AnchorFit(
        anchor.token,
        "implausible" if bad else "fitted",
        "",
        len(present),
        dropped,
        tuple(normal),
        float(offset),
        float(tilt),
        float(residual),
    )


def _level(anchor: LevelAnchor, heights: list[list[float]]) -> float:
    if anchor.at == "centre":
        return float(np.mean([np.mean(part) for part in heights]))
    ends = [max(part) if anchor.at == "far" else min(part) for part in heights]
    if anchor.combine == "mean":
        return sum(ends) / len(ends)
    return max(ends) if anchor.at == "far" else min(ends)


def _plane(
    anchor: PlaneAnchor, points: list[NDArray[np.float64]]
) -> tuple[NDArray[np.float64], float] | None:
    centre = np.mean(points, axis=0)
    spread = sum(np.outer(p - centre, p - centre) for p in points)
    values, vectors = np.linalg.eigh(spread)
    short, middle, long = np.sqrt(np.maximum(values, 0))
    if long <= COINCIDE_MM:
        return None
    if middle >= LINE_RATIO * long - SLACK * max(LINE_RATIO * long, 1) and not _over(
        short, ROUND_RATIO * middle
    ):
        normal = vectors[:, 0]
    elif _over(middle, ROUND_RATIO * long) or anchor.within is None:
        return None
    else:
        normal = np.cross(vectors[:, 2], _unit(anchor.within))
        if not _over(float(np.linalg.norm(normal)), float(np.sin(np.radians(PARALLEL_DEG)))):
            return None
        normal = _unit(normal)
    if normal @ _unit(anchor.toward) < 0:
        normal = -normal
    return normal, float(normal @ centre)
