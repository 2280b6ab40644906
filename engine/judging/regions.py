"""Regions: which points, and which voxels of runs, lie on the given sides of anchors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.judging.context import Context
from vesalius.engine.judging.faults import take_runs
from vesalius.engine.plan.where import Per, Region
from vesalius.engine.runs.build import concatenated
from vesalius.engine.runs.halfspace import HalfSpace, cut
from vesalius.engine.runs.labelmap import LabelMap


class Split(NamedTuple):
    """Runs cut at the borders of a region.

    Parameters
    ----------
    runs : LabelMap
        The pieces, in order; equal ones may touch.
    inside : ndarray of bool, shape (number of pieces,)
        Whether each piece lies in the region.
    """

    runs: LabelMap
    inside: NDArray[np.bool_]


def half_spaces(anchor: int, context: Context) -> tuple[HalfSpace, ...]:
    """Return the half-spaces whose common part is the inside of an anchor.

    Raises
    ------
    Missing
        If the anchor cannot be used.
    """
    return context.fitted(anchor).half_spaces()


def centres_inside(
    centre_mm: NDArray[np.float64], region: Region, context: Context
) -> NDArray[np.bool_]:
    """Tell which points lie in a region.

    Parameters
    ----------
    centre_mm : ndarray of float, shape (n, 3)
        Patient positions, RAS+.
    region : Region
        Sides of anchors; all must hold.
    context : Context
        Fits the anchors.

    Returns
    -------
    ndarray of bool, shape (n,)

    Raises
    ------
    Missing
        If an anchor cannot be used.
    """
    answer = np.ones(len(centre_mm), dtype=bool)
    x, y, z = centre_mm.T
    for condition in region:
        within = np.ones(len(centre_mm), dtype=bool)
        for plane in half_spaces(condition.anchor, context):
            a, b, c = plane.normal
            within &= a * x + b * y + c * z >= plane.offset_mm
        answer &= within == condition.inside
    return answer


def split_by_region(runs: LabelMap, region: Region, context: Context) -> Split:
    """Cut runs where they enter or leave a region.

    Parameters
    ----------
    runs : LabelMap
        The runs; equal ones may touch.
    region : Region
        Sides of anchors; all must hold.
    context : Context
        Fits the anchors.

    Returns
    -------
    Split

    Raises
    ------
    Missing
        If an anchor cannot be used.
    """
    inside = np.ones(len(runs), dtype=bool)
    for condition in region:
        found = cut(runs, half_spaces(condition.anchor, context))
        pieces = found.pieces
        inside = inside[pieces.run] & (found.inside == condition.inside)
        runs = LabelMap(runs.grid, runs.axes, pieces.start, pieces.stop, pieces.label)
    return Split(runs, inside)


def lying(
    labels: Sequence[int], region: Region, per: Per, context: Context, *, inside: bool
) -> LabelMap:
    """Return what of some labels lies in a region, or outside of it.

    Parameters
    ----------
    labels : sequence of int
        The labels.
    region : Region
        Sides of anchors; all must hold.
    per : {"component", "voxel"}
        Whether each component lies where its centre does, or each voxel by itself.
    context : Context
        The map.
    inside : bool
        Whether what lies in the region is asked for.

    Returns
    -------
    LabelMap
        The runs, in order, cut where the region cuts them; equal ones may touch.

    Raises
    ------
    Missing
        If an anchor of the region cannot be used.
    """
    sides = tuple((half_spaces(each.anchor, context), each.inside) for each in region)
    if not sides:
        return context.part(labels) if inside else context.known.nothing

    def find(unknown: list[int]) -> dict[int, LabelMap]:
        split = _split_per(unknown, region, per, context)
        rows = np.flatnonzero(split.inside == inside)
        label = split.runs.label[rows]
        rows = rows[np.argsort(label, kind="stable")]
        last = np.cumsum(np.bincount(label, minlength=max(unknown) + 1)).tolist()
        first = [0, *last]
        return {n: take_runs(split.runs, rows[first[n] : last[n]]) for n in unknown}

    # What lies where depends on the voxels of each label and on the planes: of labels that are as
    # they were it is not found again.
    each = context.known.facts(labels, ("lying", sides, per, inside), find).values()
    runs = concatenated([context.known.nothing, *(own for own in each if len(own))])
    return take_runs(runs, np.argsort(runs.start, kind="stable"))


def _split_per(labels: Sequence[int], region: Region, per: Per, context: Context) -> Split:
    if per == "voxel":
        return split_by_region(context.part(labels), region, context)
    found = context.components(labels)
    return Split(found.labelmap, centres_inside(found.centre_mm, region, context)[found.of_run])
