"""Loose pieces go to what surrounds them."""

from __future__ import annotations

import numpy as np

from vesalius.adapters.phantom.tidy import tidy

NAMES = ["", "fat", "muscle", "liver", "spleen"]


def run(rows, fragmented=("fat", "muscle"), into=("muscle", "fat")):
    painted = np.array([[[int(c) for c in row] for row in rows]], dtype=np.uint16)
    tidy(painted, NAMES, set(fragmented), into)
    return ["".join(map(str, row)) for row in painted[0]]


def test_the_largest_piece_stays_and_the_rest_takes_the_colour_around_it():
    assert run(["1111111", "1331131", "1331111"]) == ["1111111", "1331111", "1331111"]


def test_what_touches_most_often_decides():
    assert run(["1122222", "1132233", "1122233"]) == ["1122222", "1122233", "1122233"]


def test_diagonal_neighbours_are_two_pieces():
    assert run(["13111", "11331", "11331"]) == ["11111", "11331", "11331"]


def test_fragmented_structures_are_left_alone():
    rows = ["2111112", "1331111", "2111112"]
    assert run(rows) == rows


def test_a_piece_in_air_becomes_air_and_one_inside_an_organ_the_organ():
    assert run(["0000000", "0033030", "0000000"]) == ["0000000", "0033000", "0000000"]
    assert run(["33444", "33434", "33444"]) == ["33444", "33444", "33444"]


def test_pieces_of_two_structures_do_not_mix():
    assert run(["3341", "3344", "1131"], into=("fat",)) == ["3341", "3344", "1111"]
