"""Mistakes that a map does not show by itself are told, and repaired where they are proven."""

import pytest

import vesalius
from silent.planted import PLANTED, VIEWS
from silent.planted_chains import CHAINS
from silent.table import SCHEME, Bench, part_of, phantom

REPAIRED = (
    "all vertebrae one level up",
    "left ribs one up",
    "all ribs one down",
    "left ribs 9 and 10 exchanged",
    "right rib 3 called 4",
    "both hip bones called left",
    "wing of the hip bone called shoulder blade",
    "head of the femur called humerus",
    "head of the humerus called femur",
)
TOLD = (
    "L5 called sacrum",
    "upper half of T12 called T11",
    "bladder called prostate",
    "upper half of the left lower lobe called upper",
    "lower half of the right upper lobe called lower",
    "a second heart below the diaphragm",
    "stomach and colon exchanged",
    "colon and small bowel exchanged",
    "lower half of the stomach called colon",
)
WRONG = (
    ("spine alone", "front to back"),
    ("spine alone", "all vertebrae one level up"),
    ("spine alone", "all vertebrae one level down"),
    ("vertebrae alone", "front to back"),
    ("vertebrae alone", "all vertebrae one level up"),
)


# Of vertebrae, ribs and paired bones.
CHAINS_REPAIRED = (
    "T1 called C7, all below one up",
    "ribs 1 to 3 one down",
    "ribs 9 to 12 one up",
    "ribs 5 to 7 on the other side",
    "left ribs called right",
    "outer half of left rib 5 called 6",
    "left shoulder blade called right",
)
CHAINS_WRONG = (
    "T6 not seen, all below one up",
    "L1 not seen, all below one up",
    "T5 and T6 called T5, all below one up",
    "sacrum called L5, all above one up",
    "from T8 down one down, L5 called sacrum",
    "ribs and vertebrae one up",
    "ribs and vertebrae one down",
    "ribs 7 not seen, all below one up",
    "ribs 10 not seen, all below one up",
)
CHAINS_TOLD = (
    "upper third of the sacrum called L5",
    "lower half of L5 called sacrum",
    "inner end of left rib 7 called T7",
)


@pytest.fixture(scope="module")
def session():
    return vesalius.Session(SCHEME, SCHEME)


@pytest.fixture(scope="module")
def bench(session):
    return Bench(phantom(session), session)


@pytest.mark.parametrize("name", [*REPAIRED, *CHAINS_REPAIRED])
def test_what_is_proven_is_an_error_and_repaired(bench, name):
    row = bench.row(name)
    assert row.errors > 0
    assert row.restored >= 0.95 * row.wrong > 0
    assert row.harmed == 0


@pytest.mark.parametrize(("view", "name"), WRONG)
def test_wrong_numbers_and_a_turned_map_are_errors(session, bench, view, name):
    if view in VIEWS:
        bench = Bench(part_of(bench.base, view, session), session)
    row = bench.row(name)
    assert row.errors > 0
    assert row.harmed == 0 or name == "front to back"


@pytest.mark.parametrize(
    ("view", "name"),
    [
        ("pelvis", "all vertebrae one level up"),
        ("pelvis", "all vertebrae one level down"),
        ("ribs alone", "left ribs one down"),
        ("ribs alone", "all ribs one up"),
        ("ribs alone", "all ribs one down"),
    ],
)
def test_what_little_is_seen_tells(session, bench, view, name):
    part = Bench(part_of(bench.base, view, session), session)
    assert part.row(name).warnings > 0


@pytest.mark.parametrize("name", CHAINS_WRONG)
def test_numbers_that_are_wrong_are_errors(bench, name):
    row = bench.row(name)
    assert row.errors > 0
    assert row.harmed == 0


@pytest.mark.parametrize("name", [*TOLD, *CHAINS_TOLD])
def test_what_is_not_proven_is_told_and_left(bench, name):
    row = bench.row(name)
    assert row.errors + row.warnings > 0
    assert row.harmed == 0


def test_all_of_them_are_planted():
    assert {*REPAIRED, *TOLD} <= set(PLANTED)
    assert {*CHAINS_REPAIRED, *CHAINS_WRONG, *CHAINS_TOLD} <= set(CHAINS)
