"""Every row of the reference table of the 143 labels equals what the ontology says of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from vesalius.ontology.graph import Ontology

Row = dict[str, str]

# Where the ontology says something else than the table, and why.
DEVIATIONS = {
    ("trachea", "level"): "the table paints it at 50 with the vessels, but calls it an organ",
    ("fat", "aliases"): "subcutaneous_fat is a structure of its own, a part of fat",
    ("sternum_body", "aliases"): "sternum is a structure of its own, the whole bone",
    **{
        (name, "color"): "the table gives it none, or that of another structure of the scheme"
        for name in (
            *("breast_left", "breast_right", "cheek_left", "cheek_right", "nasal_cavity"),
            *("uterocervix", "thyroid_gland_right", "sternum_body", "heart_tissue"),
            *("celiac_trunk", "eyeball_right", "internal_carotid_artery_right"),
            "internal_jugular_vein_right",
        )
    },
    ("uterocervix", "sct"): "codes.csv proposes the code of the uterus, as a broader one",
}
LEVEL_OF_ORGANS = {"skeletal": "bone", "muscular": "muscle"}
PIECES = {"single": "one", "fragmented": "many"}
CUT = {
    "never": "never",
    "voxel-wise ok if the plane passes its check": "voxels",
    "component-wise": "components",
    "component-wise only (lung may herniate across the midline)": "components",
    "never voxel-wise (crosses or touches the midline); component-wise with caution": (
        "components_with_care"
    ),
}
MATCH = {
    "exact": "exact",
    "broader": "broader",
    "closest": "closest",
    "composed": "composed",
    "broader (hip region)": "broader",
    "narrower: erector spinae muscle group": "narrower",
    # The code of the word, not of what the label holds.
    "literal": "closest",
    "literal; content like UBERON:0001831 parotid gland": "closest",
}


def _numbers(low: str, high: str) -> tuple[float, float]:
    return float(low), float(high)


def _level(row: Row) -> str:
    # The table has bones and muscles as organs and tells them apart by the merge order only.
    if row["merge_level"] == "organ":
        return LEVEL_OF_ORGANS.get(row["system"], "organ")
    return row["merge_level"]


COLUMNS: dict[str, Callable[[Row], Any]] = {
    "level": _level,
    "system": lambda row: row["system"],
    "side": lambda row: row["laterality"],
    "mirror": lambda row: row["counterpart"] or None,
    "sex": lambda row: row["sex"],
    "region": lambda row: tuple(row["regions"].split(";")),
    "vertebral_level": lambda row: (row["level_cranial_max"], row["level_caudal_max"]),
    "components": lambda row: PIECES[row["expected_components"]],
    "may_be_absent": lambda row: row["may_be_absent"],
    "fov_truncated": lambda row: row["fov_truncated"],
    # "likely" (the heart) is a class of its own in every source, so it counts as none.
    "residual": lambda row: row["residual_class"] == "yes",
    "volume_ml": lambda row: _numbers(row["vol_ml_min"], row["vol_ml_max"]),
    "volume_confidence": lambda row: row["vol_confidence"],
    "hu": lambda row: _numbers(row["hu_mean_min"], row["hu_mean_max"]),
    "midline_cut": lambda row: CUT[row["plane_split_advice"]],
    "paper_split": lambda row: row["repo_lr_split"] == "yes",
    "paper_fragments": lambda row: row["repo_fragment_policy"].split()[0],
    "color": lambda row: tuple(map(int, row["rgb"].split(","))) if row["rgb"] else None,
}


@pytest.mark.parametrize("attribute", COLUMNS)
def test_attribute_equals_the_table(attribute: str, ontology: Ontology, labels: list[Row]) -> None:
    expected = {row["canonical_name"]: COLUMNS[attribute](row) for row in labels}
    found = {name: ontology.get(name, attribute) for name in expected}
    differ = {name for name in expected if found[name] != expected[name]}
    assert differ == {name for name, column in DEVIATIONS if column == attribute}


@pytest.mark.parametrize("system", ["sct", "uberon", "fma"])
def test_codes_equal_the_table(system: str, ontology: Ontology, labels: list[Row]) -> None:
    for row in labels:
        name = row["canonical_name"]
        code = next((c for c in ontology.structures[name].codes if c.system == system), None)
        if not row[f"{system}_id" if system != "sct" else "sct_code"]:
            own = code is not None and code.inherited_from is None
            assert own == ((name, system) in DEVIATIONS), f"{name} has a code of its own"
            continue
        assert code is not None, f"{name} has no {system} code"
        assert code.code == row["sct_code" if system == "sct" else f"{system}_id"], name
        match = MATCH[row[f"{system}_match"]]
        modifier = region = ""
        if system == "sct":
            modifier, region = row["sct_laterality_code"], row["sct_region_code"]
            # An exact code of the type, made exact for the side by the modifier.
            match = "composed" if modifier and match == "exact" else match
        assert (code.modifier.code if code.modifier else "") == modifier, name
        assert (code.region.code if code.region else "") == region, name
        assert code.match == match, name


def test_codes_the_table_leaves_empty_come_from_a_parent_only(
    ontology: Ontology, labels: list[Row]
) -> None:
    own = {
        (row["canonical_name"], system)
        for row in labels
        for system, column in (("sct", "sct_code"), ("uberon", "uberon_id"), ("fma", "fma_id"))
        if not row[column]
        for code in ontology.structures[row["canonical_name"]].codes
        if code.system == system and code.inherited_from is None
    }
    assert own == {key for key in DEVIATIONS if key[1] in ("sct", "uberon", "fma")}


def test_aliases_and_display_names_resolve(ontology: Ontology, labels: list[Row]) -> None:
    failed = set()
    for row in labels:
        name = row["canonical_name"]
        words = [word.split(" (")[0] for word in row["aliases"].split(";")]
        words += [row["display_name"], row["repo_csv_name"]]
        for word in filter(None, map(str.strip, words)):
            # Costa numbers run against anatomy: only a scheme may say what they mean.
            if "costa" in word.lower() or word.startswith("(absent"):
                continue
            if ontology.resolve(word) != (name,):
                failed.add((name, "aliases"))
    assert failed == {key for key in DEVIATIONS if key[1] == "aliases"}


def test_costa_numbers_are_no_aliases(ontology: Ontology) -> None:
    assert [ontology.resolve(f"costa {k} left") for k in range(1, 13)] == [()] * 12


def test_painting_order_follows_the_merge_order(ontology: Ontology, labels: list[Row]) -> None:
    rank = {
        row["canonical_name"]: (
            ontology.rank_of("level", ontology.get(row["canonical_name"], "level")),
            ontology.get(row["canonical_name"], "priority"),
        )
        for row in labels
    }
    order = {row["canonical_name"]: int(row["merge_order"]) for row in labels}
    wrong = [(a, b) for a in order for b in order if order[a] < order[b] and rank[a] >= rank[b]]
    assert wrong == []


def test_totalsegmentator_names_are_ours(ontology: Ontology, labels: list[Row]) -> None:
    for row in labels:
        for column in ("ts_v1_name", "ts_v2_name"):
            name = row[column]
            if name and "(broader)" not in name:
                assert ontology.resolve(name) == (row["canonical_name"],)
