"""Topics of rules of which none could judge a case, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from vesalius.adapters.cases.rule_outcomes import RuleOutcome
from vesalius.adapters.files.io_diagnostics import listing
from vesalius.engine.plan.reason import Reason

SHOWN = 4
"""Reasons of one topic, and names in one reason, that are written out."""
MANY = 4
"""So many names that begin with the same word are said as one."""


def not_judged(outcomes: Iterable[RuleOutcome]) -> tuple[str, ...]:
    """Say which topics were not judged at all, and why; nothing to judge alone is no reason.

    Parameters
    ----------
    outcomes : iterable of RuleOutcome
        What became of each rule.

    Returns
    -------
    tuple of str
        Such as "orientation was not judged: no liver, no spleen", in the order rules ran. A
        topic whose rules merely do not apply to the patient is judged.
    """
    topics: dict[str, list[RuleOutcome]] = {}
    for outcome in outcomes:
        if outcome.rule.expects:
            topics.setdefault(outcome.rule.phase, []).append(outcome.result)
    return tuple(
        f"{topic} was not judged: {_why([o for o in found if not o.vacuous])}"
        for topic, found in topics.items()
        if not any(outcome.in_part for outcome in found)
        and all(outcome.vacuous or _lacks(outcome) for outcome in found)
        and not all(outcome.vacuous for outcome in found)
    )


def _lacks(outcome: RuleOutcome) -> bool:
    """Tell whether a rule was skipped for something that the case lacks."""
    return outcome.status == "skipped" and outcome.applies


def _why(outcomes: Sequence[RuleOutcome]) -> str:
    """Put the reasons of several rules together, each thing once; what most rules lack comes first.

    What is only lacking as a place for parts to go comes last.
    """
    absent = _most_first(outcomes, lambda reason: reason.absent)
    unmade = _most_first(outcomes, lambda reason: reason.unmade)
    cut = _most_first(outcomes, lambda reason: reason.cut)
    reasons = list(dict.fromkeys(r.text for o in outcomes for r in o.lacks if not r.names_some))
    lacking = [*absent, *(name for name in unmade if name not in absent)]
    if lacking:
        reasons.insert(0, listing([f"no {name}" for name in _families(lacking)], SHOWN))
    if cut:
        reasons.append(f"cut by the border of the scan: {listing(cut, SHOWN)}")
    return "; ".join(reasons) or "nothing to judge"


def _families(names: Sequence[str]) -> list[str]:
    """Put names that begin with the same word together, with how many, where there are many."""
    words = Counter(name.split("_")[0] for name in names)
    found: dict[str, None] = {}
    for name in names:
        word = name.split("_")[0]
        found[f"{word} ({words[word]} of them)" if words[word] >= MANY else name] = None
    return list(found)


def _most_first(
    outcomes: Iterable[RuleOutcome], names_in: Callable[[Reason], Iterable[str]]
) -> list[str]:
    """Give the names in the reasons of rules, those of most rules first, else as they came."""
    counts: Counter[str] = Counter()
    for outcome in outcomes:
        counts.update(list(dict.fromkeys(n for r in outcome.lacks for n in names_in(r))))
    return [name for name, _ in counts.most_common()]
