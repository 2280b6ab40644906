"""What expectations measure of a map, besides the counts, boxes and components of the context.

Each measure is kept in the cache of the context, so that it is made once for all rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.judging.context import Context
from vesalius.engine.judging.faults import take_runs
from vesalius.engine.merge.main_pieces import PIECE_CONNECTIVITY
from vesalius.engine.runs.components import Components
from vesalius.engine.runs.contacts import group_contacts
from vesalius.engine.runs.crop import as_box
from vesalius.engine.runs.distance import (
    box_distance_mm,
    distance_mm,
    parts_within_mm,
    within_mm,
)
from vesalius.engine.runs.grid import end_faces, plane_spacing_mm
from vesalius.engine.runs.halfspace import Cut, cut
from vesalius.engine.runs.intensity import Sums, label_sums
from vesalius.engine.runs.labelmap import LabelMap
from vesalius.engine.runs.measure import Measures
from vesalius.engine.runs.moments import moments
from vesalius.engine.runs.near import near_lines

Vector = tuple[float, float, float]

MAIN_SHARE = 0.5
"""A piece with this share of the voxels of the largest is no stray."""

# Boxes are compared to this, so that rounding never passes over a near one.
_MARGIN_MM = 1e-6


def main_measures(labels: Sequence[int], context: Context) -> Measures:
    """Return counts, boxes and centres of the main pieces of each label that is present.

    A stray must not move a centre, nor may half of what is broken stand for the whole: the largest
    piece and those with at least `MAIN_SHARE` of its voxels count together. Voxels that touch at a
    corner belong to one piece.

    Parameters
    ----------
    labels : sequence of int
        The labels.
    context : Context
        The map.

    Returns
    -------
    Measures
        One row per label, ascending.
    """
    # Of rules whose labels are all absent one is measured.
    there = context.present(sorted(set(labels)))

    def make() -> Measures:
        return context.known.main_measures(there, PIECE_CONNECTIVITY, MAIN_SHARE)

    return context.cached("main measures", there, make)


def cut_at_ends(found: Measures, directions: Sequence[Vector] = ()) -> NDArray[np.bool_]:
    """Tell of each row whether the border of the scan cuts it, shape (n,).

    Parameters
    ----------
    found : Measures
        What was measured.
    directions : sequence of tuple of float, optional
        Only the ends of the scan in these patient directions count; by default all of it.
    """
    reached = found.on_border
    if directions:
        faces = [end_faces(found.grid, direction) for direction in directions]
        reached = reached & np.any(faces, axis=0)
    return np.asarray(reached.any(axis=(1, 2)))


def contacts_of(label: int, context: Context) -> Mapping[int, int]:
    """Count the voxel faces that a label shares with each other one.

    Parameters
    ----------
    label : int
        A label that is present.
    context : Context
        The map.

    Returns
    -------
    Mapping of int to int
        Faces by neighbour, 0 for background; those at the border of the scan are not counted.
    """

    def count() -> dict[int, int]:
        own = context.part((label,))
        near = context.known.near(lambda work: near_lines(work, own))
        # The label comes after all others, so that its contacts are those with b = last.
        last = near.largest + 1
        shared = group_contacts(
            near, np.where(near.label == label, last, near.label.astype(np.int64))
        )
        its = shared.b == last
        return dict(zip(shared.a[its].tolist(), shared.faces[its].tolist(), strict=True))

    return context.cached_for_map("contacts", count, label)


def comes_near(label: int, others: Sequence[int], gap_mm: float, context: Context) -> bool:
    """Tell whether a label comes within a distance of one of some others.

    Parameters
    ----------
    label : int
        A label that is present.
    others : sequence of int
        Labels that are present.
    gap_mm : float
        Distance of the nearest voxel centres, included.
    context : Context
        The map.
    """

    def any_near() -> bool:
        mine = context.measures((label,))
        box = as_box(mine.box_lo[0], mine.box_hi[0])
        found = context.measures(others)
        away = box_distance_mm(context.grid, box, (found.box_lo, found.box_hi))
        near = found.label[away <= gap_mm + _MARGIN_MM].tolist()
        return bool(near) and within_mm(context.part((label,)), context.part(near), gap_mm)

    return context.cached("near", (label, *others), any_near, gap_mm)


def away_mm(label: int, others: Sequence[int], context: Context) -> float:
    """Return how far a label is from the nearest of some others, in mm by voxel centres."""
    return context.cached(
        "away",
        (label, *others),
        lambda: distance_mm(context.part((label,)), context.part(others)),
    )


class ChosenRuns(NamedTuple):
    """The runs of some components, and the number of the component among them of each."""

    runs: LabelMap
    part: NDArray[np.int32]


def chosen_runs(label: int, chosen: NDArray[np.integer[Any]], context: Context) -> ChosenRuns:
    """Return the runs of some components of a label.

    Parameters
    ----------
    label : int
        A label that is present.
    chosen : ndarray of int, shape (n,)
        Its 6-connected components, from 0 for the largest, ascending.
    context : Context
        The map.
    """
    found = context.components((label,))
    number = np.full(len(found), -1, dtype=np.int32)
    number[chosen] = np.arange(chosen.size, dtype=np.int32)
    part = number[found.of_run]
    rows = np.flatnonzero(part >= 0)
    return ChosenRuns(take_runs(found.labelmap, rows), part[rows])


def pieces_near_one(
    label: int,
    chosen: NDArray[np.integer[Any]],
    other: int,
    body: int,
    gap_mm: float,
    context: Context,
) -> NDArray[np.bool_]:
    """Tell for some pieces of a label whether they come near a piece of another label, or its own.

    Parameters
    ----------
    label : int
        A label that is present.
    chosen : ndarray of int, shape (n,)
        Its 6-connected components, from 0 for the largest, ascending.
    other : int
        Another label that is present, or the same.
    body : int
        A 6-connected component of it that is none of these.
    gap_mm : float
        Distance of the nearest voxel centres, included.
    context : Context
        The map.

    Returns
    -------
    ndarray of bool, shape (n,)
    """

    def find(_: list[int]) -> dict[int, NDArray[np.bool_]]:
        own, main = context.components((label,)), context.components((other,))
        grid = own.measures.grid
        box = as_box(main.box_lo[body], main.box_hi[body])
        away = box_distance_mm(grid, box, (own.box_lo[chosen], own.box_hi[chosen]))
        near = np.zeros(chosen.size, dtype=bool)
        rows = np.flatnonzero(away <= gap_mm + _MARGIN_MM)
        # Two voxels are at least as far apart as two layers of them.
        if rows.size and gap_mm >= plane_spacing_mm(grid).min() - _MARGIN_MM:
            parts = chosen_runs(label, chosen[rows], context)
            around = chosen_runs(other, np.array([body]), context).runs
            near[rows] = parts_within_mm(parts.runs, parts.part, rows.size, around, gap_mm)
        return {label: near}

    # Of a label as it is, to another one as it is.
    version = context.versions.get(other, 0)
    key = "near one", chosen.astype(np.int64).tobytes(), other, version, body, gap_mm
    return context.known.facts((label,), key, find)[label]


def pieces_near(
    found: Components,
    asked: NDArray[np.bool_],
    others: NDArray[np.bool_],
    gap_mm: float,
    *,
    own_label: bool = False,
) -> NDArray[np.bool_]:
    """Tell for each component that is asked for whether it comes near one of some others.

    Parameters
    ----------
    found : Components
        Of one map.
    asked, others : ndarray of bool, shape (number of components,)
        Two sets of components, with none in both.
    gap_mm : float
        Distance of the nearest voxel centres, included.
    own_label : bool
        Whether only others of its own label count for each component.

    Returns
    -------
    ndarray of bool, shape (number of components,)
        False for those that are not asked for.
    """
    if own_label:
        present = np.zeros(int(found.label.max(initial=0)) + 1, dtype=bool)
        present[found.label[asked]] = True
        others = others & present[found.label]
    if not asked.any() or not others.any():
        return np.zeros(len(found), dtype=bool)
    # One more, for the runs that are in no component: they have number -1.
    kind = np.zeros(len(found) + 1, dtype=np.int8)
    kind[:-1][asked], kind[:-1][others] = 1, 2
    of_run = kind[found.of_run]
    mine, theirs = np.flatnonzero(of_run == 1), np.flatnonzero(of_run == 2)
    parts, around = take_runs(found.labelmap, mine), take_runs(found.labelmap, theirs)
    part = found.of_run[mine]
    if not own_label:
        return parts_within_mm(parts, part, len(found), around, gap_mm)
    label, other_label = found.label[part], found.label[found.of_run[theirs]]
    return parts_within_mm(parts, part, len(found), around, gap_mm, label, other_label)


def touching_shares(
    labels: Sequence[int], connectivity: int, joint: bool, context: Context
) -> NDArray[np.float64]:
    """Return the share of each component's voxel faces that border on another of the labels.

    Parameters
    ----------
    labels, connectivity, joint
        As of :meth:`Context.components`.
    context : Context
        The map.

    Returns
    -------
    ndarray of float, shape (number of components,)
        All other labels count as background; a face between two components of one label cannot
        be.
    """

    def share() -> NDArray[np.float64]:
        found = context.components(labels, connectivity, joint=joint)
        pairs = group_contacts(found.labelmap, found.of_run.astype(np.int64) + 1)
        faces, touching = np.zeros(len(found) + 1), np.zeros(len(found) + 1)
        for own, other in ((pairs.a, pairs.b), (pairs.b, pairs.a)):
            np.add.at(faces, own, pairs.faces)
            np.add.at(touching, own[other > 0], pairs.faces[other > 0])
        return np.asarray(touching[1:] / np.maximum(faces[1:], 1))

    wanted = tuple(sorted(set(labels)))
    return context.cached("touching shares", wanted, share, connectivity, joint)


def hu_sums(labels: Sequence[int], context: Context) -> Sums:
    """Return the sums of Hounsfield values under some labels.

    Raises
    ------
    Missing
        If there is no image.
    """
    image = context.the_image()
    wanted = tuple(sorted(set(labels)))
    return context.cached("hu", wanted, lambda: label_sums(context.part(wanted), image))


def lacking_values(label: int, sums: Sums, context: Context) -> str:
    """Say why the mean value of a label is not known; empty where it is.

    A label more than a tenth of whose voxels have no value is not judged by the rest of them.
    """
    voxels = context.voxels((label,))[label]
    known = int(sums.voxels[label]) if label < sums.voxels.size else 0
    if 10 * (voxels - known) <= voxels:
        return ""
    name = context.name(label)
    if not known:
        return f"the image has no value in {name}"
    return f"the image has no value in {voxels - known:,} of {voxels:,} voxels of {name}"


def halves(labels: Sequence[int], anchor: int, context: Context) -> Cut:
    """Cut the runs of some labels by the plane of an anchor.

    Raises
    ------
    Missing
        If the anchor cannot be used.
    """
    plane = context.fitted(anchor).half_space()
    wanted = tuple(sorted(set(labels)))
    depends_on = (*wanted, *context.shared.anchors[anchor].labels)
    return context.cached(
        "halves", depends_on, lambda: cut(context.part(wanted), plane), wanted, anchor
    )


def spread_mm2(label: int, context: Context) -> NDArray[np.float64]:
    """Return the covariance of all points of a label's voxels.

    Parameters
    ----------
    label : int
        A label that is present.
    context : Context
        The map.

    Returns
    -------
    ndarray of float, shape (3, 3)
        In mm², along x, y, z (RAS+).
    """
    return context.cached("spread", (label,), lambda: moments(context.part((label,))).spread_mm2(0))
