"""Volumes, ratios and mean values by hand."""

import numpy as np
import pytest

from vesalius.engine.kinds import MeanHu, Volume, VolumeRatio, judge

BLOCK = np.zeros((8, 8, 8), dtype=int)
BLOCK[1:4, 1:4, 1:4] = 1
BLOCK[5:7, 5:7, 5:7] = 2


def test_volumes_are_measured_by_the_determinant(make_case):
    affine = np.diag([2.0, 3.0, 5.0, 1.0])
    affine[0, 1] = 1.0
    context = make_case(BLOCK, affine).context()
    # 27 voxels of 30 mm3, skewed or not.
    assert judge(Volume((1,), 0.81, 0.81), context).holds
    verdict = judge(Volume((1, 2), 0.82, None), context)
    assert [(f.kind, f.labels, f.voxels, f.ml) for f in verdict.findings] == [
        ("too small", (1,), 27, 0.81),
        ("too small", (2,), 8, 0.24),
    ]
    assert verdict.faults.voxels.tolist() == [27, 8]
    large = judge(Volume((2,), None, 0.2), context)
    assert large.findings[0].values == (("ml", 0.24), ("at_most_ml", 0.2))


def test_labels_together(make_case):
    context = make_case(BLOCK, (10, 10, 10)).context()
    assert judge(Volume((1, 2, 3), 35.0, 35.0, joint=True), context).holds
    verdict = judge(Volume((1, 2, 3), 36.0, None, joint=True), context)
    assert [(f.kind, f.labels, f.voxels) for f in verdict.findings] == [("too small", (1, 2), 35)]
    assert len(verdict.faults) == 2


def test_cut_labels_are_not_judged(make_case):
    array = BLOCK.copy()
    array[0, 1, 1] = 1
    context = make_case(array).context()
    reason = "label 1 is cut by the border of the scan"
    assert judge(Volume((1,), 99.0), context).missing == reason
    assert judge(Volume((1, 2), 99.0, joint=True), context).missing == reason
    assert [f.labels for f in judge(Volume((1, 2), 99.0), context).findings] == [(2,)]
    assert judge(VolumeRatio((1,), (2,), 99.0), context).missing == reason


def test_absent_labels_are_neither_small_nor_large(make_case):
    context = make_case(BLOCK).context()
    assert judge(Volume((7,), 1.0), context).holds
    assert judge(Volume((7,), 1.0, joint=True), context).holds


@pytest.mark.parametrize(
    ("at_least", "at_most", "kind"),
    [(3.375, 3.375, None), (3.4, None, "too small a ratio"), (None, 3.3, "too large a ratio")],
)
def test_ratios(make_case, at_least, at_most, kind):
    verdict = judge(VolumeRatio((1,), (2,), at_least, at_most), make_case(BLOCK).context())
    assert [f.kind for f in verdict.findings] == ([] if kind is None else [kind])
    assert verdict.missing is None
    assert verdict.faults is None


def test_a_ratio_needs_both_sides(make_case):
    context = make_case(BLOCK).context()
    assert judge(VolumeRatio((1,), (7,), 1.0), context).missing == "absent: label 7"
    many = (3, 4, 5, 6, 7)
    assert judge(VolumeRatio(many, (1,), 1.0), context).missing == (
        "absent: label 3, label 4, label 5 and 2 more"
    )


def test_means_of_the_image(make_case):
    image = np.full(BLOCK.shape, -1000, dtype=np.int16)
    image[BLOCK == 1] = 40
    image[1, 1, 1] = 41
    context = make_case(BLOCK, image=image).context()
    mean = 40 + 1 / 27
    assert judge(MeanHu((1,), 40.0, 40.1), context).holds
    verdict = judge(MeanHu((1, 2), 40.1, None), context)
    assert [(f.labels, f.values[0]) for f in verdict.findings] == [
        ((1,), ("mean_hu", round(mean, 6))),
        ((2,), ("mean_hu", -1000.0)),
    ]
    assert [f.kind for f in judge(MeanHu((1,), None, 40.0), context).findings] == ["too bright"]


def test_values_that_are_no_numbers_do_not_count(make_case):
    image = np.full(BLOCK.shape, 40.0)
    image[BLOCK == 2] = np.nan
    image[1, 1, 1] = np.inf
    context = make_case(BLOCK, image=image).context()
    assert judge(MeanHu((1,), 40.0, 40.0), context).holds
    assert judge(MeanHu((2,), 40.0, 40.0), context).missing == "the image has no value in label 2"


def test_without_an_image_nothing_can_be_said(make_case):
    context = make_case(BLOCK).context()
    assert judge(MeanHu((1,), 0.0), context).missing == "the case has no image in HU"


def test_sums_of_floats_do_not_depend_on_the_order(make_case):
    rng = np.random.default_rng(1)
    values = rng.normal(0, 1000, 27) * rng.choice([1, 1e-3], 27)
    means = set()
    for _ in range(20):
        image = np.zeros(BLOCK.shape)
        image[BLOCK == 1] = rng.permutation(values)
        verdict = judge(MeanHu((1,), 1e5), make_case(BLOCK, image=image).context())
        means.add(verdict.findings[0].values[0][1])
    assert len(means) == 1
    assert means.pop() == pytest.approx(values.mean(), abs=1e-3)
