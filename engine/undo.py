"""Running steps so that no repair makes a rule worse.

A repair mends what its own rule finds. Whether it did harm, the other rules say: all are judged on
the map as it was given and on the map as it became, and the moves that a rule is worse for are
undone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from vesalius.engine.judging.context import Context, Image, Source
from vesalius.engine.judging.verdict import Finding, Outcome
from vesalius.engine.known_attempts import KnownAttempts
from vesalius.engine.plan.plan import Anchor
from vesalius.engine.plan.step import Step
from vesalius.engine.propose import propose
from vesalius.engine.run_steps import Options, Ruled, judge_all, run_steps
from vesalius.engine.runs.labelmap import LabelMap
from vesalius.engine.runs.sweeps import overlay
from vesalius.engine.turns import both_turns
from vesalius.engine.unchanged import sees_the_same

Pair = tuple[int, int]
Undone = Mapping[Step, Mapping[Pair, str]]

ONE_BY_ONE = 3
"""In so many rounds only the last repair that may have done it is undone, then all of them."""

SEVERITIES = ("info", "warning", "error")


def run_and_undo(
    steps: Sequence[Step],
    anchors: Sequence[Anchor],
    work: LabelMap,
    metadata: Mapping[str, str] | None = None,
    image: Image | None = None,
    options: Options | None = None,
    sources: Sequence[Source] = (),
) -> Ruled:
    """Run steps in the order given, and undo moves that make a rule worse.

    A rule is worse where it could be judged on the map before all steps and on the map after them,
    and finds more than before in labels that were there before. What it finds of labels that a step
    has freed by renumbering does not count: what had the name is there under another one, which
    was free or freed as well. To blame is the last step with a
    repair, of a rule that is no more severe, that moved voxels from or to a label of the new
    findings; where none did, from or to one that the worse rule reads. Those of its moves are
    undone, with what they hang together with, and all steps are run again without them, until no
    rule is worse. Where something was undone and something else was not, all of this is done once
    more with the result, as often as steps may be run, until nothing changes.

    Parameters
    ----------
    steps, anchors, work, metadata, image, options, sources
        As of :func:`vesalius.engine.run_steps.run_steps`.

    Returns
    -------
    Ruled
        The outcome of a step with undone moves says so in its reason. Where changes are only
        proposed, the map as it is, with what this would do with it in `proposed`.
    """
    options = options or Options()
    if options.propose is not None:
        judging = replace(options, repair=False, propose=None, trace=False)
        begun = run_steps(steps, anchors, work, metadata, image, judging, sources)
        given = steps, anchors, work, metadata, image

        def run(repairing: Options) -> Ruled:
            return _run_and_undo(*given, repairing, sources, begun)

        return propose(steps, begun, options, run)
    return _run_and_undo(steps, anchors, work, metadata, image, options, sources)


def _run_and_undo(
    steps: Sequence[Step],
    anchors: Sequence[Anchor],
    work: LabelMap,
    metadata: Mapping[str, str] | None,
    image: Image | None,
    options: Options,
    sources: Sequence[Source],
    begun: Ruled | None = None,
) -> Ruled:
    given = metadata, image, options, sources
    ruled, undone = _until_none_is_worse(steps, anchors, work, *given, begun)
    left = options.turns - 1
    while undone and left and any(outcome.moves for outcome in ruled.outcomes):
        again, undone = _until_none_is_worse(steps, anchors, ruled.labels, *given)
        if not any(outcome.moves for outcome in again.outcomes):
            break
        left -= 1
        ruled = _both_rounds(ruled, again, settled=again.settled and not undone)
    return ruled


def _until_none_is_worse(
    steps: Sequence[Step],
    anchors: Sequence[Anchor],
    work: LabelMap,
    metadata: Mapping[str, str] | None,
    image: Image | None,
    options: Options,
    sources: Sequence[Source],
    begun: Ruled | None = None,
) -> tuple[Ruled, Undone]:
    """Run steps without the moves that a rule is worse for; also return these."""
    undone: dict[Step, dict[Pair, str]] = {}
    number = 0
    while True:
        number += 1
        tried = replace(options, undone=undone)
        ruled = begun = run_steps(steps, anchors, work, metadata, image, tried, sources, begun)
        if not any(_moved(*each) for each in _both(steps, ruled)):
            return ruled, undone
        ruled = judge_all(steps, ruled, options)
        blamed = list(_blamed(steps, work, ruled, options, everyone=number > ONE_BY_ONE))
        if not blamed:
            return ruled, undone
        for step, pairs, why in blamed:
            undone[step] = {**dict.fromkeys(pairs, why), **undone.get(step, {})}


def _both_rounds(first: Ruled, later: Ruled, *, settled: bool) -> Ruled:
    """Put together what was done with a map and with what came of it."""
    trace = first.trace
    if trace is not None and later.trace is not None:
        trace = overlay(trace, later.trace)
    outcomes = tuple(map(both_turns, first.outcomes, later.outcomes))
    turns = first.turns + later.turns
    return replace(later, outcomes=outcomes, trace=trace, turns=turns, settled=settled)


def _both(steps: Sequence[Step], ruled: Ruled) -> Iterator[tuple[Step, Outcome]]:
    return zip(steps, ruled.outcomes, strict=True)


def _moved(step: Step, outcome: Outcome) -> bool:
    return step.repair is not None and bool(outcome.moves)


def _blamed(
    steps: Sequence[Step], work: LabelMap, ruled: Ruled, options: Options, *, everyone: bool
) -> Iterator[tuple[Step, frozenset[Pair], str]]:
    """Yield the moves that a rule is worse for, with their step and what is said of them."""
    begin = ruled.context.at_the_beginning()
    freed = _freed(steps, ruled, begin)
    judging = replace(options, repair=False, trace=False, check_reads=False)
    attempts = ruled.attempts or KnownAttempts(steps)
    for at, step in enumerate(steps):
        if step.expect is None or step.each_source or sees_the_same(step, ruled.context):
            continue
        after = ruled.judgement_of(step)
        if after.status != "violated":
            continue
        before = attempts.attempt(at, begin, judging).outcome
        if before.status not in ("holds", "violated") and not before.in_part:
            continue
        new = _new_findings(before.findings, after.findings, begin, freed)
        if new:
            labels = {label for finding in new for label in finding.labels}
            more = f"{len(new)} finding{'' if len(new) == 1 else 's'} more"
            why = f"undone, for after it {step.rule} had {more}"
            suspects = list(_suspects(steps, ruled, step, labels))
            suspects = suspects or list(_suspects(steps, ruled, step, set(step.reads)))
            for blamed, pairs in suspects if everyone else suspects[-1:]:
                yield blamed, pairs, why


def _new_findings(
    before: Iterable[Finding], after: Iterable[Finding], begin: Context, freed: frozenset[int]
) -> list[Finding]:
    """Give the findings that came, of labels that were there; none where there are no more."""
    known = Counter(_about(finding) for finding in before)
    there = [
        found
        for found in after
        if len(begin.present(found.labels)) == len(found.labels)
        and not (found.labels and freed.issuperset(found.labels))
    ]
    if len(there) <= known.total():
        return []
    new = []
    for finding in there:
        if known[_about(finding)] > 0:
            known[_about(finding)] -= 1
        else:
            new.append(finding)
    return new


def _freed(steps: Sequence[Step], ruled: Ruled, begin: Context) -> frozenset[int]:
    """Give the labels whose voxels a renumbering gave a name that was free too."""
    freed: set[int] = set()
    for step, outcome in _both(steps, ruled):
        if step.repair is None or not step.repair.gives_judged:
            continue
        sources = {move.source for move in outcome.moves}
        for move in outcome.moves:
            if move.target in sources or not begin.present((move.target,)):
                freed.add(move.source)
    return frozenset(label for label in freed if label and not ruled.context.present((label,)))


def _about(finding: Finding) -> tuple[str, tuple[int, ...]]:
    return finding.kind, finding.labels


def _suspects(
    steps: Sequence[Step], ruled: Ruled, worse: Step, labels: set[int]
) -> Iterator[tuple[Step, frozenset[Pair]]]:
    """Yield the steps that moved voxels from or to some labels, with those moves."""
    for step, outcome in _both(steps, ruled):
        less = SEVERITIES.index(step.severity) <= SEVERITIES.index(worse.severity)
        if _moved(step, outcome) and less:
            pairs = [(move.source, move.target) for move in outcome.moves]
            taken = _hanging_together(pairs, labels)
            if taken:
                yield step, taken


def _hanging_together(pairs: Sequence[Pair], labels: set[int]) -> frozenset[Pair]:
    """Give the moves that touch some labels, and those that touch a label of these, and so on.

    Two structures that changed names must change them back together.
    """
    reached = labels - {0}
    taken: set[Pair] = set()
    while True:
        more = {pair for pair in pairs if reached & set(pair)} - taken
        if not more:
            return frozenset(taken)
        taken |= more
        reached |= {label for pair in more for label in pair} - {0}
