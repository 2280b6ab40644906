"""Label tables: text that ITK-SNAP and 3D Slicer read, with colours told apart."""

import itertools
import json
import math
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from vesalius.adapters.files.label_tables import (
    LabelRow,
    itksnap_table,
    json_table,
    slicer_table,
    with_colours,
)

ROWS = [LabelRow(12, 'tip "b"', (1, 22, 255)), LabelRow(3, "core  of\nit", (255, 0, 0))]


def test_itksnap_text():
    assert itksnap_table(ROWS) == (
        "# ITK-SNAP label description\n"
        "# IDX   -R-  -G-  -B-  -A--  VIS MSH  LABEL\n"
        '    0     0    0    0     0    0   0  "Clear Label"\n'
        '    3   255    0    0     1    1   1  "core of it"\n'
        "   12     1   22  255     1    1   1  \"tip 'b'\"\n"
    )


def test_slicer_text():
    assert slicer_table(ROWS) == (
        "# Color table file for 3D Slicer\n"
        "# integer name R G B A\n"
        "0 background 0 0 0 0\n"
        "3 core_of_it 255 0 0 255\n"
        '12 tip_"b" 1 22 255 255\n'
    )


def test_json_text():
    assert json.loads(json_table(ROWS)) == {
        "schema": "labels/1",
        "background": 0,
        "labels": [
            {"integer": 3, "name": "core  of\nit", "color": [255, 0, 0]},
            {"integer": 12, "name": 'tip "b"', "color": [1, 22, 255]},
        ],
    }


def test_columns_that_programs_split():
    rows = [LabelRow(i, f"name {i}") for i in (1, 99, 12345)]
    for line in itksnap_table(rows).splitlines():
        if not line.startswith("#"):
            numbers, name, _ = line.split('"')
            assert len([int(word) for word in numbers.split()]) == 7
            assert name
    for line in slicer_table(rows).splitlines():
        if not line.startswith("#"):
            assert len(line.split(" ")) == 6


@settings(deadline=None, max_examples=30)
@given(
    st.lists(st.integers(1, 65535), unique=True, max_size=160),
    st.randoms(use_true_random=False),
    st.lists(st.tuples(*[st.integers(0, 255)] * 3), max_size=20),
)
def test_colours_differ_and_do_not_depend_on_order(integers, rng: random.Random, given_colours):
    colours = [*given_colours, *[None] * len(integers)]
    rows = [LabelRow(i, f"n{i}", rgb) for i, rgb in zip(integers, colours, strict=False)]
    result = with_colours(rows)
    assert [r[0] for r in result] == sorted(integers)
    shuffled = rows[:]
    rng.shuffle(shuffled)
    assert with_colours(shuffled) == result
    chosen = {row.integer: row.rgb for row in rows}
    assert all(chosen[i] in (None, rgb) for i, _, rgb in result)
    made = [rgb for i, _, rgb in result if chosen[i] is None]
    assert len(set(made)) == len(made)
    assert not set(made) & set(given_colours[: len(integers)])


def test_a_few_colours_are_far_apart():
    colours = [rgb for _, _, rgb in with_colours(LabelRow(i, str(i)) for i in range(1, 11))]
    assert min(math.dist(a, b) for a, b in itertools.combinations(colours, 2)) >= 90
