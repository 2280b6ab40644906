"""Anchors from YAML, and boxes and levels against plain numpy."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import ndimage

from vesalius.engine.merge.anchors import TIE_MM, fit_anchors
from vesalius.engine.plan.check import plan_problems
from vesalius.engine.plan.plan import BoxAnchor, LevelAnchor, Plan, WorkLabel
from vesalius.engine.runs.grid import Grid
from vesalius.engine.runs.labelmap import encode
from vesalius.rules.places import BoxSpec, LevelSpec, PlaneSpec, RegionSpec, midline_of


def test_kinds(anchors):
    kinds = {name: type(spec) for name, spec in anchors.items()}
    assert kinds == {
        "midline": PlaneSpec,
        "head_base": LevelSpec,
        "belly": BoxSpec,
        "head": RegionSpec,
        "right_of_head": RegionSpec,
    }
    assert midline_of(anchors) is anchors["midline"]
    assert midline_of({}) is None
    assert midline_of({"midline": anchors["belly"]}) is None


def test_margins(anchors, read_anchors):
    assert anchors["belly"].margin_low_mm == (10, 0, 0)
    assert anchors["belly"].margin_high_mm == (0, 0, 40)
    box = read_anchors("b: {about: x, kind: box, around: liver, margin_mm: 5}\n")["b"]
    assert box.margin_low_mm == box.margin_high_mm == (5, 5, 5)
    assert box.at_least == 1


@pytest.mark.parametrize(
    ("more", "direction", "at"),
    [
        ("", (0.0, 0.0, 1.0), "centre"),
        ("at: top", (0.0, 0.0, 1.0), "far"),
        ("at: bottom", (0.0, 0.0, 1.0), "near"),
        ("direction: inferior, at: top", (0.0, 0.0, -1.0), "near"),
        ("direction: anterior, at: back", (0.0, 1.0, 0.0), "near"),
        ("direction: right, at: right", (1.0, 0.0, 0.0), "far"),
    ],
)
def test_ends_of_levels(more, direction, at, read_anchors):
    level = read_anchors(f"a: {{about: x, kind: level, through: [liver, spleen], {more}}}\n")["a"]
    assert (level.direction, level.at) == (direction, at)
    assert (level.at_least, level.combine) == (2, "mean")


def test_at_least_as_a_number(read_anchors):
    lines = (
        "a: {about: x, kind: level, through: [liver, spleen], at_least: 1, at: top, "
        "combine: outermost}\n"
    )
    level = read_anchors(lines)["a"]
    assert (level.at_least, level.combine) == (1, "outermost")


def test_the_shipped_anchors_load(ontology):
    from vesalius.rules.places import load_anchors

    assert midline_of(load_anchors(ontology)) is not None


def _volume():
    rng = np.random.default_rng(5)
    array = np.zeros((9, 8, 7), dtype=np.uint8)
    for label in (1, 2, 3):
        array[tuple(rng.integers(0, n, 12) for n in array.shape)] = label
    affine = np.diag([2.0, 1.5, 3.0, 1.0])
    affine[:3, 3] = (-7.0, 11.0, 40.0)
    return array, affine


def _oriented(array, affine):
    """The same voxels in all axis orders and flips."""
    for order in itertools.permutations(range(3)):
        for flips in itertools.product((False, True), repeat=3):
            turned, matrix = array.transpose(order), affine.copy()
            matrix[:3, :3] = affine[:3, :3][:, list(order)]
            for axis, flip in enumerate(flips):
                if flip:
                    turned = np.flip(turned, axis)
                    matrix[:3, 3] += matrix[:3, axis] * (turned.shape[axis] - 1)
                    matrix[:3, axis] *= -1
            yield turned, matrix


def _positions(array, affine, label):
    return np.argwhere(array == label) @ affine[:3, :3].T + affine[:3, 3]


def test_a_box_in_all_orientations():
    array, affine = _volume()
    low, high = (1.0, 0.0, 2.0), (0.0, -1.0, 4.0)
    points = np.vstack([_positions(array, affine, label) for label in (1, 2)])
    corner_low, corner_high = points.min(axis=0) - low, points.max(axis=0) + high
    for turned, matrix in _oriented(array, affine):
        (fit,) = fit_anchors([BoxAnchor("b", (1, 2, 9), 2, low, high)], encode(turned, matrix))
        assert fit.fitted
        assert fit.n_points == 2
        assert fit.low_mm == pytest.approx(corner_low)
        assert fit.high_mm == pytest.approx(corner_high)
        everywhere = Grid(turned.shape, matrix).to_mm(np.argwhere(np.ones(turned.shape)))
        inside = np.ones(len(everywhere), dtype=bool)
        for plane in fit.half_spaces():
            inside &= everywhere @ np.array(plane.normal) >= plane.offset_mm
        near = TIE_MM / 2
        expected = np.all(
            (everywhere >= corner_low - near) & (everywhere <= corner_high + near), axis=1
        )
        assert np.array_equal(inside, expected)
        assert 0 < inside.sum() < inside.size


def test_a_box_has_no_single_plane():
    array, affine = _volume()
    missing, box = fit_anchors(
        [BoxAnchor("m", (1, 9), 2), BoxAnchor("b", (1,), 1)], encode(array, affine)
    )
    assert missing.status == "missing"
    assert missing.reason == "1 of 2 points present, 2 needed"
    for fit, text in ((missing, "missing"), (box, "no one plane")):
        with pytest.raises(ValueError, match=text):
            fit.half_space()
    with pytest.raises(ValueError, match="missing"):
        missing.half_spaces()


def _main_pieces(array):
    """Keep the largest pieces of each label, of which voxels that touch at a corner are one."""
    kept = np.zeros_like(array)
    for label in np.unique(array[array > 0]):
        pieces, _ = ndimage.label(array == label, np.ones((3, 3, 3)))
        sizes = np.bincount(pieces.ravel())[1:]
        main = 1 + np.flatnonzero(sizes == sizes.max())
        kept[np.isin(pieces, main)] = label
    return kept


@pytest.mark.parametrize("at", ["far", "near"])
@pytest.mark.parametrize("combine", ["mean", "outermost"])
def test_ends_combined(at, combine):
    array, affine = _volume()
    direction = np.array((0.6, 0.0, -0.8))
    heights = [_positions(_main_pieces(array), affine, label) @ direction for label in (1, 2, 3)]
    ends = [part.max() if at == "far" else part.min() for part in heights]
    outermost = max(ends) if at == "far" else min(ends)
    anchor = LevelAnchor("l", (1, 2, 3), 3, tuple(direction), at, combine)
    (fit,) = fit_anchors([anchor], encode(array, affine))
    assert fit.offset_mm == pytest.approx(np.mean(ends) if combine == "mean" else outermost)


def test_a_plan_with_a_wrong_box():
    plan = Plan(
        "t",
        (WorkLabel(1, "one", 1, 0, (), 1),),
        (),
        (
            BoxAnchor("a", (1,), 1, (float("nan"), 0, 0)),
            LevelAnchor("b", (1,), 1, (0, 0, 1), combine="median"),
        ),
    )
    assert plan_problems(plan) == (
        "anchor 'a': a margin is nan, not a finite length",
        "anchor 'b': combine is 'median', not mean or outermost",
    )
