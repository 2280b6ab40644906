"""The meaning of a whole plan: merge, steps, output integers, tally."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from oracle.geometry import Affine, Voxel
from oracle.merge import merge, tally
from oracle.run import Outcome
from oracle.state import Labels, State
from oracle.undo import run_and_undo
from vesalius.engine.plan.plan import Plan


class Result(NamedTuple):
    """Output integers and work labels by voxel, the outcomes of the steps, and the tally."""

    labels: Labels
    work: Labels
    outcomes: list[Outcome]
    tally: dict[str, Any]


def execute(
    plan: Plan,
    volumes: Mapping[str, NDArray[Any]],
    affine: Affine,
    shape: Voxel,
    metadata: Mapping[str, str],
    image: NDArray[Any] | None = None,
) -> Result:
    """Run a plan on voxel arrays, with safe repairs only."""
    merged = merge(plan, volumes, affine, shape, metadata)
    state = State(merged.work, affine, plan.rule_anchors, metadata, image)
    after, outcomes, _ = run_and_undo(plan.steps, state, plan.turns)
    output = np.array([0, *(entry.output for entry in plan.work)])
    return Result(output[after.work], after.work, outcomes, tally(plan, merged, after.work, affine))
