"""Label maps as runs: encode from voxels, decode to voxels.

A *line* is one span of the fastest array axis in memory, and a *run* is a stretch of one label
within a line. Runs are the working form; voxel arrays exist only while reading and writing.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from vesalius.engine.runs import kernels
from vesalius.engine.runs.grid import Grid
from vesalius.engine.runs.memory import blocks, memory_axes

Positions: TypeAlias = NDArray[np.signedinteger[Any]]
Labels: TypeAlias = NDArray[np.uint16]
Axes: TypeAlias = tuple[int, int, int]

MAX_LABEL = 65535
_POSITIONS = frozenset((np.dtype(np.int32), np.dtype(np.int64)))
_LABEL = np.dtype(np.uint16)
_AXES: dict[tuple[int, ...], Axes] = {
    (fast, middle, slow): (fast, middle, slow)
    for fast, middle, slow in itertools.permutations(range(3))
}
_DECODE_RUNS = 1 << 16
# What is guessed of the runs of a block: with more, the block is looked at twice.
_FEWEST_RUNS, _VOXELS_OF_RUN = 1 << 10, 16


def position_dtype(size: int) -> np.dtype[np.signedinteger[Any]]:
    """Return the type of flat positions in a grid of `size` voxels: int32 below 2**31."""
    return np.dtype(np.int32) if size < 2**31 else np.dtype(np.int64)


@dataclass(frozen=True, eq=False)
class LabelMap:
    """An immutable label map in runs.

    Runs are sorted, do not overlap, do not cross a line, and no two runs of one label touch
    within a line. Background is not stored. The constructor trusts this; use
    :func:`vesalius.engine.runs.build.join` for runs that are not known to be canonical.

    Parameters
    ----------
    grid : Grid
        Shape and affine.
    axes : tuple of int
        The array axes from fastest to slowest in memory: (0, 1, 2) for Fortran order,
        (2, 1, 0) for C order.
    start, stop : ndarray of int32 or int64, shape (n,)
        Flat positions of the first voxel of each run and of the voxel after its last, counted
        in `axes` order. int64 only where the grid has 2**31 voxels or more (or where asked).
    label : ndarray of uint16, shape (n,)
        Labels, all above 0.

    Raises
    ------
    ValueError
        If `axes` is not a permutation of 0, 1, 2 or the arrays differ in length.
    """

    grid: Grid
    axes: Axes
    start: Positions
    stop: Positions
    label: Labels

    def __post_init__(self) -> None:
        object.__setattr__(self, "axes", check_axes(self.axes))
        dtype = self.start.dtype
        if dtype not in _POSITIONS or self.grid.size >= 2**31:
            dtype = position_dtype(self.grid.size)
        for name, kind in (("start", dtype), ("stop", dtype), ("label", _LABEL)):
            column = np.asarray(getattr(self, name), dtype=kind)
            # What nobody can write is most of what comes, from other maps.
            if column.flags.writeable:
                column = column.view()
                column.setflags(write=False)
            object.__setattr__(self, name, column)
        if not self.start.shape == self.stop.shape == self.label.shape == (self.start.size,):
            raise ValueError("start, stop and label must be one-dimensional and equally long")

    def __len__(self) -> int:
        """Return the number of runs."""
        return self.start.size

    @property
    def shape_in_memory(self) -> tuple[int, int, int]:
        """Numbers of voxels along the fastest, the middle and the slowest axis."""
        fast, middle, slow = self.axes
        shape = self.grid.shape
        return shape[fast], shape[middle], shape[slow]

    @property
    def line_length(self) -> int:
        """Number of voxels of a line."""
        return self.grid.shape[self.axes[0]]

    @property
    def lengths(self) -> Positions:
        """Number of voxels of each run, shape (n,)."""
        return self.stop - self.start

    @property
    def voxels(self) -> int:
        """Number of labelled voxels."""
        return int(self.lengths.sum(dtype=np.int64))

    @cached_property
    def largest(self) -> int:
        """The largest label, 0 where the map is empty."""
        return int(self.label.max(initial=0))

    @cached_property
    def voxels_by_label(self) -> NDArray[np.int64]:
        """Number of voxels of each label from 0 to the largest, shape (largest + 1,)."""
        voxels = np.zeros(self.largest + 1, dtype=np.int64)
        if kernels.compiled is not None:
            kernels.compiled.count(*contiguous(self.start, self.stop, self.label), voxels)
        else:
            # The weights are summed as float64: exact below 2**53 voxels.
            voxels[:] = np.bincount(self.label, weights=self.lengths, minlength=voxels.size)
        voxels.setflags(write=False)
        return voxels

    def labels(self) -> Labels:
        """Return the labels that are present, ascending."""
        return np.flatnonzero(self.voxels_by_label).astype(np.uint16)

    def same_as(self, other: LabelMap) -> bool:
        """Tell whether both maps have the same grid, axes and runs."""
        return (
            self.axes == other.axes
            and self.grid.same_as(other.grid)
            and np.array_equal(self.start, other.start)
            and np.array_equal(self.stop, other.stop)
            and np.array_equal(self.label, other.label)
        )


def contiguous(
    start: Positions, stop: Positions, label: Labels
) -> tuple[Positions, Positions, Labels]:
    """Return columns of runs as the kernels take them; they are copied only where they must be."""
    sides = np.ascontiguousarray(start), np.ascontiguousarray(stop)
    return *sides, np.ascontiguousarray(label, dtype=np.uint16)


def check_axes(axes: tuple[int, ...]) -> Axes:
    """Return `axes` as plain integers.

    Raises
    ------
    ValueError
        If they are not a permutation of 0, 1, 2.
    """
    known = _AXES.get(tuple(axes))
    if known is None:
        raise ValueError(f"the axes must be a permutation of (0, 1, 2), not {axes}")
    return known


def encode(
    array: NDArray[Any],
    affine: ArrayLike,
    *,
    axes: Axes | None = None,
    dtype: DTypeLike | None = None,
) -> LabelMap:
    """Find the runs of a label volume.

    Parameters
    ----------
    array : ndarray of an integer type or bool, shape (i, j, k)
        The labels, all within 0..65535. Any memory order; contiguous memory is not copied.
    affine : array_like, shape (4, 4)
        Voxel index to millimetres, RAS+.
    axes : tuple of int, optional
        Axes from fastest to slowest; by default those of the array's memory.
    dtype : int32 or int64, optional
        Type of the positions; by default int32 where the grid has fewer than 2**31 voxels.

    Returns
    -------
    LabelMap

    Raises
    ------
    TypeError
        If the array does not hold integers.
    ValueError
        If the array is not three-dimensional or a label is outside 0..65535.
    """
    array = np.asarray(array)
    if array.ndim != 3:
        raise ValueError(f"a label volume has three axes, not {array.ndim}")
    if array.dtype.kind not in "bui":
        raise TypeError(f"labels must be integers, not {array.dtype}")
    if array.dtype.kind == "b":
        array = array.view(np.uint8)
    n_i, n_j, n_k = array.shape
    grid = Grid((n_i, n_j, n_k), np.asarray(affine, dtype=np.float64))
    axes = memory_axes(array) if axes is None else check_axes(axes)
    kind: np.dtype[Any] = position_dtype(grid.size) if dtype is None else np.dtype(dtype)
    line = grid.shape[axes[0]]
    columns = [encode_lines(flat, line, first, kind) for first, flat in blocks(array, axes)]
    start, stop, label = (np.concatenate(column) for column in zip(*columns, strict=True))
    return LabelMap(grid, axes, start, stop, label)


def encode_lines(
    flat: NDArray[Any], line: int, first: int, dtype: np.dtype[Any]
) -> tuple[Positions, Positions, Labels]:
    """Find the runs of a few whole lines.

    Parameters
    ----------
    flat : ndarray of integers, shape (m,)
        Labels of consecutive lines.
    line : int
        Voxels of a line.
    first : int
        Flat position of `flat[0]` in the volume.
    dtype : dtype
        Type of the positions returned.

    Returns
    -------
    start, stop, label : ndarray, shape (n,)

    Raises
    ------
    ValueError
        If a label is outside 0..65535.
    """
    if kernels.compiled is not None and kernels.takes_voxels(flat):
        room = max(_FEWEST_RUNS, flat.size // _VOXELS_OF_RUN)
        while True:
            begin, end = np.empty(room, dtype), np.empty(room, dtype)
            labels = np.empty(room, np.uint16)
            n = kernels.compiled.encode(flat, line, first, begin, end, labels, 0)
            if n <= room:
                # Copies, for the columns were long enough for more.
                return begin[:n].copy(), end[:n].copy(), labels[:n].copy()
            room = n
    edge = np.empty(-(-flat.size // 8) * 8, dtype=bool)
    edge[flat.size :] = False
    np.not_equal(flat[1:], flat[:-1], out=edge[1 : flat.size])
    edge[0 : flat.size : line] = True
    edges = _flatnonzero(edge)
    values = flat[edges]
    if flat.dtype.kind == "i" and values.min() < 0:
        raise ValueError(f"label {values.min()} is negative")
    if flat.dtype.itemsize > 1 and values.max() > MAX_LABEL:
        raise ValueError(f"label {values.max()} is above {MAX_LABEL}")
    ends = np.append(edges[1:], flat.size)
    kept = np.flatnonzero(values)
    start = (edges[kept] + first).astype(dtype)
    stop = (ends[kept] + first).astype(dtype)
    return start, stop, values[kept].astype(np.uint16)


def _flatnonzero(mask: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return np.flatnonzero of a mask of whole words; runs are long, so most words are empty."""
    words = np.flatnonzero(mask.view(np.uint64))
    row, column = np.nonzero(mask.reshape(-1, 8)[words])
    return words[row] * 8 + column


def decode(
    labelmap: LabelMap, dtype: DTypeLike | None = None, order: str | None = None
) -> NDArray[Any]:
    """Write the runs into a voxel array.

    Parameters
    ----------
    labelmap : LabelMap
        The runs.
    dtype : integer dtype or bool, optional
        By default uint8 where the labels fit, else uint16.
    order : {"C", "F"}, optional
        Memory order of the result; by default that of the label map's axes.

    Returns
    -------
    ndarray, shape (i, j, k)

    Raises
    ------
    TypeError
        If `dtype` is not an integer type.
    ValueError
        If a label does not fit `dtype`.
    """
    kind = label_dtype(labelmap, dtype)
    size = labelmap.grid.size
    flat = np.empty(size, dtype=kind)
    _fill(labelmap, 0, flat)
    fast, middle, slow = labelmap.shape_in_memory
    voxels = flat.reshape(slow, middle, fast).transpose(np.argsort(labelmap.axes[::-1]))
    if order == "C":
        return np.ascontiguousarray(voxels)
    if order == "F":
        return np.asfortranarray(voxels)
    return voxels


def decode_range(
    labelmap: LabelMap, begin: int, end: int, dtype: DTypeLike | None = None
) -> NDArray[Any]:
    """Write the positions `begin` to `end` (exclusive), in the order of `labelmap.axes`.

    Runs that reach over an end are clipped. Raises as :func:`decode` does.
    """
    flat = np.empty(end - begin, dtype=label_dtype(labelmap, dtype))
    _fill(labelmap, begin, flat)
    return flat


def run_range(labelmap: LabelMap, begin: int, end: int) -> slice:
    """Return the slice of the runs that have a voxel in the positions `begin` to `end`."""
    # As integers, stop > begin is stop >= begin + 1; the query has the column's type so that
    # the column is not converted.
    kind = labelmap.start.dtype.type
    first = int(np.searchsorted(labelmap.stop, kind(begin + 1)))
    last = int(np.searchsorted(labelmap.start, kind(end)))
    return slice(first, max(first, last))


def label_dtype(labelmap: LabelMap, dtype: DTypeLike | None = None) -> np.dtype[Any]:
    """Return `dtype` if it holds every label, or the smallest of uint8 and uint16 that does.

    Raises
    ------
    TypeError
        If `dtype` is not an integer type.
    ValueError
        If a label does not fit `dtype`.
    """
    largest = labelmap.largest
    if dtype is None:
        return np.dtype(np.uint8 if largest <= 255 else np.uint16)
    kind = np.dtype(dtype)
    if kind.kind not in "bui":
        raise TypeError(f"labels are integers; {kind} is not an integer type")
    limit = 1 if kind.kind == "b" else int(np.iinfo(kind).max)
    if largest > limit:
        raise ValueError(f"label {largest} does not fit {kind}")
    return kind


def _fill(labelmap: LabelMap, begin: int, flat: NDArray[Any]) -> None:
    """Write the positions from `begin` on into an array, shape (m,)."""
    chosen = run_range(labelmap, begin, begin + flat.size)
    if kernels.compiled is not None and kernels.takes_voxels(flat):
        columns = labelmap.start, labelmap.stop, labelmap.label
        kernels.compiled.fill(*(column[chosen] for column in columns), begin, flat)
        return
    position = begin
    for first in range(chosen.start, chosen.stop, _DECODE_RUNS):
        some = slice(first, min(first + _DECODE_RUNS, chosen.stop))
        end = min(int(labelmap.stop[some][-1]), begin + flat.size)
        flat[position - begin : end - begin] = _repeat(labelmap, some, position, end, flat.dtype)
        position = end
    flat[position - begin :] = 0


def _repeat(
    labelmap: LabelMap, chosen: slice, begin: int, end: int, dtype: np.dtype[Any]
) -> NDArray[Any]:
    """Lay out background and runs alternately from `begin` to `end`."""
    n = len(range(*chosen.indices(len(labelmap))))
    bounds = np.empty(2 * n + 2, dtype=np.int64)
    bounds[0], bounds[-1] = begin, end
    bounds[1:-1:2] = labelmap.start[chosen]
    bounds[2:-1:2] = labelmap.stop[chosen]
    np.clip(bounds, begin, end, out=bounds)
    values = np.zeros(2 * n + 1, dtype=dtype)
    values[1::2] = labelmap.label[chosen]
    return np.repeat(values, np.diff(bounds))
