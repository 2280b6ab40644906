"""Each repair on hand-drawn pictures: rows are y, columns x, one plane."""

from dataclasses import replace

import pytest

from vesalius.engine.kinds import (
    Absent,
    Into,
    IntoNeighbour,
    IntoOther,
    IntoOwner,
    IntoRegions,
    IntoSides,
    IntoSurrounding,
    Pieces,
)
from vesalius.engine.plan.where import Condition

EAST = (Condition(0, inside=True),)
WEST = (Condition(0, inside=False),)


def test_into_sides(check):
    before = """
        . 1 1 9 . .
        . . . . . .
        . . 1 1 1 .
        . . . . . .
        1 1 1 1 . .
    """
    after = """
        . 3 3 9 . .
        . . . . . .
        . . 3 2 2 .
        . . . . . .
        3 3 3 3 . .
    """
    check(before, Absent((1,)), IntoSides(0, 2, 3, whole_share=0.75), after)


def test_into_surrounding(check):
    before = """
        2 2 2 . 3
        2 1 3 . 1
        . 3 3 . .
        1 . . 4 1
        5 . . 1 .
    """
    # Two faces each of 2 and 3: the smaller wins. Others touch one label, background aside.
    after = """
        2 2 2 . 3
        2 2 3 . 3
        . 3 3 . .
        5 . . 4 4
        5 . . 4 .
    """
    check(before, Absent((1,)), IntoSurrounding(), after)
    passed_over = """
        2 2 2 . 3
        2 3 3 . 3
        . 3 3 . .
        6 . . 4 4
        5 . . 4 .
    """
    check(before, Absent((1,)), IntoSurrounding(otherwise=6, never=(2, 5)), passed_over)


def test_into_surrounding_where_background_counts(check):
    before = """
        . . . . .
        . 1 2 . .
        . . . 2 1
        . . . . 2
    """
    after = """
        . . . . .
        . . 2 . .
        . . . 2 2
        . . . . 2
    """
    check(before, Absent((1,)), IntoSurrounding(background=True), after)
    # As many faces of background as of 2: the label wins.
    check("2 1 .", Absent((1,)), IntoSurrounding(background=True), "2 2 .")


# A voxel of 1 lies apart from the largest piece, 4 mm away.
APART = """
    1 1 . . 2 2 .
    1 1 . 2 2 1 3
    1 1 . . . 3 3
"""
BEYOND = Pieces((1,), at_most=1)


def test_into_owner_goes_by_share_and_by_the_next(check):
    # Two of its four faces are of 2 and two of 3.
    owned = APART.replace("2 1 3", "2 2 3")
    check(APART, BEYOND, IntoOwner(share=0.5), owned)
    check(APART, BEYOND, IntoOwner(share=0.51), APART, "violated")
    check(APART, BEYOND, IntoOwner(share=0.3, times_next=1.1), APART, "violated")
    # What owns nothing, or is passed over, is no rival either.
    given = APART.replace("2 1 3", "2 3 3")
    check(APART, BEYOND, IntoOwner(share=0.3, times_next=1.1, ground=(2,)), given)
    check(APART, BEYOND, IntoOwner(share=0.3, times_next=1.1, never=(2,)), given)


def test_into_owner_leaves_what_lies_near_the_body(check):
    owned = APART.replace("2 1 3", "2 2 3")
    check(APART, BEYOND, IntoOwner(share=0.3, apart_mm=((1, 3.9),)), owned)
    check(APART, BEYOND, IntoOwner(share=0.3, apart_mm=((1, 4.0),)), APART, "violated")
    check(APART, BEYOND, IntoOwner(share=0.3, apart_mm=((2, 9.0),)), owned)


def test_into_owner_gives_crumbs_away(check):
    alone = "1 1 1 . . 1 .\n. . . . . 2 2"
    gone = "1 1 1 . . . .\n. . . . . 2 2"
    crumb = IntoOwner(share=0.5, apart_mm=((1, 9.0),), crumb_ml=((1, 0.001),), crumb_mm=2.0)
    check(alone, BEYOND, crumb, gone)
    check(alone, BEYOND, replace(crumb, crumb_mm=3.0), alone, "violated")
    check(alone, BEYOND, replace(crumb, crumb_ml=((1, 0.0009),)), alone, "violated")
    taken = "1 1 1 . . 2 .\n. . . . . 2 2"
    check(alone, BEYOND, replace(crumb, background=False), taken)


def test_some_parts_go_and_some_stay(check):
    before = "1 1 1 . 1 . . 2 2\n. . . . . . 2 1 2\n. . . . . . . 2 ."
    after = "1 1 1 . 1 . . 2 2\n. . . . . . 2 2 2\n. . . . . . . 2 ."
    check(before, BEYOND, IntoOwner(share=0.5, apart_mm=((1, 2.0),)), after)


def test_voxels_at_fault_do_not_draw_each_other(check):
    # Labels 1 and 2 are both to go; neither may go to the other.
    check("3 1 2 2 4", Absent((1, 2)), IntoSurrounding(), "3 3 4 4 4")
    # Half of label 1 is at fault; it does not go to its other half.
    cut = Absent((1,), EAST, "voxel")
    check("9 . .\n1 1 1", Absent((1,), WEST, "voxel"), IntoSurrounding(), "9 . .\n1 1 1", "holds")
    check(". 9 2\n1 1 1", cut, IntoSurrounding(), ". 9 2\n1 2 2")


def test_voxels_at_fault_that_go_elsewhere_do_not_draw_others(check):
    # Label 2 goes to 5; label 1 touches it most, and goes to 3 all the same.
    before = """
        . . 9 .
        . 1 2 .
        . 1 2 .
        . 3 . .
    """
    after = """
        . . 9 .
        . 3 5 .
        . 3 5 .
        . 3 . .
    """
    repair = IntoRegions(((EAST, Into(5)),), IntoSurrounding())
    check(before, Absent((1, 2)), repair, after)
    rest = IntoNeighbour(((2, (4,)),), 0.0, 6, IntoSurrounding())
    check("3 1 2 4", Absent((1, 2)), rest, "3 3 4 4")


def test_into_neighbour(check):
    before = """
        2 2 2 . 3 3
        . 1 1 . 1 .
        1 . . . . .
        1 . . 1 . .
        1 . 3 . . .
        1 . . . 1 1
    """
    pieces = Pieces((1,), at_most=1)
    fragments = IntoNeighbour(((1, (2, 3)),), 0.0, 6, Into(0))
    after = """
        2 2 2 . 3 3
        . 2 2 . 3 .
        1 . . . . .
        1 . . . . .
        1 . 3 . . .
        1 . . . . .
    """
    check(before, pieces, fragments, after)
    # By corners the fragment in the middle touches 3; small ones go to the rest.
    by_corner = IntoNeighbour(((1, (2, 3)),), 0.001, 26, Into(4))
    after = """
        2 2 2 . 3 3
        . 2 2 . 3 .
        1 . . . . .
        1 . . 3 . .
        1 . 3 . . .
        1 . . . 4 4
    """
    check(before, pieces, by_corner, after)
    small = IntoNeighbour(((1, (2, 3)),), 0.002, 26, IntoSurrounding(otherwise=5))
    after = """
        2 2 2 . 3 3
        . 2 2 . 3 .
        1 . . . . .
        1 . . 5 . .
        1 . 3 . . .
        1 . . . 5 5
    """
    check(before, pieces, small, after)


@pytest.mark.parametrize(("candidates", "winner"), [((2, 3), 2), ((3, 2), 3)])
def test_of_neighbours_touched_equally_the_first_listed_is_taken(check, candidates, winner):
    repair = IntoNeighbour(((1, candidates),), 0.0, 6, Into(0))
    check("1 1 . 2 1 3", Pieces((1,), at_most=1), repair, f"1 1 . 2 {winner} 3")


def test_into_other(check):
    check("1 3 . 2 4", Absent((1, 4)), IntoOther(((1, 2), (3, 4))), "2 3 . 2 3")
    # Each voxel of a pooled part changes for itself.
    joint = Pieces((1, 3), at_most=1, joint=True)
    check("1 1 3 . 3 1", joint, IntoOther(((1, 2), (3, 4))), "1 1 3 . 4 2")


def test_into_regions(check):
    before = """
        1 . 9 1
        8 . . .
        1 . . 1
    """
    after = """
        4 . 9 2
        8 . . .
        3 . . 2
    """
    south = (Condition(1, inside=True),)
    repair = IntoRegions(((EAST, Into(2)), (south, Into(3))), Into(4))
    check(before, Absent((1,)), repair, after)
