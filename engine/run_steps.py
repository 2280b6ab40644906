"""Running the steps of rules, one after the other, on one case.

Every step ends in exactly one outcome. A repair is kept only if the expectation holds after it;
a step that goes wrong in any way leaves the map as it was.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from vesalius.engine.changes import Changes, changes, moves, stretches
from vesalius.engine.context import Context, Image, start
from vesalius.engine.derive import derive
from vesalius.engine.expect import judge
from vesalius.engine.guards import ask
from vesalius.engine.labelmap import MAX_LABEL, LabelMap
from vesalius.engine.plan import Anchor
from vesalius.engine.repair import edit
from vesalius.engine.repair.edit import repaint_changes
from vesalius.engine.runs import empty
from vesalius.engine.setops import keep_labels, overlay
from vesalius.engine.steps import Derive, Expect, Step
from vesalius.engine.verdict import Finding, Missing, Move, Outcome, Status, Verdict


@dataclass(frozen=True)
class Options:
    """How steps are run.

    Parameters
    ----------
    repair : bool
        Whether anything may be changed; else everything is only judged, and nothing is derived.
    unsafe : bool or frozenset of str
        The rules whose unsafe repairs are asked for, by token; True for all.
    trace : bool
        Whether to note which step wrote each voxel last.
    check_reads : bool
        Whether to run every step a second time on the labels it declares alone and to fail it
        where that makes a difference. For tests; writes are always checked.
    tokens : mapping of int to str
        Names of the labels in reports.
    """

    repair: bool = True
    unsafe: bool | frozenset[str] = False
    trace: bool = False
    check_reads: bool = False
    tokens: Mapping[int, str] = field(default_factory=dict)

    def refuses(self, step: Step) -> str:
        """Return why the step must not change anything; empty where it may."""
        if not self.repair:
            return "nothing is to be changed"
        if step.safety == "safe":
            return ""
        asked = self.unsafe if isinstance(self.unsafe, bool) else step.rule in self.unsafe
        return "" if asked else "it is unsafe and was not asked for"


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
    """

    labels: LabelMap
    outcomes: tuple[Outcome, ...]
    trace: LabelMap | None

    @property
    def excluded_by(self) -> tuple[str, ...]:
        """The rules that exclude the case, in order."""
        return tuple(outcome.rule for outcome in self.outcomes if outcome.excludes)


def run_steps(
    steps: Sequence[Step],
    anchors: Sequence[Anchor],
    work: LabelMap,
    metadata: Mapping[str, str] | None = None,
    image: Image | None = None,
    options: Options | None = None,
) -> Ruled:
    """Run steps in the order given.

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
    context = start(work, anchors, metadata, image, options.tokens)
    trace = empty(work.grid, work.axes) if options.trace else None
    outcomes = []
    for number, step in enumerate(steps, start=1):
        begin = time.perf_counter()
        attempt = _guarded(step, context, options)
        if attempt.changes is not None:
            context = attempt.context
            if trace is not None:
                trace = overlay(trace, stretches(attempt.changes, work, number))
        outcomes.append(attempt.outcome.timed(time.perf_counter() - begin))
    return Ruled(context.work, tuple(outcomes), trace)


@dataclass(frozen=True, eq=False)
class _Attempt:
    """An outcome, the context after it, and what changed."""

    outcome: Outcome
    context: Context
    changes: Changes | None = None


def _guarded(step: Step, context: Context, options: Options) -> _Attempt:
    """Run a step; whatever goes wrong becomes its outcome and does not lose the case."""
    try:
        attempt = _attempt(step, context, options)
        if options.check_reads and not _declares_reads(step, context, options, attempt.outcome):
            reason = "its result depends on labels that it does not declare to read"
            return _Attempt(_outcome(step, "failed", reason), context)
    except Exception as error:
        return _Attempt(_outcome(step, "failed", f"{type(error).__name__}: {error}"), context)
    return attempt


def _attempt(step: Step, context: Context, options: Options) -> _Attempt:
    if step.guard is not None:
        truth, facts = ask(step.guard, context)
        if truth is not True:
            word = "unknown" if truth is None else "does not apply"
            return _Attempt(_outcome(step, "skipped", f"{word}: {'; '.join(facts)}"), context)
    try:
        if step.expect is not None and step.derive is None:
            return _judged(step, step.expect, context, options)
        if step.derive is not None and step.expect is None:
            return _derived(step, step.derive, context, options)
    except Missing as missing:
        status: Status = "failed" if step.on_missing == "fail" else "skipped"
        return _Attempt(_outcome(step, status, str(missing)), context)
    raise ValueError("a step has either an expectation or a derivation")


def _derived(step: Step, operation: Derive, context: Context, options: Options) -> _Attempt:
    refusal = options.refuses(step)
    if refusal:
        return _Attempt(_outcome(step, "skipped", f"not derived: {refusal}"), context)
    after = derive(operation, context)
    found = changes(context.work, after)
    if not found.start.size:
        return _Attempt(_outcome(step, "holds"), context)
    fault = _undeclared(step, found, context)
    if fault:
        return _Attempt(_outcome(step, "failed", fault), context)
    done = _outcome(step, "changed", made=moves(found, context.work))
    return _Attempt(done, context.after(after, found.labels()), found)


def _judged(step: Step, expect: Expect, context: Context, options: Options) -> _Attempt:
    verdict = judge(expect, context)
    if verdict.missing is not None:
        raise Missing(verdict.missing)
    if verdict.holds:
        return _Attempt(_outcome(step, "holds"), context)
    try:
        return _repaired(step, expect, verdict, context, options)
    except _Kept as kept:
        outcome = _outcome(step, kept.status, str(kept), verdict.findings, verdict.findings)
        return _Attempt(outcome, context)


class _Kept(Exception):
    """Nothing is changed, and why."""

    def __init__(self, status: Status, reason: str) -> None:
        super().__init__(reason)
        self.status = status


def _repaired(
    step: Step, expect: Expect, verdict: Verdict, context: Context, options: Options
) -> _Attempt:
    """Repair what a verdict found; raises _Kept where that cannot or must not be."""
    if step.repair is None:
        raise _Kept("violated", "")
    if verdict.faults is None:
        raise _Kept("violated", "not repaired: there is nothing to move")
    refusal = options.refuses(step)
    if refusal:
        raise _Kept("violated", f"not repaired: {refusal}")
    try:
        planned = edit(step.repair, verdict.faults, context)
    except Missing as missing:
        status: Status = "failed" if step.on_missing == "fail" else "violated"
        raise _Kept(status, f"not repaired: {missing}") from missing
    after, found = repaint_changes(context.work, planned)
    repaired = context.after(after, found.labels())
    again = judge(expect, repaired)
    gone = not repaired.present(verdict.faults.runs.labels().tolist())
    fault = _undeclared(step, found, context) or _still_wrong(again, context, gone)
    if fault:
        raise _Kept("failed", fault)
    left = again.findings
    made = moves(found, context.work)
    done = _outcome(step, "changed", _left_over(left), verdict.findings, left, made)
    return _Attempt(done, repaired, found)


def _still_wrong(verdict: Verdict, context: Context, gone: bool) -> str:
    """Return why a repair is not good enough; empty where it is.

    Where what was at fault is gone altogether, nothing more need be said about it.
    """
    if verdict.missing is not None:
        if gone:
            return ""
        return f"taken back, for nothing can be said after the repair: {verdict.missing}"
    if verdict.faults is None:
        return ""
    labels = context.names(verdict.faults.runs.labels().tolist() or (0,))
    voxels = int(verdict.faults.voxels.sum())
    parts = len(verdict.faults)
    return (
        f"taken back, for it does not hold after the repair: {voxels} voxels "
        f"in {parts} {'part' if parts == 1 else 'parts'} of {labels}"
    )


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
) -> Outcome:
    wrong = status in ("violated", "failed") or bool(remaining)
    return Outcome(step.rule, status, reason, findings, remaining, made, step.exclude and wrong)


def _declares_reads(step: Step, context: Context, options: Options, outcome: Outcome) -> bool:
    """Tell whether a step does the same where only the labels that it declares are present."""
    shown = keep_labels(context.work, tuple(set(step.reads) | set(step.writes)))
    shared = context.shared
    alone = start(shown, shared.anchors, shared.metadata, shared.image, shared.tokens)
    return _attempt(step, alone, options).outcome == outcome
