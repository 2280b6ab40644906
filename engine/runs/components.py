"""Connected components of all labels in one pass over the runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vesalius.engine.runs import kernels
from vesalius.engine.runs.adjacency import steps, touching
from vesalius.engine.runs.build import as_labels
from vesalius.engine.runs.labelmap import LabelMap, Labels, Positions
from vesalius.engine.runs.measure import Measures, first_position, in_microns, measure_groups


@dataclass(frozen=True, eq=False)
class Components:
    """The connected components of a label map.

    They are ordered by label, then from many voxels to few, then by the centroid's patient
    position (x, y, z, to 1e-6 mm), then by the position of their first voxel. So the order is
    the same however the array is stored, transposed or flipped.

    Parameters
    ----------
    labelmap : LabelMap
        What was looked at.
    of_run : ndarray of int32, shape (number of runs,)
        Component of each run, -1 for a run that is not in play.
    label : ndarray of uint16, shape (n,)
        Label of each component; its key where a key was given.
    measures : Measures
        Measures of each component.
    """

    labelmap: LabelMap
    of_run: NDArray[np.int32]
    label: Labels
    measures: Measures

    def __len__(self) -> int:
        """Return the number of components."""
        return self.label.size

    @property
    def voxels(self) -> NDArray[np.int64]:
        """Voxels of each component, shape (n,)."""
        return self.measures.voxels

    @property
    def index_sum(self) -> NDArray[np.int64]:
        """Exact sums of the voxel indices i, j, k, shape (n, 3)."""
        return self.measures.index_sum

    @property
    def box_lo(self) -> NDArray[np.int64]:
        """Smallest voxel indices i, j, k, shape (n, 3)."""
        return self.measures.box_lo

    @property
    def box_hi(self) -> NDArray[np.int64]:
        """One more than the largest voxel indices i, j, k, shape (n, 3)."""
        return self.measures.box_hi

    @property
    def centre_ijk(self) -> NDArray[np.float64]:
        """Centroids as voxel indices, shape (n, 3)."""
        return self.measures.centre_ijk

    @property
    def centre_mm(self) -> NDArray[np.float64]:
        """Centroids in mm, RAS+, shape (n, 3)."""
        return self.measures.centre_mm

    @property
    def rank(self) -> NDArray[np.int64]:
        """Place of each component within its label, 0 for the largest, shape (n,)."""
        number, first = np.arange(len(self)), self._first
        return number - np.repeat(first, np.diff(first, append=len(self)))

    @property
    def largest_of_label(self) -> NDArray[np.int64]:
        """Voxels of the largest component of each label that is present, ascending."""
        return self.voxels[self._first]

    @property
    def largest(self) -> NDArray[np.int64]:
        """Voxels of the largest component of the same label, shape (n,)."""
        return np.repeat(self.largest_of_label, np.diff(self._first, append=len(self)))

    @property
    def _first(self) -> NDArray[np.intp]:
        """The first component of each label."""
        return np.flatnonzero(np.diff(self.label, prepend=self.label[:1] + np.uint16(1)))

    def by_label(self) -> Measures:
        """Return the measures of each label that is present, ascending: of all its components."""
        first = self._first
        return self.measures.pooled(first, self.label[first])


def components(
    labelmap: LabelMap, connectivity: int = 6, key: ArrayLike | None = None
) -> Components:
    """Find the connected components of every label.

    Parameters
    ----------
    labelmap : LabelMap
        The runs.
    connectivity : int
        6, 18 or 26 neighbours.
    key : array_like of int, shape (m,), optional
        Key by label: labels of one key count as one label, labels of key 0 are left out. `m`
        must exceed every label that is present.

    Returns
    -------
    Components

    Raises
    ------
    ValueError
        If `connectivity` is not 6, 18 or 26, or `key` has no entry for a present label or one
        outside 0..65535.
    """
    keys = labelmap.label if key is None else _keys(labelmap, key)
    start, stop, kept = labelmap.start, labelmap.stop, keys
    chosen = None if keys.min(initial=1) else np.flatnonzero(keys)
    if chosen is not None:
        start, stop, kept = start[chosen], stop[chosen], keys[chosen]
    n, found = _connected(start, stop, kept, labelmap.shape_in_memory, connectivity)
    raw = found
    if chosen is not None:
        raw = np.full(len(labelmap), -1, dtype=np.int32)
        raw[chosen] = found
    label = np.zeros(n, dtype=np.uint16)
    label[found] = kept
    return _in_order(labelmap, raw, label)


def _connected(
    start: Positions,
    stop: Positions,
    key: Labels,
    shape_in_memory: tuple[int, int, int],
    connectivity: int,
) -> tuple[int, NDArray[np.int32]]:
    """Return the number of components and the component of each run, in any order."""
    steps(connectivity)  # raises for what is no connectivity
    if kernels.compiled is not None:
        number = np.empty(key.size, dtype=np.int32)
        columns = (np.ascontiguousarray(column) for column in (start, stop, key))
        n = kernels.compiled.components(*columns, shape_in_memory, connectivity, number)
        return n, number
    # Here, so that what only builds plans (the kinds) loads numpy alone.
    from scipy.sparse import coo_matrix  # noqa: PLC0415
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    pairs = list(touching(start, stop, key, shape_in_memory, connectivity))
    one = np.concatenate([p.one for p in pairs])
    other = np.concatenate([p.other for p in pairs])
    edges = coo_matrix((np.ones(one.size, dtype=np.int8), (one, other)), shape=(key.size,) * 2)
    if not key.size:
        return 0, np.empty(0, dtype=np.int32)
    n, found = connected_components(edges, directed=False)
    return int(n), found


def _keys(labelmap: LabelMap, key: ArrayLike) -> Labels:
    """Return the key of each run."""
    table = as_labels(key)
    if table.ndim != 1 or table.size <= labelmap.largest:
        raise ValueError(f"the keys have no entry for label {labelmap.largest}")
    return table[labelmap.label]


def _in_order(labelmap: LabelMap, raw: NDArray[np.int32], label: Labels) -> Components:
    """Give the components numbers by content and patient position."""
    n = label.size
    found = measure_groups(labelmap, raw, n)
    columns = order_columns(label, found)
    order, tied = in_turn(columns)
    if tied.any():
        # Concentric components are rare, so only they pay for the search of a first voxel.
        runs_tied = (raw >= 0) & tied[raw]
        first = first_position(labelmap, np.where(runs_tied, raw, -1), n)
        order = np.lexsort([*first.T[::-1], *columns[::-1]])
    number = np.empty(n + 1, dtype=np.int32)
    number[order] = np.arange(n, dtype=np.int32)
    number[n] = -1
    return Components(labelmap, number.take(raw), label[order], found.take(order).numbered())


def order_columns(label: Labels, found: Measures) -> list[NDArray[np.int64]]:
    """Return what the order of components depends on, the first of it first."""
    return [label.astype(np.int64), -found.voxels, *in_microns(found.centre_mm).T]


def in_turn(columns: Sequence[NDArray[np.int64]]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Return the order by some columns, and for each row whether another one is equal to it."""
    order = np.lexsort(columns[::-1])
    table = np.stack(columns)[:, order]
    same = np.flatnonzero(np.all(table[:, 1:] == table[:, :-1], axis=0))
    tied = np.zeros(order.size, dtype=bool)
    tied[order[same]] = tied[order[same + 1]] = True
    return order, tied
