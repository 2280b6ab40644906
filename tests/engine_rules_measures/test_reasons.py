"""Why nothing can be said names what is to blame, not only in words."""

from __future__ import annotations

import numpy as np
import pytest

from vesalius.engine.kinds import (
    Enclosed,
    ExtentRatio,
    Ordered,
    Touching,
    Volume,
    VolumeRatio,
    judge,
)
from vesalius.engine.plan.reason import Reason, in_words, texts_of

UP = (0.0, 0.0, 1.0)
NONE, CUT = (), ("label 1",)


@pytest.fixture
def context(make_case):
    """Label 1 is cut at the lower end of the scan, label 2 lies whole above it."""
    array = np.zeros((5, 5, 9))
    array[1:4, 1:4, 0:3] = 1
    array[1:4, 1:4, 5:7] = 2
    return make_case(array).context()


@pytest.mark.parametrize(
    ("expect", "absent", "cut"),
    [
        (Touching((2,), (7, 8)), ("label 7", "label 8"), NONE),
        (Enclosed((2,), (7,), 0.5), ("label 7",), NONE),
        (ExtentRatio((2,), (7, 8, 9, 10, 11), UP), tuple(f"label {n}" for n in range(7, 12)), NONE),
        (VolumeRatio((2,), (7,)), ("label 7",), NONE),
        (VolumeRatio((1,), (2,)), NONE, CUT),
        (Volume((1,), 99.0), NONE, CUT),
        (Ordered((1, 2), UP), NONE, CUT),
        (Ordered((7, 2), UP), ("label 7",), NONE),
        (Ordered((1, 7), UP), ("label 7",), CUT),
    ],
)
def test_a_verdict_names_what_is_not_there_and_what_is_cut(context, expect, absent, cut):
    verdict = judge(expect, context)
    (reason,) = verdict.lacks
    assert (reason.absent, reason.cut, reason.unmade) == (absent, cut, ())
    assert verdict.missing == reason.text != ""
    assert reason.names_some is bool(absent or cut)


def test_texts_stand_once_and_in_their_order():
    reasons = Reason("b"), Reason("a", absent=("x",)), Reason("b", cut=("y",))
    assert texts_of(reasons) == ("b", "a")
    assert in_words(reasons) == "b; a"
    assert in_words(()) == ""
