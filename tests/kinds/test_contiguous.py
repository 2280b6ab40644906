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
