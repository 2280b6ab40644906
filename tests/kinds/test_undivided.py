"""`undivided` with `sure`: a wrong name, or a piece of a broken rib that touches the next one."""

from __future__ import annotations

import numpy as np
import pytest

from vesalius.engine.judging.context import start
from vesalius.engine.kinds import Undivided, judge
from vesalius.engine.runs.labelmap import encode

# Two bars on each side: 1 and 2 on the left, 3 and 4 are their mirrors.
MIRRORS = ((1, 3), (2, 4))


def draw(one, two, beside=()):
    """Draw a bar of each label, so long; `beside` are voxels of 2 that touch the bar of 1."""
    array = np.zeros((24, 7, 6), dtype=np.uint8)
    array[2 : 2 + one, 2, 2], array[2 : 2 + two, 5, 2] = 1, 2
    array[2:12, 2, 4], array[2:12, 5, 4] = 3, 4
    for voxel in beside:
        array[voxel] = 2
    return array


def found(array, sure, **more):
    expect = Undivided((1, 2, 3, 4), sure=sure, mirrors=MIRRORS, **more)
    faults = judge(expect, start(encode(array, np.eye(4)))).faults
    return [] if faults is None else list(zip(faults.label.tolist(), faults.voxels, strict=True))


def front(long):
    """Draw a bar of 1 that ends as 2, `long` voxels before its end."""
    return draw(10 - long, 10, [(12 - at, 2, 2) for at in range(1, long + 1)])


@pytest.mark.parametrize("long", [4, 1])
def test_what_the_bar_lacks_beside_its_mirror_is_part_of_it(long):
    assert found(front(long), True) == [(2, long)]
    assert found(front(long), False) == []


def test_how_much_it_must_lack_is_a_share():
    assert found(front(1), True, less_share=0.9)
    assert not found(front(1), True, less_share=0.89)
    assert found(front(1), False, less_share=0.89)


def test_a_piece_that_its_own_bar_lacks_is_not():
    array = draw(10, 6, [(4, 3, 2), (5, 3, 2), (6, 3, 2), (7, 3, 2)])
    assert found(array, True) == []
    assert found(array, False) == [(2, 4)]
    assert found(array, None) == [(2, 4)]


def test_most_of_a_bar_may_have_the_other_name():
    assert found(front(6), True) == [(2, 6)]
    assert found(front(6), None) == []


def test_both_sides_alike_are_no_broken_bars():
    array = front(4)
    array[8:12, 2, 4] = 4
    assert found(array, True) == [(2, 4), (4, 4)]
    assert found(array, False) == []


def test_no_mirror_and_no_cut_one_proves_anything():
    array = front(4)
    lone = np.where(array == 3, 0, array)
    assert found(lone, True) == []
    assert found(lone, False) == [(2, 4)]
    cut = array.copy()
    cut[0:12, 5, 4] = 4
    assert found(cut, True) == []


def test_what_lies_in_it_is_part_of_it():
    """Two of its six faces are on the bar: a third of them."""
    array = draw(10, 10)
    array[5, 2, 2] = 2
    array[array == 3] = 0
    assert found(array, True, enclosed_share=2 / 6) == [(2, 1)]
    assert found(array, True, enclosed_share=0.34) == []
    assert found(array, False, enclosed_share=0.34) == [(2, 1)]
