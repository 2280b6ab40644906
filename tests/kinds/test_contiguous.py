"""`contiguous`: a speck far away does not make others look missing."""

from __future__ import annotations

import numpy as np

from vesalius.engine.judging.context import start
from vesalius.engine.kinds import Contiguous, judge
from vesalius.engine.runs.labelmap import encode


def said(*voxels, share=0.25):
    """Judge a row of labels 1, 2, ... with so many voxels each."""
    array = np.zeros((len(voxels) * 10 + 2, 3, 3), dtype=np.uint8)
    for at, n in enumerate(voxels):
        array[1 + 10 * at : 1 + 10 * at + n, 1, 1] = at + 1
    expect = Contiguous(tuple(range(1, len(voxels) + 1)), speck_share=share)
    return judge(expect, start(encode(array, np.eye(4))))


def test_a_speck_is_no_end():
    verdict = said(1, 0, 0, 8, 8)
    assert not verdict.findings
    assert "too small to be counted" in verdict.passed_over[0]
    assert [f.labels for f in said(2, 0, 0, 8, 8).findings] == [(2, 3)]
    assert [f.labels for f in said(1, 0, 0, 8, 8, share=0.0).findings] == [(2, 3)]


def test_a_speck_between_others_is_missing():
    assert [f.labels for f in said(8, 1, 8, 8).findings] == [(2,)]
    assert not said(8, 2, 8, 8).findings


def room(*at, shape=(90, 3, 3), around=4):
    """Judge labels 1, 2, ... at places along a row."""
    array = np.zeros(shape, dtype=np.uint8)
    for label, place in enumerate(at, start=1):
        array[place, 1, 1] = label
    expect = Contiguous(tuple(range(1, len(at) + 1)), room_at_most=1.6, around=around)
    return [f.labels for f in judge(expect, start(encode(array, np.eye(4)))).findings]


def test_room_for_another_is_that_of_the_steps_around():
    assert room(10, 20, 30, 47, 57, 67) == [(3, 4)]
    assert room(10, 20, 30, 46, 56, 66) == []
    # The wide one is usual among those beside it.
    grows = (2, 7, 12, 17, 22, 27, 32, 42, 52, 62)
    assert room(*grows, around=9) == [(7, 8), (8, 9), (9, 10)]
    assert room(*grows, around=1) == []


def test_what_the_scan_cuts_says_not_what_is_usual():
    """Cut at both ends: two steps are left, of which one may be wrong."""
    assert room(0, 10, 20, 37, 47, shape=(48, 3, 3)) == []
    assert room(0, 10, 20, 37, 47, 57, shape=(70, 3, 3)) == [(3, 4)]
