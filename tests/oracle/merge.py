"""The meaning of a merge, voxel by voxel: claims, anchors, divisions, painting, and the tally.

The tally is told in plain dictionaries with the names that the engine's report has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.anchors import Fit, fit
from oracle.dense import components
from oracle.geometry import Affine, Voxel, position_mm, voxel_ml
from vesalius.engine.plan.plan import Action, Choose, Divide, Ignore, Paint, Plan

Said = dict[Voxel, tuple[int, Action | None]]
"""By voxel the integer of the file and what is done with it."""


@dataclass(frozen=True)
class Merged:
    """Work labels by voxel, the fits of the anchors, and what was said after all divisions."""

    work: NDArray[np.int64]
    fits: tuple[Fit, ...]
    said: dict[str, Said]
    choices: list[dict[str, Any]]
    divisions: list[dict[str, Any]]


def merge(
    plan: Plan,
    volumes: Mapping[str, NDArray[Any]],
    affine: Affine,
    shape: Voxel,
    metadata: Mapping[str, str],
) -> Merged:
    """Merge the given sources of a plan.

    `volumes` has the integers of each given source, all of one shape.
    """
    said: dict[str, Said] = {}
    choices: list[dict[str, Any]] = []
    for table in plan.sources:
        if table.token in volumes:
            actions, made = _choices(table.token, dict(table.actions), volumes, metadata)
            choices += made
            said[table.token] = _what_is_said(volumes[table.token], actions)
    painted = _paint(plan, said, shape)
    fits = tuple(fit(anchor, painted, affine) for anchor in plan.anchors)
    divisions = [d for token in said for d in _divide(plan, token, said[token], fits, affine)]
    return Merged(_paint_counted(plan, said, shape, metadata), fits, said, choices, divisions)


def tally(plan: Plan, merged: Merged, final: NDArray[np.int64], affine: Affine) -> dict[str, Any]:
    """Count what was merged, and the structures of the final labels."""
    structures = _structures(plan, final, affine)
    return {
        "sources": _sources(plan, merged.said, merged.work),
        "choices": merged.choices,
        "anchors": [one._asdict() for one in merged.fits],
        "divisions": merged.divisions,
        "conflicts": _conflicts(plan, merged.said, merged.work),
        "structures": structures,
        "lost": _lost(structures),
    }


# Claims


def _choices(
    token: str,
    actions: Mapping[int, Action],
    volumes: Mapping[str, NDArray[Any]],
    metadata: Mapping[str, str],
) -> tuple[dict[int, Action], list[dict[str, Any]]]:
    chosen: dict[int, Action] = {}
    made: list[dict[str, Any]] = []

    def choose(integer: int, action: Action) -> Action:
        if isinstance(action, Choose):
            value = metadata.get(action.key)
            matches = [option for name, option in action.options if name == value]
            listed = {"key": action.key, "value": value, "listed": bool(matches)}
            made.append({"source": token, "integer": integer, **listed})
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


def _paint_counted(
    plan: Plan, said: Mapping[str, Said], shape: Voxel, metadata: Mapping[str, str]
) -> NDArray[np.int64]:
    """Paint what counts: all, what most say, or what the best source says, label by label."""
    tells = {
        table.token: {label for _, action in table.actions for label in _can(action, metadata)}
        for table in plan.sources
        if table.token in said
    }
    work = np.zeros(shape, dtype=np.int64)
    for voxel in np.ndindex(shape):
        labels = {token: _claimed({token: source}, voxel) for token, source in said.items()}
        counting = {
            label
            for label in set().union(*labels.values())
            if _counts(label, {token for token in labels if label in labels[token]}, tells, plan)
        }
        if counting:
            work[voxel] = max(counting, key=lambda label: plan.work[label - 1].rank)
    return work


def _counts(label: int, claimants: set[str], tells: Mapping[str, set[int]], plan: Plan) -> bool:
    able = [token for token in tells if label in tells[token]]
    if plan.merging.policy == "vote":
        return len(claimants) > len(able) / 2
    if plan.merging.policy == "priority":
        named = [token for token in plan.merging.preferred if token in able]
        return not named or named[0] in claimants
    return True


def _can(action: Action, metadata: Mapping[str, str]) -> set[int]:
    if isinstance(action, Paint):
        return {action.label}
    if isinstance(action, Choose):
        for name, option in action.options:
            if metadata.get(action.key) == name:
                return _can(option, metadata)
        return _can(action.otherwise, metadata)
    if isinstance(action, Divide):
        branches = (action.positive, action.negative, action.otherwise)
        return set().union(*(_can(branch, metadata) for branch in branches))
    return set()


# Divisions


def _divide(
    plan: Plan,
    token: str,
    said: Said,
    fits: tuple[Fit, ...],
    affine: Affine,
) -> Iterator[dict[str, Any]]:
    """Change what is said until no division remains."""
    while True:
        pending: dict[Divide, set[Voxel]] = {}
        for voxel, (_, action) in said.items():
            if isinstance(action, Divide):
                pending.setdefault(action, set()).add(voxel)
        if not pending:
            return
        made = [
            (division, _divide_one(plan, token, said, division, voxels, fits, affine))
            for division, voxels in pending.items()
        ]
        made.sort(key=lambda one: (one[0].anchor, one[1]["integers"], repr(one[0])))
        yield from (counts for _, counts in made)


def _divide_one(
    plan: Plan,
    token: str,
    said: Said,
    division: Divide,
    voxels: set[Voxel],
    fits: tuple[Fit, ...],
    affine: Affine,
) -> dict[str, Any]:
    fit = fits[division.anchor]
    integers = tuple(sorted({said[voxel][0] for voxel in voxels}))
    counts: Counter[str] = Counter()
    if not fit.fitted:
        for voxel in voxels:
            said[voxel] = (said[voxel][0], division.otherwise)
            counts["otherwise"] += 1
    else:
        for component in _components(voxels, affine, plan.connectivity):
            above = {voxel for voxel in component if fit.holds(position_mm(affine, voxel))}
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
    return {
        "source": token,
        "integers": integers,
        "anchor": fit.token,
        "positive_components": counts["whole above"],
        "negative_components": counts["whole below"],
        "cut_components": counts["cut"],
        "positive_voxels": counts["above"],
        "negative_voxels": counts["below"],
        "otherwise_voxels": counts["otherwise"],
    }


def _components(voxels: set[Voxel], affine: Affine, connectivity: int) -> list[set[Voxel]]:
    """Return the connected components of some voxels."""
    mask = np.zeros(np.max(list(voxels), axis=0) + 1, dtype=int)
    for voxel in voxels:
        mask[voxel] = 1
    return [set(found.voxels) for found in components(mask, affine, connectivity)]


# Tallies


def _sources(plan: Plan, said: Mapping[str, Said], work: NDArray[np.int64]) -> list[dict[str, Any]]:
    found = []
    for table in plan.sources:
        own = said.get(table.token, {})
        integers = sorted({spoken for spoken, _ in own.values()})
        told = tuple(_integer(plan, integer, own, work) for integer in integers)
        found.append({"token": table.token, "given": table.token in said, "integers": told})
    return found


def _integer(plan: Plan, integer: int, said: Said, work: NDArray[np.int64]) -> dict[str, Any]:
    own = {voxel: action for voxel, (spoken, action) in said.items() if spoken == integer}
    paints = {
        voxel: action.label
        for voxel, action in own.items()
        if isinstance(action, Paint) and action.label > 0
    }
    won = [voxel for voxel, label in paints.items() if work[voxel] == label]
    lost = Counter(
        plan.work[paints[voxel] - 1].token
        for voxel in won
        if plan.work[paints[voxel] - 1].output == 0
    )
    beaten = Counter(int(work[voxel]) for voxel in paints.keys() - set(won))
    return {
        "integer": integer,
        "voxels": len(own),
        "painted": tuple(sorted(Counter(paints.values()).items())),
        "won": len(won),
        "lost_to": tuple(sorted(beaten.items())),
        "dropped": sum(action == Paint(0) for action in own.values()),
        "ignored": sum(action == Ignore() for action in own.values()),
        "lost": tuple(sorted(lost.items())),
        "unlisted": sum(action is None for action in own.values()),
    }


def _conflicts(
    plan: Plan, said: Mapping[str, Said], work: NDArray[np.int64]
) -> list[dict[str, Any]]:
    pairs: Counter[tuple[int, int]] = Counter()
    for voxel in np.ndindex(work.shape):
        winner = int(work[voxel])
        if winner == 0:
            continue
        for loser in _claimed(said, voxel) - {winner}:
            if winner not in plan.work[loser - 1].ancestors and (
                loser not in plan.work[winner - 1].ancestors
            ):
                pairs[winner, loser] += 1
    return [
        {
            "winner": winner,
            "loser": loser,
            "kind": "tier" if plan.work[winner - 1].tier != plan.work[loser - 1].tier else "rank",
            "voxels": voxels,
        }
        for (winner, loser), voxels in sorted(pairs.items())
    ]


def _structures(plan: Plan, work: NDArray[np.int64], affine: Affine) -> list[dict[str, Any]]:
    counts = Counter(work[work > 0].tolist())
    return [
        {
            "label": entry.label,
            "token": entry.token,
            "output": entry.output,
            "voxels": counts[entry.label],
            "ml": counts[entry.label] * voxel_ml(affine),
        }
        for entry in plan.work
        if counts[entry.label]
    ]


def _lost(structures: list[dict[str, Any]]) -> list[dict[str, Any]]:
    lost = {s["token"]: s["voxels"] for s in structures if s["output"] == 0}
    return [{"token": token, "voxels": lost[token]} for token in sorted(lost)]
