"""Scores, readings and clear winners, on drawn labels and on the phantom."""

from __future__ import annotations

import nibabel as nib
import numpy as np
import pytest

import vesalius
from identify.table import body, judge
from vesalius.adapters.identify.fit import NAMES_WEIGHT, PRIOR, fit_of
from vesalius.adapters.identify.ontology_looks import OntologyLooks
from vesalius.adapters.identify.ranking import (
    CLEAR_LEAD,
    LEAST_CHECKED,
    LEAST_LABELS,
    leads_clearly,
    rank,
)
from vesalius.adapters.phantom.predict import clean_prediction
from vesalius.ontology.load import load_scheme

LIVER = (1500.0, (0.0, 0.0, 0.0), (200.0, 150.0, 160.0), False)
TWO_KIDNEYS = (
    (150.0, (-60.0, 0.0, 0.0), (60.0, 60.0, 110.0), False),
    (150.0, (60.0, 0.0, 0.0), (60.0, 60.0, 110.0), False),
)


@pytest.fixture(scope="module")
def female():
    return body("female")


@pytest.fixture(scope="module")
def atlas(female, ontology):
    """A map of many organs, and its affine."""
    made = clean_prediction(female, load_scheme("amos22", ontology), ontology)
    return made.astype(np.uint8), female.grid.affine


def test_the_score_is_what_holds_against_what_is_asked(seen, scheme, ontology):
    right = fit_of(seen(LIVER), scheme("a", {1: "liver"}), OntologyLooks(ontology))
    assert [reason.text() for reason in right.reasons] == [
        "labels 1 of 1", "classes 1 of 1", "volumes 1 of 1", "sizes 1 of 1",
    ]  # fmt: skip
    assert right.score == pytest.approx((2 + PRIOR) / 3)
    wrong = fit_of(seen(LIVER), scheme("a", {1: "gallbladder"}), OntologyLooks(ontology))
    assert wrong.reasons[2].text() == "volumes 0 of 1 (not 1 as gallbladder)"
    assert wrong.score == pytest.approx(PRIOR / 3)


def test_a_label_that_is_not_listed_fits_in_nothing(seen, scheme, ontology):
    fit = fit_of(seen(LIVER, LIVER), scheme("a", {1: "liver"}), OntologyLooks(ontology))
    assert fit.agreement.tolist() == [pytest.approx((2 + PRIOR) / 3), 0]
    assert fit.reasons[0].text() == "labels 1 of 2 (not 2)"


def test_classes_that_the_file_lacks_cost_a_little(seen, scheme, ontology):
    few = fit_of(seen(LIVER), scheme("few", {1: "liver"}), OntologyLooks(ontology))
    many = fit_of(seen(LIVER), scheme("many", {1: "liver", 2: "spleen"}), OntologyLooks(ontology))
    assert few.score - many.score == pytest.approx(0.1)


def test_given_names_outweigh_looks(seen, scheme, ontology):
    what = seen(LIVER, names={1: "gallbladder"})
    named = fit_of(what, scheme("named", {1: "gallbladder"}), OntologyLooks(ontology))
    alike = fit_of(what, scheme("alike", {1: "liver"}), OntologyLooks(ontology))
    assert (named.named, alike.named) == (1, 0)
    assert named.score == pytest.approx((PRIOR / 3 + NAMES_WEIGHT) / (1 + NAMES_WEIGHT))
    assert leads_clearly(named, alike)
    assert not leads_clearly(alike, named)


def test_schemes_that_mean_the_same_stand_together(seen, scheme, ontology):
    given = [
        scheme("b", {1: "kidney_left", 2: "kidney_right", 3: "liver"}),
        scheme("c", {1: "kidney_right", 2: "kidney_left"}),
        scheme("a", {1: "kidney_left", 2: "kidney_right"}),
        scheme("none", {7: "spleen"}),
    ]
    found = rank(seen(*TWO_KIDNEYS), given, ontology)
    assert [reading.schemes for reading in found.readings] == [("a", "b"), ("c",)]
    assert found.best == "a"
    assert (
        found.fit("c").reasons[4].text() == "sides 0 of 2 (not 1 as kidney_right, 2 as kidney_left)"
    )
    assert found.fit("none") is None
    assert found.clear is None  # two labels are too few
    assert found.rivals == ("c",)


class Fit:
    """As much of a fit as is asked for a clear winner."""

    def __init__(self, agreement, reading, checked=LEAST_CHECKED):
        self.agreement, self.reading = np.array(agreement), tuple(reading)
        self.checked, self.named = checked, None


def test_a_clear_winner_leads_by_enough_where_readings_differ():
    n = 20
    other = Fit([0.5] * n, "b" * n)
    assert leads_clearly(Fit([0.5 + CLEAR_LEAD + 1e-9] * n, "a" * n), other)
    assert not leads_clearly(Fit([0.5 + CLEAR_LEAD - 1e-9] * n, "a" * n), other)
    assert not leads_clearly(Fit([1.0] * n, "b" * n), other)
    assert not leads_clearly(Fit([1.0] * n, "a" * n, LEAST_CHECKED - 1), other)


def test_a_clear_winner_leads_by_a_label_in_all():
    lead = LEAST_LABELS / 2
    same = "b" * 5
    other = Fit([0.2] * 7, "bb" + same)
    assert leads_clearly(Fit([0.2 + lead + 1e-9] * 2 + [0.2] * 5, "aa" + same), other)
    assert not leads_clearly(Fit([0.2 + lead - 1e-9] * 2 + [0.2] * 5, "aa" + same), other)


def test_no_map_of_the_phantom_has_a_wrong_clear_winner(female, schemes, ontology):
    judged = list(judge(female, None, schemes, ontology))
    assert [each.scheme for each in judged if each.mistaken] == []
    large = [each for each in judged if each.labels >= LEAST_CHECKED]
    clear = [each for each in large if each.clear]
    # README.md has the figures; a new scheme may cost one.
    assert sum(each.first for each in large) >= 0.95 * len(large)
    assert len(clear) >= 0.5 * len(large)
    assert {"amos22", "dap_atlas", "dap_atlas_released"} <= {each.scheme for each in clear}


def test_every_way_to_give_it_is_identified_alike(atlas, tmp_path):
    array, affine = atlas
    file = tmp_path / "seg.nii.gz"
    nib.save(nib.Nifti1Image(array, affine), file)
    for given in (file, str(file), nib.load(file), (array, affine)):
        found = vesalius.identify(given)
        assert found.clear == "amos22"
        assert found.labels == len(np.unique(array)) - 1
        assert found.table()[0]["scheme"] == "amos22"


def test_masks_are_known_by_their_names(atlas, tmp_path, ontology):
    array, affine = atlas
    for entry in load_scheme("totalsegmentator_v2", ontology).entries[:6]:
        mask = (array == entry.integer).astype(np.uint8)
        nib.save(nib.Nifti1Image(mask, affine), tmp_path / f"{entry.name}.nii.gz")
    found = vesalius.identify(tmp_path)
    assert "totalsegmentator_v2" in found.readings[0].schemes
    assert found.fit("totalsegmentator_v2").reasons[0].text() == "labels 6 of 6"


def test_the_dataset_json_beside_a_file_decides(atlas, tmp_path):
    array, affine = atlas
    nib.save(nib.Nifti1Image((array == 1).astype(np.uint8), affine), tmp_path / "seg.nii.gz")
    assert vesalius.identify(tmp_path / "seg.nii.gz").clear is None
    (tmp_path / "dataset.json").write_text('{"labels": {"background": 0, "pancreas": 1}}')
    found = vesalius.identify(tmp_path / "seg.nii.gz")
    assert found.best == "pancreas_ct_nih"
    assert found.fit("msd_spleen").named == 0
