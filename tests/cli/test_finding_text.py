"""Figures in findings: as many digits as their comparison needs, and no more."""

from __future__ import annotations

import re

import hypothesis.strategies as st
import pytest
from hypothesis import assume, example, given

from vesalius.adapters.cases.finding_text import finding_texts
from vesalius.engine.judging.verdict import Finding
from vesalius.rules.kinds import sentences

TOKENS = {1: "organ"}


def said(kind: str, **values: float) -> str:
    (text,) = finding_texts(
        [Finding(kind, (1,), values=tuple(values.items()))], TOKENS, sentences()
    )
    return text


@pytest.mark.parametrize(
    ("mean", "least", "expected"),
    [
        (9.6, 10, "organ: mean 9.6 HU, at least 10.0 HU expected"),
        (9.96, 10, "organ: mean 9.96 HU, at least 10.00 HU expected"),
        (4.4, 10, "organ: mean 4 HU, at least 10 HU expected"),
        (-31.2, 10, "organ: mean -31 HU, at least 10 HU expected"),
    ],
)
def test_a_mean_just_below_its_bound(mean, least, expected):
    assert said("too dark", mean_hu=mean, at_least_hu=least) == expected


def test_other_units():
    assert said("too small", ml=9.9994, at_least_ml=10.0) == (
        "organ: 9.999 ml, at least 10.000 ml expected"
    )
    assert said("too small a ratio", ratio=0.39996, at_least=0.4) == (
        "organ: volume ratio 0.39996, at least 0.4 expected"
    )
    assert said("out of order", step_mm=-3.04) == "organ: out of order by 3.0 mm"
    assert said("too far away", mm=2.04, at_most_mm=2.0) == (
        "organ: 2.04 mm away, at most 2.00 mm expected"
    )


def test_equal_figures_and_figures_too_near_to_tell_stay_short_enough():
    assert said("too dark", mean_hu=10.0, at_least_hu=10.0) == (
        "organ: mean 10 HU, at least 10 HU expected"
    )
    assert said("too dark", mean_hu=10 - 1e-12, at_least_hu=10.0) == (
        "organ: mean 10.000000 HU, at least 10.000000 HU expected"
    )


@example(-0.0, 0.5)
@example(-0.3, 0.3)
@given(st.floats(-2000, 2000), st.floats(-2000, 2000))
def test_what_is_written_keeps_the_order(mean, bound):
    assume(abs(mean - bound) > 1e-5)
    text = said("too dark", mean_hu=mean, at_least_hu=bound)
    first, second = (float(figure) for figure in re.findall(r"(-?[0-9.]+) HU", text))
    assert (first < second) == (mean < bound)
