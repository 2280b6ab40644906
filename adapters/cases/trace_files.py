"""The trace of a run: by voxel the number of the step that wrote it last, and what numbers mean."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from vesalius.adapters.cases.loaded import LoadedCase
from vesalius.adapters.cases.rule_findings import Json
from vesalius.adapters.cases.rule_outcomes import RuleOutcome
from vesalius.adapters.files.atomic import Outputs
from vesalius.adapters.files.nifti_write import add_labels
from vesalius.engine.plan.plan import Plan
from vesalius.engine.runs.labelmap import LabelMap

TRACE = "trace.nii.gz"


def step_rows(plan: Plan, outcomes: Sequence[RuleOutcome]) -> list[Json]:
    """List the steps of a plan as a trace counts them, from 1.

    Parameters
    ----------
    plan : Plan
        What was run.
    outcomes : sequence of RuleOutcome
        What became of each rule; says where rules are written.

    Returns
    -------
    list of dict
        Keys: step, rule, defined_at (file and line). A rule may have several steps.
    """
    written = {outcome.rule.id: outcome.defined_at for outcome in outcomes}
    return [
        {"step": number, "rule": step.rule, "defined_at": written[step.rule]}
        for number, step in enumerate(plan.steps, start=1)
    ]


def add_trace(outputs: Outputs, path: Path, trace: LabelMap, case: LoadedCase) -> None:
    """Write a trace on the grid of its case as one of several outputs.

    Parameters
    ----------
    outputs : Outputs
        Written all or none.
    path : Path
        Where; ends in ``.nii.gz``.
    trace : LabelMap
        Step numbers; 0 where the merge was not changed. Always written as uint16.
    case : LoadedCase
        Gives grid and header.
    """
    add_labels(outputs, path, trace, case.grid, case.header, dtype=np.uint16)
