"""Each kind of evidence: what it asks, what holds and what does not, with its limits."""

from __future__ import annotations

import numpy as np
import pytest

from vesalius.adapters.identify.evidence import heights, orders, sides, sizes, volumes

NAN = np.nan


def row(volume_ml=100.0, x=0.0, z=0.0, size=(50.0, 50.0, 50.0), cut=False):
    return (volume_ml, (x, 0.0, z), size, cut)


def said(shares):
    return [None if np.isnan(share) else float(share) for share in shares]


def test_volumes_hold_up_to_both_limits_and_a_cut_structure_may_be_small(supposed, ontology):
    low, high = ontology.get("liver", "volume_ml")
    rows = [row(low), row(high), row(low - 1), row(high + 1)]
    assert said(volumes(supposed(["liver"] * 4, *rows))) == [1, 1, 0, 0]
    rows = [row(low - 1, cut=True), row(high + 1, cut=True)]
    assert said(volumes(supposed(["liver"] * 2, *rows))) == [1, 0]


def test_the_volume_of_a_pair_is_written_of_one_side(supposed, ontology):
    assert ontology.get("kidney", "components") == "two"
    _, high = ontology.get("kidney", "volume_ml")
    assert said(volumes(supposed(["kidney"] * 2, row(2 * high), row(2 * high + 1)))) == [1, 0]


def test_a_class_of_several_structures_may_be_as_large_as_any_of_them(supposed, ontology):
    low, high = (ontology.get(name, "volume_ml") for name in ("prostate", "uterus"))
    either = [("prostate", "uterus")] * 2
    largest = max(low[1], high[1])
    assert said(volumes(supposed(either, row(largest), row(largest + 1)))) == [1, 0]
    assert said(volumes(supposed([()], row()))) == [None]


@pytest.mark.parametrize(
    ("factor", "holds"), [(1.0, 1), (1.99, 1), (2.01, 0), (0.51, 1), (0.49, 0)]
)
def test_sizes_may_differ_by_half(supposed, ontology, factor, holds):
    usual = np.array(ontology.get("liver", "usual_size_mm"), float)
    assert said(sizes(supposed(["liver"], row(size=usual * factor)))) == [holds]
    assert said(sizes(supposed(["liver"], row(size=usual * factor, cut=True)))) == [None]


def test_one_odd_side_of_a_box_does_not_count(supposed, ontology):
    usual = np.array(ontology.get("liver", "usual_size_mm"), float)
    assert said(sizes(supposed(["liver"], row(size=usual * (1, 1, 9))))) == [1]
    assert said(sizes(supposed(["liver"], row(size=usual * (1, 9, 9))))) == [0]


def test_partners_lie_on_their_sides(supposed):
    names = ["kidney_left", "kidney_right"]
    assert said(sides(supposed(names, row(x=-40), row(x=30)))) == [1, 1]
    assert said(sides(supposed(names, row(x=30), row(x=-40)))) == [0, 0]
    # Both left of the origin: what counts is how they lie to each other.
    assert said(sides(supposed(names, row(x=-90), row(x=-20)))) == [1, 1]


def test_what_has_no_partner_there_is_held_against_the_middle(supposed):
    names = ["kidney_left", "sacrum"]
    assert said(sides(supposed(names, row(x=-70), row(x=-30)))) == [1, None]
    assert said(sides(supposed(names, row(x=-10), row(x=-30)))) == [0, None]
    assert said(sides(supposed(["kidney_left", "liver"], row(x=-10), row(x=30)))) == [None, None]


def test_what_lies_at_other_levels_of_the_spine_lies_above_or_below(supposed):
    names = ["brain", "urinary_bladder", "liver"]
    right = [row(z=600), row(z=-100), row(z=200)]
    assert said(heights(supposed(names, *right))) == [1, 1, 1]
    upside_down = [row(z=-600), row(z=100), row(z=-200)]
    assert said(heights(supposed(names, *upside_down))) == [0, 0, 0]
    assert said(heights(supposed(["liver", "spleen"], row(z=0), row(z=90)))) == [None, None]


def test_members_of_a_family_follow_each_other(supposed):
    names = ["vertebrae_T9", "vertebrae_T10", "vertebrae_T11"]
    assert said(orders(supposed(names, row(z=60), row(z=30), row(z=0)))) == [1, 1, 1]
    assert said(orders(supposed(names, row(z=0), row(z=30), row(z=60)))) == [0, 0, 0]
    assert said(orders(supposed(names, row(z=60), row(z=0), row(z=30)))) == [1, 0.5, 0.5]
    assert said(orders(supposed(names[:1], row()))) == [None]


def test_two_labels_of_one_structure_have_no_place_of_their_own(supposed):
    names = ["kidney_left", "kidney_left", "kidney_right"]
    rows = [row(x=30), row(x=-30), row(x=40)]
    assert said(sides(supposed(names, *rows))) == [None, None, None]
