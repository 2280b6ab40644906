"""How far a chain that is renumbered reaches where one of its labels is there twice."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.judging.context import Context
from vesalius.engine.runs.components import Components
from vesalius.engine.runs.projection import settled


class Stretch(NamedTuple):
    """What of a block is renumbered.

    Parameters
    ----------
    places : tuple of int
        Places of the labels.
    shared : tuple of int
        Of these, the places whose label stays with another body.
    stays : frozenset of int
        Components that keep their label.
    """

    places: tuple[int, ...]
    shared: tuple[int, ...]
    stays: frozenset[int]


def inside_of(block: Sequence[int], told: tuple[int, int], right: Collection[int]) -> list[int]:
    """Return what of a block lies between the places before and behind that are right."""
    before = max((at for at in right if at < told[0]), default=-1)
    behind = min((at for at in right if at > told[1]), default=block[-1] + 1)
    return [at for at in block if before < at < behind]


def stretch_of(
    block: Sequence[int],
    told: tuple[int, int],
    found: Components,
    labels: Sequence[int],
    apart_mm: float,
    body_share: float,
    context: Context,
) -> Stretch:
    """Follow a block outwards, as far as no label is there twice.

    Parameters
    ----------
    block : sequence of int
        Places of labels that hang together, one after the other.
    told : tuple of int
        The first and last of them that are known to be off.
    found : Components
        Of all labels of the chain.
    labels : sequence of int
        Labels by place.
    apart_mm : float
        What lies so far beyond the rest of its label, seen along the chain, is another one.
    body_share : float
        If it has this share of the voxels of the largest of its label, the label is there twice:
        what is beyond keeps its name. What is smaller keeps its name only at the end of the block.
    context : Context
        The map.

    Returns
    -------
    Stretch
    """
    first, last = told
    places = set(range(first, last + 1))
    shared, stays = [], set()
    for way, outwards in ((-1, range(first, block[0] - 1, -1)), (1, range(last, block[-1] + 1))):
        for at in outwards:
            places.add(at)
            if at - way not in block:
                continue
            far, twice = _beyond(found, labels[at], labels[at - way], apart_mm, body_share, context)
            if twice or at in (block[0], block[-1]):
                stays |= far
            if twice:
                shared.append(at)
                break
    return Stretch(tuple(sorted(places)), tuple(shared), frozenset(stays))


def _beyond(
    found: Components,
    label: int,
    inner: int,
    apart_mm: float,
    body_share: float,
    context: Context,
) -> tuple[set[int], bool]:
    """Give the components of a label that lie beyond the one next to its neighbour."""
    rows = np.flatnonzero(found.label == label)
    if rows.size < 2:
        return set(), False
    bodies = found.voxels[rows] >= body_share * found.voxels[rows].max()
    centre_mm = found.measures.centre_mm[rows]
    start_mm = context.measures((inner,)).centre_mm[0]
    away_mm = settled(np.linalg.norm(centre_mm - start_mm, axis=1))
    near = int(np.argmin(np.where(bodies, away_mm, np.inf)))
    along: NDArray[np.float64] = centre_mm[near] - start_mm
    length_mm = float(np.linalg.norm(along))
    if not length_mm:
        return set(), False
    ahead_mm = settled((centre_mm - centre_mm[near]) @ (along / length_mm))
    far = ahead_mm >= apart_mm
    return set(rows[far].tolist()), bool((far & bodies).any())
