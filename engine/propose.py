"""What rules propose: all steps judged on a map as it is, with what a run would make of each.

What a rule would change is what it changes in a run that makes repairs, after the rules before it,
in all turns, without what is undone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from vesalius.engine.attempt import Options
from vesalius.engine.judging.verdict import Outcome
from vesalius.engine.plan.step import Step
from vesalius.engine.run_steps import Ruled


def propose(
    steps: Sequence[Step], begun: Ruled, options: Options, run: Callable[[Options], Ruled]
) -> Ruled:
    """Add to what is found in a map what a run with repairs would make of it.

    Parameters
    ----------
    steps : sequence of Step
        In the order they run, those of one rule together.
    begun : Ruled
        The map with all steps judged and nothing changed.
    options : Options
        How they would be run, and of which rules something is asked. An unsafe rule that is not
        asked for changes nothing for the others, but proposes what it would change if it alone
        were asked for.
    run : callable
        Runs the steps on the same map.

    Returns
    -------
    Ruled
        The map as it is; the outcomes of those rules that find something or fail have `proposed`.
    """
    rules = options.propose or frozenset()
    wanted = {
        step.rule
        for step, outcome in zip(steps, begun.outcomes, strict=True)
        if step.rule in rules and (outcome.findings or outcome.status == "failed")
    }
    if not wanted:
        return begun
    repairing = replace(options, repair=True, propose=None, trace=False)
    alone = dict.fromkeys(
        step.rule for step in steps if step.rule in wanted and repairing.refuses(step)
    )
    # It is kept until the others were run: they share what is known of its labels.
    together = run(repairing) if wanted - alone.keys() else None
    others = together.outcomes if together else ()
    asked = {rule: run(replace(repairing, unsafe=frozenset({rule}))).outcomes for rule in alone}

    def proposed(at: int, rule: str) -> Outcome:
        return asked.get(rule, others)[at]

    outcomes = (
        replace(outcome, proposed=proposed(at, step.rule)) if step.rule in wanted else outcome
        for at, (step, outcome) in enumerate(zip(steps, begun.outcomes, strict=True))
    )
    return replace(begun, outcomes=tuple(outcomes))
