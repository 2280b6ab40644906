"""Whether what a step looks at is the same in two states of a case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vesalius.engine.judging.context import Context
from vesalius.engine.plan.footprint import BACKGROUND, footprint
from vesalius.engine.plan.plan import Anchor
from vesalius.engine.plan.step import Step

_AT_FIRST: Mapping[int, int] = {}
_KEPT = 8192
"""What so many steps look at is kept, with and without repair: cases of a cohort have the same."""


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
    changed = context.changed_since(_AT_FIRST if before is None else before)
    if not changed:
        return True
    seen = looked_at(step, context, repair=False)
    return seen is not None and changed.isdisjoint(seen)


def looked_at(step: Step, context: Context, *, repair: bool) -> frozenset[int] | None:
    """Give the labels that a step looks at, with its repair or without; None for the whole map."""
    anchors = context.shared.anchors
    key = id(step), id(anchors), repair
    found = _OF_STEPS.get(key)
    if found is None:
        if len(_OF_STEPS) >= _KEPT:
            _OF_STEPS.clear()
        seen = labels_read(step if repair else step.judgement, anchors)
        # Both are kept with what is known, so that no others get their ids.
        found = _OF_STEPS[key] = step, anchors, seen
    return found[2]


_OF_STEPS: dict[tuple[int, int, bool], tuple[Step, Sequence[Anchor], frozenset[int] | None]] = {}


def labels_read(step: Step, anchors: Sequence[Anchor]) -> frozenset[int] | None:
    """Find the labels that a step looks at; None for the whole map."""
    # What may give voxels to any label stands for background here, and so for the whole map.
    everything = (BACKGROUND,) if step.repair is not None else ()
    seen = footprint(step, anchors, everything).reads
    return None if BACKGROUND in seen else seen
