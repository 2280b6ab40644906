"""A chain of bodies that follow each other, each with its own name."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.judging.context import Context
from vesalius.engine.judging.measures import cut_at_ends
from vesalius.engine.judging.targets import renamed_faults, target_verdict
from vesalius.engine.judging.verdict import (
    Missing,
    Verdict,
)
from vesalius.engine.plan.roles import (
    Connectivity,
    Count,
    Direction,
    LabelsAmong,
    LabelsJudged,
    Millimetres,
    Share,
    Times,
)
from vesalius.engine.plan.step import Expect
from vesalius.engine.runs.components import Components
from vesalius.engine.runs.median import median
from vesalius.engine.runs.projection import means_mm, settled


@dataclass(frozen=True)
class Numbered(Expect):
    """The bodies of a chain of labels carry their names in the order of the list.

    A body is a component with at least `body_share` of the voxels of the largest of its label;
    along `direction` their centres stand in some order. It is only judged where it is proven: there
    are at least `fewest` bodies, as many as labels from the first to the last that is present;
    names are off by one place at most; either no name is missing and less than half of the bodies
    changed places, or one name is missing that no patient lacks (`may_lack`), one is there twice,
    and all between are off; none that is out of place reaches an end of the scan along the
    direction; and around those the centres are `clear_mm` or more apart along the direction and as
    far from each other as the rest of the chain (`step_at_least` to `step_at_most` times the median
    of `around` steps on each side).
    `optional` labels count only where they are present.
    """

    labels: LabelsJudged
    direction: Direction
    optional: LabelsAmong = ()
    may_lack: LabelsAmong = ()
    clear_mm: Millimetres = 0.0
    connectivity: Connectivity = 6
    body_share: Share = 0.5
    fewest: Count = 4
    step_at_least: Times = 0.6
    step_at_most: Times = 1.5
    around: Count = 4


class Chain(NamedTuple):
    """The bodies of a chain in their order along the direction.

    Parameters
    ----------
    height_mm : ndarray of float, shape (n,)
        Position of their centres along the direction.
    centre_mm : ndarray of float, shape (n, 3)
        Their centres.
    place : ndarray of int, shape (n,)
        Place of the label of each in the list.
    cut : ndarray of bool, shape (n,)
        Whether the scan ends in each, along the direction.
    """

    height_mm: NDArray[np.float64]
    centre_mm: NDArray[np.float64]
    place: NDArray[np.int64]
    cut: NDArray[np.bool_]


def judge_numbered(expect: Numbered, context: Context) -> Verdict:
    """Find the bodies of a chain whose label is not that of their place in it.

    A body is a component with at least `body_share` of the voxels of the largest. Bodies are
    put in order by the position of their centres along the direction. If there are as many as
    labels from the first to the last that is present, each is to carry the label of its place.

    Raises
    ------
    Missing
        If there are fewer than `fewest` bodies, or it is not proven that the names are wrong and
        which: see :class:`vesalius.engine.kinds.numbered.Numbered`.
    """
    present = set(context.present(expect.labels))
    listed = [n for n in expect.labels if n in present or n not in expect.optional]
    found = context.components(listed, expect.connectivity)
    bodies = np.flatnonzero(found.voxels >= expect.body_share * found.largest)
    height_mm = means_mm(found.measures, expect.direction)
    # Components are in an order that does not depend on the array, so ties end the same.
    bodies = bodies[np.argsort(height_mm[bodies], kind="stable")]
    x, y, z = expect.direction
    cut = cut_at_ends(found.measures, (expect.direction, (-x, -y, -z)))[bodies]
    where = {label: at for at, label in enumerate(listed)}
    chain = Chain(
        height_mm[bodies],
        found.measures.centre_mm[bodies],
        np.array([where[n] for n in found.label[bodies].tolist()], dtype=np.int64),
        cut,
    )
    names = [context.name(label) for label in listed]
    lack = frozenset(where[label] for label in expect.may_lack if label in where)
    target = proven_places(expect, chain, names, lack)
    if (target == chain.place).all():
        return Verdict()
    return _renamed(found, bodies, chain, np.array(listed)[target], context)


def proven_places(
    expect: Numbered, chain: Chain, names: list[str], may_lack: frozenset[int]
) -> NDArray[np.int64]:
    """Return the place in the list that each body has.

    Raises
    ------
    Missing
        If it is not proven.
    """
    place, n = chain.place, chain.place.size
    if n < expect.fewest:
        raise Missing(f"{n} whole structures; {expect.fewest} make a chain")
    first, last = int(place.min()), int(place.max())
    counts = Counter(place.tolist())
    gone = [at for at in range(first, last + 1) if at not in counts]
    twice = [at for at, times in sorted(counts.items()) if times > 1]
    target = first + np.arange(n)
    wrong = np.flatnonzero(place != target)
    if not gone and not twice and not wrong.size:
        return target
    lost, more = ", ".join(names[a] for a in gone), ", ".join(names[a] for a in twice)
    if len(gone) != len(twice) or len(gone) > 1 or n != last - first + 1:
        odd = f"missing {lost or 'none'}, more than once {more or 'none'}"
        raise Missing(f"which names are wrong is not clear: {odd}")
    if np.abs(place - target).max() > 1 or (not gone and 2 * wrong.size >= n):
        raise Missing("more than neighbours changed places")
    if gone and gone[0] in may_lack:
        raise Missing(f"a patient may lack {lost}")
    # With one that is missing all between it and the one that is there twice are out of place.
    ends = slice(max(int(wrong.min()) - 1, 0), int(wrong.max()) + 2)
    if chain.cut[wrong].any():
        name = names[int(place[wrong][0])]
        raise Missing(f"the border of the scan cuts {name} or the next", cut=(name,))
    rise_mm = settled(np.diff(chain.height_mm[ends]))
    if (rise_mm < expect.clear_mm).any():
        raise Missing("some are too near to each other to be told apart")
    step_mm = settled(np.linalg.norm(np.diff(chain.centre_mm, axis=0), axis=1))
    for at in range(ends.start, min(ends.stop, n) - 1):
        usual = median(step_mm[max(at - expect.around, 0) : at + expect.around + 1])
        low, high = expect.step_at_least * usual, expect.step_at_most * usual
        if not low <= float(step_mm[at]) <= high:
            one, other = names[int(place[at])], names[int(place[at + 1])]
            raise Missing(f"the step from {one} to {other} is not that of neighbours")
    return target


def _renamed(
    found: Components,
    bodies: NDArray[np.intp],
    chain: Chain,
    target: NDArray[np.int64],
    context: Context,
) -> Verdict:
    """Make parts of the bodies that carry another label than their place's, with their crumbs."""
    label = found.label[bodies].astype(np.int64)
    shared = {n for n, times in Counter(label.tolist()).items() if times > 1}
    aim_of = {int(body): int(aim) for body, aim in zip(bodies, target, strict=True)}
    only = {int(n): int(aim) for n, aim in zip(label, target, strict=True) if int(n) not in shared}
    # Smaller pieces of a label go with its body, unless there are two.
    aims = np.array([
        aim_of.get(at, only.get(int(n), int(n))) for at, n in enumerate(found.label.tolist())
    ])  # fmt: skip
    faults = renamed_faults(found, aims)
    return target_verdict(faults, "out of place", "by its place it is", context)
