"""The story of one voxel of a result: what sources said, what the merge and the rules made of it.

Told from the files of a run, without running anything again. A report knows of every rule which
structures it moved into which, and the box it did so in; that bounds what can have happened to
a voxel. A trace adds which step wrote it last.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vesalius.adapters.cases.run_folder import Report, RunFolder
from vesalius.adapters.cases.source_voxel import Ijk, SourceVoxel, sources_at
from vesalius.ontology.project import Project

BACKGROUND = "background"
NEAR_MM = 20.0
"""A finding whose centre is no further away is told although it is about other structures."""

Row = Mapping[str, Any]


@dataclass(frozen=True)
class MergedVoxel:
    """What the merge made of what the sources said.

    Parameters
    ----------
    winners : tuple of str
        The structure that won; several where the report does not say how a plane decided.
    losers : tuple of (str, str)
        Other claimed structures, and why each lost.
    reliable : bool
        Whether all files were as in the run.
    """

    winners: tuple[str, ...]
    losers: tuple[tuple[str, str], ...]
    reliable: bool


@dataclass(frozen=True)
class Writer:
    """A rule that changed the voxel, or may have.

    Parameters
    ----------
    rule, defined_at : str
        The rule, and the file and line where it is written.
    sources : tuple of str
        What the voxel was before; several where that is not known.
    target : str
        What it became.
    certain : bool
        Whether the rule did change it.
    """

    rule: str
    defined_at: str
    sources: tuple[str, ...]
    target: str
    certain: bool


@dataclass(frozen=True)
class Bystander:
    """A rule that is about these structures and did not change the voxel, and why."""

    rule: str
    defined_at: str
    why: str


@dataclass(frozen=True)
class VoxelStory:
    """Everything that is known of one voxel.

    Parameters
    ----------
    ijk : tuple of int
        The voxel.
    xyz_mm : tuple of float
        Its centre (RAS+).
    integer : int
        What the result has there.
    structures : tuple of str
        What that means.
    sources : tuple of SourceVoxel
        What each prediction says.
    merged : MergedVoxel
        What the merge made of it.
    writers : tuple of Writer
        In the order the rules ran.
    bystanders : tuple of Bystander
        In the order the rules ran.
    content : int
        Rules about these structures that found nothing wrong with the voxel.
    """

    ijk: Ijk
    xyz_mm: tuple[float, float, float]
    integer: int
    structures: tuple[str, ...]
    sources: tuple[SourceVoxel, ...]
    merged: MergedVoxel
    writers: tuple[Writer, ...]
    bystanders: tuple[Bystander, ...]
    content: int


def explain_voxel(run: RunFolder, ijk: Ijk, project: Project | None = None) -> VoxelStory:
    """Tell the story of one voxel; see `explain_voxels`."""
    (story,) = explain_voxels(run, [ijk], project)
    return story


def explain_voxels(
    run: RunFolder, places: Sequence[Ijk], project: Project | None = None
) -> tuple[VoxelStory, ...]:
    """Tell the stories of some voxels; each prediction is read once.

    Parameters
    ----------
    run : RunFolder
        What a run wrote.
    places : sequence of tuple of int
        Voxels inside the grid.
    project : Project, optional
        Where schemes are looked for besides those that are shipped.

    Returns
    -------
    tuple of VoxelStory
        One for each voxel.
    """
    said = sources_at(run, places, project) if places else []
    return tuple(_story(run, ijk, sources) for ijk, sources in zip(places, said, strict=True))


def _story(run: RunFolder, ijk: Ijk, sources: tuple[SourceVoxel, ...]) -> VoxelStory:
    report = run.report
    integer = int(run.labels[ijk])
    now = _structures(report, integer)
    merged = _merge(report, sources)
    last = None if run.trace is None else int(run.trace[ijk])
    writers = _writers(report, ijk, merged, now, last)
    if not writers:
        merged = _as_it_is(merged, now)
    involved = {*now, *merged.winners, *(name for s in sources for name in s.claims)}
    x, y, z = (float(v) for v in run.grid.to_mm(ijk))
    bystanders, content = _bystanders(report, (x, y, z), involved, {w.rule for w in writers})
    return VoxelStory(
        ijk=ijk,
        xyz_mm=(x, y, z),
        integer=integer,
        structures=now,
        sources=sources,
        merged=merged,
        writers=writers,
        bystanders=bystanders,
        content=content,
    )


def _structures(report: Report, integer: int) -> tuple[str, ...]:
    """Name what an integer of the result stands for; 0 also for what the target cannot say."""
    if integer:
        return tuple(r["structure"] for r in report["structures"] if r["integer"] == integer)
    return (BACKGROUND, *(row["structure"] for row in report["lost"]))


def _merge(report: Report, sources: Sequence[SourceVoxel]) -> MergedVoxel:
    """Repeat the merge of one voxel: of all claims the one that is painted last wins."""
    reliable = all(source.reliable for source in sources)
    rank = {name: at for at, name in enumerate(report["painting_order"])}
    claims = [source.claims for source in sources if source.claims]
    if not claims:
        return MergedVoxel((BACKGROUND,), (), reliable)
    # Where a source claims one of several structures, at least its lowest takes part.
    least = max(min(rank[name] for name in some) for some in claims)
    every = sorted({name for some in claims for name in some}, key=rank.__getitem__, reverse=True)
    winners = tuple(name for name in every if rank[name] >= least)
    losers: tuple[tuple[str, str], ...] = ()
    if len(winners) == 1:
        losers = tuple((name, _why_lost(report, winners[0], name)) for name in every[1:])
    return MergedVoxel(winners, losers, reliable)


def _why_lost(report: Report, winner: str, loser: str) -> str:
    for row in report["conflicts"]:
        if (row["winner"], row["loser"]) == (winner, loser):
            return "finer level" if row["kind"] == "level" else "priority in one level"
    return "one contains the other"


def _as_it_is(merged: MergedVoxel, now: Sequence[str]) -> MergedVoxel:
    """Use that no rule wrote the voxel: the merge made what is there."""
    agreed = tuple(name for name in merged.winners if name in now)
    return MergedVoxel(agreed, merged.losers, merged.reliable) if agreed else merged


def _writers(
    report: Report, ijk: Ijk, merged: MergedVoxel, now: Sequence[str], last: int | None
) -> tuple[Writer, ...]:
    """Find the rules that can have brought the voxel from the merge to what it is."""
    if last == 0:
        return ()
    known = merged.winners if merged.reliable else None
    last_rule = report["steps"][last - 1]["rule"] if last else None
    legs = _legs(report, ijk, known, last_rule)
    if last_rule is not None:
        ends = [leg for leg in legs if leg.rule == last_rule and leg.target in now]
    else:
        ends = [leg for leg in legs if leg.target in now]
    moved = known is not None and not set(known) & set(now)
    certain = last_rule is not None or (moved and len({leg.rule for leg in ends}) == 1)
    before = _before(legs, ends, known)
    return (*_grouped(before, False), *_grouped(ends, certain))


@dataclass(frozen=True)
class _Leg:
    """A change that a rule made in a box that holds the voxel, of what the voxel can have been."""

    place: int
    rule: str
    defined_at: str
    source: str
    target: str


def _legs(
    report: Report, ijk: Ijk, known: Sequence[str] | None, last_rule: str | None
) -> list[_Leg]:
    """Follow the changes in the order of the rules; with `known` only from what it was."""
    states = None if known is None else set(known)
    legs: list[_Leg] = []
    for place, outcome in enumerate(report["outcomes"]):
        # Several steps of one rule may move a voxel on, in the order of the moves.
        for move in outcome["moves"]:
            source, target = move["from"], move["to"]
            if _inside(move["box_ijk"], ijk) and (states is None or source in states):
                leg = _Leg(place, outcome["rule"], outcome["defined_at"], source, target)
                legs.append(leg)
                if states is not None:
                    states.add(target)
        if outcome["rule"] == last_rule:
            break
    return legs


def _before(legs: Sequence[_Leg], ends: Sequence[_Leg], known: Sequence[str] | None) -> list[_Leg]:
    """Give the changes that can have come before the last one, where there must have been some."""
    needed = {leg.source for leg in ends} - set(known or ())
    if known is None or not needed:
        return []
    found: list[_Leg] = []
    limit = max(leg.place for leg in ends)
    for leg in reversed(legs):
        if leg.place <= limit and leg not in ends and leg.target in needed:
            found.insert(0, leg)
            needed.add(leg.source)
    return found


def _grouped(legs: Sequence[_Leg], certain: bool) -> tuple[Writer, ...]:
    """Put changes of one rule into one structure together."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    for leg in legs:
        groups.setdefault((leg.rule, leg.defined_at, leg.target), []).append(leg.source)
    return tuple(
        Writer(rule, defined_at, tuple(dict.fromkeys(sources)), target, certain)
        for (rule, defined_at, target), sources in groups.items()
    )


def _inside(box: Sequence[Sequence[int]], ijk: Ijk) -> bool:
    lo, hi = box
    return all(a <= at < b for a, at, b in zip(lo, ijk, hi, strict=True))


def _bystanders(
    report: Report, xyz_mm: tuple[float, float, float], involved: set[str], writers: set[str]
) -> tuple[tuple[Bystander, ...], int]:
    """Say of each other rule about these structures why it did not change the voxel."""
    found: list[Bystander] = []
    content = 0
    for outcome in report["outcomes"]:
        if outcome["rule"] in writers:
            continue
        about = not involved.isdisjoint(outcome["judges"])
        near = _nearest(outcome["remaining"], xyz_mm, involved)
        if near is not None:
            why = f"{outcome['reason']}; {near}" if outcome["reason"] else near
        elif about and outcome["status"] in ("skipped", "failed"):
            why = f"{outcome['status']}: {outcome['reason']}"
        else:
            content += about
            continue
        found.append(Bystander(outcome["rule"], outcome["defined_at"], why))
    return tuple(found), content


def _nearest(
    findings: Sequence[Row], xyz_mm: tuple[float, float, float], involved: set[str]
) -> str | None:
    """Give the nearest of the findings that are about these structures or close by."""
    placed = [
        (math.dist(finding["at_mm"], xyz_mm) if finding["at_mm"] else math.inf, at)
        for at, finding in enumerate(findings)
    ]
    for distance_mm, at in sorted(placed):
        if distance_mm <= NEAR_MM or not involved.isdisjoint(findings[at]["structures"]):
            away = "" if distance_mm == math.inf else f", {distance_mm:.0f} mm from here"
            return f"{findings[at]['message']}{away}"
    return None
