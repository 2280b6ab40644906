"""Planes and levels fitted to centres."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from vesalius.engine.merge.anchors import TIE_MM, fit_anchors, fit_plane
from vesalius.engine.plan.plan import LevelAnchor, PlaneAnchor
from vesalius.engine.runs.grid import Grid, lateral_axes
from vesalius.engine.runs.halfspace import HalfSpace
from vesalius.engine.runs.labelmap import decode, encode

# A straight column of nine points along z at x = 5, and one point far in front of it.
COLUMN = {label: (5.0, 20.0, 30.0 * label) for label in range(1, 10)}
FRONT = {10: (5.0, 120.0, 90.0)}
UPRIGHT = PlaneAnchor(
    token="upright",
    labels=tuple(range(1, 11)),
    min_points=3,
    toward=(1.0, 0.0, 0.0),
    max_tilt_deg=20.0,
    max_residual_mm=10.0,
    within=(0.0, 1.0, 0.0),
)


def turned(points, degrees, axis=2):
    """Turn points about a patient axis."""
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    one, other = [a for a in range(3) if a != axis]
    matrix = np.eye(3)
    matrix[one, one] = matrix[other, other] = cos
    matrix[one, other], matrix[other, one] = -sin, sin
    return {label: matrix @ point for label, point in points.items()}


def test_column_with_a_point_in_front():
    fit = fit_plane(UPRIGHT, COLUMN | FRONT)
    assert fit.status == "fitted"
    assert fit.fitted
    assert fit.reason == ""
    assert fit.n_points == 10
    assert fit.dropped == ()
    assert np.allclose(fit.normal, (1, 0, 0), atol=1e-12)
    assert fit.offset_mm == pytest.approx(5)
    assert fit.tilt_deg == pytest.approx(0, abs=1e-9)
    assert fit.residual_mm == pytest.approx(0, abs=1e-9)
    assert fit.half_space() == HalfSpace(fit.normal, fit.offset_mm - TIE_MM)


def test_column_alone_follows_the_given_direction():
    fit = fit_plane(UPRIGHT, COLUMN)
    assert fit.status == "fitted"
    assert fit.reason == ("the points lie on a line; the plane follows it and the given direction")
    assert np.allclose(fit.normal, (1, 0, 0), atol=1e-12)
    assert fit.offset_mm == pytest.approx(5)


def test_leaning_column_alone():
    # The line leans by 10 deg about the y axis; the plane through it and y leans with it.
    fit = fit_plane(UPRIGHT, turned(COLUMN, 10, axis=1))
    assert fit.status == "fitted"
    assert fit.tilt_deg == pytest.approx(10)
    cos, sin = np.cos(np.radians(10)), np.sin(np.radians(10))
    assert np.allclose(fit.normal, (cos, 0, sin), atol=1e-12)


def test_column_alone_fixes_no_plane():
    fit = fit_plane(replace(UPRIGHT, within=None), COLUMN)
    assert fit.status == "implausible"
    assert fit.reason == "the 9 points lie on a line, which fixes no plane"
    assert fit.normal is None
    with pytest.raises(ValueError, match="'upright' is implausible: the 9 points lie on a line"):
        fit.half_space()


def test_line_along_the_given_direction():
    fit = fit_plane(replace(UPRIGHT, within=(0.0, 0.1, 1.0)), COLUMN)
    assert fit.status == "implausible"
    assert fit.reason == (
        "the 9 points lie on a line 5.7 deg from the given direction; more than 10 are needed"
    )


def test_scatter_about_a_line_that_has_no_direction_of_its_own():
    # Ten times as long as thick, but as wide as deep: least squares would pick any normal.
    points = {
        label: (0.0 + 9 * (label % 2), 9.0 * (label // 2 % 2), 10.0 * label)
        for label in range(1, 11)
    }
    fit = fit_plane(replace(UPRIGHT, max_tilt_deg=10.0), points)
    assert fit.status == "fitted"
    assert "follows it and the given direction" in fit.reason


@pytest.mark.parametrize("degrees", [30, -30])
def test_tilted_patient(degrees):
    points = turned(COLUMN | FRONT, degrees)
    fit = fit_plane(replace(UPRIGHT, max_tilt_deg=45.0), points)
    assert fit.status == "fitted"
    assert fit.tilt_deg == pytest.approx(30)
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    assert np.allclose(fit.normal, (cos, sin, 0), atol=1e-12)
    assert fit.offset_mm == pytest.approx(5)


def test_implausible_tilt_has_figures():
    fit = fit_plane(UPRIGHT, turned(COLUMN | FRONT, 30))
    assert fit.status == "implausible"
    assert fit.reason == "tilted by 30.0 deg, at most 20"
    assert not fit.fitted
    assert fit.tilt_deg == pytest.approx(30)
    assert fit.normal is not None


def test_tilt_at_the_limit_is_plausible():
    for degrees in range(-20, 21, 5):
        limit = float(abs(degrees))
        fit = fit_plane(replace(UPRIGHT, max_tilt_deg=limit), turned(COLUMN | FRONT, degrees))
        assert fit.status == "fitted"


def test_implausible_residual_has_figures():
    # Zigzag: as many points 12 mm to either side, none of them an outlier.
    points = {
        label: (x + (12 if label % 2 else -12), y, z)
        for label, (x, y, z) in (COLUMN | FRONT).items()
    }
    fit = fit_plane(UPRIGHT, points)
    assert fit.status == "implausible"
    assert fit.reason.startswith("the points are 1")
    assert fit.reason.endswith(" mm off the plane, at most 10")
    assert 10 < fit.residual_mm < 12.1


def test_missing_has_figures():
    fit = fit_plane(UPRIGHT, {1: COLUMN[1], 10: FRONT[10], 99: (0, 0, 0)})
    assert fit.status == "missing"
    assert fit.reason == "2 of 10 points present, 3 needed"
    assert fit.n_points == 2
    assert fit.normal is fit.offset_mm is fit.tilt_deg is fit.residual_mm is None


def test_points_in_one_place():
    fit = fit_plane(replace(UPRIGHT, min_points=1), {1: (1.0, 2.0, 3.0)})
    assert fit.status == "implausible"
    assert fit.reason == "all points lie in one place"


def test_points_without_plane_or_line():
    corners = list(itertools.product((-50.0, 50.0), repeat=3))
    fit = fit_plane(UPRIGHT, dict(enumerate(corners, start=1)))
    assert fit.status == "implausible"
    assert fit.reason == "the 8 points lie in no plane and on no line"


def test_one_outlier_is_left_out():
    points = COLUMN | FRONT | {4: (45.0, 20.0, 120.0)}
    fit = fit_plane(UPRIGHT, points)
    assert fit.status == "fitted"
    assert fit.dropped == (4,)
    assert fit.n_points == 10
    assert fit.reason == "1 of 10 points dropped as outliers"
    assert np.allclose(fit.normal, (1, 0, 0), atol=1e-12)
    assert fit.offset_mm == pytest.approx(5)


def test_a_small_outlier_stays():
    fit = fit_plane(UPRIGHT, COLUMN | FRONT | {4: (12.0, 20.0, 120.0)})
    assert fit.status == "fitted"
    assert fit.dropped == ()
    assert fit.residual_mm > 0.5


def test_just_enough_points_remain():
    points = COLUMN | FRONT | {4: (45.0, 20.0, 120.0)}
    fit = fit_plane(replace(UPRIGHT, min_points=9), points)
    assert fit.dropped == (4,)
    assert fit.status == "fitted"


def test_outliers_stay_where_too_few_points_would_remain():
    points = COLUMN | FRONT | {4: (45.0, 20.0, 120.0)}
    fit = fit_plane(replace(UPRIGHT, min_points=10), points)
    assert fit.dropped == ()
    assert fit.status == "implausible"


@settings(deadline=None, max_examples=100)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(3, 12))
def test_equals_singular_vector_of_the_points(seed, n):
    rng = np.random.default_rng(seed)
    flat = rng.uniform(-100, 100, (n, 3)) * (0.02, 1, 1)
    basis = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    points = flat @ basis.T + rng.uniform(-300, 300, 3)
    centred = points - points.mean(axis=0)
    scatter = np.linalg.svd(centred, compute_uv=False)
    assume(scatter[1] > 0.2 * scatter[0])
    truth = np.linalg.svd(centred)[2][-1]
    toward = basis[:, 0]
    truth *= np.sign(truth @ toward)
    anchor = PlaneAnchor("a", tuple(range(1, n + 1)), 3, tuple(toward), 60.0, 50.0)
    fit = fit_plane(anchor, dict(enumerate(points, start=1)))
    assert fit.status == "fitted"
    assert np.allclose(fit.normal, truth, atol=1e-9)
    assert fit.offset_mm == pytest.approx(truth @ points.mean(axis=0), abs=1e-7)
    distances = centred @ truth
    assert fit.residual_mm == pytest.approx(np.sqrt(np.mean(distances**2)), abs=1e-9)
    assert fit.tilt_deg == pytest.approx(np.degrees(np.arccos(min(1, truth @ toward))), abs=1e-5)


AFFINE = np.array([[0, -2.0, 0, 10], [1.5, 0, 0, -4], [0, 0, 3.0, 100], [0, 0, 0, 1]])


@pytest.fixture
def painted():
    volume = np.zeros((4, 5, 6), dtype=np.uint8)
    volume[1:3, 1, 2] = 1
    volume[0, 2:5, 4] = 2
    volume[3, 3, 0:2] = 2
    return encode(volume, AFFINE)


@pytest.mark.parametrize(
    ("direction", "at", "offset"),
    [
        # Label 1: y -2.5 and -1.0, x 8, z 106. Label 2: x 6, 4, 2, y -4, z 112; its smaller piece
        # at y 0.5 is a stray that moves nothing.
        ((2.0, 0.0, 0.0), "centre", (8 + 4) / 2),
        ((1.0, 0.0, 0.0), "far", 8),
        ((1.0, 0.0, 0.0), "near", 2),
        ((-1.0, 0.0, 0.0), "far", -2),
        ((0.0, 1.0, 0.0), "far", -1.0),
        ((0.0, 1.0, 0.0), "near", -4),
        ((0.0, 0.0, 3.0), "far", 112),
        ((0.0, 0.0, -3.0), "near", -112),
    ],
)
def test_level(painted, direction, at, offset):
    anchor = LevelAnchor("level", (1, 2, 3), 2, direction, at)
    (fit,) = fit_anchors([anchor], painted)
    assert fit.status == "fitted"
    assert fit.n_points == 2
    assert np.allclose(fit.normal, direction / np.linalg.norm(direction))
    assert fit.offset_mm == pytest.approx(offset)
    assert fit.tilt_deg is fit.residual_mm is None


def test_level_missing(painted):
    (fit,) = fit_anchors([LevelAnchor("level", (1, 3, 4), 2, (0, 0, 1.0))], painted)
    assert fit.status == "missing"
    assert fit.reason == "1 of 3 points present, 2 needed"


def test_anchors_keep_their_order(painted):
    level = LevelAnchor("b", (1,), 1, (0.0, 0.0, 1.0))
    plane = replace(UPRIGHT, token="a", labels=(1, 2), min_points=2, max_tilt_deg=89.0)
    # One layer more, so that the border of the scan cuts label 2 on no side.
    wide = encode(np.pad(decode(painted), ((0, 0), (0, 1), (0, 0))), AFFINE)
    fits = fit_anchors([plane, level], wide)
    assert [fit.token for fit in fits] == ["a", "b"]
    # The centres are (8, -1.75, 106) and, of the larger piece, (4, -4, 112).
    assert abs(np.dot(fits[0].normal, (4.0, 2.25, -6.0))) < 1e-9
    assert fit_anchors([], painted) == ()


def column(narrow):
    """Five blocks one above the other, the middle three cut by a side of the scan."""
    volume = np.zeros((8, 6, 12), dtype=np.uint8)
    for level in range(5):
        volume[2:6, 2:4, 1 + 2 * level] = level + 1
        if narrow and 0 < level < 4:
            volume[4:6, 2:4, 1 + 2 * level] = 0
    return volume[: 4 if narrow else 8]


def test_what_is_cut_on_a_side_is_no_point_of_a_plane():
    plane = replace(UPRIGHT, labels=(1, 2, 3, 4, 5), min_points=2, within=(0.0, 1.0, 0.0))
    affine = np.diag([2.0, 2.0, 2.0, 1.0])
    (whole,) = fit_anchors([plane], encode(column(narrow=False), affine))
    assert (whole.status, whole.n_points, whole.offset_mm) == ("fitted", 5, 7.0)
    # All reach the border there; above and below it may cut what it likes.
    (none,) = fit_anchors([plane], encode(column(narrow=True), affine))
    assert none.status == "missing"
    assert none.reason.endswith("; 5 more are cut on a side by the border of the scan")
    (slab,) = fit_anchors([plane], encode(column(narrow=False)[:, :, 3:8], affine))
    assert (slab.status, slab.n_points, slab.offset_mm) == ("fitted", 3, 7.0)


@pytest.mark.parametrize(
    ("voxels", "fewest", "n_points"), [(3, 4, 4), (4, 4, 5), (3, 5, 5)]
)  # a scan that cuts the lowest to less than half, to half, and where all are needed
def test_a_remnant_is_no_point_of_a_plane_where_there_are_enough_others(voxels, fewest, n_points):
    volume = np.zeros((12, 6, 9), dtype=np.uint8)
    volume[7 : 7 + voxels, 3, 0] = 1
    for level in range(1, 5):
        volume[2:6, 2:4, 2 * level - 1] = level + 1
    plane = replace(UPRIGHT, labels=(1, 2, 3, 4, 5), min_points=fewest, within=(0.0, 1.0, 0.0))
    (fit,) = fit_anchors([plane], encode(volume, np.diag([2.0, 2.0, 2.0, 1.0])))
    assert fit.n_points == n_points
    assert (fit.normal == (1.0, 0.0, 0.0)) == (n_points == 4)


@pytest.mark.parametrize(("x", "dropped"), [(3.2, ()), (3.6, (37,))])
def test_a_point_beyond_three_median_distances_is_left_out(x, dropped):
    # A chequered wall of 36 points, 1 mm to either side, and one point before its middle. It draws
    # the plane along by a 37th of its distance, so the median distance is 1.09 or 1.10: three of
    # them are 3.26 or 3.29, and the point is 3.11 or 3.50 off.
    wall = {
        1 + 6 * row + column: ((-1.0) ** (row + column), 10.0 * row, 10.0 * column)
        for row in range(6)
        for column in range(6)
    }
    anchor = replace(UPRIGHT, labels=tuple(range(1, 38)), max_residual_mm=2.0)
    fit = fit_plane(anchor, wall | {37: (x, 25.0, 25.0)})
    assert fit.status == "fitted"
    assert fit.dropped == dropped
    assert fit.offset_mm == pytest.approx(0 if dropped else x / 37, abs=1e-9)


def cross(x, y, z):
    """Six points on the axes: the scatter along each is that of its arm."""
    arms = [(x, 0, 0), (-x, 0, 0), (0, y, 0), (0, -y, 0), (0, 0, z), (0, 0, -z)]
    return {label: np.array(arm, dtype=float) for label, arm in enumerate(arms, start=1)}


LINE = "the 6 points lie on a line, which fixes no plane"
NOTHING = "the 6 points lie in no plane and on no line"


@pytest.mark.parametrize(
    ("points", "reason"),
    [
        # Across the line a twentieth of along it makes a plane.
        (cross(0, 5, 100), ""),
        (cross(0, 4.99, 100), LINE),
        # Off the plane half of the smaller scatter in it is as much as a plane may have.
        (cross(10, 20, 100), ""),
        (cross(10.1, 20, 100), LINE),
        # What is no plane is a line only if it is twice as long as thick.
        (cross(30, 50, 100), LINE),
        (cross(30, 50.1, 100), NOTHING),
        (cross(0, 0, 0.7e-6), "all points lie in one place"),
        (cross(0, 0, 0.72e-6), LINE),
    ],
)
def test_planes_lines_and_neither(points, reason):
    anchor = replace(UPRIGHT, max_residual_mm=100.0, within=None)
    fit = fit_plane(anchor, points)
    assert (fit.status, fit.reason) == ("implausible" if reason else "fitted", reason)


@pytest.mark.parametrize(("degrees", "status"), [(9.99, "implausible"), (10.01, "fitted")])
def test_a_line_more_than_ten_degrees_from_the_given_direction(degrees, status):
    within = (0.0, float(np.sin(np.radians(degrees))), float(np.cos(np.radians(degrees))))
    assert fit_plane(replace(UPRIGHT, within=within), COLUMN).status == status


@pytest.mark.parametrize(
    ("degrees", "sides"),
    [(0, [0]), (44.9, [0]), (45, [0, 1]), (45.1, [1]), (90, [1]), (135, [0, 1])],
)
def test_the_sides_of_a_plane_are_the_ends_of_axes_within_45_degrees(degrees, sides):
    affine = np.diag([0.5, 2.0, 3.0, 1.0])
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    turn = np.array([[cos, -sin, 0, 0], [sin, cos, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])
    grid = Grid((2, 2, 2), turn @ affine)
    assert np.flatnonzero(lateral_axes(grid, (2.0, 0.0, 0.0))).tolist() == sides
