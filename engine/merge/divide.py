"""Divisions: an anchor's plane decides, component by component, what a source means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.merge.anchors import AnchorFit
from vesalius.engine.merge.claims import Cell, Claims
from vesalius.engine.plan.plan import Divide
from vesalius.engine.runs.build import Pieces
from vesalius.engine.runs.components import components
from vesalius.engine.runs.distinct import distinct
from vesalius.engine.runs.halfspace import cut
from vesalius.engine.runs.labelmap import LabelMap


@dataclass(frozen=True)
class DivideTally:
    """What one division did to one source.

    Parameters
    ----------
    source : str
        Token of the source.
    integers : tuple of int
        Integers of the file that carry the division; their components are found together.
    anchor : str
        Token of the anchor.
    positive_components, negative_components : int
        Components that lie on a side whole, or went there whole because nearly all of them do.
    cut_components : int
        Components that were cut at the plane.
    positive_voxels, negative_voxels : int
        Voxels that took the action of a side.
    otherwise_voxels : int
        Voxels that took the third action because the anchor is not fitted.
    note : str
        Why the anchor is not fitted; else empty.
    """

    source: str
    integers: tuple[int, ...]
    anchor: str
    positive_components: int
    negative_components: int
    cut_components: int
    positive_voxels: int
    negative_voxels: int
    otherwise_voxels: int
    note: str


class Sides(NamedTuple):
    """The sides that the pieces of components take.

    Parameters
    ----------
    positive : ndarray of bool, shape (number of pieces,)
        The side of each piece.
    whole : ndarray of bool, shape (number of components,)
        Whether a component stays whole.
    mostly_positive : ndarray of bool, shape (number of components,)
        The side with more voxels; the positive side where they are equal.
    """

    positive: NDArray[np.bool_]
    whole: NDArray[np.bool_]
    mostly_positive: NDArray[np.bool_]


def take_sides(
    voxels: NDArray[np.integer[Any]],
    inside: NDArray[np.bool_],
    component: NDArray[np.integer[Any]],
    n: int,
    whole_share: float,
) -> Sides:
    """Keep components whole that lie nearly on one side; let the plane cut the others.

    Parameters
    ----------
    voxels : ndarray of int, shape (m,)
        Voxels of each piece.
    inside : ndarray of bool, shape (m,)
        Whether each piece lies on the positive side; no piece straddles the plane.
    component : ndarray of int, shape (m,)
        Component 0..n-1 of each piece.
    n : int
        Number of components; some may have no piece.
    whole_share : float
        A component with at least this share of its voxels on one side goes there whole.

    Returns
    -------
    Sides
    """
    # The weights are summed as float64: exact below 2**53 voxels.
    total = np.bincount(component, weights=voxels, minlength=n)
    on_positive = np.bincount(component, weights=voxels * inside, minlength=n)
    mostly_positive = 2 * on_positive >= total
    larger = np.where(mostly_positive, on_positive, total - on_positive)
    # A quotient of integers is rounded as the share itself was: 11 of 20 is 0.55.
    whole = larger / np.maximum(total, 1) >= whole_share
    positive = np.where(whole[component], mostly_positive[component], inside)
    return Sides(positive, whole, mostly_positive)


def divide(
    source: Claims, fits: Sequence[AnchorFit], connectivity: int, whole_share: float
) -> tuple[Claims, tuple[DivideTally, ...]]:
    """Replace every division of a source by the action of a side.

    A division inside a division is made in a next round, on the components of what then
    still carries it.

    Parameters
    ----------
    source : Claims
        Cells with `Divide` actions among others.
    fits : sequence of AnchorFit
        By position in the plan.
    connectivity : int
        6, 18 or 26.
    whole_share : float
        See :func:`take_sides`.

    Returns
    -------
    claims : Claims
        No voxel has a cell with a `Divide` action.
    divisions : tuple of DivideTally
        By round, anchor and integers.
    """
    tallies: list[DivideTally] = []
    while groups := _pending(source):
        source, made = _one_round(source, groups, fits, connectivity, whole_share)
        tallies.extend(made)
    return source, tuple(tallies)


class _Group(NamedTuple):
    """Cells that carry one division."""

    action: Divide
    cells: tuple[int, ...]
    integers: tuple[int, ...]


def _pending(source: Claims) -> list[_Group]:
    """Divisions that have voxels, in the order in which they are reported."""
    found: dict[Divide, list[int]] = {}
    for label in source.runs.labels().tolist():
        action = source.cells[label - 1].action
        if isinstance(action, Divide):
            found.setdefault(action, []).append(label)
    groups = [
        _Group(
            action, tuple(labels), tuple(sorted({source.cells[at - 1].integer for at in labels}))
        )
        for action, labels in found.items()
    ]
    return sorted(groups, key=lambda g: (g.action.anchor, g.integers, repr(g.action)))


def _one_round(
    source: Claims,
    groups: Sequence[_Group],
    fits: Sequence[AnchorFit],
    connectivity: int,
    whole_share: float,
) -> tuple[Claims, list[DivideTally]]:
    """Make all divisions that are pending now."""
    runs = source.runs
    cells = _CellList(source.cells)
    # By cell label: the group (1, 2, ...) of a cell, its plane, and its cell on either side.
    group_of = np.zeros(len(source.cells) + 1, dtype=np.int64)
    plane_of = np.full(group_of.size, -1, dtype=np.int64)
    on_positive = np.arange(group_of.size)
    on_negative = on_positive.copy()
    for number, (action, members, _) in enumerate(groups, start=1):
        fitted = fits[action.anchor].fitted
        positive = action.positive if fitted else action.otherwise
        negative = action.negative if fitted else action.otherwise
        for label in members:
            integer = source.cells[label - 1].integer
            group_of[label] = number
            plane_of[label] = action.anchor if fitted else -1
            on_positive[label] = cells.label_of(Cell(integer, positive))
            on_negative[label] = cells.label_of(Cell(integer, negative))
    pieces, inside = _cut_at_planes(runs, plane_of[runs.label], fits)
    found = components(runs, connectivity, np.where(plane_of >= 0, group_of, 0))
    divided = np.flatnonzero(plane_of[pieces.label] >= 0)
    component = found.of_run[pieces.run[divided]]
    sides = take_sides(pieces.lengths[divided], inside[divided], component, len(found), whole_share)
    inside[divided] = sides.positive
    new_label = np.where(inside, on_positive[pieces.label], on_negative[pieces.label])
    after = Claims(source.token, pieces.joined(new_label), cells.all())
    voxels = _voxels_per_group(pieces, inside, group_of[pieces.label], len(groups))
    tallies = [
        _tally(
            source.token,
            group,
            fits[group.action.anchor],
            sides=sides,
            own=found.label == number,
            voxels=voxels[number - 1],
        )
        for number, group in enumerate(groups, start=1)
    ]
    return after, tallies


class _CellList:
    """Cells that grow by those that a division makes."""

    def __init__(self, cells: Sequence[Cell]) -> None:
        self._labels = {cell: label for label, cell in enumerate(cells, start=1)}

    def label_of(self, cell: Cell) -> int:
        return self._labels.setdefault(cell, len(self._labels) + 1)

    def all(self) -> tuple[Cell, ...]:
        return tuple(self._labels)


def _cut_at_planes(
    runs: LabelMap, plane: NDArray[np.int64], fits: Sequence[AnchorFit]
) -> tuple[Pieces, NDArray[np.bool_]]:
    """Cut each run at its plane; plane -1 leaves it as it is, inside."""
    chosen = np.flatnonzero(plane < 0)
    starts, stops, owners = [runs.start[chosen]], [runs.stop[chosen]], [chosen]
    insides = [np.ones(chosen.size, dtype=bool)]
    for at in distinct(plane[plane >= 0]).tolist():
        chosen = np.flatnonzero(plane == at)
        part = LabelMap(
            runs.grid, runs.axes, runs.start[chosen], runs.stop[chosen], runs.label[chosen]
        )
        halves = cut(part, fits[at].half_space())
        starts.append(halves.pieces.start)
        stops.append(halves.pieces.stop)
        owners.append(chosen[halves.pieces.run])
        insides.append(halves.inside)
    start, stop, owner = np.concatenate(starts), np.concatenate(stops), np.concatenate(owners)
    order = np.argsort(start, kind="stable")
    return (
        Pieces(runs, start[order], stop[order], owner[order]),
        np.concatenate(insides)[order],
    )


def _voxels_per_group(
    pieces: Pieces, positive: NDArray[np.bool_], group: NDArray[np.int64], n: int
) -> NDArray[np.int64]:
    """Voxels of groups 1..n on the negative and on the positive side, shape (n, 2)."""
    sums = np.bincount(2 * group + positive, weights=pieces.lengths, minlength=2 * n + 2)
    return np.asarray(sums.astype(np.int64).reshape(n + 1, 2)[1:])


def _tally(
    source: str,
    group: _Group,
    fit: AnchorFit,
    *,
    sides: Sides,
    own: NDArray[np.bool_],
    voxels: NDArray[np.int64],
) -> DivideTally:
    """Report a group; `own` marks its components, `voxels` are (negative, positive)."""
    negative, positive = (int(count) for count in voxels)
    return DivideTally(
        source=source,
        integers=group.integers,
        anchor=fit.token,
        positive_components=int(np.sum(own & sides.whole & sides.mostly_positive)),
        negative_components=int(np.sum(own & sides.whole & ~sides.mostly_positive)),
        cut_components=int(np.sum(own & ~sides.whole)),
        positive_voxels=positive if fit.fitted else 0,
        negative_voxels=negative if fit.fitted else 0,
        otherwise_voxels=0 if fit.fitted else positive + negative,
        note="" if fit.fitted else f"{fit.status}: {fit.reason}",
    )
