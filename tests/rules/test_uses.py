"""What rules have to do with structures and anchors."""

from __future__ import annotations

import pytest

from vesalius.ontology.load import load_scheme
from vesalius.ontology.reading.render import render_human
from vesalius.rules.places.describe import fitted_from, how_fitted, implausible, kind_of
from vesalius.rules.uses import anchors_of_scheme, uses_of

RULE = "- id: areas/x\n  summary: x\n"


@pytest.fixture
def uses(read, ontology, anchors):
    def uses(rule: str):
        pack, problems = read(RULE + rule)
        assert pack is not None, render_human(problems)
        (found,) = uses_of(pack, ontology, anchors)
        return dict(found.parts), set(found.anchors)

    return uses


@pytest.mark.parametrize(
    ("rule", "parts", "places"),
    [
        (
            "  for: spleen\n  expect: {touches: liver}\n  repair: {move_to: fat}\n"
            "  when: {present: heart}\n",
            {
                "spleen": ("judges",),
                "liver": ("compares with",),
                "fat": ("may move to",),
                "heart": ("asks for",),
            },
            set(),
        ),
        (
            "  for: [kidney_left, kidney_right]\n  expect: {on_own_side: midline}\n"
            "  repair: swap_side\n",
            {
                "kidney_left": ("judges", "may move to"),
                "kidney_right": ("judges", "may move to"),
            },
            {"midline"},
        ),
        (
            "  for: [kidney_left, kidney_right]\n  expect: {symmetric: {at_most: 2}}\n",
            {"kidney_left": ("judges",), "kidney_right": ("judges", "compares with")},
            set(),
        ),
        (
            "  for: spleen\n  expect: absent\n  where: {inside: right_of_head}\n",
            {"spleen": ("judges",)},
            {"midline", "head_base", "head", "right_of_head"},
        ),
        (
            "  for: spleen\n  expect: {within: belly}\n"
            "  repair: {move_to: {where: [{inside: head, to: brain}], otherwise: background}}\n",
            {"spleen": ("judges",), "brain": ("may move to",)},
            {"belly", "head", "head_base"},
        ),
        (
            "  for: [kidney_left, kidney_right]\n  expect: {components: {at_most: 1}}\n"
            "  repair: {give_fragments_to_neighbour: {sequence: mirror, rest: fat}}\n",
            {
                "kidney_left": ("judges", "may move to"),
                "kidney_right": ("judges", "may move to"),
                "fat": ("may move to",),
            },
            set(),
        ),
        (
            "  for: spleen\n  expect: {components: {at_most: 1}}\n"
            "  repair: {keep: largest, rest: surrounding}\n",
            {"spleen": ("judges",)},
            set(),
        ),
        (
            "  for: spleen\n  expect: {holes: {at_most_ml: 0}}\n  repair: {fill: self}\n",
            {"spleen": ("judges",)},
            set(),
        ),
        (
            "  derive: {hu: [1, 2], to: skull, over: [unlabelled, fat]}\n",
            {"skull": ("makes",), "fat": ("paints over",)},
            set(),
        ),
        ("  derive: {rest_of_body: {to: unknown_tissue}}\n", {"unknown_tissue": ("makes",)}, set()),
    ],
)
def test_parts_and_places(uses, rule, parts, places):
    assert uses(rule) == (parts, places)


def test_a_scheme_that_parts_by_side_needs_the_midline(ontology, tmp_path):
    head = "schema: scheme/1\nscheme: mine\ntitle: Mine\nlabels:\n  1: liver\n"
    path = tmp_path / "mine.yaml"
    path.write_text(head)
    assert anchors_of_scheme(load_scheme(path, ontology)) == frozenset()
    path.write_text(head + "  2: {left: kidney_left, right: kidney_right, unknown: drop}\n")
    assert anchors_of_scheme(load_scheme(path, ontology)) == {"midline"}


def test_anchors_in_words(anchors):
    said = {name: (kind_of(a), how_fitted(a), implausible(a)) for name, a in anchors.items()}
    assert said == {
        "midline": (
            "plane",
            "through the centres, its positive side towards left; through points on a line it also"
            " holds anterior",
            "tilted by more than 25 deg, or points more than 20 mm off it (root mean square)",
        ),
        "head_base": (
            "level",
            "across the direction superior, through the middle one of the centres",
            "",
        ),
        "belly": (
            "box",
            "around the structures along the patient axes, with 10 mm left, 40 mm superior",
            "",
        ),
        "head": ("region", "where all of these relations hold", ""),
        "right_of_head": ("region", "where all of these relations hold", ""),
    }
    assert fitted_from(anchors["right_of_head"]) == ("right_of midline", "inside head")
    assert fitted_from(anchors["belly"]) == ("kidney_left", "kidney_right")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("at: top", "the top"),
        ("at: back, direction: anterior", "the back"),
        ("at: left, direction: right", "the left end"),
    ],
)
def test_ends_of_a_level(read_anchors, written, said):
    found = read_anchors(f"a: {{about: x, kind: level, through: liver, {written}}}\n")
    assert how_fitted(found["a"]).endswith(f", through {said}")
