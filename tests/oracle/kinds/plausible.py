"""An anchor's fit is plausible."""

from __future__ import annotations

from oracle.judging import NOTHING, Said, Wrong
from oracle.state import State
from vesalius.engine.kinds import Plausible


def judge(expect: Plausible, state: State) -> Said:
    """Say nothing of an anchor that has too few points."""
    fit = state.fit(expect.anchor)
    if fit.status == "missing":
        return NOTHING
    if fit.fitted:
        return Said()
    figures = (
        ("points", fit.n_points),
        ("tilt_deg", fit.tilt_deg),
        ("residual_mm", fit.residual_mm),
    )
    values = tuple((name, round(float(v), 6)) for name, v in figures if v is not None)
    return Said((Wrong("implausible", (), 0, values),))
