"""Gaps in a sequence of labels."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from vesalius.engine.judging.about import some_names
from vesalius.engine.judging.context import Context
from vesalius.engine.judging.measures import main_measures
from vesalius.engine.judging.verdict import Finding, Verdict, position
from vesalius.engine.plan.roles import LabelsAmong, LabelsJudged, Share, Times
from vesalius.engine.plan.step import Expect
from vesalius.engine.runs.grid import plane_spacing_mm
from vesalius.engine.runs.measure import Measures
from vesalius.engine.runs.median import median
from vesalius.engine.runs.projection import settled


@dataclass(frozen=True)
class Contiguous(Expect):
    """Between the first and the last present label of the list none is missing.

    With `skip_cut` nothing is said of a gap where the sequence may leave the scan: one face of it
    cuts both labels beside the gap, and the middle between their centres is at most `reach_steps`
    steps from that face, a step being how far the missing ones would be apart. Of each label the
    main pieces count. A label with less than `speck_share` of the median number of voxels is a
    speck: it counts as missing where others lie beyond it, and is no end of the sequence.
    """

    labels: LabelsJudged
    optional: LabelsAmong = ()
    skip_cut: bool = False
    reach_steps: Times = 0.5
    speck_share: Share = 0.0


def judge_contiguous(expect: Contiguous, context: Context) -> Verdict:
    """Find the gaps between the first and the last present label of a sequence.

    A gap is what lies between two present labels with nothing present between them, if more
    than `optional` labels are missing there. Its finding names the missing labels; the place is
    halfway between the centres of the two. Fewer than two present labels have no gap.
    """
    found = main_measures(expect.labels, context)
    row = {label: at for at, label in enumerate(found.label.tolist())}
    least = expect.speck_share * median(found.voxels) if row else 0.0
    specks = [n for n in row if found.voxels[row[n]] < least]
    places = [at for at, n in enumerate(expect.labels) if n in row and n not in specks]
    findings, passed_over = [], []
    if specks:
        passed_over.append(f"too small to be counted: {some_names(specks, context)}")
    for one, other in itertools.pairwise(places):
        between = expect.labels[one + 1 : other]
        missing = tuple(label for label in between if label not in expect.optional)
        if not missing:
            continue
        ends = row[expect.labels[one]], row[expect.labels[other]]
        if expect.skip_cut and _may_leave(found, *ends, len(missing), expect.reach_steps):
            beside = context.names(expect.labels[end] for end in (one, other))
            names = some_names(missing, context)
            passed_over.append(f"{names} may lie outside the scan, which cuts {beside}")
            continue
        at_mm = position(np.asarray(found.centre_mm[list(ends)].mean(axis=0)))
        values = (("missing", float(len(missing))),)
        findings.append(Finding("gap", missing, at_mm=at_mm, values=values))
    return Verdict(tuple(findings), passed_over=tuple(passed_over))


def _may_leave(found: Measures, one: int, other: int, missing: int, reach_steps: float) -> bool:
    """Tell whether what is missing between two labels may lie behind a face that cuts both."""
    both_cut = found.on_border[one] & found.on_border[other]
    middle = found.centre_ijk[[one, other]].mean(axis=0)
    layers = np.stack((middle + 0.5, np.array(found.grid.shape) - 0.5 - middle), axis=1)
    away_mm = settled(layers * plane_spacing_mm(found.grid)[:, np.newaxis])
    step_mm = np.linalg.norm(found.centre_mm[one] - found.centre_mm[other]) / (missing + 1)
    return bool((both_cut & (away_mm <= settled(reach_steps * step_mm))).any())
