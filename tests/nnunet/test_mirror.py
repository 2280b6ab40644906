"""Mirror pairs of classes, and how patches are mirrored."""

from __future__ import annotations

import pytest

from vesalius.adapters.nnunet.label_ids import label_ids
from vesalius.adapters.nnunet.mirror_pairs import MirroredClasses, mirror_pairs, mirrored
from vesalius.adapters.nnunet.mirror_rule import mirror_rule
from vesalius.ontology.scheme.meaning import ByPlace, BySex, BySide, Drop, Place, To

LEFT, RIGHT = To("kidney_left"), To("kidney_right")


def test_a_class_divided_by_the_midline_is_its_own_mirror_image(ontology):
    target = BySide(left=LEFT, right=RIGHT, unknown=To("kidney"))
    assert mirrored(target, ontology) == target


def test_conditions_are_mirrored_inside(ontology):
    sex = BySex(male=LEFT, female=Drop(), unknown=To("liver"))
    assert mirrored(sex, ontology) == BySex(RIGHT, Drop(), To("liver"))
    place = ByPlace((Place("above", "kidney_left", LEFT),), Drop(), RIGHT)
    expected = ByPlace((Place("above", "kidney_right", RIGHT),), Drop(), LEFT)
    assert mirrored(place, ontology) == expected


def test_pairs_and_classes_on_one_side_only(ontology):
    classes = {1: To("liver"), 2: RIGHT, 3: LEFT, 4: To("adrenal_gland_left"), 5: To("kidney")}
    assert mirror_pairs(classes, ontology) == MirroredClasses(((2, 3),), (4,), ())


def test_two_classes_of_one_structure_have_no_one_partner(ontology):
    classes = {1: LEFT, 2: LEFT, 3: RIGHT}
    assert mirror_pairs(classes, ontology) == MirroredClasses((), (1, 2, 3), ())


def test_classes_of_one_side_that_nothing_mirrors(ontology):
    """The middle lobe has no partner; a chamber of the heart is called left, but has no side."""
    lobe = To("lung_middle_lobe_right")
    divided = BySide(left=Drop(), right=lobe, unknown=Drop())
    classes = {1: lobe, 2: To("heart_atrium_left"), 3: divided, 4: RIGHT, 5: LEFT}
    assert mirror_pairs(classes, ontology).alone == (1, 3)


@pytest.fixture
def data(tmp_path, write_scheme, ontology):
    ids = label_ids(write_scheme(tmp_path), ontology)
    orientation = {"images": ["LPS"], "reader": "SimpleITKIO", "left_right_axis": 2}
    return {"vesalius": {**ids.to_json(), "orientation": orientation}}


@pytest.mark.parametrize(
    ("transpose", "dimensions", "plain", "swapped"),
    [
        ((0, 1, 2), 3, (0, 1), 2),
        ((2, 0, 1), 3, (1, 2), 0),
        ((1, 0, 2), 3, (0, 1), 2),
        ((1, 2, 0), 3, (0, 2), 1),
        ((0, 1, 2), 2, (0,), 1),
        ((1, 2, 0), 2, (1,), 0),
        ((2, 0, 1), 2, (0, 1), None),  # slices along the axis across the patient
    ],
)
def test_the_axis_follows_the_transposition_of_the_plans(
    data, transpose, dimensions, plain, swapped
):
    rule = mirror_rule(data, transpose, dimensions)
    assert (rule.plain, rule.swapped, rule.pairs) == (plain, swapped, ((2, 3),))
    assert rule.axes == tuple(range(dimensions))


def test_reasons_not_to_swap(data, ontology, write_scheme, tmp_path):
    with pytest.raises(ValueError, match="vesalius nnunet export"):
        mirror_rule({"labels": {}}, (0, 1, 2), 3)
    data["vesalius"]["orientation"] = {"images": ["LPS", "PIR"], "left_right_axis": None}
    with pytest.raises(ValueError, match="LPS, PIR"):
        mirror_rule(data, (0, 1, 2), 3)
    text = "schema: scheme/1\nscheme: half\ntitle: Half\nlabels:\n  1: kidney_left\n"
    half = label_ids(write_scheme(tmp_path, text), ontology).to_json()
    with pytest.raises(ValueError, match="kidney_left without the partner"):
        mirror_rule({"vesalius": half}, (0, 1, 2), 3)
