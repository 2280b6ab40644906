"""The fields of every kind say what they are for, and what a step touches follows from that."""

from typing import Literal, get_args, get_origin

import pytest

from vesalius.engine import kinds
from vesalius.engine.kinds import (
    Absent,
    AsCounted,
    Counted,
    Enclosed,
    FacingPart,
    Filled,
    Follows,
    FromHu,
    HuRange,
    Into,
    IntoEnclosing,
    IntoNeighbour,
    IntoOther,
    IntoRegions,
    IntoSides,
    IntoSurrounding,
    Located,
    OnOwnSide,
    Ordered,
    Plausible,
    RestOfBody,
    Touching,
    UsualSize,
    VolumeRatio,
)
from vesalius.engine.plan.footprint import Footprint, footprint, judged_labels, subject
from vesalius.engine.plan.moves import MoveOf, moves_of, undone_by
from vesalius.engine.plan.plan import LevelAnchor
from vesalius.engine.plan.roles import Role, held_by, hints_of, roles_of
from vesalius.engine.plan.step import Derive, Expect, Repair, Step
from vesalius.engine.plan.where import Ahead, AllOf, Condition, Guard, Not, Region, Seen, Uncut

UP = (0.0, 0.0, 1.0)
ANCHORS = (LevelAnchor("a", (8,), 1, UP), LevelAnchor("b", (9,), 1, UP))
ALL = range(1, 10)
HERE, THERE = (Condition(0, inside=True),), (Condition(1, inside=False),)
LISTED = [kind for kind, _ in (*kinds.EXPECTS, *kinds.REPAIRS, *kinds.DERIVES)]
NESTED = {
    Region, Repair, tuple[tuple[Region, Repair], ...], Guard, tuple[Guard, ...],
    kinds.Meant, kinds.NearTo | None, tuple[Follows, ...], tuple[FacingPart, ...],
    tuple[UsualSize, ...], tuple[HuRange, ...], tuple[kinds.Pool, ...], tuple[kinds.Exclusive, ...],
}  # fmt: skip


PARTS = kinds.Meant, kinds.NearTo, kinds.Pool, kinds.Exclusive


def test_every_kind_is_listed_once():
    subclasses = {*Expect.__subclasses__(), *Repair.__subclasses__(), *Derive.__subclasses__()}
    assert len(LISTED) == len(set(LISTED))
    assert subclasses == set(LISTED)
    assert set(kinds.__all__) >= {kind.__name__ for kind in LISTED}


@pytest.mark.parametrize("kind", [*LISTED, *get_args(Guard), Condition, *PARTS])
def test_every_field_has_a_role_or_needs_none(kind):
    without = {name: hint for name, hint in hints_of(kind).items() if name not in roles_of(kind)}
    for name, hint in without.items():
        plain = hint in (bool, bool | None) or get_origin(hint) is Literal or hint in NESTED
        opaque = kind.__name__ == "MetadataIs"
        assert plain or opaque, name


def touched(expect=None, repair=None, derive=None, guard=None):
    step = Step("r", expect=expect, repair=repair, derive=derive, guard=guard)
    found = footprint(step, ANCHORS, ALL)
    return set(found.reads), set(found.writes)


PAIRS = OnOwnSide(((1, 2), (3, 4)), 0, whole_only=(3,))
FOOTPRINTS = [
    # What is judged is read, and written where something becomes of it.
    ({"expect": Absent((1, 2))}, {1, 2}, set()),
    ({"expect": Absent((1, 2)), "repair": Into(3)}, {1, 2}, {1, 2, 3}),
    ({"expect": Absent((1,)), "repair": Into(0)}, {1}, {0, 1}),
    # An anchor is read through the labels that it is fitted to.
    ({"expect": Absent((1,), HERE), "repair": Into(2)}, {1, 8}, {1, 2}),
    ({"expect": Located((1,), THERE, inside=True)}, {1, 9}, set()),
    ({"expect": Plausible(1)}, {9}, set()),
    ({"expect": PAIRS, "repair": IntoOther(((1, 2), (3, 4)))}, {1, 2, 3, 4, 8}, {1, 2, 3, 4}),
    ({"expect": Absent((1,)), "repair": IntoSides(1, 2, 3)}, {1, 9}, {1, 2, 3}),
    (
        {"expect": Absent((1,)), "repair": IntoRegions(((HERE, Into(2)),), IntoSides(1, 3, 4))},
        {1, 8, 9},
        {1, 2, 3, 4},
    ),
    # What is only looked at.
    (
        {"expect": Absent((1,), meant=kinds.Meant(near=kinds.NearTo((2, 3), 1.0)))},
        {1, 2, 3},
        set(),
    ),
    ({"expect": Touching((1,), (2, 3), 1.0), "repair": Into(0)}, {1, 2, 3}, {0, 1}),
    ({"expect": VolumeRatio((1,), (2,))}, {1, 2}, set()),
    ({"expect": Enclosed((1,), (2,), 0.5)}, {1, 2}, set()),
    # Holes are background that a label encloses.
    ({"expect": Filled((1, 2))}, {0, 1, 2}, set()),
    ({"expect": Filled((1, 2)), "repair": IntoEnclosing()}, {0, 1, 2}, {0, 1, 2}),
    # Parts that know their label become one of those that are judged.
    (
        {"expect": Counted((1, 2), (3,), 0, UP), "repair": AsCounted()},
        {1, 2, 3, 8},
        {1, 2, 3},
    ),
    # Neighbours are looked at and may be given to.
    (
        {
            "expect": Absent((1,)),
            "repair": IntoNeighbour(((1, (3, 4)), (2, (5,))), 0.0, 6, Into(0)),
        },
        {1, 3, 4, 5},
        {0, 1, 3, 4, 5},
    ),
    (
        {"expect": Absent((1,)), "repair": IntoSurrounding(never=(7, 8, 9))},
        {1, 2, 3, 4, 5, 6},
        {0, 1, 2, 3, 4, 5, 6},
    ),
    (
        {"expect": Absent((1,)), "repair": IntoSurrounding(otherwise=9, background=True)},
        {0, *ALL},
        {0, *ALL},
    ),
    # What is made.
    (
        {"derive": FromHu(1, 0.0, 1.0, HERE, (0, 2))},
        {0, 1, 2, 8},
        {0, 1, 2},
    ),
    ({"derive": RestOfBody(1, 0.0, 1.0, over=(3,))}, {0, 3}, {0, 1, 3}),
    # A guard is looked at.
    (
        {
            "expect": Absent((1,)),
            "guard": AllOf((Not(Seen((2,), all_of=True)), Uncut((3,)), Ahead((4,), (5,), UP))),
        },
        {1, 2, 3, 4, 5},
        set(),
    ),
]


@pytest.mark.parametrize(("step", "reads", "writes"), FOOTPRINTS)
def test_footprint(step, reads, writes):
    assert touched(**step) == (reads, writes)


def test_footprints_unite():
    one, other = Footprint(frozenset({1}), frozenset()), Footprint(frozenset({2}), frozenset({3}))
    assert one | other == Footprint(frozenset({1, 2}), frozenset({3}))


def test_what_a_step_is_about():
    assert judged_labels(OnOwnSide(((4, 1), (3, 2)), 0)) == (4, 1, 3, 2)
    assert judged_labels(Ordered((3, 1, 2), UP)) == (1, 2, 3)
    assert judged_labels(Plausible(0)) == ()
    assert subject(Step("r", expect=Touching((1,), (2,), 1.0))) == {1}
    assert subject(Step("r", derive=FromHu(1, 0.0, 1.0, (), (0, 2)))) == {0, 1, 2}
    assert subject(Step("r", derive=RestOfBody(1, 0.0, 1.0, over=(3,)))) == {0, 1}


def moved(expect, repair):
    found = moves_of(Step("r", expect=expect, repair=repair))
    return {(move.source, move.target, tuple(sorted(move.region, key=str))) for move in found}


NOT_HERE = (Condition(0, inside=False),)
MOVES = [
    (Absent((1,), HERE), Into(2), {(1, 2, HERE)}),
    (Absent((1, 2)), Into(2), {(1, 2, ())}),
    (Absent((1,)), Into(0), set()),
    (Located((1,), HERE, inside=False), Into(2), {(1, 2, HERE)}),
    (Located((1,), HERE, inside=True), Into(2), {(1, 2, NOT_HERE)}),
    # Outside of two together may be inside of one.
    (Located((1,), HERE + THERE, inside=True), Into(2), {(1, 2, ())}),
    (OnOwnSide(((1, 2),), 0), IntoOther(((1, 2),)), {(1, 2, NOT_HERE), (2, 1, HERE)}),
    (
        Absent((1,)),
        IntoSides(0, 1, 3),
        {(1, 3, NOT_HERE)},
    ),
    (
        Absent((1,)),
        IntoRegions(((THERE, Into(2)),), IntoSides(0, 3, 4)),
        {(1, 2, THERE), (1, 3, HERE), (1, 4, NOT_HERE)},
    ),
    (Absent((1,)), IntoSurrounding(otherwise=2), set()),
    (Absent((1,)), IntoNeighbour(((1, (2,)),), 0.0, 6, Into(3)), set()),
    (Absent((1,)), None, set()),
]


@pytest.mark.parametrize(("expect", "repair", "moves"), MOVES)
def test_moves(expect, repair, moves):
    assert moved(expect, repair) == moves


def test_what_takes_a_move_back():
    there, back = MoveOf(1, 2, frozenset(HERE)), MoveOf(2, 1, frozenset())
    assert undone_by([there], [back]) == there
    assert undone_by([there], [there]) is None
    # What wants opposite sides of an anchor never meets.
    assert undone_by([there], [MoveOf(2, 1, frozenset(NOT_HERE))]) is None


def test_places_of_fields():
    step = Step("r", expect=Absent((1,), HERE), repair=IntoRegions(((THERE, Into(2)),), Into(0)))
    found = {held.place: (held.role, held.value) for held in held_by(step)}
    assert found["expect.labels"] == (Role.JUDGED, (1,))
    assert found["expect.region[0].anchor"] == (Role.ANCHOR, 0)
    assert found["repair.cases[0][0][0].anchor"] == (Role.ANCHOR, 1)
    assert found["repair.cases[0][1].label"] == (Role.GIVEN, 2)
    assert found["repair.otherwise.label"] == (Role.GIVEN, 0)
