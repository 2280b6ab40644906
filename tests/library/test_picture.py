"""The notation of pictures, against hand-drawn arrays."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vesalius.adapters.rule_tests.orient import ORIENTATIONS
from vesalius.adapters.rule_tests.picture import VIEWS, read_picture


def drawn(text, letters="gx6ab"):
    cells, flaws = read_picture(text, letters)
    assert flaws == []
    return ["".join(row) for slice_ in cells.tolist() for row in slice_]


def flaws(text, letters="gx6ab"):
    cells, found = read_picture(text, letters)
    assert cells.size == 0
    return [(f.code, f.line, f.column, f.end_column) for f in found]


def test_blanks_and_empty_lines_mean_nothing():
    assert drawn("\n . g.\n\n a  b .  \n\n") == [".g.", "ab."]


def test_runs():
    assert drawn(".x6\n.x2 g .x3\n..g...", "g") == ["......", "..g...", "..g..."]


def test_every_digit_after_the_x_belongs_to_the_run():
    assert drawn(".x12", "g6") == ["." * 12]


def test_digits_and_x_as_letters():
    assert drawn("6 6 . x", "6x") == ["66.x"]
    assert drawn("6x2.", "6g") == ["66."]
    assert drawn("x6 .", "x6") == ["x6."]
    assert drawn("xx3", "xg") == ["xxx"]


def test_a_run_of_two_meanings_is_refused():
    assert flaws(". gx6\n. g") == [("PIC005", 0, 2, 5)]


def test_slices():
    cells, found = read_picture("g.\n..\n---\n.g\n..\n-----\n..\n..", "g")
    assert found == []
    assert cells.shape == (3, 2, 2)
    assert np.argwhere(cells == "g").tolist() == [[0, 0, 0], [1, 0, 1]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (". q .\n. q r", [("PIC001", 0, 2, 3), ("PIC001", 1, 4, 5)]),
        (". . .\n  . .", [("PIC002", 1, 2, 5)]),
        (". .\n. .\n---\n. .", [("PIC002", 3, 0, 3)]),
        (".x0", [("PIC005", 0, 0, 3)]),
        (".x1001", [("PIC005", 0, 0, 6)]),
        ("", [("PIC006", 0, 0, 1)]),
        (". .\n\n ---\n", [("PIC006", 2, 1, 4)]),
        ("---\n. .", [("PIC006", 0, 0, 3)]),
        (". .\n---\n---\n. .", [("PIC006", 1, 0, 3)]),
    ],
)
def test_flaws(text, expected):
    assert flaws(text) == expected


# Where the first cell of a view lies: smallest or largest index along patient x, y, z (RAS+).
# Coronal from the front, axial from the feet: the picture's left is the patient's right, +x.
CORNERS = {"coronal": "RAS", "axial": "RAS", "sagittal": "LAS"}


@pytest.mark.parametrize("name", VIEWS)
def test_the_first_cell_lies_in_the_right_corner(name):
    cells = np.zeros((2, 3, 4), int)
    cells[0, 0, 0] = 1
    array = VIEWS[name].to_patient(cells)
    corner = [
        0 if letter in "LPI" else n - 1
        for letter, n in zip(CORNERS[name], array.shape, strict=True)
    ]
    assert np.argwhere(array).tolist() == [corner]


@pytest.mark.parametrize(
    ("name", "shape"), [("coronal", (4, 2, 3)), ("axial", (4, 3, 2)), ("sagittal", (2, 4, 3))]
)
def test_slices_rows_and_columns_become_patient_axes(name, shape):
    cells = np.arange(24).reshape(2, 3, 4)
    array = VIEWS[name].to_patient(cells)
    assert array.shape == shape
    assert np.array_equal(VIEWS[name].from_patient(array), cells)


# By hand: the cell one step across, down and into the picture from the first cell.
STEPS = {
    "coronal": ((-1, 0, 0), (0, 0, -1), (0, -1, 0)),
    "axial": ((-1, 0, 0), (0, -1, 0), (0, 0, -1)),
    "sagittal": ((0, -1, 0), (0, 0, -1), (1, 0, 0)),
}


@pytest.mark.parametrize("name", VIEWS)
def test_steps_in_the_picture_are_steps_in_the_patient(name):
    where = {}
    for across, down, into in itertools.product(range(2), repeat=3):
        cells = np.zeros((2, 2, 2), int)
        cells[into, down, across] = 1
        where[across, down, into] = np.argwhere(VIEWS[name].to_patient(cells))[0]
    for axis, step in enumerate(STEPS[name]):
        other = tuple(int(axis == a) for a in range(3))
        assert (where[other] - where[0, 0, 0]).tolist() == list(step)


def test_there_are_48_orientations():
    assert len({o.name for o in ORIENTATIONS}) == 48
    assert ORIENTATIONS[0].name == "RAS"


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(ORIENTATIONS), st.tuples(*[st.integers(1, 4)] * 3))
def test_an_orientation_keeps_every_voxel_in_its_place(orientation, shape):
    array = np.arange(np.prod(shape)).reshape(shape)
    turned = orientation.apply(array)
    assert np.array_equal(orientation.undo(turned), array)
    matrix = orientation.matrix(shape)
    for ijk in np.ndindex(turned.shape):
        index = orientation.patient_index(ijk, shape)
        assert turned[ijk] == array[index]
        assert (matrix @ [*ijk, 1])[:3].tolist() == list(index)


@pytest.mark.parametrize("orientation", ORIENTATIONS, ids=lambda o: o.name)
def test_names_agree_with_nibabel(orientation):
    import nibabel as nib

    assert "".join(nib.aff2axcodes(orientation.matrix((3, 4, 5)))) == orientation.name
