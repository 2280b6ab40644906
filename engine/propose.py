"""Judging all steps on a map as it is, with what each rule would change.

What a rule would change is what it changes in a run that makes repairs, after the rules before it:
so there are two maps, the one that is judged and the one as repaired so far. They differ in few
labels, and what is known of the others is used for both.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from vesalius.engine.attempt import Attempt, Options, attempt_step
from vesalius.engine.judging.context import Context
from vesalius.engine.judging.verdict import Outcome
from vesalius.engine.plan.step import Step
from vesalius.engine.unchanged import sees_the_same


def propose_steps(
    steps: Sequence[Step], context: Context, options: Options, rules: Collection[str]
) -> tuple[Outcome, ...]:
    """Judge steps, and propose changes; the map stays as it is.

    Parameters
    ----------
    steps : sequence of Step
        In the order they run, those of one rule together.
    context : Context
        The map.
    options : Options
        How they would be run. An unsafe rule that is not asked for changes nothing for the rules
        after it, but proposes what it would change if it alone were asked for.
    rules : collection of str
        Those that are to propose something, where they find something or fail.

    Returns
    -------
    tuple of Outcome
        One per step: what it finds in the map as it is, and `proposed`.
    """
    judging = replace(options, repair=False)
    judged = [attempt_step(step, context, judging) for step in steps]
    wanted = {
        step.rule
        for step, attempt in zip(steps, judged, strict=True)
        if step.rule in rules and (attempt.outcome.findings or attempt.outcome.status == "failed")
    }
    last = max((at for at, step in enumerate(steps) if step.rule in wanted), default=-1)
    repairing = replace(options, repair=True)
    outcomes = [attempt.outcome for attempt in judged]
    repaired, asked, asking = context, context, ""
    for at, step in enumerate(steps[: last + 1]):
        alone = bool(repairing.refuses(step))
        if step.rule not in wanted and (alone or (step.repair is None and step.derive is None)):
            continue
        if alone and step.rule != asking:
            # What an unsafe rule changes counts for its own steps only.
            asked, asking = repaired, step.rule
        before = asked if alone else repaired
        how = replace(repairing, unsafe=frozenset({step.rule})) if alone else repairing
        attempt = _again(step, judged[at], before, how)
        if alone:
            asked = attempt.context
        else:
            repaired = attempt.context
        if step.rule in wanted:
            outcomes[at] = replace(outcomes[at], proposed=attempt.outcome)
    return tuple(outcomes)


def _again(step: Step, judged: Attempt, context: Context, options: Options) -> Attempt:
    """Run a step that was judged on the unchanged map, using what is known of it."""
    if step.expect is None or not sees_the_same(step, context):
        return attempt_step(step, context, options)
    if judged.verdict is None:
        return replace(judged, context=context)
    return attempt_step(step, context, options, judged.verdict)
