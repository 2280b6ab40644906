"""A repair that removes all that was at fault is not taken back for want of a judgement."""

from __future__ import annotations

import numpy as np

from vesalius.engine.kinds import Into, Touching
from vesalius.engine.plan.step import Step
from vesalius.engine.run_steps import run_steps
from vesalius.engine.runs.labelmap import decode, encode


def test_what_is_gone_needs_no_further_judgement():
    array = np.zeros((15, 5, 5), np.uint8)
    array[2:4, 2, 2] = 1  # far from 2: at fault, and removed
    array[8, 2, 2] = 2
    array[14, 2, 2] = 3  # far from 2 as well, but cut by the border: nothing can be said of it
    step = Step(
        rule="near",
        expect=Touching((1, 3), (2,), gap_mm=2.0),
        repair=Into(0),
        reads=(1, 2, 3),
        writes=(0, 1, 3),
    )
    ruled = run_steps([step], (), encode(array, np.eye(4)))
    assert [o.status for o in ruled.outcomes] == ["changed"]
    array[array == 1] = 0
    assert np.array_equal(decode(ruled.labels), array)
