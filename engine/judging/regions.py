"""Regions: which points, and which voxels of runs, lie on the given sides of anchors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.judging.context import Context
from vesalius.engine.plan.where import Per, Region
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


def split_per(labels: Sequence[int], region: Region, per: Per, context: Context) -> Split:
    """Tell what of some labels lies in a region: each component as its centre, or each voxel.

    Raises
    ------
    Missing
        If an anchor of the region cannot be used.
    """
    if per == "component":
        return centre_split(labels, region, context)
    return split_by_region(context.part(labels), region, context)


def centre_split(labels: Sequence[int], region: Region, context: Context) -> Split:
    """Tell for each run of some labels whether the centre of its component lies in a region.

    Raises
    ------
    Missing
        If an anchor of the region cannot be used.
    """
    found = context.components(labels)
    inside = centres_inside(found.centre_mm, region, context)
    return Split(found.labelmap, inside[found.of_run])
