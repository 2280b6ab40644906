"""What the bodies of chains come nearest to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from vesalius.engine.judging.context import Context
from vesalius.engine.judging.verdict import take_runs
from vesalius.engine.runs.nearest import nearest_labels


class Rung(NamedTuple):
    """A body of a chain that meets a label of another one.

    Parameters
    ----------
    label : int
        Its label.
    body : int
        Which component of those of all chains it is.
    met : int
        The label that it comes nearest to.
    off : int
        How many places that is after the one where it belongs.
    """

    label: int
    body: int
    met: int
    off: int = 0


def rungs_of(
    chains: Sequence[tuple[int, ...]],
    backbone: tuple[int, ...],
    reach_mm: float,
    body_share: float,
    connectivity: int,
    context: Context,
) -> tuple[tuple[Rung, ...], ...]:
    """Return the bodies of each chain that come near enough to one label of a backbone.

    Parameters
    ----------
    chains : sequence of tuple of int
        Labels of each.
    backbone : tuple of int
        Labels that are present.
    reach_mm : float
        How near is near enough.
    body_share : float
        A component with this share of the voxels of the largest of its label is a body.
    connectivity : int
        Of components.
    context : Context
        The map.

    Returns
    -------
    tuple of tuple of Rung
        By chain, in the order of :class:`vesalius.engine.runs.components.Components`; `off` is 0.
    """
    labels = tuple(sorted({label for chain in chains for label in chain}))

    def look() -> dict[int, tuple[int, ...]]:
        found = context.components(labels, connectivity)
        largest = np.arange(len(found)) - found.rank
        bodies = np.flatnonzero(found.voxels >= body_share * found.voxels[largest])
        number = np.zeros(len(found), dtype=np.uint16)
        number[bodies] = np.arange(1, bodies.size + 1)
        rows = np.flatnonzero(number[found.of_run])
        runs = take_runs(found.labelmap, rows)
        groups = replace(runs, label=number[found.of_run[rows]])
        near = nearest_labels(groups, context.part(backbone), reach_mm)
        return {int(bodies[group - 1]): met for group, met in near.items()}

    met = context.cached("rungs", (*labels, *backbone), look, len(labels), reach_mm, body_share,
                         connectivity)  # fmt: skip
    label_of = context.components(labels, connectivity).label
    return tuple(
        tuple(
            Rung(int(label_of[body]), body, labels_met[0])
            for body, labels_met in sorted(met.items())
            if len(labels_met) == 1 and int(label_of[body]) in chain
        )
        for chain in chains
    )


def foot_meets(
    foot: Sequence[int], backbone: tuple[int, ...], reach_mm: float, context: Context
) -> int | None:
    """Return the label of a backbone that the largest piece of some labels comes nearest to.

    Parameters
    ----------
    foot : sequence of int
        Their largest piece is looked at, of all of them pooled.
    backbone : tuple of int
        Labels that it may come near to.
    reach_mm : float
        So far away is still near.
    context : Context
        The map.

    Returns
    -------
    int or None
        None where none is near enough, or two are equally near.
    """
    there = context.present(foot)
    if not there:
        return None

    def look() -> tuple[int, ...]:
        found = context.components(there, 6, joint=True)
        runs = take_runs(found.labelmap, np.flatnonzero(found.of_run == 0))
        groups = replace(runs, label=np.ones(len(runs), dtype=np.uint16))
        return nearest_labels(groups, context.part(backbone), reach_mm).get(1, ())

    met = context.cached("foot", (*there, *backbone), look, len(there), reach_mm)
    return met[0] if len(met) == 1 else None
