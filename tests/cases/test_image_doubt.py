"""What labels show of the image beneath them: shifted scales, and places without data."""

import numpy as np
import pytest

import vesalius

SOFT = {"spleen": 1, "kidney_right": 2, "kidney_left": 3, "liver": 5, "pancreas": 7}
VALUES = {1: 50, 2: 40, 3: 40, 5: 60, 7: 40, 6: 20, 21: 10, 52: 60, 10: -750}


@pytest.fixture(scope="module")
def session():
    return vesalius.Session(target="totalsegmentator_v2", select="density/*")


@pytest.fixture(scope="module")
def labels():
    made = np.zeros((30, 20, 20), np.uint8)
    for n, label in enumerate(VALUES):
        made[3 * n : 3 * n + 3, 4:16, 4:16] = label
    return made


@pytest.fixture(scope="module")
def ct(labels):
    values = np.full(labels.shape, -1000.0)
    for label, value in VALUES.items():
        values[labels == label] = value
    return values + np.random.default_rng(1).normal(0, 8, labels.shape)


def remarks(session, labels, ct):
    made = session.lint((labels, np.eye(4) * [8, 8, 8, 1]), (ct, np.eye(4) * [8, 8, 8, 1]))
    found = {d.code: d.message for d in made.remarks if d.code in ("IO019", "IO047")}
    return found, {o.rule.id: o for o in made.outcomes}


def test_values_that_fit_after_one_shift_are_no_hounsfield_units(session, labels, ct):
    found, outcomes = remarks(session, labels, ct + 250)
    assert "structures have values as they should if" in found["IO019"]
    assert "taken off" in found["IO019"]
    assert outcomes["density/plausible"].status == "skipped"


def test_an_mr_image_is_no_ct_whatever_its_lowest_value(session, labels):
    rng = np.random.default_rng(2)
    mr = np.abs(rng.normal(0, 20, labels.shape)) - 30
    for label in VALUES:
        inside = labels == label
        mr[inside] = rng.normal(300 + 60 * label % 350, 25, np.count_nonzero(inside))
    found, outcomes = remarks(session, labels, mr)
    assert "have values as never, and there is no air" in found["IO019"]
    assert outcomes["density/plausible"].status == "skipped"


@pytest.mark.parametrize("change", [0, 20, -20])
def test_a_ct_beneath_its_labels_is_believed(session, labels, ct, change):
    found, outcomes = remarks(session, labels, ct + change)
    assert found == {}
    assert outcomes["density/plausible"].status != "skipped"


def test_labels_that_lie_elsewhere_are_not_the_fault_of_the_scale(session, labels, ct):
    found, _ = remarks(session, np.roll(labels, 9, axis=1), ct)
    assert "IO019" not in found


@pytest.mark.parametrize(
    ("value", "believed"), [(-140, True), (55, True), (190, True), (-160, False), (215, False)]
)
def test_labels_elsewhere_in_a_crop_without_air_are_an_error(labels, value, believed):
    """What lungs name is muscle or fat, and no voxel of a close crop need be air: this is no MR."""
    session = vesalius.Session(
        target="totalsegmentator_v2", select=("density/*", "sources/in-the-image")
    )
    lungs = labels.copy()
    for organ, lung in {6: 11, 21: 12, 52: 13, 7: 14}.items():
        lungs[labels == organ] = lung
    crop = np.random.default_rng(4).normal(value, 12, labels.shape)
    # The rest is of all densities, as bones and fat are, so that the whole is no MR by its values.
    crop[labels == 0] = np.random.default_rng(5).uniform(-130, 400, np.count_nonzero(labels == 0))
    found, outcomes = remarks(session, lungs, crop)
    assert ("IO019" in found) != believed
    assert outcomes["sources/in-the-image"].status == ("violated" if believed else "skipped")


@pytest.mark.parametrize("change", [{"taken": -5000, "times": 0.1}, {"taken": 250, "times": 1.0}])
def test_voxels_without_a_number_are_counted_in_what_is_no_ct_too(session, labels, ct, change):
    holed = (ct + change["taken"]) * change["times"]
    holed[labels == 5] = np.nan
    found, _ = remarks(session, labels, holed)
    assert "rules that need a CT are skipped" in found["IO019"]
    assert "liver 432 of 432 voxels" in found["IO047"]
    assert "padded" not in found["IO047"]


def test_voxels_without_a_number_are_counted_by_structure(session, labels, ct):
    holed = ct.copy()
    holed[labels == 5] = np.nan
    holed[:1][labels[:1] == 1] = np.inf
    found, outcomes = remarks(session, labels, holed)
    lost = np.count_nonzero(~np.isfinite(holed))
    assert f"no value (NaN, infinity or beyond 262,144) in {lost:,} voxels" in found["IO047"]
    assert "liver 432 of 432 voxels, spleen 144 of 432 voxels" in found["IO047"]
    density = outcomes["density/plausible"]
    assert "the image has no value in liver" in density.reason
    assert "the image has no value in 144 of 432 voxels of spleen" in density.reason


def test_a_few_voxels_without_a_number_are_told_and_hide_nothing(session, labels, ct):
    holed = ct.copy()
    holed[
        (labels == 5) & (np.indices(labels.shape)[2] == 4) & (np.indices(labels.shape)[0] < 10)
    ] = np.nan
    holed[labels == 5] += 340
    found, outcomes = remarks(session, labels, holed)
    assert "liver 12 of 432 voxels" in found["IO047"]
    assert outcomes["density/plausible"].status == "violated"


def test_labels_in_padding_are_counted(session, labels, ct):
    padded = np.maximum(ct, -1023)
    padded[:, 14:] = -1024
    found, _ = remarks(session, labels, padded)
    assert "the image is padded with -1024" in found["IO047"]
    assert "liver 72 of 432 voxels" in found["IO047"]
    assert "lung_upper_lobe_left" not in found["IO047"]
