"""Whether what a step looks at is the same in two states of a case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from vesalius.engine.judging.context import Context
from vesalius.engine.plan.footprint import BACKGROUND, footprint
from vesalius.engine.plan.step import Step


def sees_the_same(step: Step, context: Context, before: Mapping[int, int] | None = None) -> bool:
    """Tell whether nothing was changed that the judgement of a step looks at.

    Parameters
    ----------
    step : Step
        What is judged; its repair does not count.
    context : Context
        The map now.
    before : mapping of int to int, optional
        Versions of the labels then; by default those a case begins with.
    """
    then, now = before or {}, context.versions
    changed = {label for label in {*then, *now} if then.get(label, 0) != now.get(label, 0)}
    if not changed:
        return True
    seen = footprint(replace(step, repair=None), context.shared.anchors, ()).reads
    return BACKGROUND not in seen and changed.isdisjoint(seen)
