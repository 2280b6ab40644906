"""Anchors whose fit must be plausible."""

from __future__ import annotations

from dataclasses import dataclass

from vesalius.engine.judging.context import Context
from vesalius.engine.judging.verdict import Finding, Verdict
from vesalius.engine.plan.roles import AnchorNumber
from vesalius.engine.plan.step import Expect


@dataclass(frozen=True)
class Plausible(Expect):
    """An anchor's fit is plausible; with too few points to fit it nothing can be said."""

    anchor: AnchorNumber


def judge_plausible(expect: Plausible, context: Context) -> Verdict:
    """Find an anchor that was fitted badly.

    Raises
    ------
    Missing
        If there are too few points to fit it.
    """
    fit = context.fit(expect.anchor)
    if fit.fitted:
        return Verdict()
    if fit.status == "missing":
        raise context.unfitted(expect.anchor)
    figures = (
        ("points", fit.n_points),
        ("tilt_deg", fit.tilt_deg),
        ("residual_mm", fit.residual_mm),
    )
    # To 1e-6, so that the figures are the same in all orientations of the array.
    values = tuple((key, round(float(value), 6)) for key, value in figures if value is not None)
    return Verdict((Finding("implausible", (), values=values, note=fit.reason),))
