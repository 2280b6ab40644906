"""Chains that run beside another one, member beside member."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, NamedTuple

import numpy as np

from vesalius.engine.judging.chain_ends import inside_of, stretch_of
from vesalius.engine.judging.context import Context
from vesalius.engine.judging.measures import cut_at_ends
from vesalius.engine.judging.rungs import Rung, foot_meets, rungs_of
from vesalius.engine.judging.strays import Moves, rows_of, strays_of
from vesalius.engine.judging.targets import renamed_faults, target_verdict
from vesalius.engine.judging.usual_step import usual_step_mm
from vesalius.engine.judging.verdict import (
    Faults,
    Finding,
    Missing,
    Verdict,
    grouped_faults,
    take_runs,
)
from vesalius.engine.plan.roles import (
    Connectivity,
    Count,
    Labels,
    LabelsAmong,
    LabelsJudged,
    LabelsRead,
    Role,
    Share,
    Times,
)
from vesalius.engine.plan.step import Expect
from vesalius.engine.runs.median import median
from vesalius.engine.runs.projection import settled

_SAID = "out of place", "by what it lies beside it is"
"""What is said of a part that is to have another label."""


@dataclass(frozen=True)
class Beside(Expect):
    """The n-th label of each chain lies beside the n-th label of a backbone, from `first` on.

    A body (a component with at least `body_share` of the voxels of the largest of its label) of a
    chain meets the backbone label that it comes nearest to, within `reach` usual steps of the
    backbone. It counts where that is one label, not of `optional`, whose neighbours in the
    backbone are present; it is off by the places from the one that is its own.

    A chain is off by what at least `share` of its bodies say, if `fewest` or more count. It is
    wrong where another chain is not off; else it or the backbone is: the one whose renumbering is
    possible (no label falls off the end, none is taken) and fits the `foot`, which lies beyond the
    last label of the backbone, if it meets one within reach. A body of a wrong chain that is not
    off stays where no other label takes its own. Of the backbone are renumbered blocks
    that hang together (in steps of at most `step_at_most` times the median of `around` steps on
    each side), where `fewest` or more bodies say so; outwards they end before a label that is not
    off, before one body beside it of which as many say so as that it is, and at one with a second
    body `apart` usual steps beyond the first, which stays, and so does less than a body at the end
    of a block; one from which names move away stays where the scan ends in it, outwards, for some
    of it may be another's. Where both or none can be wrong, where
    `optional` or `spare` labels are present, or chains are off by different places, it is said of
    all, and nothing is a part.

    Where most bodies of a chain are not off, and no other chain is, labels with one counted body
    that is off by one are wrong if they take each other's places all around, or move on by one as
    a block of `fewest` or more onto a free label; what two chains say alike is wrong elsewhere. Of
    a label with two bodies, one of which is off by one, that one is, if its own name is free or
    those that have it move on by one as well until one is: a body too many proves it.

    Where nothing moves, but rows of `alike` or more labels of two chains, at the same places, are
    off by one towards a free label, some of the chains or of the backbone is: it is said of both.
    """

    backbone: LabelsJudged
    chains: Annotated[tuple[Labels, ...], Role.JUDGED]
    first: Count
    optional: LabelsAmong = ()
    spare: LabelsRead = ()
    foot: LabelsRead = ()
    reach: Times = 0.75
    share: Share = 0.75
    fewest: Count = 3
    step_at_most: Times = 1.5
    around: Count = 4
    body_share: Share = 0.5
    connectivity: Connectivity = 6
    apart: Times = 0.5
    alike: Count = 2


class Meets(NamedTuple):
    """What meets what.

    Parameters
    ----------
    usual : tuple of int
        The backbone without optional labels; places count in it.
    unit_mm : float
        Its usual step.
    rungs : tuple of tuple of Rung
        The bodies of each chain that count.
    foot : int or None
        By how many places what the foot meets is before the last one, as a negative number.
    """

    usual: tuple[int, ...]
    unit_mm: float
    rungs: tuple[tuple[Rung, ...], ...]
    foot: int | None


class Proof(NamedTuple):
    """What is wrong, and what it becomes.

    Parameters
    ----------
    moves : mapping of int to int
        What each label becomes.
    among : tuple of int
        Labels whose components `stays` counts.
    stays : frozenset of int
        Components that keep their label.
    """

    moves: Moves
    among: tuple[int, ...]
    stays: frozenset[int]


def judge_beside(expect: Beside, context: Context) -> Verdict:
    """Find chains, or labels of a chain, that do not lie beside what they belong to.

    Raises
    ------
    Missing
        If a usual step cannot be told, or of no chain `fewest` bodies count.
    """
    seen = _look(expect, context)
    steps = [step_of(rungs, expect) for rungs in seen.rungs]
    if all(len(rungs) < max(expect.fewest, 1) for rungs in seen.rungs):
        raise Missing(f"fewer than {expect.fewest} of each chain are seen to meet another")
    off = {at: step for at, step in enumerate(steps) if step}
    if not off:
        return _strays(expect, seen, steps, context)
    proof = _proven(expect, seen, steps, context)
    if proof is None:
        return Verdict(_unproven(expect, seen, off, context))
    return target_verdict(_whole_labels(expect, proof, context), *_SAID, context)


def _whole_labels(expect: Beside, proof: Proof, context: Context) -> Faults | None:
    """Give the parts that whole labels are, but for components that stay."""
    moves = proof.moves
    runs = context.part(sorted(moves))
    if proof.stays:
        found = context.components(proof.among, expect.connectivity)
        rows = np.isin(found.labelmap.label, list(moves))
        runs = take_runs(found.labelmap, rows & ~np.isin(found.of_run, list(proof.stays)))
    labels = runs.labels().tolist()
    aims = [moves[label] for label in labels]
    return grouped_faults(runs, np.searchsorted(labels, runs.label), len(labels), aims)


def step_of(rungs: Sequence[Rung], expect: Beside) -> int | None:
    """Return by how many places a chain is off; None where that is not clear."""
    if len(rungs) < max(expect.fewest, 1):
        return None
    counts = Counter(rung.off for rung in rungs)
    if 2 * counts[0] > len(rungs):
        return 0
    most = [off for off, n in counts.items() if n >= expect.share * len(rungs)]
    return most[0] if len(most) == 1 else None


def _look(expect: Beside, context: Context) -> Meets:
    usual = tuple(label for label in expect.backbone if label not in expect.optional)
    unit_mm = usual_step_mm(usual, context)
    reach_mm = float(settled(expect.reach * unit_mm))
    there = context.present(expect.backbone)
    place = {label: at for at, label in enumerate(usual)}
    known = set(there)
    # What its neighbours are not there of may be met only because the true one is not.
    inner = {
        label: at
        for label, at in place.items()
        if all(other in known for other in usual[max(at - 1, 0) : at + 2])
    }
    bodies = rungs_of(
        expect.chains, there, reach_mm, expect.body_share, expect.connectivity, context
    )
    rungs = []
    for chain, found in zip(expect.chains, bodies, strict=True):
        own = {label: expect.first + at for at, label in enumerate(chain)}
        rungs.append(tuple(
            body._replace(off=inner[body.met] - own[body.label])
            for body in found
            if body.met in inner
        ))  # fmt: skip
    met = foot_meets(expect.foot, there, reach_mm, context)
    foot = place[met] - len(usual) + 1 if met in place else None
    return Meets(usual, unit_mm, tuple(rungs), foot)


def _proven(
    expect: Beside, seen: Meets, steps: Sequence[int | None], context: Context
) -> Proof | None:
    """Return what each label of the wrong chains becomes; None where it is not proven which are."""
    off = {at: step for at, step in enumerate(steps) if step}
    if len(set(off.values())) > 1 or context.present((*expect.optional, *expect.spare)):
        return None
    (step,) = set(off.values())
    chains: dict[int, int] | None = {}
    for at in off:
        chain = expect.chains[at]
        for label in context.present(chain):
            place = chain.index(label) + step
            if chains is None or not 0 <= place < len(chain):
                chains = None
            else:
                chains[label] = chain[place]
    ladders = None if chains is None else _ladders(expect, seen, chains)
    if 0 in steps:
        return ladders
    backbone = _backbone_moves(expect, seen, step, context)
    if seen.foot not in (None, 0):
        ladders = None
    if seen.foot not in (None, step):
        backbone = None
    if (ladders is None) == (backbone is None):
        return None
    return backbone if ladders is None else ladders


def _ladders(expect: Beside, seen: Meets, moves: Moves) -> Proof:
    """Let bodies of wrong chains stay that are right where none comes."""
    right = frozenset(
        rung.body
        for rungs in seen.rungs
        for rung in rungs
        if rung.off == 0 and rung.label in moves and rung.label not in moves.values()
    )
    return Proof(moves, tuple(label for chain in expect.chains for label in chain), right)


def _backbone_moves(expect: Beside, seen: Meets, step: int, context: Context) -> Proof | None:
    """Return what the labels of the backbone become if it is the backbone that is off."""
    usual = seen.usual
    met = Counter(rung.met for rungs in seen.rungs for rung in rungs if rung.off == step)
    kept = Counter(rung.met for rungs in seen.rungs for rung in rungs if rung.off == 0)
    blocks = _blocks(expect, usual, context)
    found = context.components(usual, expect.connectivity)
    right = {at for at, label in enumerate(usual) if kept[label] > met[label]}
    # What both are said of, beside what is right, is two under one name: bodies are parted below.
    large = found.voxels >= expect.body_share * found.largest
    one = Counter(found.label[large].tolist())
    both = {at for at, n in enumerate(usual) if kept[n] and kept[n] == met[n] and one[n] == 1}
    right |= {at for at in both if right & {at - 1, at + 1}}
    apart_mm = float(settled(expect.apart * seen.unit_mm))
    moved: set[int] = set()
    shared: set[int] = set()
    stays: frozenset[int] = frozenset()
    for whole in blocks:
        told = [at for at in whole if met[usual[at]] and at not in right]
        if told and sum(met[usual[at]] for at in whole) >= expect.fewest:
            block = inside_of(whole, (told[0], told[-1]), right)
            stretch = stretch_of(
                block, (told[0], told[-1]), found, usual, apart_mm, expect.body_share, context
            )
            moved |= set(stretch.places)
            if len(block) > 1:
                moved -= _cut_end(block, step, usual, context)
            shared |= set(stretch.shared)
            stays |= stretch.stays
    stay = {at for block in blocks for at in block} - moved | shared
    if not moved or any(not 0 <= at - step < len(usual) or at - step in stay for at in moved):
        return None
    return Proof({usual[at]: usual[at - step] for at in sorted(moved)}, usual, stays)


def _cut_end(block: Sequence[int], step: int, usual: Labels, context: Context) -> set[int]:
    """Return the end of a block that names move away from, if the scan ends in it, outwards."""
    end, inner = block[:2] if step < 0 else block[:-3:-1]
    found = context.measures((usual[end],))
    outwards = settled(found.centre_mm[0] - context.measures((usual[inner],)).centre_mm[0])
    x, y, z = outwards.tolist()
    return {end} if outwards.any() and cut_at_ends(found, ((x, y, z),)).any() else set()


def _blocks(expect: Beside, usual: Labels, context: Context) -> list[list[int]]:
    """Return the places of a backbone that hang together, first to last."""
    found = context.measures(usual)
    centre_mm = dict(zip(found.label.tolist(), found.centre_mm, strict=True))
    step_mm = {
        at + 1: float(settled(np.linalg.norm(centre_mm[other] - centre_mm[one])))
        for at, (one, other) in enumerate(itertools.pairwise(usual))
        if one in centre_mm and other in centre_mm
    }
    blocks: list[list[int]] = []
    for at in (at for at, label in enumerate(usual) if label in centre_mm):
        # Steps grow along a chain: those around say what is usual.
        around = [mm for place, mm in step_mm.items() if abs(place - at) <= expect.around]
        if at in step_mm and step_mm[at] <= settled(expect.step_at_most * median(around)):
            blocks[-1].append(at)
        else:
            blocks.append([at])
    return blocks


def _unproven(
    expect: Beside, seen: Meets, off: Mapping[int, int], context: Context
) -> tuple[Finding, ...]:
    """Say of each chain that is off, and of the backbone, that one of them is."""
    findings = []
    for at, step in off.items():
        values = (("places", float(step)),)
        chain = context.present(expect.chains[at])
        met = {rung.met for rung in seen.rungs[at]}
        beside = tuple(label for label in seen.usual if label in met)
        findings += [Finding("one is off", labels, values=values) for labels in (chain, beside)]
    return tuple(findings)


def _strays(expect: Beside, seen: Meets, steps: Sequence[int | None], context: Context) -> Verdict:
    """Find labels of chains that have changed places, and bodies that carry another's label."""
    found = context.components([n for chain in expect.chains for n in chain], expect.connectivity)
    aims = found.label.astype(np.int64)
    told = [
        strays_of(chain, rungs if 0 in steps else (), context.present(chain), expect.fewest)
        for chain, rungs in zip(expect.chains, seen.rungs, strict=True)
    ]
    # What all chains say alike is wrong in what they lie beside.
    alike = _alike(expect, [strays.labels for strays in told])
    for strays in told:
        once = {n: aim for n, aim in strays.labels.items() if n not in alike}
        for label, aim in (once | dict(strays.pushed)).items():
            aims[found.label == label] = aim
        for body, aim in strays.bodies.items():
            aims[body] = aim
    faults = renamed_faults(found, aims)
    if faults is None:
        return Verdict(_rows_alike(expect, seen, context))
    return target_verdict(faults, *_SAID, context)


def _rows_alike(expect: Beside, seen: Meets, context: Context) -> tuple[Finding, ...]:
    """Say of rows that two chains have alike, and of what they meet, that one of them is off."""
    told = [
        rows_of(chain, rungs, context.present(chain), max(expect.alike, 1))
        for chain, rungs in zip(expect.chains, seen.rungs, strict=True)
    ]
    alike = _alike(expect, told)
    findings = []
    for chain, moves, rungs in zip(expect.chains, told, seen.rungs, strict=True):
        off = [rung for rung in rungs if rung.label in moves and rung.label in alike]
        for step in sorted({rung.off for rung in off}):
            own = {rung.label for rung in off if rung.off == step}
            met = {rung.met for rung in off if rung.off == step}
            values = (("places", float(step)),)
            for labels, wanted in ((chain, own), (seen.usual, met)):
                row = tuple(label for label in labels if label in wanted)
                findings.append(Finding("one is off", row, values=values))
    return tuple(findings)


def _alike(expect: Beside, told: Sequence[Moves]) -> frozenset[int]:
    """Return the labels of places whose labels move in more than one chain."""
    places = Counter(
        chain.index(label)
        for chain, whole in zip(expect.chains, told, strict=True)
        for label in whole
    )
    return frozenset(
        chain[at] for at, times in places.items() if times > 1 for chain in expect.chains
    )
