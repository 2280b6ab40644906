"""Each expectation on hand-drawn pictures: rows are y, columns x, one plane."""

from vesalius.engine.kinds import Absent, Into, IntoOther, Located, OnOwnSide, Pieces, Present
from vesalius.engine.plan.where import Condition

BOX = (Condition(2, inside=True),)
EAST = (Condition(0, inside=True),)
WEST = (Condition(0, inside=False),)


def test_absent_by_component_and_by_voxel(check):
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


def test_absent_everywhere_and_but_for_a_little(check):
    before = "1 . 1 1 2"
    check(before, Absent((1,)), Into(3), "3 . 3 3 2")
    check(before, Absent((1, 2), at_most_ml=0.002), Into(3), "3 . 3 3 2")
    # A tie is not too much.
    check(before, Absent((1, 2), at_most_ml=0.003), Into(3), before, "holds")


def test_absent_in_two_regions_at_once(check):
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


def test_absent_from_a_box_and_from_all_around_it(check):
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


def test_present(check):
    before = "1 . ."
    check(before, Present((1, 2)), None, before, "holds")
    outcome = check(before, Present((1, 2, 3), all_of=True), None, before, "violated")
    assert [f.labels for f in outcome.findings] == [(2,), (3,)]
    outcome = check(before, Present((2, 3)), None, before, "violated")
    assert [f.labels for f in outcome.findings] == [(2, 3)]
    before = "1 2 ."
    outcome = check(before, Present((1, 2, 3), all_of=True, fewest=2), None, before, "violated")
    assert [f.labels for f in outcome.findings] == [(3,)]
    outcome = check(before, Present((1, 2, 3), all_of=True, fewest=3), None, before, "skipped")
    assert outcome.reason == "2 of them are there, and it needs 3"


def test_pieces_keep_the_largest(check):
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


def test_pieces_are_told_by_their_share_of_the_largest(check):
    before = "1 1 1 1 . 1 1 . 1"
    half = Pieces((1,), at_most=1, at_least_share=0.5)
    check(before, half, Into(0), "1 1 1 1 . . . . 1")
    check(before, Pieces((1,), at_most=1, at_most_share=0.25), Into(0), "1 1 1 1 . 1 1 . .")
    check(before, Pieces((1,), at_most=1, at_most_share=0.2), None, before, "holds")


def test_pieces_near_the_largest_or_alone_may_be_spared(check):
    before = """
        . . . . . . . . .
        . 1 1 1 . 1 . . .
        . . . . . . 2 1 .
        . . . . . . . . 1
    """
    near = Pieces((1, 2), at_most=1, spare_near_mm=2)
    check(before, near, Into(0), before.replace("2 1 .", "2 . .").replace(". . 1\n", ". . .\n"))
    lone = Pieces((1, 2), at_most=1, spare_lone=True)
    check(before, lone, Into(0), before.replace("2 1 .", "2 . ."))


def test_pieces_near_one_that_stays_are_spared(check):
    before = "1 1 1 1 . . . 1 1 1 . . 1 . . . . 1"
    small = Pieces((1,), at_most=1, at_most_share=0.25, spare_near_mm=3)
    # The piece of three is too large to go, and the one by it is near that, not the largest.
    check(before, small, Into(0), "1 1 1 1 . . . 1 1 1 . . 1 . . . . .")


def test_pieces_with_few_faces_on_the_others_are_spared(check):
    before = """
        . . . . . . .
        . 1 1 1 2 2 .
        . 1 2 1 2 2 .
        . 1 1 1 2 2 .
        . . . . . . .
        2 1 . . . . .
    """
    # All faces of the enclosed one, one of two of the lowest 2, one of three of the lowest 1.
    enclosed = before.replace("1 2 1", "1 . 1")
    for share, after in (
        (1.0, enclosed),
        (0.5, enclosed.replace("2 1 . .", ". 1 . .")),
        (0.33, enclosed.replace("2 1 . .", ". . . .")),
    ):
        check(before, Pieces((1, 2), at_most=1, touching_share=share), Into(0), after)


SURE = {"whole_share": 0.9, "leave_unsure": True}


def test_only_a_piece_by_the_mirror_is_surely_across(check):
    before = """
        1 1 . 9 . . 2 2
        8 . . . . . . 1
        . . . . . . . .
        . . . . . . . 1
    """
    # The columns of 1 lie before the plane, at x = 3, so 1 is the second of the pair.
    near = OnOwnSide(((2, 1),), 0, **SURE, near_mirror_mm=1)
    check(
        before,
        near,
        IntoOther(((2, 1),)),
        before.replace(". . 1\n        . . . . . . . .", ". . 2\n        . . . . . . . ."),
    )
    far = OnOwnSide(((2, 1),), 0, **SURE, near_mirror_mm=3)
    check(before, far, IntoOther(((2, 1),)), before.replace(". . 1", ". . 2"))


def test_one_name_on_two_mirror_images(check):
    before = """
        . 1 1 9 . 1 1
        8 3 . . . 4 .
    """
    after = before.replace("9 . 1 1", "9 . 2 2")
    pairs = ((2, 1), (4, 3))
    both = OnOwnSide(pairs, 0, **SURE, images_mm=2)
    check(before, both, IntoOther(pairs), after)
    # The centre of the right one, x = 5.5, is reflected by x = 3 to 0.5; that of the other is 1.5.
    check(before, OnOwnSide(pairs, 0, **SURE, images_mm=0.9), None, before, "holds")
    check(before, OnOwnSide(pairs, 0, **SURE), None, before, "holds")
    # Without another pair that is right the image may be flipped.
    check(before, OnOwnSide(pairs[:1], 0, **SURE, images_mm=2), None, before, "holds")
    # A piece that is much smaller is no image.
    small = before.replace("1 1 9 . 1 1", "1 1 9 . 1 .").replace(". 1 1 9", "1 1 1 9")
    check(small, both, None, small, "holds")


def test_pairs_of_which_only_a_swap_is_sure(check):
    before = """
        . 1 1 9 . 2 2
        8 3 . . . 4 .
        . 5 . . . 6 .
    """
    swapped = before.replace("1 1 9 . 2 2", "2 2 9 . 1 1")
    pairs = ((2, 1), (4, 3), (6, 5))
    own = OnOwnSide(pairs, 0, **SURE, images_mm=9, whole_only=(1,))
    check(swapped, own, IntoOther(pairs), before)
    part = before.replace("9 . 2 2", "9 1 2 2")
    check(part, own, None, part, "holds")
    one_name = before.replace("9 . 2 2", "9 . 1 1")
    check(one_name, own, None, one_name, "holds")


def test_pieces_that_are_too_small_to_count_stay(check):
    before = "1 1 1 . 1 1 . 1"
    least = Pieces((1,), at_most=1, ignore_below_ml=0.002)
    check(before, least, Into(0), "1 1 1 . . . . 1")
    check(before, Pieces((1,), at_most=1, ignore_below_ml=0.0021), None, before, "holds")
    few = Pieces((1,), at_least=3, ignore_below_ml=0.002)
    outcome = check(before, few, None, before, "violated")
    (finding,) = outcome.findings
    assert (finding.kind, finding.voxels) == ("too few pieces", 5)
    assert finding.values == (("pieces", 2.0), ("at_least", 3.0))


def test_pieces_of_several_labels_together_and_by_corner(check):
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


def test_own_side_whole_and_cut(check):
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


def test_located_by_share(check):
    before = "1 1 1 . 9 . 1"
    check(before, Located((1,), WEST, inside=True), Into(0), "1 1 1 . 9 . .")
    check(before, Located((1,), WEST, inside=True, share=0.75), Into(0), before, "holds")
    check(before, Located((1,), WEST, inside=True, share=0.76), Into(0), "1 1 1 . 9 . .")
    check(before, Located((1,), WEST, inside=False), Into(0), ". . . . 9 . 1")
    cut = "1 1 2 9 2 1 1"
    by_voxel = Located((2,), EAST, inside=True, per="voxel")
    check(cut, by_voxel, Into(3), "1 1 3 9 2 1 1")
