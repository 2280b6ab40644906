"""Every scheme has the integers and the class names of its reference table."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from vesalius.ontology.load import scheme_paths
from vesalius.ontology.scheme.meaning import To
from vesalius.ontology.scheme.scheme import Scheme

GetScheme = Callable[[str], Scheme]
GetTable = Callable[[str], dict[int, str]]

TABLE_OF = {"amos22": "amos", "dap_atlas_released": "dap_atlas"}
# No table of source integers exists: the reference lists guesses under `?1`, `?2` ...; two were
# read elsewhere, `test_schemes` holds them against tables that they share integers with.
WITHOUT_TABLE = {"bca_koitka2021", "spineps_vertebrae", "totalsegmentator_total_mr_56"}
# Where a name is written otherwise on purpose; each with the reason.
OTHER_NAMES = {
    ("amos22", 5): "esophagus",  # the dataset spells it so, a third party does not
    ("atm22", 1): "airway",  # the reference describes, the dataset has no class name
    ("btcv", 10): "portal vein and splenic vein",  # one third party wrote an underscore
    ("saros_body_regions", 255): "not annotated",
    ("verse", 26): "sacrum",  # the reference adds "(not labelled in this dataset)"
    ("verse", 27): "coccyx",
    ("boa_tissues", 3): "SAT",  # the reference spells the abbreviations out
    ("boa_tissues", 4): "VAT",
    ("boa_tissues", 5): "IMAT",
    ("boa_tissues", 6): "PAT",
    ("boa_tissues", 7): "EAT",
    ("ctpelvic1k", 2): "hip",  # sides disputed
    ("ctpelvic1k", 3): "hip",
}
# Tables whose reference names carry a disputed side, or describe the target's names.
NAMES_NOT_COMPARED = {"ribseg_v2", "headneck_private"}


def normal(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


@pytest.mark.parametrize("name", sorted(set(scheme_paths()) - WITHOUT_TABLE))
def test_integers_and_names_are_those_of_the_reference(
    name: str, scheme: GetScheme, table: GetTable
) -> None:
    expected = table(TABLE_OF.get(name, name))
    entries = scheme(name).by_integer()
    assert list(entries) == list(expected) or set(entries) == set(expected)
    if name in NAMES_NOT_COMPARED:
        return
    wrong = {
        integer: (entry.name, expected[integer])
        for integer, entry in entries.items()
        if normal(entry.name) != normal(OTHER_NAMES.get((name, integer), expected[integer]))
    }
    assert wrong == {}


def test_released_dap_masks_are_the_anatomical_reading(
    scheme: GetScheme, dap_rows: list[dict[str, str]]
) -> None:
    expected = {int(row["id"]): To(row["canonical_name"]) for row in dap_rows}
    assert {e.integer: e.target for e in scheme("dap_atlas_released").entries} == expected
    names = {int(row["id"]): row["display_name"] for row in dap_rows}
    assert {e.integer: e.name for e in scheme("dap_atlas_released").entries} == names
    assert {e.integer: e.name for e in scheme("dap_atlas").entries} == names


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_totalsegmentator_integers_of_the_dap_structures(
    version: str, scheme: GetScheme, dap_rows: list[dict[str, str]]
) -> None:
    targets = {e.integer: e.target for e in scheme(f"totalsegmentator_{version}").entries}
    compared = 0
    for row in dap_rows:
        integer = row[f"ts_{version}_id"]
        name = row[f"ts_{version}_name"].removesuffix(" (broader)")
        if not integer.isdigit():
            continue
        compared += 1
        assert targets[int(integer)] == To(name), row["canonical_name"]
    assert compared > 80


def test_private_head_and_neck_numbers_are_the_dap_numbers(
    scheme: GetScheme, table: GetTable
) -> None:
    dap = {e.integer: e.target for e in scheme("dap_atlas").entries}
    private = {e.integer: e.target for e in scheme("headneck_private").entries}
    assert set(private) == set(table("headneck_private"))
    assert private == {integer: dap[integer] for integer in private}


def test_disputed_sides_are_not_stated(scheme: GetScheme, table: GetTable) -> None:
    ribs = {e.integer: e.target for e in scheme("ribseg_v2").entries}
    for integer, name in table("ribseg_v2").items():
        assert ribs[integer] == To(f"rib_{name.rsplit('_', 1)[1]}")
    hips = scheme("ctpelvic1k").by_integer()
    assert hips[2].target == hips[3].target == To("hip")
    assert scheme("ribseg_v2").evidence == scheme("ctpelvic1k").evidence == "disputed"
