"""Which parts are meant, of what lies where it should not."""

from __future__ import annotations

import numpy as np
import pytest

from vesalius.engine.judging.context import start
from vesalius.engine.kinds import Absent, Located, Meant, judge
from vesalius.engine.runs.labelmap import encode

# On a line of voxels of 1 ml: what reaches the border, a piece of 8, of 2 and of 1.
LINE = np.zeros((20, 3, 3), dtype=np.uint8)
for low, high in ((0, 2), (4, 12), (14, 16), (18, 19)):
    LINE[low:high, 1, 1] = 1
AFFINE = np.diag([10.0, 10.0, 10.0, 1.0])


def sizes(expect):
    faults = judge(expect, start(encode(LINE, AFFINE))).faults
    return [] if faults is None else sorted(faults.voxels.tolist())


@pytest.mark.parametrize(
    ("meant", "left"),
    [
        (Meant(), [1, 2, 2, 8]),
        (Meant(ignore_below_ml=2.0), [2, 2, 8]),
        (Meant(ignore_below_ml=2.1), [8]),
        (Meant(at_least_share=0.25), [2, 2, 8]),
        (Meant(at_least_share=0.26), [8]),
        (Meant(at_most_share=0.25), [1, 2, 2]),
        (Meant(at_most_share=0.24), [1]),
        (Meant(skip_cut=True), [1, 2, 8]),
    ],
)
@pytest.mark.parametrize("per", ["component", "voxel"])
def test_parts(meant, left, per):
    assert sizes(Absent((1,), per=per, meant=meant)) == left
    assert sizes(Located((1,), (), inside=False, per=per, meant=meant)) == left


def test_what_is_not_meant_is_not_counted():
    assert sizes(Absent((1,), at_most_ml=4.0, meant=Meant(at_most_share=0.25))) == [1, 2, 2]
    assert sizes(Absent((1,), at_most_ml=5.0, meant=Meant(at_most_share=0.25))) == []
