"""One step on one map: guarded, judged, repaired, judged again.

A repair is kept only if the expectation holds after it; a step that goes wrong in any way leaves
the map as it was.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from vesalius.engine.judging.changes import Changes, changes, moves
from vesalius.engine.judging.context import Context, start
from vesalius.engine.judging.doubted import believed
from vesalius.engine.judging.edits import Edit, changes_by, without_moves
from vesalius.engine.judging.guards import ask
from vesalius.engine.judging.sources import judge_sources
from vesalius.engine.judging.verdict import (
    IN_PART,
    Finding,
    Missing,
    Move,
    Outcome,
    Reason,
    Status,
    Verdict,
)
from vesalius.engine.kinds import edit, judge, make
from vesalius.engine.plan.footprint import judged_labels
from vesalius.engine.plan.reason import in_words
from vesalius.engine.plan.step import Derive, Expect, Step
from vesalius.engine.runs.sweeps import keep_labels


@dataclass(frozen=True)
class Options:
    """How steps are run.

    Parameters
    ----------
    repair : bool
        Whether anything may be changed; else everything is only judged, and nothing is derived.
    unsafe : bool or frozenset of str
        The rules whose unsafe repairs are asked for, by token; True for all.
    propose : frozenset of str or None
        Nothing is changed; instead, of each of these rules that finds something or fails, its
        outcomes say what would become of it in a run that makes repairs. None for a run that
        does what the other options say.
    turns : int
        So often all steps are run, at most, until nothing changes.
    trace : bool
        Whether to note which step wrote each voxel last.
    check_reads : bool
        Whether to run every step a second time on the labels it declares alone and to fail it
        where that makes a difference. For tests; writes are always checked.
    tokens : mapping of int to str
        Names of the labels in reports.
    undone : mapping of Step to mapping of (int, int) to str
        Moves, by source and target label, that a step must not make, with the reason.
    """

    repair: bool = True
    unsafe: bool | frozenset[str] = False
    propose: frozenset[str] | None = None
    turns: int = 1
    trace: bool = False
    check_reads: bool = False
    tokens: Mapping[int, str] = field(default_factory=dict)
    undone: Mapping[Step, Mapping[tuple[int, int], str]] = field(default_factory=dict)

    def refuses(self, step: Step) -> str:
        """Return why the step must not change anything; empty where it may."""
        if not self.repair:
            return "nothing is to be changed"
        if step.safety == "safe":
            return ""
        asked = self.unsafe if isinstance(self.unsafe, bool) else step.rule in self.unsafe
        return "" if asked else "it is unsafe and was not asked for"


@dataclass(frozen=True, eq=False)
class Attempt:
    """What became of a step.

    Parameters
    ----------
    outcome : Outcome
        What is told of it.
    context : Context
        The map after it.
    changes : Changes or None
        What it changed; None where nothing.
    verdict : Verdict or None
        What is found in the map after it, where that is not empty or something was changed.
    """

    outcome: Outcome
    context: Context
    changes: Changes | None = None
    verdict: Verdict | None = None


def attempt_step(
    step: Step, context: Context, options: Options, known: Verdict | None = None
) -> Attempt:
    """Run a step; whatever goes wrong becomes its outcome and does not lose the case.

    Parameters
    ----------
    step : Step
        What to run.
    context : Context
        The map it runs on.
    options : Options
        How it is run.
    known : Verdict, optional
        What its expectation says of the map, with a guard that holds, where that is known.

    Returns
    -------
    Attempt
    """
    begin = time.perf_counter()
    attempt = _guarded(step, context, options, known)
    outcome = attempt.outcome.timed(time.perf_counter() - begin)
    return Attempt(outcome, attempt.context, attempt.changes, attempt.verdict)


def _guarded(step: Step, context: Context, options: Options, known: Verdict | None) -> Attempt:
    try:
        attempt = _attempt(step, context, options, known)
        if options.check_reads and not _declares_reads(step, context, options, attempt.outcome):
            reason = "its result depends on labels that it does not declare to read"
            return Attempt(_outcome(step, "failed", reason), context)
    except Exception as error:
        return Attempt(_outcome(step, "failed", f"{type(error).__name__}: {error}"), context)
    return attempt


def _attempt(
    step: Step, context: Context, options: Options, known: Verdict | None = None
) -> Attempt:
    if step.guard is not None and known is None:
        truth, facts, lacks = ask(step.guard, context)
        if truth is not True:
            word = "unknown" if truth is None else "does not apply"
            outcome = _outcome(step, "skipped", f"{word}: {in_words(facts)}")
            applies = truth is None or lacks
            return Attempt(replace(outcome, applies=applies, lacks=facts), context)
    try:
        if step.expect is not None and step.derive is None:
            return _judged(step, step.expect, context, options, known)
        if step.derive is not None and step.expect is None:
            return _derived(step, step.derive, context, options)
    except Missing as missing:
        there = step.expect is not None and context.present(judged_labels(step.expect))
        passed_over = (str(missing),) if there else ()
        return Attempt(_unable(step, (missing.reason,), passed_over), context)
    raise ValueError("a step has either an expectation or a derivation")


def _unable(step: Step, lacks: tuple[Reason, ...], passed_over: tuple[str, ...]) -> Outcome:
    """Give the outcome of a step that can say nothing."""
    status: Status = "failed" if step.on_missing == "fail" else "skipped"
    return replace(_outcome(step, status, in_words(lacks), passed_over=passed_over), lacks=lacks)


def _derived(step: Step, operation: Derive, context: Context, options: Options) -> Attempt:
    refusal = options.refuses(step)
    if refusal:
        return Attempt(_outcome(step, "skipped", f"not derived: {refusal}"), context)
    after = make(operation, context)
    found = changes(context.work, after)
    if not found.start.size:
        return Attempt(_outcome(step, "holds"), context)
    fault = _undeclared(step, found, context)
    if fault:
        return Attempt(_outcome(step, "failed", fault), context)
    done = _outcome(step, "changed", made=moves(found, context.work))
    return Attempt(done, context.after(found, after), found)


def _judged(
    step: Step, expect: Expect, context: Context, options: Options, known: Verdict | None
) -> Attempt:
    if len(context.shared.sources) < 2 and getattr(expect, "between_sources", False):
        outcome = _outcome(step, "skipped", "does not apply: there is one source")
        return Attempt(replace(outcome, applies=False), context)
    if known is not None:
        verdict = known
    elif step.each_source:
        verdict = judge_sources(expect, context, judge).verdict
    else:
        verdict = judge(expect, context)
    passed = verdict.passed_over
    if verdict.lacks:
        return Attempt(_unable(step, verdict.lacks, passed), context)
    if verdict.quiet:
        if not passed:
            return Attempt(_held(step, expect, context), context)
        reason = IN_PART + "; ".join(passed)
        return Attempt(_outcome(step, "skipped", reason, passed_over=passed), context)
    try:
        return _repaired(step, expect, verdict, context, options)
    except _Kept as kept:
        found = verdict.findings
        outcome = _outcome(step, kept.status, str(kept), found, found, passed_over=passed)
        return Attempt(outcome, context, verdict=verdict)


def _held(step: Step, expect: Expect, context: Context) -> Outcome:
    labels = judged_labels(expect)
    if expect.met_by_none or not labels or context.present(labels):
        return _outcome(step, "holds")
    return replace(_outcome(step, "holds", "nothing of it is there"), vacuous=True)


class _Kept(Exception):
    """Nothing is changed, and why."""

    def __init__(self, status: Status, reason: str) -> None:
        super().__init__(reason)
        self.status = status


def _repaired(
    step: Step, expect: Expect, verdict: Verdict, context: Context, options: Options
) -> Attempt:
    """Repair what a verdict found; raises _Kept where that cannot or must not be."""
    if step.repair is None:
        raise _Kept("violated", "")
    if verdict.faults is None:
        raise _Kept("violated", "not repaired: there is nothing to move")
    refusal = options.refuses(step)
    if refusal:
        raise _Kept("violated", f"not repaired: {refusal}")
    faults = believed(verdict.faults, context.doubted)
    if faults is None:
        names = context.doubted.names if context.doubted else ()
        raise _Kept("violated", f"not repaired: {_doubt(names)}")
    try:
        planned = edit(step.repair, faults, context)
    except Missing as missing:
        status: Status = "failed" if step.on_missing == "fail" else "violated"
        raise _Kept(status, f"not repaired: {missing}") from missing
    if options.undone:
        planned = without_moves(planned, verdict.faults, options.undone.get(step, {}))
    found = changes_by(planned, context.known)
    if planned.stays is not None and planned.stays.all():
        raise _Kept("violated", f"not repaired: {planned.why}")
    repaired = context.after(found)
    again = judge(expect, repaired)
    gone = not repaired.present(faults.runs.labels().tolist())
    fault = _undeclared(step, found, context) or _still_wrong(again, planned, context, gone)
    if fault:
        raise _Kept("failed", fault)
    left = again.findings
    made = moves(found, context.known.nothing)
    why = f"left as it was: {planned.why}" if planned.why else _left_over(left)
    if context.doubted is not None and len(faults) < len(verdict.faults):
        why = f"left as it was: {_doubt(context.doubted.names)}"
    passed = again.passed_over
    done = _outcome(step, "changed", why, verdict.findings, left, made, passed)
    return Attempt(done, repaired, found, again)


def _still_wrong(verdict: Verdict, planned: Edit, context: Context, gone: bool) -> str:
    """Return why a repair is not good enough; empty where it is.

    Where what was at fault is gone altogether, nothing more need be said about it. What a repair
    leaves on purpose may still be at fault.
    """
    if verdict.missing is not None:
        if gone:
            return ""
        return f"taken back, for nothing can be said after the repair: {verdict.missing}"
    faults = believed(verdict.faults, context.doubted)
    if faults is None or planned.leaves(faults.runs).all():
        return ""
    labels = context.names(faults.runs.labels().tolist() or (0,))
    voxels = int(faults.voxels.sum())
    parts = len(faults)
    return (
        f"taken back, for it does not hold after the repair: {voxels} voxels "
        f"in {parts} {'part' if parts == 1 else 'parts'} of {labels}"
    )


def _doubt(names: tuple[str, ...]) -> str:
    """Say why nothing of a source is repaired."""
    whose = ", ".join(name for name in names if name) or "the map"
    return f"{whose} is doubted as a whole"


def _left_over(findings: tuple[Finding, ...]) -> str:
    """Say what a repair could not mend; empty where nothing is left."""
    kinds = dict.fromkeys(finding.kind for finding in findings)
    return f"cannot be repaired: {', '.join(kinds)}" if findings else ""


def _undeclared(step: Step, found: Changes, context: Context) -> str:
    """Say which labels a step writes without declaring it; empty where there are none."""
    extra = sorted(set(found.labels()) - set(step.writes))
    if not extra:
        return ""
    return f"taken back, for it writes labels that it does not declare: {context.names(extra)}"


def _outcome(
    step: Step,
    status: Status,
    reason: str = "",
    findings: tuple[Finding, ...] = (),
    remaining: tuple[Finding, ...] = (),
    made: tuple[Move, ...] = (),
    passed_over: tuple[str, ...] = (),
) -> Outcome:
    excludes = step.exclude and (status in ("violated", "failed") or bool(remaining))
    return Outcome(step.rule, status, reason, findings, remaining, made, excludes, passed_over)


def _declares_reads(step: Step, context: Context, options: Options, outcome: Outcome) -> bool:
    """Tell whether a step does the same where only the labels that it declares are present."""
    declared = tuple(set(step.reads) | set(step.writes))
    shown = keep_labels(context.work, declared)
    shared = context.shared
    sources = [replace(one, labels=keep_labels(one.labels, declared)) for one in shared.sources]
    alone = start(shown, shared.anchors, shared.metadata, shared.image, shared.tokens, sources)
    return _attempt(step, alone, options).outcome == outcome
