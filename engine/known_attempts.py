"""What is known of steps that were run before on the same case.

All steps are run several times: without the moves that were undone, and once more for each rule
whose proposal is asked for. Two states of a case that have the same version of a label have the
same voxels of it; so a step finds and does again what it found and did where the labels that it
looks at have the same versions, and is not run.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

from vesalius.engine.attempt import Attempt, Options, attempt_step
from vesalius.engine.judging.changes import Changes
from vesalius.engine.judging.context import Context
from vesalius.engine.judging.verdict import Outcome, Verdict
from vesalius.engine.none_there import NoneThere, none_there
from vesalius.engine.plan.step import Step
from vesalius.engine.unchanged import looked_at

T = TypeVar("T")
Key: TypeAlias = tuple[Hashable, ...]
Labels: TypeAlias = frozenset[int] | None
State: TypeAlias = frozenset[tuple[int, int]]

_KEPT = 4096
"""So many entries of each sort are kept, the latest."""


@dataclass(frozen=True, eq=False)
class _Done:
    """What became of a step."""

    outcome: Outcome
    verdict: Verdict | None
    changes: Changes | None


@dataclass(frozen=True, eq=False)
class KnownAttempts:
    """Attempts at the steps of one case, under what the steps looked at.

    Parameters
    ----------
    steps : sequence of Step
        What is run; a step is known by its place among them.
    """

    steps: Sequence[Step]
    _quiet: dict[Key, Outcome] = field(default_factory=dict)
    _found: dict[Key, Verdict] = field(default_factory=dict)
    _done: dict[Key, _Done] = field(default_factory=dict)
    _acting: set[int] = field(default_factory=set)
    _absent: list[NoneThere] = field(default_factory=list)

    def attempt(
        self, at: int, context: Context, options: Options, known: Verdict | None = None
    ) -> Attempt:
        """Run a step, or give what came of it before in the same state.

        Parameters
        ----------
        at : int
            Place of the step, from 0.
        context, options, known
            As of :func:`vesalius.engine.attempt.attempt_step`.
        """
        step = self.steps[at]
        if options.check_reads:
            return attempt_step(step, context, options, known)
        if known is not None:
            return self._attempt(at, context, options, known)
        absent = self._none_there(context)
        if not absent.is_about(at, context):
            return self._attempt(at, context, options)
        outcome = absent.outcome(at)
        if outcome is not None:
            return Attempt(outcome, context)
        attempt = self._attempt(at, context, options)
        if _is_quiet(attempt):
            absent.keep(at, attempt.outcome)
        return attempt

    def _none_there(self, context: Context) -> NoneThere:
        if not self._absent:
            try:
                self._absent.append(none_there(self.steps, context))
            except Exception:
                # What cannot even be looked at fails in the attempt, which says why.
                self._absent.append(NoneThere((None,) * len(self.steps)))
        return self._absent[0]

    def _attempt(
        self, at: int, context: Context, options: Options, known: Verdict | None = None
    ) -> Attempt:
        step = self.steps[at]
        try:
            judged = self._judged(at, context)
            if step.derive is None and judged in self._quiet:
                return Attempt(self._quiet[judged].timed(0.0), context)
            # Most steps find nothing, ever.
            acted = self._acted(at, context, options) if at in self._acting else None
        except Exception:
            # What cannot even be looked at fails in the attempt, which says why.
            return attempt_step(step, context, options, known)
        if acted is not None and acted in self._done:
            return _once_more(self._done[acted], context)
        known = self._found.get(judged) if known is None else known
        attempt = attempt_step(step, context, options, known)
        outcome, verdict = attempt.outcome, attempt.verdict
        if step.derive is None and _is_quiet(attempt):
            _put(self._quiet, judged, outcome)
            return attempt
        if verdict is not None and attempt.changes is None:
            _put(self._found, judged, verdict)
        if acted is None:
            try:
                acted = self._acted(at, context, options)
            except Exception:
                return attempt  # nothing is known of what it looks at: it is run again
        _put(self._done, acted, _Done(outcome, verdict, attempt.changes))
        self._acting.add(at)
        return attempt

    def _judged(self, at: int, context: Context) -> Key:
        """Give what the judgement of a step depends on."""
        # Before anything is changed all labels have their first version, whichever it looks at.
        if not context.versions:
            return at, frozenset()
        return at, _state(_judges_by(self.steps[at], context), context)

    def _acted(self, at: int, context: Context, options: Options) -> Key:
        """Give what a step does depends on."""
        step = self.steps[at]
        undone = tuple(sorted(options.undone.get(step, {}).items())) if options.undone else ()
        acted: State = frozenset()
        if context.versions:
            acted = _state(_acts_by(step, context), context)
        return at, options.refuses(step), undone, acted


def _is_quiet(attempt: Attempt) -> bool:
    """Tell whether a step found nothing."""
    return attempt.verdict is None and attempt.outcome.status in ("holds", "skipped")


def _judges_by(step: Step, context: Context) -> Labels:
    """Give the labels that a step judges by; None for the whole map."""
    # No step changes a source, but a guard asks the map.
    if step.each_source and step.guard is None:
        return frozenset()
    return looked_at(step, context, repair=False)


def _acts_by(step: Step, context: Context) -> Labels:
    """Give the labels that a step acts by or on; None for the whole map."""
    seen = None if step.derive is not None else looked_at(step, context, repair=True)
    return None if seen is None else seen | {*step.reads, *step.writes}


def _state(labels: Labels, context: Context) -> State:
    """Give the versions of some labels; None stands for the whole map."""
    versions = context.versions
    if labels is None:
        return frozenset(versions.items())
    return frozenset((label, versions[label]) for label in labels & versions.keys())


def _once_more(done: _Done, context: Context) -> Attempt:
    """Make the changes of an earlier attempt."""
    outcome = done.outcome.timed(0.0)
    if done.changes is None:
        return Attempt(outcome, context, verdict=done.verdict)
    return Attempt(outcome, context.after(done.changes), done.changes, done.verdict)


def _put(entries: dict[Key, T], key: Key, entry: T) -> None:
    entries[key] = entry
    if len(entries) > _KEPT:
        entries.pop(next(iter(entries)))
