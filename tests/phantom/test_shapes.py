"""Solids against plain formulas, point by point."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vesalius.adapters.phantom.curves import sheet, smooth, stack, tube
from vesalius.adapters.phantom.shapes import (
    Clipped,
    Cut,
    Cylinder,
    Ellipsoid,
    Placed,
    RoundedBox,
    Segment,
    mirrored,
    rotation,
    turned,
)

STEP = 1.0
LINE = np.arange(-30.0, 30.5, STEP)
X, Y, Z = LINE.reshape(-1, 1, 1), LINE.reshape(1, -1, 1), LINE.reshape(1, 1, -1)
POINTS = np.stack(np.broadcast_arrays(X, Y, Z), axis=-1)


def inside(solid):
    return np.broadcast_to(solid.inside(X, Y, Z), POINTS.shape[:3])


def solids():
    """One of each kind, none of them central or symmetric."""
    at = np.array([3.0, -4.0, 5.0])
    trunk = stack([[-20, 1, 2, 6, 8], [0, -3, 0, 14, 9], [18, 2, 1, 5, 5]], 2.4)
    return {
        "ellipsoid": Ellipsoid(at, np.array([9.0, 6.0, 12.0])),
        "cylinder": Cylinder(at, np.array([8.0, 5.0]), 17.0),
        "box": RoundedBox(at, np.array([18.0, 10.0, 14.0]), 3.0),
        "segment": Segment(np.array([-9.0, 3, -7]), np.array([8.0, -5, 12]), 3.0, 6.0),
        "stack": trunk,
        "slab": trunk.between(-8.0, 6.0),
        "placed": turned(Ellipsoid(at, np.array([9.0, 6.0, 12.0])), at, np.array([20.0, 30, 40])),
        "clipped": Clipped(
            Ellipsoid(at, np.array([9.0, 9.0, 12.0])),
            within=((trunk,),),
            without=(Ellipsoid(at, np.array([4.0, 4, 4])),),
            cuts=(Cut(at, np.array([0.0, 1.0, 1.0])),),
        ),
    }


@pytest.mark.parametrize("name", list(solids()))
def test_the_box_holds_the_solid(name):
    solid = solids()[name]
    found = POINTS[inside(solid)]
    low, high = solid.bounds()
    assert len(found) > 50
    assert (found >= low - 1e-9).all()
    assert (found <= high + 1e-9).all()


@pytest.mark.parametrize("name", [n for n in solids() if n != "clipped"])
def test_shrinking_stays_inside_and_growing_outside(name):
    solid = solids()[name]
    plain, less, more = inside(solid), inside(solid.shrunk(1.5)), inside(solid.shrunk(-1.5))
    assert less.any()
    assert (less <= plain).all()
    assert (plain <= more).all()
    assert less.sum() < plain.sum() < more.sum()


def test_a_shrunk_outline_is_thinner_by_that_much():
    trunk = stack([[-20, 0, 0, 15, 10], [20, 0, 0, 15, 10]], 2.0)
    thin = inside(trunk.shrunk(4.0))
    assert POINTS[thin][:, 0].max() == 11.0
    assert POINTS[thin][:, 1].max() == 6.0
    assert (POINTS[thin][:, 2].min(), POINTS[thin][:, 2].max()) == (-16.0, 16.0)


def test_ellipsoid_by_its_formula():
    expected = ((POINTS - [3, -4, 5]) ** 2 / np.array([9.0, 6.0, 12.0]) ** 2).sum(axis=-1) <= 1
    assert np.array_equal(inside(solids()["ellipsoid"]), expected)


def test_segment_of_one_radius_by_distance():
    a, b, radius = np.array([-9.0, 3, -7]), np.array([8.0, -5, 12]), 4.25
    along = np.clip(((POINTS - a) @ (b - a)) / ((b - a) @ (b - a)), 0, 1)
    distance = np.linalg.norm(POINTS - (a + along[..., None] * (b - a)), axis=-1)
    assert np.array_equal(inside(Segment(a, b, radius, radius)), distance <= radius)


def test_rounded_box_loses_only_its_edges():
    centre, size = np.array([3.0, -4.0, 5.0]), np.array([18.0, 10.0, 14.0])
    far = np.abs(POINTS - centre)
    sharp = (far <= size / 2).all(axis=-1)
    assert np.array_equal(inside(RoundedBox(centre, size, 0.0)), sharp)
    near_edges = (far > size / 2 - 3).sum(axis=-1) >= 2
    rounded = inside(RoundedBox(centre, size, 3.0))
    assert np.array_equal(rounded | near_edges, sharp | near_edges)
    assert (rounded <= sharp).all()
    assert rounded.sum() < sharp.sum()


def test_cylinder_by_its_formula():
    flat = ((POINTS[..., :2] - [3, -4]) ** 2 / np.array([8.0, 5.0]) ** 2).sum(axis=-1) <= 1
    expected = flat & (np.abs(POINTS[..., 2] - 5) <= 8.5)
    assert np.array_equal(inside(solids()["cylinder"]), expected)


@given(angles=st.tuples(*[st.floats(-180, 180)] * 3))
@settings(deadline=None, max_examples=25)
def test_rotations_are_rotations(angles):
    matrix = rotation(np.array(angles))
    assert np.allclose(matrix @ matrix.T, np.eye(3), atol=1e-12)
    assert np.isclose(np.linalg.det(matrix), 1.0)


@pytest.mark.parametrize(
    ("turn", "start", "end"),
    [
        ([90, 0, 0], [0, 1, 0], [0, 0, 1]),
        ([0, 90, 0], [0, 0, 1], [1, 0, 0]),
        ([0, 0, 90], [1, 0, 0], [0, 1, 0]),
    ],
)
def test_a_turn_is_counter_clockwise_about_its_axis(turn, start, end):
    assert np.allclose(rotation(np.array(turn)) @ start, end)


def test_a_turned_solid_is_the_solid_at_turned_points():
    solid = solids()["ellipsoid"]
    made = turned(solid, solid.centre, np.array([20.0, 30.0, 40.0]))
    back = (POINTS - solid.centre) @ rotation(np.array([20.0, 30.0, 40.0])) + solid.centre
    expected = solid.inside(back[..., 0], back[..., 1], back[..., 2])
    assert np.array_equal(inside(made), expected)


def test_a_mirror_image_is_the_reflection():
    solid = solids()["placed"]
    assert np.array_equal(inside(mirrored(solid)), inside(solid)[::-1])


def test_placing_moves_and_stretches():
    ball = Ellipsoid(np.zeros(3), np.ones(3))
    moved = Placed(ball, np.diag([5.0, 7.0, 9.0]), np.array([2.0, 0.0, -3.0]))
    assert np.array_equal(
        inside(moved), inside(Ellipsoid(np.array([2.0, 0, -3]), np.array([5.0, 7, 9])))
    )


def test_clipping_is_set_algebra():
    trunk, ball = solids()["stack"], Ellipsoid(np.array([3.0, -4, 5]), np.array([9.0, 9, 12]))
    hole, cut = Ellipsoid(ball.centre, np.full(3, 4.0)), Cut(ball.centre, np.array([0.0, 1, 1]))
    kept = ((POINTS - ball.centre) @ [0, 1, 1]) >= 0
    expected = inside(ball) & inside(trunk) & ~inside(hole) & kept
    assert np.array_equal(inside(Clipped(ball, ((trunk,),), (hole,), (cut,))), expected)


@given(
    st.lists(st.tuples(*[st.integers(-50, 50)] * 3), min_size=2, max_size=6, unique=True),
)
@settings(deadline=None, max_examples=40)
def test_a_smooth_curve_meets_its_points_and_stays_between_them(points):
    knots = np.array(points, dtype=float)
    way = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(knots, axis=0), axis=1))])
    assert np.allclose(smooth(knots, way / way[-1]), knots, atol=1e-9)
    line = smooth(knots)
    assert (line >= knots.min(axis=0) - 1e-9).all()
    assert (line <= knots.max(axis=0) + 1e-9).all()


def test_a_tube_is_connected_and_has_its_radii():
    parts = tube([[0, 0, -20], [5, 0, 0], [0, 0, 20]], [2.0, 6.0, 3.0])
    assert parts[0].start_radius == 2.0
    assert parts[-1].end_radius == 3.0
    assert max(p.end_radius for p in parts) <= 6.0
    for one, two in pairwise(parts):
        assert np.array_equal(one.end, two.start)
        assert one.end_radius == two.start_radius


def test_a_sheet_spans_its_edges_without_holes():
    parts = sheet([[-20, -10, 0], [20, -10, 0]], [[-20, 10, 0], [20, 10, 0]], 4.0)
    found = np.logical_or.reduce([inside(part) for part in parts])
    flat = (np.abs(POINTS[..., 0]) <= 20) & (np.abs(POINTS[..., 1]) <= 10)
    assert found[flat & (np.abs(POINTS[..., 2]) <= 1)].all()
    assert not found[np.abs(POINTS[..., 2]) > 2].any()


def test_a_point_of_an_outline_lies_on_it():
    trunk = solids()["stack"]
    for angle in range(0, 360, 30):
        point = trunk.point(angle, 3.0)
        middle = trunk.point(angle, 3.0) * 0.999 + trunk.point(angle + 180, 3.0) * 0.001
        assert not trunk.shrunk(0.01).inside(*point)
        assert trunk.inside(*middle)
    assert trunk.point(0, 0.0)[0] > 10
    assert trunk.point(90, 0.0)[1] > 8
