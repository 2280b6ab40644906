"""Anchors: planes in patient space that are fitted to what the sources painted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vesalius.engine.merge.main_pieces import main_pieces
from vesalius.engine.plan.plan import Anchor, BoxAnchor, LevelAnchor, PlaneAnchor
from vesalius.engine.runs.grid import lateral_axes
from vesalius.engine.runs.halfspace import HalfSpace
from vesalius.engine.runs.labelmap import LabelMap
from vesalius.engine.runs.measure import Measures, measure, run_ends
from vesalius.engine.runs.median import median
from vesalius.engine.runs.sweeps import has_label

LINE_RATIO = 0.05
"""Points lie on a line where their second singular value is below this share of the first.

Also where `ROUND_RATIO` says that the scatter about their first direction has no direction.
"""

ROUND_RATIO = 0.5
"""Two directions of scatter are told apart only where the smaller is below this share."""

PARALLEL_DEG = 10.0
"""A line this close to the direction `within` spans no plane together with it."""

REMNANT_SHARE = 0.5
"""What the scan cuts to less than this share of the median size of all points is a remnant."""

COINCIDE_MM = 1e-6
"""Points that scatter less than this are one point."""

TIE_MM = 1e-6
"""Voxel centres this close to a plane count as on it, on the positive side.

Fits and positions carry rounding errors near 1e-12 mm, which differ between orientations of
one volume; a centre that lies on the plane must not be decided by them.
"""

SLACK = 1e-9
"""Relative width of a tie between a measured value and a limit; a tie keeps the limit."""

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class AnchorFit:
    """What became of one anchor in one case.

    Parameters
    ----------
    token : str
        Token of the anchor.
    status : str
        "fitted", "missing" (too few points) or "implausible".
    reason : str
        Why it is not fitted, with figures; a remark on how it was fitted, or empty.
    n_points : int
        Labels that were present.
    dropped : tuple of int
        Labels whose centre was dropped as an outlier.
    normal : tuple of float, shape (3,), or None
        Unit normal (RAS+); also given for an implausible plane.
    offset_mm : float or None
        The plane is `normal . xyz_mm == offset_mm`.
    tilt_deg : float or None
        Angle between the normal and the direction it should have; planes only.
    residual_mm : float or None
        Root mean square distance of the points used; planes only.
    low_mm, high_mm : tuple of float, shape (3,), or None
        Corners of a box, RAS+; boxes only, which have no normal and no offset.
    """

    token: str
    status: str
    reason: str
    n_points: int
    dropped: tuple[int, ...] = ()
    normal: tuple[float, float, float] | None = None
    offset_mm: float | None = None
    tilt_deg: float | None = None
    residual_mm: float | None = None
    low_mm: tuple[float, float, float] | None = None
    high_mm: tuple[float, float, float] | None = None

    @property
    def fitted(self) -> bool:
        """Whether the plane may be used."""
        return self.status == "fitted"

    def half_space(self) -> HalfSpace:
        """Return the positive side, including voxels within `TIE_MM` of the plane.

        Raises
        ------
        ValueError
            If the anchor is not fitted, or is a box.
        """
        if not self.fitted:
            raise ValueError(f"the anchor {self.token!r} is {self.status}: {self.reason}")
        if self.normal is None or self.offset_mm is None:
            raise ValueError(f"the anchor {self.token!r} is a box and has no one plane")
        return HalfSpace(self.normal, self.offset_mm - TIE_MM)

    def half_spaces(self) -> tuple[HalfSpace, ...]:
        """Return the half-spaces whose common part is the positive side, or the inside of a box.

        Raises
        ------
        ValueError
            If the anchor is not fitted.
        """
        if self.low_mm is None or self.high_mm is None:
            return (self.half_space(),)
        planes = []
        for axis in range(3):
            for sign, corner in ((1.0, self.low_mm), (-1.0, self.high_mm)):
                normal = [0.0, 0.0, 0.0]
                normal[axis] = sign
                planes.append(HalfSpace(_triple(normal), sign * corner[axis] - TIE_MM))
        return tuple(planes)


@dataclass(frozen=True)
class _Plane:
    normal: Vector
    offset_mm: float
    distances_mm: Vector
    from_line: bool

    @property
    def residual_mm(self) -> float:
        return float(np.sqrt(np.mean(self.distances_mm**2)))


def fit_anchors(anchors: Sequence[Anchor], painted: LabelMap) -> tuple[AnchorFit, ...]:
    """Fit every anchor to the largest piece of each of its labels.

    A stray voxel far away must not move a level, a box or a plane. What the border of the scan
    cuts on a side of a plane is no point of it: the centre of the rest lies beside the true one. A
    remnant of what is cut elsewhere is one only where there are too few others.

    Parameters
    ----------
    anchors : sequence of PlaneAnchor, LevelAnchor or BoxAnchor
        As the plan lists them.
    painted : LabelMap
        Work labels; the provisional merge.

    Returns
    -------
    tuple of AnchorFit
        One per anchor, in the same order.
    """
    if not anchors:
        return ()
    main = main_pieces(painted, {label for anchor in anchors for label in anchor.labels})
    found = measure(main)
    return tuple(fit_anchor(anchor, found, lambda: main) for anchor in anchors)


def fit_anchor(anchor: Anchor, found: Measures, main: Callable[[], LabelMap]) -> AnchorFit:
    """Fit an anchor to what is known of the largest pieces of its labels.

    Parameters
    ----------
    anchor : PlaneAnchor, LevelAnchor or BoxAnchor
        What to fit.
    found : Measures
        One row for each of its labels that is present: of its largest piece, as of
        :func:`vesalius.engine.merge.main_pieces.main_pieces`.
    main : callable
        Gives their runs; not every anchor asks for them.
    """
    found = found.take(np.isin(found.label, anchor.labels))
    if isinstance(anchor, PlaneAnchor):
        return _fit_to_points(anchor, found)
    centres = _centres(found)
    present = [label for label in anchor.labels if label in centres]
    if len(present) < anchor.min_points or not present:
        return _missing(anchor, len(present))
    if isinstance(anchor, BoxAnchor):
        return _fit_box(anchor, present, main())
    return _fit_level(anchor, present, centres, main)


def _fit_to_points(anchor: PlaneAnchor, found: Measures) -> AnchorFit:
    sides = lateral_axes(found.grid, anchor.toward)
    beside = found.take(~np.any(found.on_border[:, sides], axis=(1, 2)))
    if len(beside):
        large = beside.voxels >= REMNANT_SHARE * median(beside.voxels)
        kept = beside.take(large | ~beside.at_border)
        beside = kept if len(kept) >= anchor.min_points else beside
    fit = fit_plane(anchor, _centres(beside))
    lost = len(found) - len(beside)
    if fit.status != "missing" or not lost:
        return fit
    return replace(
        fit, reason=f"{fit.reason}; {lost} more are cut on a side by the border of the scan"
    )


def _centres(found: Measures) -> dict[int, Vector]:
    return {
        int(label): np.asarray(centre, dtype=np.float64)
        for label, centre in zip(found.label, found.centre_mm, strict=True)
    }


def fit_plane(anchor: PlaneAnchor, centres: Mapping[int, ArrayLike]) -> AnchorFit:
    """Fit a plane by total least squares, once more without outliers, and judge it.

    Parameters
    ----------
    anchor : PlaneAnchor
        What to fit and what is plausible.
    centres : mapping of int to array_like, shape (3,)
        Centre in mm of each label that is present.

    Returns
    -------
    AnchorFit
    """
    present = [label for label in anchor.labels if label in centres]
    if len(present) < anchor.min_points:
        return _missing(anchor, len(present))
    points = np.array([centres[label] for label in present], dtype=np.float64).reshape(-1, 3)
    toward = _unit(anchor.toward)
    plane = _least_squares(points, toward, anchor.within)
    kept = np.ones(len(points), dtype=bool)
    if isinstance(plane, _Plane):
        near = ~_outliers(plane.distances_mm, anchor)
        if not near.all() and near.sum() >= anchor.min_points:
            kept = near
            plane = _least_squares(points[kept], toward, anchor.within)
    dropped = tuple(label for label, keep in zip(present, kept, strict=True) if not keep)
    if isinstance(plane, str):
        return AnchorFit(anchor.token, "implausible", plane, len(present), dropped)
    return _judge(anchor, plane, toward, len(present), dropped)


def _judge(
    anchor: PlaneAnchor, plane: _Plane, toward: Vector, n_points: int, dropped: tuple[int, ...]
) -> AnchorFit:
    across = float(np.linalg.norm(np.cross(plane.normal, toward)))
    tilt_deg = float(np.degrees(np.arctan2(across, plane.normal @ toward)))
    residual_mm = plane.residual_mm
    faults = []
    if _exceeds(tilt_deg, anchor.max_tilt_deg):
        faults.append(f"tilted by {tilt_deg:.1f} deg, at most {anchor.max_tilt_deg:g}")
    if _exceeds(residual_mm, anchor.max_residual_mm):
        faults.append(
            f"the points are {residual_mm:.1f} mm off the plane, at most {anchor.max_residual_mm:g}"
        )
    remarks = []
    if plane.from_line:
        remarks.append("the points lie on a line; the plane follows it and the given direction")
    if dropped:
        remarks.append(f"{len(dropped)} of {n_points} points dropped as outliers")
    return AnchorFit(
        token=anchor.token,
        status="implausible" if faults else "fitted",
        reason="; ".join(faults + remarks),
        n_points=n_points,
        dropped=dropped,
        normal=_triple(plane.normal),
        offset_mm=plane.offset_mm,
        tilt_deg=tilt_deg,
        residual_mm=residual_mm,
    )


def _least_squares(
    points: Vector, toward: Vector, within: tuple[float, float, float] | None
) -> _Plane | str:
    """Return the plane through the points, or why they give none."""
    centre = points.mean(axis=0)
    offsets = points - centre
    # Padding gives three directions also for fewer than three points.
    padded = np.vstack([offsets, np.zeros((3, 3))])
    _, scatter, directions = np.linalg.svd(padded, full_matrices=False)
    if scatter[0] <= COINCIDE_MM:
        return "all points lie in one place"
    flat = not _exceeds(scatter[2], ROUND_RATIO * scatter[1])
    long = not _exceeds(scatter[1], ROUND_RATIO * scatter[0])
    from_line = _exceeds(LINE_RATIO * scatter[0], scatter[1]) or not flat
    if not from_line:
        normal = directions[2]
    elif not long:
        return f"the {len(points)} points lie in no plane and on no line"
    elif within is None:
        return f"the {len(points)} points lie on a line, which fixes no plane"
    else:
        crossed = np.cross(directions[0], _unit(within))
        sine = float(np.linalg.norm(crossed))
        if not _exceeds(sine, float(np.sin(np.radians(PARALLEL_DEG)))):
            angle = float(np.degrees(np.arcsin(min(sine, 1.0))))
            return (
                f"the {len(points)} points lie on a line {angle:.1f} deg from the given direction; "
                f"more than {PARALLEL_DEG:g} are needed"
            )
        normal = crossed / sine
    if normal @ toward < 0:
        normal = -normal
    offset_mm = float(normal @ centre)
    return _Plane(normal, offset_mm, np.abs(offsets @ normal), from_line)


def _outliers(distances_mm: Vector, anchor: PlaneAnchor) -> NDArray[np.bool_]:
    limit = max(anchor.outlier_factor * median(distances_mm), anchor.max_residual_mm)
    return np.array([_exceeds(float(distance), limit) for distance in distances_mm], dtype=bool)


def _fit_level(
    anchor: LevelAnchor,
    present: Sequence[int],
    centres: Mapping[int, Vector],
    main: Callable[[], LabelMap],
) -> AnchorFit:
    normal = _unit(anchor.direction)
    if anchor.at == "centre":
        # The middle one: a label that is elsewhere must not pull the others along.
        offset_mm = median([normal @ centres[label] for label in present])
    else:
        far, painted = anchor.at == "far", main()
        heights = [_along(_ends_mm(painted, [label]), normal) for label in present]
        ends = np.array([part.max() if far else part.min() for part in heights])
        outermost = ends.max() if far else ends.min()
        offset_mm = float(ends.mean() if anchor.combine == "mean" else outermost)
    return AnchorFit(
        anchor.token, "fitted", "", len(present), normal=_triple(normal), offset_mm=offset_mm
    )


def _fit_box(anchor: BoxAnchor, present: Sequence[int], painted: LabelMap) -> AnchorFit:
    ends = _ends_mm(painted, present).reshape(-1, 3)
    low_mm = ends.min(axis=0) - np.asarray(anchor.margin_low_mm)
    high_mm = ends.max(axis=0) + np.asarray(anchor.margin_high_mm)
    return AnchorFit(
        anchor.token,
        "fitted",
        "",
        len(present),
        low_mm=_triple(low_mm),
        high_mm=_triple(high_mm),
    )


def _along(xyz_mm: Vector, direction: Vector) -> Vector:
    """Give positions along a direction, each rounded the same whichever others stand beside it.

    A matrix product is rounded by how many rows it has, and runs depend on the memory layout.
    """
    x, y, z = (xyz_mm[..., axis] * direction[axis] for axis in range(3))
    return np.asarray(x + y + z)


def _ends_mm(painted: LabelMap, labels: Sequence[int]) -> Vector:
    """Patient positions of the first and last voxel of every run of the labels."""
    chosen = np.flatnonzero(has_label(painted, labels))
    return np.asarray(painted.grid.to_mm(run_ends(painted, chosen)))


def _missing(anchor: Anchor, n_points: int) -> AnchorFit:
    reason = f"{n_points} of {len(anchor.labels)} points present, {anchor.min_points} needed"
    return AnchorFit(anchor.token, "missing", reason, n_points)


def _exceeds(value: float, limit: float) -> bool:
    return value > limit + SLACK * max(abs(limit), 1.0)


def _unit(vector: tuple[float, float, float]) -> Vector:
    values = np.array(vector, dtype=np.float64)
    return np.asarray(values / np.linalg.norm(values))


def _triple(vector: ArrayLike) -> tuple[float, float, float]:
    x, y, z = (float(value) + 0.0 for value in np.asarray(vector))
    return x, y, z
