"""Which runs are neighbours, found by search on shifted positions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.runs.labelmap import Positions
from vesalius.engine.runs.ranges import ranges

# One of each pair of opposite neighbours, as steps along the fastest, middle and slowest axis.
_FACES = ((1, 0, 0), (0, 1, 0), (0, 0, 1))
_EDGES = ((1, 1, 0), (-1, 1, 0), (1, 0, 1), (-1, 0, 1), (0, 1, 1), (0, -1, 1))
_CORNERS = ((1, 1, 1), (-1, 1, 1), (1, -1, 1), (-1, -1, 1))
_STEPS = {6: _FACES, 18: _FACES + _EDGES, 26: _FACES + _EDGES + _CORNERS}


class Connected(NamedTuple):
    """Pairs of runs.

    Parameters
    ----------
    one, other : ndarray of int32, shape (n,)
        Run numbers.
    """

    one: NDArray[np.int32]
    other: NDArray[np.int32]


class Covered(NamedTuple):
    """Pairs of runs of which one covers the other after a step.

    Parameters
    ----------
    one, other : ndarray of int32, shape (n,)
        Run numbers; `one` was moved by the step.
    voxels : ndarray of int64, shape (n,)
        Voxels of `one` whose neighbour by the step lies in `other`.
    """

    one: NDArray[np.int32]
    other: NDArray[np.int32]
    voxels: NDArray[np.int64]


def steps(connectivity: int) -> tuple[tuple[int, int, int], ...]:
    """Return half of the 6, 18 or 26 neighbours: one of each pair of opposite ones.

    Raises
    ------
    ValueError
        If `connectivity` is not 6, 18 or 26.
    """
    if connectivity not in _STEPS:
        raise ValueError(f"connectivity must be 6, 18 or 26, not {connectivity}")
    return _STEPS[connectivity]


def touching(
    start: Positions,
    stop: Positions,
    key: NDArray[np.uint16],
    shape_in_memory: tuple[int, int, int],
    connectivity: int,
) -> Iterator[Connected]:
    """Yield the pairs of runs of equal key that are connected.

    Parameters
    ----------
    start, stop : ndarray of int, shape (n,)
        Sorted runs that do not overlap, as in a label map.
    key : ndarray of uint16, shape (n,)
        Key of each run.
    shape_in_memory : tuple of int
        Voxels along the fastest, middle and slowest axis.
    connectivity : int
        6, 18 or 26.

    Yields
    ------
    Connected
        For one relation of lines at a time.
    """
    seams = _flatnonzero((start[1:] == stop[:-1]) & (key[1:] == key[:-1])) + np.int32(1)
    seams = seams[start[seams] % shape_in_memory[0] != 0]
    yield Connected(seams - np.int32(1), seams)
    reach: dict[tuple[int, int], int] = {}
    for along, middle, slow in steps(connectivity):
        if (middle, slow) != (0, 0):
            reach[middle, slow] = max(abs(along), reach.get((middle, slow), 0))
    for line_step, margin in reach.items():
        query = _move(start, stop, shape_in_memory, line_step, (-margin, margin))
        one, other = _expand(start, stop, query)
        same = np.flatnonzero(key[one] == key[other])
        yield Connected(one[same], other[same])


def overlaps(
    start: Positions,
    stop: Positions,
    shape_in_memory: tuple[int, int, int],
    step: tuple[int, int, int],
) -> Covered:
    """Move every run by one step and find the runs that it then covers.

    Parameters
    ----------
    start, stop, shape_in_memory
        As in :func:`touching`.
    step : tuple of int
        Step along the fastest, middle and slowest axis, each -1, 0 or 1.

    Returns
    -------
    Covered
    """
    query = _move(start, stop, shape_in_memory, step[1:], (step[0], step[0]))
    one, other = _expand(start, stop, query)
    shift = query.shift + step[0]
    voxels = np.minimum(stop[one] + shift, stop[other])
    voxels -= np.maximum(start[one] + shift, start[other])
    return Covered(one, other, voxels.astype(np.int64))


def inside_grid(
    start: Positions,
    stop: Positions,
    shape_in_memory: tuple[int, int, int],
    step: tuple[int, int, int],
) -> NDArray[np.int64]:
    """Count the voxels of each run whose neighbour by the step lies in the grid, shape (n,)."""
    query = _move(start, stop, shape_in_memory, step[1:], (step[0], step[0]))
    inside = np.zeros(start.size, dtype=np.int64)
    inside[query.run] = np.maximum(query.end - query.begin, 0)
    return inside


class _Query(NamedTuple):
    run: NDArray[np.int32]
    begin: Positions
    end: Positions
    shift: int


def _move(
    start: Positions,
    stop: Positions,
    shape_in_memory: tuple[int, int, int],
    line_step: tuple[int, int],
    margins: tuple[int, int],
) -> _Query:
    """Move runs to another line and their ends by the margins; clip them to that line."""
    fast, middle, slow = shape_in_memory
    shift = (line_step[0] + line_step[1] * middle) * fast
    run = np.arange(start.size, dtype=np.int32)
    if line_step != (0, 0):
        kind = start.dtype.type
        line = start // kind(fast)
        layer = line // kind(middle)
        row = line - layer * kind(middle) + kind(line_step[0])
        layer += kind(line_step[1])
        run = _flatnonzero((row >= 0) & (row < middle) & (layer >= 0) & (layer < slow))
    # int64, because a moved end may lie outside the volume before it is clipped.
    begin = start[run].astype(np.int64) + shift
    end = stop[run].astype(np.int64) + shift
    if margins != (0, 0):
        line_start = begin // fast * fast
        begin = np.maximum(begin + margins[0], line_start)
        end = np.minimum(end + margins[1], line_start + fast)
    dtype = start.dtype
    return _Query(run, begin.astype(dtype), end.astype(dtype), shift)


def _expand(start: Positions, stop: Positions, query: _Query) -> Connected:
    """List every pair of a query interval and a run that overlap."""
    # The first run that stops after the query begins, and the first that starts at its end or
    # later. A query that is empty lies at the end of a line, where it finds nothing.
    first = np.searchsorted(stop, query.begin + 1)
    counts = np.searchsorted(start, query.end) - first
    return Connected(np.repeat(query.run, counts), ranges(first.astype(np.int32), counts))


def _flatnonzero(mask: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Return np.flatnonzero as run numbers."""
    return np.flatnonzero(mask).astype(np.int32)
