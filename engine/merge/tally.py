"""The tally: what a run did, in voxels, ready to be reported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vesalius.engine.merge.anchors import AnchorFit
from vesalius.engine.merge.claims import ChoiceTally, Claims, voxels_per_label
from vesalius.engine.merge.divide import DivideTally
from vesalius.engine.merge.merge import Merged, Pair
from vesalius.engine.plan.plan import Ignore, Plan, WorkLabel
from vesalius.engine.runs.labelmap import LabelMap


@dataclass(frozen=True)
class IntegerTally:
    """What became of one integer of one source.

    `painted`, `dropped`, `ignored` and `unlisted` part the voxels of the file; `won` and `lost_to`
    part the painted ones.

    Parameters
    ----------
    integer : int
        Integer of the file.
    voxels : int
        Voxels in the file.
    painted : tuple of (int, int)
        Voxels claimed per work label.
    won : int
        Claimed voxels that have the claimed label in the merge.
    lost_to : tuple of (int, int)
        Claimed voxels per other work label that won them.
    dropped, ignored : int
        Voxels that the plan drops, and voxels that the source has no opinion on.
    lost : tuple of (str, int)
        Voxels won per work label, by token, that the target cannot express: it has no output
        integer.
    unlisted : int
        Voxels of an integer that an open table does not list.
    """

    integer: int
    voxels: int
    painted: tuple[Pair, ...]
    won: int
    lost_to: tuple[Pair, ...]
    dropped: int
    ignored: int
    lost: tuple[tuple[str, int], ...]
    unlisted: int


@dataclass(frozen=True)
class SourceTally:
    """What became of one source; `given` tells whether the case has it."""

    token: str
    given: bool
    integers: tuple[IntegerTally, ...]


@dataclass(frozen=True)
class ConflictTally:
    """Voxels that two work labels were both claimed for.

    Labels of which one contains the other do not conflict.

    Parameters
    ----------
    winner, loser : int
        Work labels. The winner is the label of the merge, so that with three different claims
        for a voxel the two losers are not a pair.
    kind : str
        "tier" where the tiers differ: finer over coarser, as intended. "rank" within one tier:
        the sources disagree.
    voxels : int
        Each voxel counts once per pair.
    """

    winner: int
    loser: int
    kind: str
    voxels: int


@dataclass(frozen=True)
class StructureTally:
    """A work label that is present in the result."""

    label: int
    token: str
    output: int
    voxels: int
    ml: float


@dataclass(frozen=True)
class LostTally:
    """Something that the target cannot express.

    Parameters
    ----------
    token : str
        Token of a work label without an output integer.
    voxels : int
        Its voxels in the result; they are background in the output.
    """

    token: str
    voxels: int


@dataclass(frozen=True)
class Tally:
    """Everything that is counted while a plan runs.

    Parameters
    ----------
    sources : tuple of SourceTally
        In the plan's order.
    choices : tuple of ChoiceTally
        By source and integer.
    anchors : tuple of AnchorFit
        In the plan's order.
    divisions : tuple of DivideTally
        By source; within a source by round, anchor and integers.
    conflicts : tuple of ConflictTally
        By winner and loser.
    structures : tuple of StructureTally
        By work label.
    lost : tuple of LostTally
        By token.
    """

    sources: tuple[SourceTally, ...]
    choices: tuple[ChoiceTally, ...]
    anchors: tuple[AnchorFit, ...]
    divisions: tuple[DivideTally, ...]
    conflicts: tuple[ConflictTally, ...]
    structures: tuple[StructureTally, ...]
    lost: tuple[LostTally, ...]


def tally_sources(
    plan: Plan, claims: Sequence[Claims], cells: Sequence[Mapping[Pair, int]]
) -> tuple[SourceTally, ...]:
    """Report every source of the plan, given or not.

    Parameters
    ----------
    plan : Plan
        Names the sources and the outputs.
    claims : sequence of Claims
        The given sources, divided.
    cells : sequence of mapping of (int, int) to int
        Of each, the voxels per (cell label, winning work label), see :class:`Merged`.
    """
    given = {
        source.token: _tally_integers(source, counts, plan.work)
        for source, counts in zip(claims, cells, strict=True)
    }
    return tuple(
        SourceTally(table.token, table.token in given, given.get(table.token, ()))
        for table in plan.sources
    )


def tally_conflicts(merged: Merged, work: Sequence[WorkLabel]) -> tuple[ConflictTally, ...]:
    """Report the pairs of claims of which neither label contains the other."""
    conflicts = []
    for (winner, loser), voxels in sorted(merged.pairs.items()):
        if not winner:
            continue  # Outvoted: told by source, in what it lost to background.
        above, below = work[winner - 1], work[loser - 1]
        if loser in above.ancestors or winner in below.ancestors:
            continue
        kind = "rank" if above.tier == below.tier else "tier"
        conflicts.append(ConflictTally(winner, loser, kind, voxels))
    return tuple(conflicts)


def tally_structures(labelmap: LabelMap, work: Sequence[WorkLabel]) -> tuple[StructureTally, ...]:
    """Report the work labels that are present."""
    return tuple(
        StructureTally(
            label=label,
            token=work[label - 1].token,
            output=work[label - 1].output,
            voxels=voxels,
            ml=voxels * labelmap.grid.voxel_ml,
        )
        for label, voxels in voxels_per_label(labelmap).items()
    )


def tally_lost(structures: Sequence[StructureTally]) -> tuple[LostTally, ...]:
    """Report what the target cannot express, by token."""
    lost = (LostTally(entry.token, entry.voxels) for entry in structures if entry.output == 0)
    return tuple(sorted(lost, key=lambda entry: entry.token))


def _tally_integers(
    source: Claims, counts: Mapping[Pair, int], work: Sequence[WorkLabel]
) -> tuple[IntegerTally, ...]:
    tallies: dict[int, _IntegerCounts] = {}
    for (cell_label, winner), voxels in counts.items():
        cell = source.cells[cell_label - 1]
        tally = tallies.setdefault(cell.integer, _IntegerCounts())
        tally.voxels += voxels
        if cell.label:
            tally.add_painted(cell.label, winner, voxels, work)
        elif isinstance(cell.action, Ignore):
            tally.ignored += voxels
        elif cell.action is None:
            tally.unlisted += voxels
        else:
            tally.dropped += voxels
    return tuple(tallies[integer].frozen(integer) for integer in sorted(tallies))


class _IntegerCounts:
    """The counts of an :class:`IntegerTally` while they are summed."""

    def __init__(self) -> None:
        self.voxels = self.won = self.dropped = self.ignored = self.unlisted = 0
        self.painted: Counter[int] = Counter()
        self.lost_to: Counter[int] = Counter()
        self.lost: Counter[str] = Counter()

    def add_painted(self, label: int, winner: int, voxels: int, work: Sequence[WorkLabel]) -> None:
        self.painted[label] += voxels
        if winner != label:
            self.lost_to[winner] += voxels
            return
        self.won += voxels
        if work[label - 1].output == 0:
            self.lost[work[label - 1].token] += voxels

    def frozen(self, integer: int) -> IntegerTally:
        return IntegerTally(
            integer=integer,
            voxels=self.voxels,
            painted=tuple(sorted(self.painted.items())),
            won=self.won,
            lost_to=tuple(sorted(self.lost_to.items())),
            dropped=self.dropped,
            ignored=self.ignored,
            lost=tuple(sorted(self.lost.items())),
            unlisted=self.unlisted,
        )
