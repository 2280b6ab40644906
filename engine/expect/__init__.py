"""Judging expectations: one module per family, one function per kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from vesalius.engine.context import Context
from vesalius.engine.expect.amount import judge_mean_hu, judge_volume, judge_volume_ratio
from vesalius.engine.expect.contact import judge_enclosed, judge_touching
from vesalius.engine.expect.counted import judge_agrees, judge_counted
from vesalius.engine.expect.holes import judge_filled
from vesalius.engine.expect.located import judge_located
from vesalius.engine.expect.numbered import judge_numbered
from vesalius.engine.expect.order import judge_contiguous, judge_ordered
from vesalius.engine.expect.pieces import judge_pieces
from vesalius.engine.expect.plausible import judge_plausible
from vesalius.engine.expect.presence import judge_absent, judge_present
from vesalius.engine.expect.sides import judge_own_side
from vesalius.engine.expect.undivided import judge_undivided
from vesalius.engine.steps import (
    Absent,
    Agrees,
    Contiguous,
    Counted,
    Enclosed,
    Expect,
    Filled,
    Located,
    MeanHu,
    Numbered,
    OnOwnSide,
    Ordered,
    Pieces,
    Plausible,
    Present,
    Touching,
    Undivided,
    Volume,
    VolumeRatio,
)
from vesalius.engine.verdict import Missing, Verdict

JUDGES: Mapping[type, Callable[[Any, Context], Verdict]] = {
    Absent: judge_absent,
    Present: judge_present,
    Pieces: judge_pieces,
    OnOwnSide: judge_own_side,
    Located: judge_located,
    Plausible: judge_plausible,
    Ordered: judge_ordered,
    Contiguous: judge_contiguous,
    Touching: judge_touching,
    Enclosed: judge_enclosed,
    Volume: judge_volume,
    VolumeRatio: judge_volume_ratio,
    MeanHu: judge_mean_hu,
    Filled: judge_filled,
    Counted: judge_counted,
    Undivided: judge_undivided,
    Numbered: judge_numbered,
    Agrees: judge_agrees,
}


def judge(expect: Expect, context: Context) -> Verdict:
    """Say whether a map is as it must be.

    Where something is missing that is needed to say so, the verdict says what.

    Raises
    ------
    TypeError
        If no function judges this kind of expectation.
    """
    judge_kind = JUDGES.get(type(expect))
    if judge_kind is None:
        raise TypeError(f"no function judges {type(expect).__name__}")
    try:
        return judge_kind(expect, context)
    except Missing as missing:
        return Verdict(missing=str(missing))
