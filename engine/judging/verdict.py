"""What a judgement says of a map, and what became of a step."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from vesalius.engine.judging.faults import Faults, connected_faults, grouped_faults, take_runs
from vesalius.engine.judging.findings import (
    Finding,
    Values,
    findings_by_label,
    findings_by_part,
    findings_per,
    in_ml,
    position,
    triple,
)
from vesalius.engine.plan.reason import Reason, in_words, texts_of

__all__ = [
    "Faults",
    "Finding",
    "Missing",
    "Move",
    "Outcome",
    "Reason",
    "Status",
    "Values",
    "Verdict",
    "connected_faults",
    "findings_by_label",
    "findings_by_part",
    "findings_per",
    "grouped_faults",
    "in_ml",
    "position",
    "take_runs",
    "triple",
]

Status = Literal["changed", "holds", "violated", "skipped", "failed"]


IN_PART = "in part: "
"""So begins the reason of a step that judged some of what is there and passed over others."""


class Missing(Exception):
    """What a step needs (an anchor, the image) is missing; `reason` says what and why.

    Parameters
    ----------
    text : str
        What and why.
    absent, cut : tuple of str
        As of :class:`vesalius.engine.plan.reason.Reason`.
    """

    def __init__(self, text: str, absent: tuple[str, ...] = (), cut: tuple[str, ...] = ()) -> None:
        super().__init__(text)
        self.reason = Reason(text, absent, cut)


@dataclass(frozen=True, eq=False)
class Verdict:
    """What an expectation says of a map.

    It holds where there is no finding, nothing is missing and nothing was passed over.

    Parameters
    ----------
    findings : tuple of Finding
        What is wrong; some of it may not be about parts, and so not be repairable.
    faults : Faults or None
        The parts that a repair is to move; None where there are none.
    lacks : tuple of Reason
        Why nothing can be said; then there are no findings.
    unsaid : tuple of Reason
        Why nothing can be said of some that are there.
    doubted : tuple of int
        Labels that cannot be believed at all, wherever they lie: nothing of them is repaired.
    """

    findings: tuple[Finding, ...] = ()
    faults: Faults | None = None
    lacks: tuple[Reason, ...] = ()
    unsaid: tuple[Reason, ...] = ()
    doubted: tuple[int, ...] = ()

    @property
    def missing(self) -> str | None:
        """Why nothing can be said, in words; None where something can."""
        return in_words(self.lacks) if self.lacks else None

    @property
    def passed_over(self) -> tuple[str, ...]:
        """Why nothing can be said of some that are there, in words."""
        return texts_of(self.unsaid)

    @property
    def quiet(self) -> bool:
        """Whether nothing is found in what could be judged."""
        return not self.findings and not self.lacks

    @property
    def holds(self) -> bool:
        """Whether all is as it must be."""
        return self.quiet and not self.unsaid


@dataclass(frozen=True)
class Move:
    """Voxels that a step took from one label and gave to another; 0 is background.

    Parameters
    ----------
    source, target : int
        The two labels.
    voxels : int
        How many voxels.
    ml : float
        Their volume.
    box_ijk : tuple of two tuples of int
        Smallest voxel indices and one more than the largest.
    """

    source: int
    target: int
    voxels: int
    ml: float
    box_ijk: tuple[tuple[int, int, int], tuple[int, int, int]]


@dataclass(frozen=True)
class Outcome:
    """What became of one step.

    Parameters
    ----------
    rule : str
        Token of the rule.
    status : {"changed", "holds", "violated", "skipped", "failed"}
        Exactly one. A step that failed left the map as it was.
    reason : str
        Why; empty where the status says it all.
    findings : tuple of Finding
        What was found before anything was changed.
    remaining : tuple of Finding
        What is still so after the step.
    moves : tuple of Move
        What was changed, by source and target label.
    excludes : bool
        Whether the case is to be left out because of this.
    passed_over : tuple of str
        Why nothing can be said of some labels that are there. Where nothing is wrong with the
        others, the status is "skipped" and the reason begins with `IN_PART`.
    proposed : Outcome or None
        What would become of the step if its repair were made, where that was asked for.
    vacuous : bool
        Whether it holds only because none of the labels that it judges is there.
    applies : bool
        Whether the step is about this case at all: a guard may say no by what the case is.
    lacks : tuple of Reason
        Why nothing can be said at all, where that is so.
    seconds : float
        Wall-clock time; not part of equality.
    """

    rule: str
    status: Status
    reason: str = ""
    findings: tuple[Finding, ...] = ()
    remaining: tuple[Finding, ...] = ()
    moves: tuple[Move, ...] = ()
    excludes: bool = False
    passed_over: tuple[str, ...] = ()
    proposed: Outcome | None = None
    vacuous: bool = False
    applies: bool = True
    lacks: tuple[Reason, ...] = ()
    seconds: float = field(default=0.0, compare=False)

    @property
    def in_part(self) -> bool:
        """Whether nothing is wrong with what could be judged, and some could not."""
        return self.status == "skipped" and bool(self.passed_over) and not self.lacks

    def timed(self, seconds: float) -> Outcome:
        """Return the same outcome with its time."""
        timed: Outcome = object.__new__(Outcome)
        # Every attempt is timed, and `replace` takes several times as long.
        timed.__dict__.update(self.__dict__, seconds=seconds)
        return timed
