"""Repairs by looking at every voxel's neighbours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.reference import neighbours
from vesalius.engine.reference_rules.state import (
    Mask,
    State,
    centre_mm,
    holds_point,
    positive_voxels,
    side_of,
)
from vesalius.engine.steps import (
    Destination,
    Into,
    IntoNeighbour,
    IntoOther,
    IntoRegions,
    IntoSides,
    IntoSurrounding,
)


def place(destination: Destination, parts: Sequence[Mask], state: State) -> NDArray[np.int64]:
    """Return the labels after a repair."""
    after = state.work.copy()
    for part in parts:
        after[part] = _labels(destination, part, parts, state)[part]
    return after


def _labels(
    destination: Destination, part: Mask, parts: Sequence[Mask], state: State
) -> NDArray[np.int64]:
    return EDITORS[type(destination)](destination, part, parts, state)


def _all(value: int, state: State) -> NDArray[np.int64]:
    return np.full(state.work.shape, value, dtype=np.int64)


def _into(d: Into, part: Mask, parts: Sequence[Mask], state: State) -> NDArray[np.int64]:
    return _all(d.label, state)


def _other(d: IntoOther, part: Mask, parts: Sequence[Mask], state: State) -> NDArray[np.int64]:
    result = state.work.copy()
    for one, two in d.pairs:
        result[part & (state.work == one)] = two
        result[part & (state.work == two)] = one
    return result


def _sides(d: IntoSides, part: Mask, parts: Sequence[Mask], state: State) -> NDArray[np.int64]:
    positive = side_of(part, positive_voxels(state, d.anchor), d.whole_share)
    return np.where(positive, d.positive, d.negative)


def _touched(part: Mask, parts: Sequence[Mask], state: State, connectivity: int) -> Counter[int]:
    """Count the neighbours of a part's voxels that are not at fault, by label."""
    counts: Counter[int] = Counter()
    at_fault = np.any(list(parts), axis=0)
    for i, j, k in np.argwhere(part).tolist():
        for other in neighbours((i, j, k), part.shape, connectivity):
            if not at_fault[other]:
                counts[int(state.work[other])] += 1
    return counts


def _surrounding(
    d: IntoSurrounding, part: Mask, parts: Sequence[Mask], state: State
) -> NDArray[np.int64]:
    own = set(state.work[part].tolist())
    best, most = d.otherwise, 0
    # Ascending labels, background last; only more faces replace the best so far.
    for label, faces in sorted(
        _touched(part, parts, state, 6).items(), key=lambda item: (item[0] == 0, item[0])
    ):
        if label in own or label in d.never or (label == 0 and not d.background):
            continue
        if faces > most:
            best, most = label, faces
    return _all(best, state)


def _candidate(d: IntoNeighbour, part: Mask, parts: Sequence[Mask], state: State) -> int | None:
    """Return the candidate that a part goes to, None where it goes to the rest."""
    if state.below_ml(int(part.sum()), d.at_least_ml):
        return None
    own = Counter(state.work[part].tolist())
    main = min(own, key=lambda label: (-own[label], label))
    touched = _touched(part, parts, state, d.connectivity)
    best = None
    for label in dict(d.neighbours).get(main, ()):
        if touched[label] > (0 if best is None else touched[best]):
            best = label
    return best


def _neighbour(
    d: IntoNeighbour, part: Mask, parts: Sequence[Mask], state: State
) -> NDArray[np.int64]:
    given = _candidate(d, part, parts, state)
    if given is not None:
        return _all(given, state)
    return _labels(d.rest, part, parts, state)


def _case(d: IntoRegions, part: Mask, state: State) -> int:
    """Return the number of the first region that holds a part; one more than all if none."""
    centre = centre_mm(part, state.affine)
    for number, (region, _) in enumerate(d.cases):
        if holds_point(state, region, centre):
            return number
    return len(d.cases)


def _regions(d: IntoRegions, part: Mask, parts: Sequence[Mask], state: State) -> NDArray[np.int64]:
    number = _case(d, part, state)
    inner = [*(destination for _, destination in d.cases), d.otherwise][number]
    return _labels(inner, part, parts, state)


EDITORS: Mapping[type, Callable[[Any, Mask, Sequence[Mask], State], NDArray[np.int64]]] = {
    Into: _into,
    IntoOther: _other,
    IntoSides: _sides,
    IntoSurrounding: _surrounding,
    IntoNeighbour: _neighbour,
    IntoRegions: _regions,
}
