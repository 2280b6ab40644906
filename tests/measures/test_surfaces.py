"""Figures of surfaces against the whole package surface-distance, and by hand."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage

from vesalius.adapters.measures.surface_figures import (
    PERCENT,
    distances_by_label,
    require_surfaces,
    surface_figures,
)
from vesalius.engine.runs.labelmap import encode
from vesalius.ontology.reading.diagnostics import DiagnosticError

package = pytest.importorskip("surface_distance")
SHAPE = (6, 5, 4)


def runs(mask, spacing, axes=(0, 1, 2)):
    return encode(mask.astype(np.uint8), np.diag([*spacing, 1.0]), axes=axes)


def theirs(pred, truth, spacing):
    with warnings.catch_warnings():
        # It calls scipy by names that scipy has given up.
        warnings.simplefilter("ignore", DeprecationWarning)
        return package.compute_surface_distances(truth, pred, spacing)


def by_distance(found, distances, areas):
    """The area of all elements that are equally far, by distance; what has no area counts too."""
    at, which = np.unique(np.round(found[distances], 6), return_inverse=True)
    return np.stack((at, np.bincount(which.reshape(-1), found[areas], at.size)), axis=1)


def surface_distances(pred, truth):
    return distances_by_label(pred, truth)[1]


def figures_of(pred, truth, tolerance_mm):
    return surface_figures(pred, truth, tolerance_mm)[1]


masks = hnp.arrays(bool, SHAPE)
spacings = st.tuples(*[st.sampled_from([0.7, 1.0, 2.5, 5.0])] * 3)


@settings(max_examples=40, deadline=None)
@given(masks, masks, spacings, st.sampled_from([(0, 1, 2), (2, 1, 0), (1, 0, 2)]))
def test_the_same_as_the_whole_package(pred, truth, spacing, axes):
    assume(pred.any() and truth.any())
    found = surface_distances(runs(pred, spacing, axes), runs(truth, spacing, axes))
    whole = theirs(pred, truth, spacing)
    for side in ("gt", "pred"):
        to = f"distances_{side}_to_{'pred' if side == 'gt' else 'gt'}"
        area = f"surfel_areas_{side}"
        np.testing.assert_allclose(
            by_distance(found, to, area), by_distance(whole, to, area), atol=2e-6
        )


@settings(max_examples=40, deadline=None)
@given(masks, masks, spacings, st.sampled_from([0.0, 1.0, 2.5]))
def test_figures_are_those_of_the_package_to_the_bit(pred, truth, spacing, tolerance_mm):
    assume(pred.any() and truth.any())
    both = runs(pred, spacing), runs(truth, spacing)
    figures, found = figures_of(*both, tolerance_mm), surface_distances(*both)
    one, other = package.compute_average_surface_distance(found)
    one_mm2, other_mm2 = found["surfel_areas_gt"].sum(), found["surfel_areas_pred"].sum()
    assert figures.overlap == package.compute_surface_dice_at_tolerance(found, tolerance_mm)
    assert figures.mean_mm == (one + other) / 2
    assert figures.pooled_mm == (one * one_mm2 + other * other_mm2) / (one_mm2 + other_mm2)
    assert figures.p95_mm == package.compute_robust_hausdorff(found, PERCENT)


def test_figures_of_balls_are_those_of_the_package():
    at = np.indices((30, 28, 20)).astype(float)
    spacing = (1.0, 1.5, 2.5)
    mm = at * np.array(spacing)[:, None, None, None]
    truth = np.linalg.norm(mm - np.array([15, 20, 24])[:, None, None, None], axis=0) < 10
    pred = np.linalg.norm(mm - np.array([17, 20, 26])[:, None, None, None], axis=0) < 9
    found = figures_of(runs(pred, spacing), runs(truth, spacing), 2.0)
    whole = theirs(pred, truth, spacing)
    both = package.compute_average_surface_distance(whole)
    assert found.mean_mm == pytest.approx(np.mean(both))
    assert found.p95_mm == pytest.approx(package.compute_robust_hausdorff(whole, 95))
    assert found.overlap == pytest.approx(package.compute_surface_dice_at_tolerance(whole, 2.0))
    d = np.concatenate([whole["distances_gt_to_pred"], whole["distances_pred_to_gt"]])
    a = np.concatenate([whole["surfel_areas_gt"], whole["surfel_areas_pred"]])
    assert found.pooled_mm == pytest.approx((d * a).sum() / a.sum())


def test_a_slab_moved_by_hand():
    """Two slabs as wide as the volume, 3 mm apart: their faces lie 3 mm from each other."""
    truth = np.zeros((40, 40, 12), bool)
    truth[:, :, 2:5] = True
    pred = np.roll(truth, 3, axis=2)
    found = figures_of(runs(pred, (1, 1, 1)), runs(truth, (1, 1, 1)), 1.0)
    # Of each slab one face touches the other slab, one is 3 mm away, and a thin rim between.
    assert 1.4 < found.mean_mm < 1.6
    assert found.p95_mm == 3.0
    assert 0.45 < found.overlap < 0.6


def distinct(values):
    return np.unique(np.round(values, 6))


def test_distances_by_brute_force_under_shear():
    """Rows of voxels that lean: distances are those of millimetres, not of axes."""
    affine = np.array([[1, 0.4, 0, 0], [0, 1, 0, 0], [0, 0, 2, 0], [0, 0, 0, 1.0]])
    rng = np.random.default_rng(1)
    pred, truth = (ndimage.binary_dilation(rng.random(SHAPE) > 0.9) for _ in range(2))
    found = surface_distances(*(encode(m.astype(np.uint8), affine) for m in (pred, truth)))

    def corners(mask):
        padded = np.pad(mask, 1).astype(int)
        total = sum(
            np.roll(padded, (-a, -b, -c), (0, 1, 2)) for a in (0, 1) for b in (0, 1) for c in (0, 1)
        )
        return np.argwhere((total > 0) & (total < 8)) @ affine[:3, :3].T

    one, other = corners(pred), corners(truth)
    apart = np.linalg.norm(one[:, None] - other[None], axis=2)
    for name, axis in (("pred_to_gt", 1), ("gt_to_pred", 0)):
        assert distinct(found[f"distances_{name}"]) == pytest.approx(distinct(apart.min(axis=axis)))


def test_equal_masks_are_0_apart():
    mask = runs(np.ones(SHAPE, bool), (1, 1, 3))
    found = figures_of(mask, mask, 1.0)
    assert (found.overlap, found.mean_mm, found.pooled_mm, found.p95_mm) == (1, 0, 0, 0)


def test_labels_are_compared_each_with_itself():
    """Two in one pass are what each is alone; what one side lacks has no figures."""
    rng = np.random.default_rng(3)
    blobs = [ndimage.binary_dilation(rng.random((12, 11, 10)) > 0.98) for _ in range(4)]
    pred, truth = (np.where(a, 1, np.where(b, 2, 0)) for a, b in (blobs[:2], blobs[2:]))
    pred[0, 0, 0] = 3
    spacing = (1.0, 0.8, 2.0)
    affine = np.diag([*spacing, 1.0])
    together = surface_figures(*(encode(m.astype(np.uint8), affine) for m in (pred, truth)), 1.0)
    assert sorted(together) == [1, 2]
    for label in (1, 2):
        alone = figures_of(runs(pred == label, spacing), runs(truth == label, spacing), 1.0)
        assert together[label] == alone


def test_without_the_package_it_is_said_how_to_get_it(monkeypatch):
    monkeypatch.setattr("vesalius.adapters.measures.surface_figures.find_spec", lambda _: None)
    with pytest.raises(DiagnosticError) as failed:
        require_surfaces()
    assert failed.value.diagnostics[0].code == "MEA007"


@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (0.7, 2.5, 5.0), (5.0, 0.7, 0.7)])
def test_surfaces_far_apart_and_near_are_those_of_the_package(spacing):
    """Some elements are found by steps on the lattice, others lie beyond them."""
    pred, truth = np.zeros((24, 9, 8), bool), np.zeros((24, 9, 8), bool)
    truth[1:4, 1:4, 1:4] = pred[2:5, 1:4, 1:4] = True
    pred[17:22, 5:8, 4:7] = True
    found = surface_distances(runs(pred, spacing), runs(truth, spacing))
    whole = theirs(pred, truth, spacing)
    for side, other in (("gt", "pred"), ("pred", "gt")):
        names = f"distances_{side}_to_{other}", f"surfel_areas_{side}"
        np.testing.assert_allclose(
            by_distance(found, *names), by_distance(whole, *names), atol=2e-6
        )
    assert found["distances_pred_to_gt"].max() > 13 * min(spacing)
