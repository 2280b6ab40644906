"""Whether a map is as large as a patient: a vote of the sizes of many labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.judging.context import Context
from vesalius.engine.judging.measures import main_measures
from vesalius.engine.judging.verdict import Finding, Missing, Verdict
from vesalius.engine.plan.roles import Count, LabelsJudged, Millimetres, Times
from vesalius.engine.plan.step import Expect
from vesalius.engine.runs.measure import Measures
from vesalius.engine.runs.median import median
from vesalius.engine.runs.projection import settled


@dataclass(frozen=True)
class UsualSize:
    """How far some labels usually reach along patient x, y and z."""

    labels: LabelsJudged
    x_mm: Millimetres
    y_mm: Millimetres
    z_mm: Millimetres


@dataclass(frozen=True)
class Scale(Expect):
    """A map has the size of a patient, in all directions alike.

    Each label that the border of the scan does not cut is compared with its usual size along x, y
    and z; of each direction the median of at least `at_least` labels counts. The three together,
    as their geometric mean, are neither below `at_least_times` nor above `at_most_times`, and the
    largest is not more than `uneven_times` the smallest.
    """

    sizes: tuple[UsualSize, ...]
    at_least: Count
    at_least_times: Times
    at_most_times: Times
    uneven_times: Times


def judge_scale(expect: Scale, context: Context) -> Verdict:
    """Find a map that is too small, too large, or stretched.

    The size of a label is that of the box around its main pieces, along patient x, y and z. A
    finding is about the whole map, which is doubted.

    Raises
    ------
    Missing
        If fewer labels than `at_least` are present and uncut.
    """
    usual = {
        label: (size.x_mm, size.y_mm, size.z_mm) for size in expect.sizes for label in size.labels
    }
    found = context.measures(tuple(sorted(usual)))
    whole = ~found.at_border
    if whole.sum() < max(expect.at_least, 1):
        raise Missing(f"fewer than {expect.at_least} structures of known size are whole")
    expected = np.array([usual[label] for label in found.label[whole].tolist()])
    main = main_measures(tuple(sorted(usual)), context)  # strays do not stretch a patient
    times = np.array([median(along) for along in (_sizes_mm(main)[whole] / expected).T])
    together = float(settled(np.cbrt(times.prod())))
    uneven = float(settled(times.max() / times.min()))
    x, y, z = (float(value) for value in settled(times))
    values = (
        ("times", together), ("x", x), ("y", y), ("z", z), ("compared", float(whole.sum())),
    )  # fmt: skip
    if uneven > expect.uneven_times:
        kind = "stretched"
    elif together < expect.at_least_times:
        kind = "too small a patient"
    elif together > expect.at_most_times:
        kind = "too large a patient"
    else:
        return Verdict()
    labels = tuple(found.label[whole].tolist())
    doubted = tuple(context.work.labels().tolist())
    return Verdict((Finding(kind, labels, values=values),), doubted=doubted)


def _sizes_mm(found: Measures) -> NDArray[np.float64]:
    """Give the sides of the boxes along patient x, y and z, shape (n, 3)."""
    voxels = (found.box_hi - found.box_lo).astype(np.float64)
    # Of a slanted grid: the patient box around the box of voxels.
    return np.asarray(voxels @ np.abs(found.grid.affine[:3, :3]).T)
