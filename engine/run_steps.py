"""Running the steps of rules, one after the other, on one case.

Every step ends in exactly one outcome.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from vesalius.engine.attempt import Options, attempt_step
from vesalius.engine.judging.changes import changes, stretches
from vesalius.engine.judging.context import Context, Image, Source, start
from vesalius.engine.judging.sources import (
    distrusted_sources,
    doubted_voxels,
    judge_sources,
)
from vesalius.engine.judging.verdict import Outcome, Verdict
from vesalius.engine.kinds import judge
from vesalius.engine.known_attempts import KnownAttempts
from vesalius.engine.plan.plan import Anchor
from vesalius.engine.plan.step import Step
from vesalius.engine.runs.build import empty
from vesalius.engine.runs.labelmap import MAX_LABEL, LabelMap
from vesalius.engine.runs.sweeps import overlay
from vesalius.engine.turns import both_turns
from vesalius.engine.unchanged import sees_the_same

__all__ = ["Options", "Ruled", "judge_again", "judge_all", "run_steps"]


@dataclass(frozen=True, eq=False)
class Judged:
    """What is known of a step after it was run.

    Parameters
    ----------
    outcome : Outcome
        What became of it.
    verdict : Verdict or None
        What is found after it, where that is not empty or something was changed.
    versions : mapping of int to int
        Versions of the labels after it.
    """

    outcome: Outcome
    verdict: Verdict | None
    versions: Mapping[int, int]


@dataclass(frozen=True, eq=False)
class Ruled:
    """A case after its steps.

    Parameters
    ----------
    labels : LabelMap
        The map, in work labels.
    outcomes : tuple of Outcome
        One per step, in order.
    trace : LabelMap or None
        By voxel the number of the step (from 1) that wrote it last; 0 where none did.
    context : Context
        What is known of the map.
    judged : mapping of Step to Judged
        What is known of each judgement that was made.
    attempts : KnownAttempts or None
        What is known of all attempts that were made; None where nothing is.
    turns : int
        How often all steps were run.
    settled : bool
        Whether the last turn changed nothing, so that one more would change nothing.
    """

    labels: LabelMap
    outcomes: tuple[Outcome, ...]
    trace: LabelMap | None
    context: Context
    judged: Mapping[Step, Judged] = field(default_factory=dict)
    attempts: KnownAttempts | None = None
    turns: int = 1
    settled: bool = True

    def judgement_of(self, step: Step) -> Outcome:
        """Give what was found of a step last."""
        return self.judged[step.judgement].outcome


def run_steps(
    steps: Sequence[Step],
    anchors: Sequence[Anchor],
    work: LabelMap,
    metadata: Mapping[str, str] | None = None,
    image: Image | None = None,
    options: Options | None = None,
    sources: Sequence[Source] = (),
    begun: Ruled | None = None,
) -> Ruled:
    """Run steps in the order given, and again until nothing changes, as often as they may.

    A later turn runs only what looks at something else than before.

    Parameters
    ----------
    steps : sequence of Step
        At most 65535 where a trace is wanted.
    anchors : sequence of Anchor
        Steps refer to them by position; they are fitted to the map as it is at each step.
    work : LabelMap
        The map, in work labels. It is not changed.
    metadata : mapping of str to str, optional
        What is known about the case.
    image : Image, optional
        Hounsfield values on the same grid.
    options : Options, optional
        By default safe repairs are made and no trace is kept.
    sources : sequence of Source, optional
        What each source says by itself; without it the map is the only source.
    begun : Ruled, optional
        The same steps run on the same map in another way: what is known of them is not found again.

    Returns
    -------
    Ruled

    Raises
    ------
    ValueError
        If the image has another shape, or there are too many steps for a trace.
    """
    options = options or Options()
    if options.trace and len(steps) > MAX_LABEL:
        raise ValueError(f"a trace can tell {MAX_LABEL} steps apart, not {len(steps)}")
    if begun is None:
        context = start(work, anchors, metadata, image, options.tokens, sources)
        context = _doubting(steps, context, options)
    else:
        context = begun.context.at_the_beginning().doubting(begun.context.doubted)
    attempts = (begun and begun.attempts) or KnownAttempts(steps)
    trace = empty(work.grid, work.axes) if options.trace else None
    outcomes: dict[int, Outcome] = {}
    last: dict[int, Judged] = {}
    turns, settled = 0, False
    while not settled and turns < options.turns:
        turns, settled = turns + 1, True
        for number, step in enumerate(steps, start=1):
            known = last.get(number)
            if known is not None and _rests(step, known, context):
                continue
            verdict = _known_verdict(step, known, context)
            attempt = attempts.attempt(number - 1, context, options, verdict)
            if attempt.changes is not None:
                context, settled = attempt.context, settled and not attempt.outcome.moves
                if trace is not None:
                    trace = overlay(trace, stretches(attempt.changes, work, number))
            before = outcomes.get(number)
            now = attempt.outcome
            outcomes[number] = now if before is None else both_turns(before, now)
            last[number] = Judged(now, attempt.verdict, context.versions)
    judged = {step.judgement: last[number] for number, step in enumerate(steps, start=1)}
    in_order = tuple(outcomes[number] for number in sorted(outcomes))
    return Ruled(context.work, in_order, trace, context, judged, attempts, turns, settled)


def _rests(step: Step, known: Judged, context: Context) -> bool:
    """Tell whether a step does nothing more, for what it looks at is as it was after it.

    A derivation is not made of its own result.
    """
    if step.derive is not None:
        return context.versions == known.versions
    nothing_to_move = known.verdict is None or known.verdict.faults is None or step.repair is None
    return nothing_to_move and _still_true(step, known, context)


def judge_again(
    steps: Sequence[Step], ruled: Ruled, labels: LabelMap, options: Options
) -> tuple[Outcome, ...]:
    """Judge every step once more, on what is left of a map in the end; nothing is changed.

    Parameters
    ----------
    steps : sequence of Step
        What is judged; they refer to the anchors the case was started with.
    ruled : Ruled
        The case after its steps. What was found then still holds of steps that look at nothing
        else now.
    labels : LabelMap
        The map that is judged, in work labels, on the same grid and axes.
    options : Options
        How steps were run.

    Returns
    -------
    tuple of Outcome
        One per step: as of a run without repairs.
    """
    options = replace(options, repair=False, propose=None, trace=False, check_reads=False)
    written = changes(ruled.context.work, labels)
    context = ruled.context.after(written, labels) if written.start.size else ruled.context
    return tuple(
        _found_again(step, ruled.judged.get(step.judgement), context, options) for step in steps
    )


def _doubting(steps: Sequence[Step], context: Context, options: Options) -> Context:
    """Judge the sources, and return the case with the voxels that cannot be believed.

    First each by itself, then all against each other but for those that are known to be wrong.
    """
    asked = [s for s in steps if s.each_source and s.severity == "error" and s.expect is not None]
    doubted: dict[int, set[int]] = {}
    for between in (False, True):
        for step in asked:
            if step.expect is None or step.expect.between_sources is not between:
                continue
            # The guard may not hold; what was judged is kept for the step itself.
            if attempt_step(step, context, options).outcome.findings:
                said = judge_sources(step.expect, context, judge)
                for number, labels in said.doubted.items():
                    doubted.setdefault(number, set()).update(labels)
        if not between:
            context = replace(context, distrusted=distrusted_sources(doubted, context))
    if not doubted:
        return context
    found = {number: sorted(labels) for number, labels in sorted(doubted.items())}
    return context.doubting(doubted_voxels(found, context))


def judge_all(steps: Sequence[Step], ruled: Ruled, options: Options) -> Ruled:
    """Judge every step once more on the map after all of them, and keep what is found.

    Parameters
    ----------
    steps : sequence of Step
        The steps that were run.
    ruled : Ruled
        The case after them.
    options : Options
        How they were run.
    """
    options = replace(options, repair=False, propose=None, trace=False, check_reads=False)
    judged = dict(ruled.judged)
    attempts = ruled.attempts or KnownAttempts(steps)
    for at, step in enumerate(steps):
        verdict = _known_verdict(step, ruled.judged.get(step.judgement), ruled.context)
        attempt = attempts.attempt(at, ruled.context, options, verdict)
        judged[step.judgement] = Judged(attempt.outcome, attempt.verdict, ruled.context.versions)
    return replace(ruled, judged=judged)


def _found_again(step: Step, known: Judged | None, context: Context, options: Options) -> Outcome:
    """Judge a step, using what is known of it where that still holds."""
    verdict = None
    if known is not None and _still_true(step, known, context):
        if known.verdict is None:
            return known.outcome
        verdict = known.verdict
    return attempt_step(step, context, options, verdict).outcome


def _known_verdict(step: Step, known: Judged | None, context: Context) -> Verdict | None:
    """Give what is found of a step where that is known and still holds."""
    return known.verdict if known and _still_true(step, known, context) else None


def _still_true(step: Step, known: Judged, context: Context) -> bool:
    """Tell whether what was found of a step holds of the map now."""
    if step.each_source:
        return True  # no step changes a source
    if step.derive is not None or not sees_the_same(step, context, known.versions):
        return False
    if known.outcome.moves:
        return step.guard is None  # a repair may have changed what the guard asks for
    return known.verdict is not None or known.outcome.status in ("holds", "skipped")
