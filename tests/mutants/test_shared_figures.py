"""Each figure of `anchors.yaml` and `defaults.yaml`: changed, a test of some rule fails."""

from __future__ import annotations

from pathlib import Path

import pytest
from mutants.shared_figures import (
    WRITTEN,
    anchor_figures,
    unshown_anchors,
    unshown_defaults,
)
from mutants.thresholds import Shown

import vesalius.rules
from shipped_packs import shipped_pack
from vesalius.ontology.load import load_ontology
from vesalius.ontology.reading.document import load_document
from vesalius.ontology.reading.validation import value_at
from vesalius.rules.defaults import default
from vesalius.rules.library import load_pack
from vesalius.rules.pack_places import pack_paths
from vesalius.rules.places import load_anchors

PICTURES = Path(__file__).parent / "shared" / "pack.yaml"


@pytest.fixture(scope="module")
def known():
    ontology = load_ontology()
    return ontology, load_anchors(ontology)


@pytest.fixture(scope="module")
def packs(known):
    return [*map(shipped_pack, pack_paths()), load_pack(PICTURES, *known)]


def test_every_default_has_its_place_in_a_form():
    written = value_at(load_document(Path(vesalius.rules.__file__).parent / "defaults.yaml"), ())
    assert set(written) == {*WRITTEN, "outlier_factor"}
    for name, (form, key) in WRITTEN.items():
        held = form.model_fields[key].get_default(call_default_factory=True)
        assert held == default(name), name


def test_the_pictures_end_as_drawn(packs, known):
    shown = Shown(packs[-1], *known)
    assert {rule.id: shown.fails(rule) for rule in packs[-1].rules if shown.fails(rule)} == {}


def test_each_default_is_shown_by_a_test(packs, known):
    assert unshown_defaults(packs, *known) == {}


def test_each_figure_of_an_anchor_is_shown_by_a_test(packs, known):
    assert unshown_anchors(packs, *known) == {}


def test_what_no_picture_shows_is_found(packs, known):
    """Without the pictures beside this file figures are left that the shipped packs do not show."""
    left = unshown_defaults(packs[:-1], *known)
    assert left["tapering_at_least_mm2"] == [0.0]
    assert "hu_at_least" in left
    names = {figure.name for figure in anchor_figures(known[1])}
    assert set(unshown_anchors([], *known)) == names
    assert {
        "midline: at_least 4",
        "throat: margin_high_mm z 20",
        "lower_belly: at_least 1",
    } <= names
