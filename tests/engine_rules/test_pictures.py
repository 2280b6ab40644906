"""Each expectation and repair on hand-drawn pictures: rows are y, columns x, one plane."""

import numpy as np
import pytest

from vesalius.engine.labelmap import decode, encode
from vesalius.engine.plan import BoxAnchor, LevelAnchor
from vesalius.engine.run_steps import run_steps
from vesalius.engine.steps import (
    Absent,
    Condition,
    Into,
    IntoNeighbour,
    IntoOther,
    IntoRegions,
    IntoSides,
    IntoSurrounding,
    Located,
    OnOwnSide,
    Pieces,
    Present,
    Step,
)

# The plane goes through the centre of label 9, across x; the other through label 8, across y.
ANCHORS = (
    LevelAnchor("x", (9,), 1, (1.0, 0.0, 0.0)),
    LevelAnchor("y", (8,), 1, (0.0, 1.0, 0.0)),
    BoxAnchor("box", (7,), 1, (1.0, 0.5, 0.0), (0.0, 1.0, 0.0)),
)
BOX = (Condition(2, inside=True),)
EAST = (Condition(0, inside=True),)
WEST = (Condition(0, inside=False),)


def parse(picture):
    lines = [line.split() for line in picture.strip().splitlines()]
    digits = [[0 if cell == "." else int(cell) for cell in line] for line in lines]
    return np.array(digits, dtype=np.uint8).T[:, :, np.newaxis]


def mended(before, expect, repair):
    """Return the picture after a step, and its outcome."""
    array = parse(before)
    step = Step("r", expect=expect, repair=repair, writes=tuple(range(1, 10)))
    ruled = run_steps([step], ANCHORS, encode(array, np.eye(4)))
    return decode(ruled.labels), ruled.outcomes[0]


def check(before, expect, repair, after, status="changed"):
    got, outcome = mended(before, expect, repair)
    assert outcome.status == status, outcome.reason
    assert np.array_equal(got, parse(after))
    return outcome


def test_absent_by_component_and_by_voxel():
    before = """
        1 1 1 9 1 1
        . . . . . .
        . . 1 1 1 1
    """
    by_component = """
        1 1 1 9 . .
        . . . . . .
        . . . . . .
    """
    by_voxel = """
        1 1 1 9 . .
        . . . . . .
        . . 1 . . .
    """
    # The centre of the lower row, x = 3.5, lies beyond the plane at x = 3, so it goes whole.
    outcome = check(before, Absent((1,), EAST), Into(0), by_component)
    assert [f.voxels for f in outcome.findings] == [4, 2]
    outcome = check(before, Absent((1,), EAST, "voxel"), Into(0), by_voxel)
    assert [(f.voxels, f.values) for f in outcome.findings] == [(5, (("parts", 2.0),))]


def test_absent_everywhere_and_but_for_a_little():
    before = "1 . 1 1 2"
    check(before, Absent((1,)), Into(3), "3 . 3 3 2")
    check(before, Absent((1, 2), at_most_ml=0.002), Into(3), "3 . 3 3 2")
    # A tie is not too much.
    check(before, Absent((1, 2), at_most_ml=0.003), Into(3), before, "holds")


def test_absent_in_two_regions_at_once():
    before = """
        1 . 9 . 1
        8 . . . .
        1 . . . 1
    """
    after = """
        1 . 9 . 1
        8 . . . .
        1 . . . .
    """
    both = (Condition(0, inside=True), Condition(1, inside=True))
    check(before, Absent((1,), both), Into(0), after)


def test_absent_from_a_box_and_from_all_around_it():
    # The box reaches one voxel to the west of the label 7, half a voxel north, one south.
    before = """
        1 1 1 1 1 1
        1 1 7 1 7 1
        1 1 1 1 1 1
        1 1 1 1 1 1
    """
    inside = """
        1 1 1 1 1 1
        1 . 7 . 7 1
        1 . . . . 1
        1 1 1 1 1 1
    """
    outside = """
        . . . . . .
        . 1 7 1 7 .
        . 1 1 1 1 .
        . . . . . .
    """
    check(before, Absent((1,), BOX, "voxel"), Into(0), inside)
    around = (Condition(2, inside=False),)
    check(before, Absent((1,), around, "voxel"), Into(0), outside)
    pieces = """
        1 . 7 . 1
        . 1 . . .
        7 . . . 7
    """
    # Of three single voxels the one in the middle lies in the box; the corners do as well.
    check(pieces, Absent((1,), BOX), Into(2), pieces.replace("1", "2"))
    check(pieces, Absent((1,), around), None, pieces, "holds")


def test_present():
    before = "1 . ."
    check(before, Present((1, 2)), None, before, "holds")
    outcome = check(before, Present((1, 2, 3), all_of=True), None, before, "violated")
    assert [f.labels for f in outcome.findings] == [(2,), (3,)]
    outcome = check(before, Present((2, 3)), None, before, "violated")
    assert [f.labels for f in outcome.findings] == [(2, 3)]


def test_pieces_keep_the_largest():
    before = """
        1 1 . 1 . 2
        1 . . . . .
        . . 1 1 . 2
    """
    # Of the two equal pieces of label 2 the one with the smaller y stays.
    after = """
        1 1 . . . 2
        1 . . . . .
        . . . . . .
    """
    outcome = check(before, Pieces((1, 2), at_most=1), Into(0), after)
    assert [(f.labels, f.voxels, f.values) for f in outcome.findings] == [
        ((1,), 2, (("place", 2.0),)),
        ((1,), 1, (("place", 3.0),)),
        ((2,), 1, (("place", 2.0),)),
    ]


def test_pieces_that_are_too_small_to_count_stay():
    before = "1 1 1 . 1 1 . 1"
    least = Pieces((1,), at_most=1, ignore_below_ml=0.002)
    check(before, least, Into(0), "1 1 1 . . . . 1")
    check(before, Pieces((1,), at_most=1, ignore_below_ml=0.0021), None, before, "holds")
    few = Pieces((1,), at_least=3, ignore_below_ml=0.002)
    outcome = check(before, few, None, before, "violated")
    (finding,) = outcome.findings
    assert (finding.kind, finding.voxels) == ("too few pieces", 5)
    assert finding.values == (("pieces", 2.0), ("at_least", 3.0))


def test_pieces_of_several_labels_together_and_by_corner():
    before = """
        1 1 . 2
        2 . 1 .
        2 . . .
    """
    joint = Pieces((1, 2), at_most=1, joint=True)
    after = """
        1 1 . .
        2 . . .
        2 . . .
    """
    check(before, joint, Into(0), after)
    by_edge = Pieces((1, 2), at_most=1, joint=True, connectivity=18)
    check(before, by_edge, None, before, "holds")


def test_own_side_whole_and_cut():
    before = """
        1 . . 9 . 2 .
        . . 1 1 1 1 1
        2 2 2 2 2 . .
        . . . . . . .
        1 1 . . . . 2
    """
    # Label 2 belongs on the west. At 0.8 both long pieces lie whole on a side; at 0.9 the plane
    # cuts them. Voxels on the plane count as east.
    own = OnOwnSide(((1, 2),), 0, whole_share=0.8)
    check(
        before,
        OnOwnSide(((1, 2),), 0, whole_share=0.6),
        IntoOther(((1, 2),)),
        """
        2 . . 9 . 1 .
        . . 1 1 1 1 1
        2 2 2 2 2 . .
        . . . . . . .
        2 2 . . . . 1
        """,
    )
    cut = """
        2 . . 9 . 1 .
        . . 2 1 1 1 1
        2 2 2 1 1 . .
        . . . . . . .
        2 2 . . . . 1
    """
    check(before, OnOwnSide(((1, 2),), 0, whole_share=0.9), IntoOther(((1, 2),)), cut)
    check(before, OnOwnSide(((1, 2),), 0, "voxel"), IntoOther(((1, 2),)), cut)
    outcome = check(before, own, None, before, "violated")
    # 1: two pieces in the west; 2: two in the east and the two voxels that the plane cuts off.
    assert [(f.labels, f.voxels) for f in outcome.findings] == [
        ((1,), 2),
        ((1,), 1),
        ((2,), 2),
        ((2,), 1),
        ((2,), 1),
    ]


def test_located_by_share():
    before = "1 1 1 . 9 . 1"
    check(before, Located((1,), WEST, inside=True), Into(0), "1 1 1 . 9 . .")
    check(before, Located((1,), WEST, inside=True, share=0.75), Into(0), before, "holds")
    check(before, Located((1,), WEST, inside=True, share=0.76), Into(0), "1 1 1 . 9 . .")
    check(before, Located((1,), WEST, inside=False), Into(0), ". . . . 9 . 1")
    cut = "1 1 2 9 2 1 1"
    by_voxel = Located((2,), EAST, inside=True, per="voxel")
    check(cut, by_voxel, Into(3), "1 1 3 9 2 1 1")


def test_into_sides():
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


def test_into_surrounding():
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


def test_into_surrounding_where_background_counts():
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


def test_voxels_at_fault_do_not_draw_each_other():
    # Labels 1 and 2 are both to go; neither may go to the other.
    check("3 1 2 2 4", Absent((1, 2)), IntoSurrounding(), "3 3 4 4 4")
    # Half of label 1 is at fault; it does not go to its other half.
    cut = Absent((1,), EAST, "voxel")
    check("9 . .\n1 1 1", Absent((1,), WEST, "voxel"), IntoSurrounding(), "9 . .\n1 1 1", "holds")
    check(". 9 2\n1 1 1", cut, IntoSurrounding(), ". 9 2\n1 2 2")


def test_voxels_at_fault_that_go_elsewhere_do_not_draw_others():
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


def test_into_neighbour():
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
def test_of_neighbours_touched_equally_the_first_listed_is_taken(candidates, winner):
    repair = IntoNeighbour(((1, candidates),), 0.0, 6, Into(0))
    check("1 1 . 2 1 3", Pieces((1,), at_most=1), repair, f"1 1 . 2 {winner} 3")


def test_into_other():
    check("1 3 . 2 4", Absent((1, 4)), IntoOther(((1, 2), (3, 4))), "2 3 . 2 3")
    # Each voxel of a pooled part changes for itself.
    joint = Pieces((1, 3), at_most=1, joint=True)
    check("1 1 3 . 3 1", joint, IntoOther(((1, 2), (3, 4))), "1 1 3 . 4 2")


def test_into_regions():
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
