"""Steps of a plan: what must hold of a label map, and the edits that make it hold.

Everything here is integers, figures and opaque tokens. A step is both a check and a repair:
without `repair` it only reports. Positions are patient millimetres, RAS+. The kinds of
expectations, repairs and derivations stand in :mod:`vesalius.engine.kinds`, one file each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from functools import cached_property, lru_cache
from typing import ClassVar, Literal

from vesalius.engine.plan.roles import LabelsDeclared
from vesalius.engine.plan.where import Guard, Region


@dataclass(frozen=True)
class Expect:
    """What must hold of a label map; each kind is a subclass."""

    met_by_none: ClassVar[bool] = False
    """Whether it is met where none of the labels that it judges is there, and not vacuous."""

    between_sources: ClassVar[bool] = False
    """Whether it compares sources, so that of a single one it says nothing."""

    def wrong_where(self, label: int) -> Region:
        """Give the region in which voxels of a judged label may be at fault, as far as known."""
        del label
        return ()


@dataclass(frozen=True)
class Repair:
    """What becomes of the parts at fault; each kind is a subclass."""

    gives_judged: ClassVar[bool] = False
    """Whether parts become what the expectation wants them to be: labels that it judges."""

    def targets(self, label: int) -> Iterator[tuple[int, Region]]:
        """Yield what parts of a label become, and where, as far as no neighbour decides it."""
        del label
        yield from ()


@dataclass(frozen=True)
class Derive:
    """How a structure is made; each kind is a subclass."""


@dataclass(frozen=True)
class Step:
    """One rule, lowered.

    Parameters
    ----------
    rule : str
        Token of the rule.
    severity : {"error", "warning", "info"}
        How bad a violation is.
    safety : {"safe", "unsafe"}
        Unsafe repairs run only where they are asked for.
    guard : Guard or None
        When the rule applies.
    expect : Expect or None
        What must hold; None for a derivation.
    repair : Repair or None
        What becomes of the parts that break it; None reports only.
    derive : Derive or None
        What to make; None for an expectation.
    exclude : bool
        A violation excludes the case.
    on_missing : {"skip", "fail"}
        What a missing anchor means.
    reads, writes : tuple of int
        Work labels the step depends on and may give or take voxels of.
    each_source : bool
        Whether what each source says by itself is judged, not the map; then nothing is repaired.
    """

    rule: str
    severity: Literal["error", "warning", "info"] = "error"
    safety: Literal["safe", "unsafe"] = "safe"
    guard: Guard | None = None
    expect: Expect | None = None
    repair: Repair | None = None
    derive: Derive | None = None
    exclude: bool = False
    on_missing: Literal["skip", "fail"] = "skip"
    reads: LabelsDeclared = ()
    writes: LabelsDeclared = ()
    each_source: bool = False

    @cached_property
    def judgement(self) -> Step:
        """The step without what tells nothing of its judgement; equal ones are one object."""
        return _one_of_equals(replace(self, repair=None, safety="safe", reads=(), writes=()))

    @cached_property
    def _hash(self) -> int:
        return hash(tuple(getattr(self, each.name) for each in fields(self)))

    def __hash__(self) -> int:
        """Hash all fields, once: steps are looked up for every case."""
        return self._hash

    def __getstate__(self) -> dict[str, object]:
        """Give the fields alone: elsewhere the hash is another."""
        return {each.name: getattr(self, each.name) for each in fields(self)}


@lru_cache(maxsize=4096)
def _one_of_equals(step: Step) -> Step:
    return step
