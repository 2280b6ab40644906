"""Pooled components that carry more than one label."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from vesalius.engine.context import Context
from vesalius.engine.steps import Undivided
from vesalius.engine.verdict import Verdict, findings_by_part, grouped_faults, take_runs


def judge_undivided(expect: Undivided, context: Context) -> Verdict:
    """Find the labels that occur in a component which is the home of one other label.

    The home of a label is the pooled component with most of its voxels; of equal ones the first
    in the order of :class:`vesalius.engine.components.Components`. Where a component is the home
    of several labels, or of none, it is not clear whose it is, and where a label has more voxels
    in it than the one at home, neither. All voxels of one label in one component are a part, at
    fault from `ignore_below_ml`; its target is the label at home.
    """
    pooled = context.components(expect.labels, expect.connectivity, joint=True)
    runs, of_run = pooled.labelmap, pooled.of_run
    if not len(runs):
        return Verdict()
    width = runs.largest + 1
    code, group = np.unique(of_run.astype(np.int64) * width + runs.label, return_inverse=True)
    voxels = np.bincount(group, weights=runs.lengths)
    component, label = np.divmod(code, width)
    order = np.lexsort((component, -voxels, label))
    first = order[np.flatnonzero(np.diff(label[order], prepend=-1))]
    residents = np.bincount(component[first], minlength=len(pooled))
    # By component: the group of the label at home there, where there is exactly one.
    home = np.zeros(len(pooled), dtype=np.int64)
    home[component[first]] = first
    host = home[component]
    at_home = np.isin(np.arange(code.size), first)
    guest = ~at_home & (residents[component] == 1) & (voxels <= voxels[host])
    guest &= ~context.below_ml(voxels, expect.ignore_below_ml)
    if expect.skip_cut:
        cut = np.asarray(pooled.measures.on_border.any(axis=(1, 2)))
        cut_label = np.zeros(width, dtype=bool)
        cut_label[[n for n in np.unique(label).tolist() if context.cut_by_border(n)]] = True
        guest &= ~(cut[component] | cut_label[label] | cut_label[label[host]])
    number = np.cumsum(guest) - 1
    wrong = guest[group]
    aims = label[host[guest]]
    part = number[group[wrong]]
    faults = grouped_faults(take_runs(runs, wrong), part, int(guest.sum()), aims)
    findings = tuple(
        replace(finding, note=f"the rest of this piece is {context.name(aim)}")
        for finding, aim in zip(findings_by_part(faults, "divided"), aims.tolist(), strict=True)
    )
    return Verdict(findings, faults)
