"""Distances to nearest points are those of all pairs."""

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from vesalius.engine.runs.apart import away_by_group_mm, away_mm, least_away_mm


@settings(max_examples=150)
@given(
    n=st.integers(1, 90),
    m=st.integers(1, 40),
    axes=st.integers(3, 4),
    limit=st.sampled_from([math.inf, 0.0, 1.0, 3.5, 8.0]),
    lattice=st.booleans(),
    seed=st.integers(0, 1000),
)
def test_nearest_points_are_those_of_all_pairs(n, m, axes, limit, lattice, seed):
    rng = np.random.default_rng(seed)
    points, places = rng.normal(0, 4, (n, axes)), rng.normal(2, 4, (m, axes))
    if lattice:  # many equal ones, as centres of voxels have them
        points, places = points.round(), places.round()
    pairs = np.linalg.norm(points - places[:, None], axis=2)
    expected = pairs.min(axis=1, initial=math.inf)
    found = away_mm(points, places, limit)
    clear = np.abs(expected - limit) > 1e-9
    assert np.allclose(found[clear], np.where(expected < limit, expected, math.inf)[clear])
    least = float(expected.min())
    if abs(least - limit) > 1e-9:
        nearest = least if least < limit else math.inf
        assert math.isclose(least_away_mm(points, places, limit), nearest)


@settings(max_examples=100)
@given(
    m=st.integers(1, 60),
    slack=st.sampled_from([0.0, 0.5, 2.0]),
    limit=st.sampled_from([math.inf, 3.5]),
    seed=st.integers(0, 1000),
)
def test_what_is_among_the_least_of_its_group_is_found(m, slack, limit, seed):
    rng = np.random.default_rng(seed)
    points, places = rng.normal(0, 4, (70, 3)), rng.normal(2, 4, (m, 3))
    group = rng.integers(0, 4, m)
    found = away_by_group_mm(points, places, group, limit, slack)
    expected = np.linalg.norm(points - places[:, None], axis=2).min(axis=1)
    expected[expected >= limit] = math.inf
    for number in range(4):
        mine, true = found[group == number], expected[group == number]
        among = true < true.min(initial=math.inf) + slack - 1e-9
        if true.size:
            among[true.argmin()] = True
        assert np.allclose(mine[among], true[among])
        assert np.all(np.isclose(mine, true) | np.isinf(mine))


def test_of_many_points_in_any_order_one_is_nearest():
    rng = np.random.default_rng(0)
    line = np.arange(5000.0)
    for order in (line, line[::-1], rng.permutation(line), np.repeat(line[:50], 100)):
        points = np.column_stack((order, 0 * order, 0 * order))
        places = np.array([[17.25, 0, 2], [-4, 3, 0]])
        assert np.allclose(away_mm(points, places), [math.hypot(0.25, 2), 5])


def test_no_point_is_infinitely_far():
    none, some = np.empty((0, 3)), np.zeros((2, 3))
    assert np.array_equal(away_mm(none, some), [math.inf, math.inf])
    assert least_away_mm(none, some) == least_away_mm(some, none) == math.inf
