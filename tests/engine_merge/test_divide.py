"""Divisions: whole or cut, nested, without an anchor."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vesalius.engine.merge.anchors import AnchorFit
from vesalius.engine.merge.claims import Cell, Claims
from vesalius.engine.merge.divide import DivideTally, divide, take_sides
from vesalius.engine.plan.plan import Divide, Ignore, Paint
from vesalius.engine.runs.labelmap import decode, encode

# The plane lies between the voxels 9 and 10 of a line along x.
AT_TEN = AnchorFit("mid", "fitted", "", 3, normal=(1.0, 0.0, 0.0), offset_mm=9.5)
# In front of the voxel 5.
AT_FIVE = AnchorFit("low", "fitted", "", 3, normal=(-1.0, 0.0, 0.0), offset_mm=-4.5)
MISSING = AnchorFit("mid", "missing", "1 of 4 points present, 3 needed", 1)

UP, DOWN, UNKNOWN = Paint(1), Paint(2), Paint(3)
BY_MID = Divide(0, UP, DOWN, UNKNOWN)


def claims(text, *actions):
    """A line of voxels along x; the digit n stands for the n-th action."""
    digits = [0 if letter == "." else int(letter) for letter in text]
    array = np.array(digits, dtype=np.uint8).reshape(-1, 1, 1)
    cells = tuple(Cell(10 * at, action) for at, action in enumerate(actions, start=1))
    return Claims("src", encode(array, np.eye(4)), cells)


def painted(source):
    labels = source.work_labels()[decode(source.runs)].ravel().tolist()
    return "".join("." if label == 0 else str(label) for label in labels)


def tally(**counts):
    names = [field.name for field in fields(DivideTally)]
    given = {"source": "src", "integers": (10,), "anchor": "mid", "note": ""} | counts
    return DivideTally(**dict.fromkeys(names, 0) | given)


@pytest.mark.parametrize(
    ("before", "after", "counts"),
    [
        # Nine of ten voxels lie on one side: whole.
        (
            ".........1111111111.",
            ".........1111111111.",
            {"positive_components": 1, "positive_voxels": 10},
        ),
        (
            ".1111111111.........",
            ".2222222222.........",
            {"negative_components": 1, "negative_voxels": 10},
        ),
        # Eight of ten: cut.
        (
            "........1111111111..",
            "........2211111111..",
            {"cut_components": 1, "positive_voxels": 8, "negative_voxels": 2},
        ),
        # Each component for itself.
        (
            "1.11..1111.1.1.1111.",
            "2.22..2222.1.1.1111.",
            {
                "positive_components": 3,
                "negative_components": 3,
                "positive_voxels": 6,
                "negative_voxels": 7,
            },
        ),
    ],
)
def test_whole_or_cut(before, after, counts):
    source, divisions = divide(claims(before, BY_MID), [AT_TEN], 6, 0.9)
    assert painted(source) == after
    assert divisions == (tally(**counts),)


def test_a_share_of_one_always_cuts():
    source, _ = divide(claims(".........1111111111.", BY_MID), [AT_TEN], 6, 1.0)
    assert painted(source) == ".........2111111111."


def test_equal_halves_go_to_the_positive_side():
    source, _ = divide(claims("........1111........", BY_MID), [AT_TEN], 6, 0.5)
    assert painted(source) == "........1111........"


def test_without_an_anchor():
    source, divisions = divide(claims("11......1111........", BY_MID), [MISSING], 6, 0.9)
    assert painted(source) == "33......3333........"
    note = "missing: 1 of 4 points present, 3 needed"
    assert divisions == (tally(otherwise_voxels=6, note=note),)


def test_integers_of_one_division_share_components():
    # Apart, the 1 would be cut and the 2 be whole; together nine of ten voxels are positive.
    text = ".........1122222222."
    source, divisions = divide(claims(text, BY_MID, BY_MID), [AT_TEN], 6, 0.9)
    assert painted(source) == ".........1111111111."
    assert divisions == (tally(integers=(10, 20), positive_components=1, positive_voxels=10),)
    integers = [source.cells[label - 1].integer for label in source.runs.label.tolist()]
    assert integers == [10, 20]


def test_integers_of_other_divisions_do_not():
    other = Divide(0, Paint(4), Paint(5), UNKNOWN)
    source, divisions = divide(claims(".........1122222222.", BY_MID, other), [AT_TEN], 6, 0.9)
    assert painted(source) == ".........2144444444."
    assert divisions == (
        tally(cut_components=1, positive_voxels=1, negative_voxels=1),
        tally(integers=(20,), positive_components=1, positive_voxels=8),
    )


def test_nested():
    # Below the first plane the second decides on what is left there.
    inner = Divide(1, Paint(6), Paint(7), Ignore())
    outer = Divide(0, UP, inner, UNKNOWN)
    source, divisions = divide(claims("11111111111111111111", outer), [AT_TEN, AT_FIVE], 6, 0.9)
    assert painted(source) == "66666777771111111111"
    assert divisions == (
        tally(cut_components=1, positive_voxels=10, negative_voxels=10),
        tally(anchor="low", cut_components=1, positive_voxels=5, negative_voxels=5),
    )


def test_other_actions_stay():
    actions = (Paint(4), Ignore(), Ignore(), None, Paint(0))
    before = claims("1122334455..........", *actions)
    source, divisions = divide(before, [AT_TEN], 6, 0.9)
    assert divisions == ()
    assert source is before
    source, _ = divide(claims("1122334455...6666666", *actions, BY_MID), [AT_TEN], 6, 0.9)
    assert painted(source) == "44...........1111111"
    assert decode(source.runs).ravel()[:10].tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]


def test_an_absent_integer_is_no_division():
    source, divisions = divide(claims("11..", Paint(4), BY_MID), [AT_TEN], 6, 0.9)
    assert divisions == ()
    assert painted(source) == "44.."


def test_a_voxel_on_the_plane_is_positive():
    # Rounding puts the centre of voxel 3 a hair below or above; it counts as on the plane.
    for error in (-1e-9, 0.0, 1e-9):
        fit = AnchorFit("mid", "fitted", "", 3, normal=(1.0, 0.0, 0.0), offset_mm=3.0 + error)
        source, _ = divide(claims("1111111", BY_MID), [fit], 6, 0.9)
        assert painted(source) == "2221111"


def test_too_many_cells_do_not_wrap():
    cells = tuple(Cell(integer, Ignore()) for integer in range(1, 65537))
    with pytest.raises(ValueError, match="more than 65535 cells"):
        Claims("src", claims("1").runs, cells)


@settings(deadline=None, max_examples=50)
@given(data=st.data(), share=st.sampled_from([0.5, 0.55, 0.7, 0.9, 1.0]))
def test_take_sides(data, share):
    n = data.draw(st.integers(1, 4))
    piece = st.tuples(st.integers(1, 9), st.booleans(), st.integers(0, n - 1))
    pieces = data.draw(st.lists(piece, max_size=12))
    voxels, inside, component = np.array(pieces, dtype=np.int64).reshape(-1, 3).T
    sides = take_sides(voxels, inside.astype(bool), component, n, share)
    for at in range(n):
        own = [(v, i) for v, i, c in pieces if c == at]
        up = sum(v for v, i in own if i)
        total = sum(v for v, _ in own)
        if own:
            assert sides.whole[at] == (max(up, total - up) / total >= share)
            assert sides.mostly_positive[at] == (up >= total - up)
    for at, (_, was_inside, own) in enumerate(pieces):
        wanted = sides.mostly_positive[own] if sides.whole[own] else was_inside
        assert sides.positive[at] == wanted
