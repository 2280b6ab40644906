"""Parts that are to have another label, and what is said of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.judging.context import Context
from vesalius.engine.judging.verdict import (
    Faults,
    Verdict,
    findings_by_part,
    grouped_faults,
    take_runs,
)
from vesalius.engine.runs.components import Components


def renamed_faults(found: Components, label: NDArray[np.integer[Any]]) -> Faults | None:
    """Make a part of each component that is to have another label.

    Parameters
    ----------
    found : Components
        The components; each run is in one.
    label : ndarray of int, shape (number of components,)
        What each is to have.

    Returns
    -------
    Faults or None
        With the labels as targets; None where all have theirs.
    """
    moved = np.flatnonzero(label != found.label)
    number = np.full(len(found), -1, dtype=np.int64)
    number[moved] = np.arange(moved.size)
    of_run = number[found.of_run]
    rows = np.flatnonzero(of_run >= 0)
    runs = take_runs(found.labelmap, rows)
    return grouped_faults(runs, of_run[rows], moved.size, label[moved])


def target_verdict(faults: Faults | None, kind: str, says: str, context: Context) -> Verdict:
    """Return the verdict on parts that are to have other labels.

    Parameters
    ----------
    faults : Faults or None
        The parts, with their targets; None where all is right.
    kind : str
        What is wrong with each.
    says : str
        What the note of each says before the name of its target.
    context : Context
        The map.
    """
    if faults is None or faults.target is None:
        return Verdict()
    findings = tuple(
        replace(finding, note=f"{says} {context.name(aim)}")
        for finding, aim in zip(findings_by_part(faults, kind), faults.target.tolist(), strict=True)
    )
    return Verdict(findings, faults)
