"""The meaning of a plan, voxel by voxel, as slow and as obvious as possible.

Only tests import this. It shares the plan, the result types and the named limits with the
real executor, and no algorithm: voxels instead of runs, sets instead of refinements, flood
fill instead of a graph, eigenvectors instead of singular vectors.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.anchors import TIE_MM, AnchorFit
from vesalius.engine.claims import ChoiceTally
from vesalius.engine.divide import DivideTally
from vesalius.engine.plan import (
    Action,
    Choose,
    Divide,
    Ignore,
    Lost,
    Paint,
    Plan,
)
from vesalius.engine.reference_anchors import position_mm, reference_fit
from vesalius.engine.tally import (
    ConflictTally,
    IntegerTally,
    LostTally,
    SourceTally,
    StructureTally,
    Tally,
)

Voxel = tuple[int, int, int]
Saying = tuple[int, Action | None]
Said = dict[Voxel, Saying]


@dataclass(frozen=True)
class ReferenceResult:
    """Voxel arrays of output integers and of work labels, and the tally."""

    labels: NDArray[np.int64]
    work: NDArray[np.int64]
    tally: Tally


def reference_execute(
    plan: Plan,
    volumes: Mapping[str, NDArray[Any]],
    affine: NDArray[np.float64],
    shape: tuple[int, int, int],
    metadata: Mapping[str, str],
) -> ReferenceResult:
    """Run a plan on voxel arrays.

    Reasons and notes of anchors and divisions stay empty.

    Parameters
    ----------
    plan : Plan
        A valid plan.
    volumes : mapping of str to ndarray of int, shape (i, j, k)
        Integers of each given source.
    affine : ndarray of float, shape (4, 4)
        Voxel index to millimetres, RAS+.
    shape : tuple of int
        Shape of all volumes.
    metadata : mapping of str to str
        What is known about the case.
    """
    said: dict[str, Said] = {}
    choices: list[ChoiceTally] = []
    for table in plan.sources:
        if table.token in volumes:
            actions, made = _choices(table.token, dict(table.actions), volumes, metadata)
            choices.extend(made)
            said[table.token] = _what_is_said(volumes[table.token], actions)
    painted = _paint(plan, said, shape)
    fits = tuple(reference_fit(anchor, painted, affine) for anchor in plan.anchors)
    divisions = tuple(
        division for token in said for division in _divide(plan, token, said[token], fits, affine)
    )
    work = _paint(plan, said, shape)
    labels = np.zeros(shape, dtype=np.int64)
    for voxel in np.ndindex(shape):
        if work[voxel]:
            labels[voxel] = plan.work[work[voxel] - 1].output
    structures = _structures(plan, work, affine)
    tally = Tally(
        sources=_sources(plan, said, work),
        choices=tuple(choices),
        anchors=fits,
        divisions=divisions,
        conflicts=_conflicts(plan, said, work),
        structures=structures,
        lost=_lost(said, structures),
    )
    return ReferenceResult(labels, work, tally)


# Claims


def _choices(
    token: str,
    actions: Mapping[int, Action],
    volumes: Mapping[str, NDArray[Any]],
    metadata: Mapping[str, str],
) -> tuple[dict[int, Action], list[ChoiceTally]]:
    chosen: dict[int, Action] = {}
    made: list[ChoiceTally] = []

    def choose(integer: int, action: Action) -> Action:
        if isinstance(action, Choose):
            value = metadata.get(action.key)
            matches = [option for name, option in action.options if name == value]
            made.append(ChoiceTally(token, integer, action.key, value, bool(matches)))
            return choose(integer, matches[0] if matches else action.otherwise)
        if isinstance(action, Divide):
            positive = choose(integer, action.positive)
            negative = choose(integer, action.negative)
            return Divide(action.anchor, positive, negative, choose(integer, action.otherwise))
        return action

    for integer in sorted(set(volumes[token].ravel().tolist()) - {0}):
        if integer in actions:
            chosen[integer] = choose(integer, actions[integer])
    return chosen, made


def _what_is_said(volume: NDArray[Any], actions: Mapping[int, Action]) -> Said:
    return {
        voxel: (int(volume[voxel]), actions.get(int(volume[voxel])))
        for voxel in np.ndindex(volume.shape)
        if volume[voxel] != 0
    }


def _claimed(said: Mapping[str, Said], voxel: Voxel) -> set[int]:
    labels = set()
    for source in said.values():
        _, action = source.get(voxel, (0, None))
        if isinstance(action, Paint) and action.label != 0:
            labels.add(action.label)
    return labels


def _paint(plan: Plan, said: Mapping[str, Said], shape: tuple[int, int, int]) -> NDArray[np.int64]:
    work = np.zeros(shape, dtype=np.int64)
    for voxel in np.ndindex(shape):
        claims = _claimed(said, voxel)
        if claims:
            work[voxel] = max(claims, key=lambda label: plan.work[label - 1].rank)
    return work


# Divisions


def _neighbours(voxel: Voxel, connectivity: int) -> Iterator[Voxel]:
    most = {6: 1, 18: 2, 26: 3}[connectivity]
    for step in itertools.product((-1, 0, 1), repeat=3):
        if 1 <= sum(abs(part) for part in step) <= most:
            i, j, k = (at + part for at, part in zip(voxel, step, strict=True))
            yield i, j, k


def _components(voxels: set[Voxel], connectivity: int) -> list[set[Voxel]]:
    waiting, found = set(voxels), []
    while waiting:
        frontier = [waiting.pop()]
        component = set(frontier)
        while frontier:
            for neighbour in _neighbours(frontier.pop(), connectivity):
                if neighbour in waiting:
                    waiting.remove(neighbour)
                    component.add(neighbour)
                    frontier.append(neighbour)
        found.append(component)
    return found


def _divide(
    plan: Plan,
    token: str,
    said: Said,
    fits: tuple[AnchorFit, ...],
    affine: NDArray[np.float64],
) -> Iterator[DivideTally]:
    """Change what is said until no division remains."""
    while True:
        pending: dict[Divide, set[Voxel]] = {}
        for voxel, (_, action) in said.items():
            if isinstance(action, Divide):
                pending.setdefault(action, set()).add(voxel)
        if not pending:
            return
        tallies = [
            (division.anchor, tally.integers, repr(division), tally)
            for division, voxels in pending.items()
            for tally in [
                _divide_one(plan, token, said, division, voxels=voxels, fits=fits, affine=affine)
            ]
        ]
        for _, _, _, tally in sorted(tallies, key=lambda entry: entry[:3]):
            yield tally


def _divide_one(
    plan: Plan,
    token: str,
    said: Said,
    division: Divide,
    *,
    voxels: set[Voxel],
    fits: tuple[AnchorFit, ...],
    affine: NDArray[np.float64],
) -> DivideTally:
    fit = fits[division.anchor]
    integers = tuple(sorted({said[voxel][0] for voxel in voxels}))
    counts: Counter[str] = Counter()
    if fit.status != "fitted" or fit.normal is None or fit.offset_mm is None:
        for voxel in voxels:
            said[voxel] = (said[voxel][0], division.otherwise)
            counts["otherwise"] += 1
    else:
        for component in _components(voxels, plan.connectivity):
            above = {
                voxel
                for voxel in component
                if np.dot(fit.normal, position_mm(affine, voxel)) >= fit.offset_mm - TIE_MM
            }
            below = component - above
            if max(len(above), len(below)) / len(component) < plan.whole_share:
                counts["cut"] += 1
            elif len(above) >= len(below):
                counts["whole above"] += 1
                above, below = component, set()
            else:
                counts["whole below"] += 1
                above, below = set(), component
            for side, name, action in (
                (above, "above", division.positive),
                (below, "below", division.negative),
            ):
                for voxel in side:
                    said[voxel] = (said[voxel][0], action)
                    counts[name] += 1
    return DivideTally(
        source=token,
        integers=integers,
        anchor=fit.token,
        positive_components=counts["whole above"],
        negative_components=counts["whole below"],
        cut_components=counts["cut"],
        positive_voxels=counts["above"],
        negative_voxels=counts["below"],
        otherwise_voxels=counts["otherwise"],
        note="",
    )


# Tallies


def _sources(
    plan: Plan, said: Mapping[str, Said], work: NDArray[np.int64]
) -> tuple[SourceTally, ...]:
    return tuple(
        SourceTally(
            table.token,
            table.token in said,
            tuple(
                _integer(plan, integer, said[table.token], work)
                for integer in sorted({spoken for spoken, _ in said[table.token].values()})
            )
            if table.token in said
            else (),
        )
        for table in plan.sources
    )


def _integer(plan: Plan, integer: int, said: Said, work: NDArray[np.int64]) -> IntegerTally:
    own = {voxel: action for voxel, (spoken, action) in said.items() if spoken == integer}
    paints = {
        voxel: action.label
        for voxel, action in own.items()
        if isinstance(action, Paint) and action.label > 0
    }
    won = [voxel for voxel, label in paints.items() if work[voxel] == label]
    lost = Counter(action.token for action in own.values() if isinstance(action, Lost))
    lost.update(
        plan.work[paints[voxel] - 1].token
        for voxel in won
        if plan.work[paints[voxel] - 1].output == 0
    )
    return IntegerTally(
        integer=integer,
        voxels=len(own),
        painted=tuple(sorted(Counter(paints.values()).items())),
        won=len(won),
        lost_to=tuple(
            sorted(Counter(int(work[voxel]) for voxel in paints.keys() - set(won)).items())
        ),
        dropped=sum(action == Paint(0) for action in own.values()),
        ignored=sum(action == Ignore() for action in own.values()),
        lost=tuple(sorted(lost.items())),
        unlisted=sum(action is None for action in own.values()),
    )


def _conflicts(
    plan: Plan, said: Mapping[str, Said], work: NDArray[np.int64]
) -> tuple[ConflictTally, ...]:
    pairs: Counter[tuple[int, int]] = Counter()
    for voxel in np.ndindex(work.shape):
        winner = int(work[voxel])
        for loser in _claimed(said, voxel) - {winner}:
            if winner not in plan.work[loser - 1].ancestors and (
                loser not in plan.work[winner - 1].ancestors
            ):
                pairs[winner, loser] += 1
    return tuple(
        ConflictTally(
            winner,
            loser,
            "tier" if plan.work[winner - 1].tier != plan.work[loser - 1].tier else "rank",
            voxels,
        )
        for (winner, loser), voxels in sorted(pairs.items())
    )


def _structures(
    plan: Plan, work: NDArray[np.int64], affine: NDArray[np.float64]
) -> tuple[StructureTally, ...]:
    voxel_ml = float(abs(np.linalg.det(affine[:3, :3]))) / 1000.0
    counts = Counter(work[work > 0].tolist())
    return tuple(
        StructureTally(entry.label, entry.token, entry.output, count, count * voxel_ml)
        for entry in plan.work
        if (count := counts[entry.label])
    )


def _lost(
    said: Mapping[str, Said], structures: tuple[StructureTally, ...]
) -> tuple[LostTally, ...]:
    claimed = Counter(
        action.token
        for source in said.values()
        for _, action in source.values()
        if isinstance(action, Lost)
    )
    painted = Counter({entry.token: entry.voxels for entry in structures if entry.output == 0})
    return tuple(
        LostTally(token, claimed[token], painted[token]) for token in sorted({*claimed, *painted})
    )
