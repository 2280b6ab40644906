"""What became of a step that was run several times, as one outcome."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from vesalius.engine.judging.findings import Finding, triple
from vesalius.engine.judging.verdict import Move, Outcome


def both_turns(first: Outcome, later: Outcome) -> Outcome:
    """Put together what became of a step at one turn and at a later one.

    Parameters
    ----------
    first, later : Outcome
        Of the same step. What it finds later is told by the judgement of the result, so the
        outcome stays that of the first turn unless the later one changed something. A step that
        failed at first did not fail where it could do without a repair later.

    Returns
    -------
    Outcome
        With the findings and moves of both, and what remains after the later one.
    """
    if not later.moves:
        return _unless_failed(first, later)
    known = {_said(finding) for finding in first.findings}
    more = tuple(finding for finding in later.findings if _said(finding) not in known)
    return replace(
        later,
        findings=first.findings + more,
        moves=_summed((*first.moves, *later.moves)),
        excludes=first.excludes or later.excludes,
    )


def _unless_failed(first: Outcome, later: Outcome) -> Outcome:
    """Give what became of a step that changed nothing later."""
    if first.status != "failed" or later.status == "failed":
        return first
    if not first.findings:
        return later
    return replace(first, status="violated", remaining=later.remaining)


def _said(finding: Finding) -> tuple[object, ...]:
    """Give what a finding says, wherever it is."""
    return finding.kind, finding.labels, finding.voxels, finding.values


def _summed(moves: Iterable[Move]) -> tuple[Move, ...]:
    """Add moves from and to the same labels up, in that order."""
    found: dict[tuple[int, int], Move] = {}
    for move in moves:
        pair = move.source, move.target
        found[pair] = _sum(found[pair], move) if pair in found else move
    return tuple(found[pair] for pair in sorted(found))


def _sum(one: Move, other: Move) -> Move:
    (low, high), (other_low, other_high) = one.box_ijk, other.box_ijk
    box = triple(map(min, low, other_low)), triple(map(max, high, other_high))
    voxels, ml = one.voxels + other.voxels, round(one.ml + other.ml, 9)
    return Move(one.source, one.target, voxels, ml, box)
