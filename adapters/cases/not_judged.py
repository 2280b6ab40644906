"""Topics of rules of which none could judge a case, in words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Literal

from vesalius.adapters.cases.rule_outcomes import RuleOutcome
from vesalius.adapters.files.io_diagnostics import listing

Sort = Literal["absent", "unmade", "cut", "other"]

SHOWN = 4
"""Reasons of one topic, and names in one reason, that are written out."""
MANY = 4
"""So many names that begin with the same word are said as one."""
_LEAD = re.compile(r"^(unknown|does not apply|not repaired): ")
_ABSENT = re.compile(r"^(?:absent: |no source and no target yields )(.+)$")
_UNMADE = re.compile(r"^nothing yields `(.+)`, where parts should go$")
_MISSING = re.compile(r"^the anchor .+ is missing: .+$")
_CUT = re.compile(r"^cut by the border of the scan: (.+)$")
_CUT_ONE = re.compile(
    r"^(?:the border of the scan cuts (.+)|(.+) is cut by the border of the scan)$"
)


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
    absent: Counter[str] = Counter()
    unmade: Counter[str] = Counter()
    cut: Counter[str] = Counter()
    others: dict[str, None] = {}
    for outcome in outcomes:
        absent.update(outcome.absent)
        for sort, names in _facts(outcome.reason):
            if sort == "absent":
                absent.update(names)
            elif sort == "unmade":
                unmade.update(names)
            elif sort == "cut":
                cut.update(names)
            else:
                others.update(dict.fromkeys(names))
    reasons = list(others)
    lacking = [*_most_first(absent), *(name for name in _most_first(unmade) if name not in absent)]
    if lacking:
        reasons.insert(0, listing([f"no {name}" for name in _families(lacking)], SHOWN))
    if cut:
        reasons.append(f"cut by the border of the scan: {listing(_most_first(cut), SHOWN)}")
    return "; ".join(reasons) or "nothing to judge"


@lru_cache(maxsize=4096)
def _facts(reason: str) -> tuple[tuple[Sort, tuple[str, ...]], ...]:
    """Take the facts of a reason apart, each with its sort; the same reasons come every case."""
    found: list[tuple[Sort, tuple[str, ...]]] = []
    for fact in reason.split("; "):
        said = _LEAD.sub("", fact).strip().rstrip(":")
        missing = _ABSENT.match(said)
        place = _UNMADE.match(said)
        at_border = _CUT.match(said) or _CUT_ONE.match(said)
        if missing:
            found.append(("absent", tuple(missing[1].split(", "))))
        elif place:
            found.append(("unmade", (place[1],)))
        elif at_border:
            names = at_border[1] or at_border[at_border.re.groups]
            found.append(("cut", tuple(names.split(", "))))
        elif said and not _MISSING.match(said) and not said.startswith("an order needs"):
            found.append(("other", (said,)))
    return tuple(found)


def _families(names: Sequence[str]) -> list[str]:
    """Put names that begin with the same word together, with how many, where there are many."""
    words = Counter(name.split("_")[0] for name in names)
    found: dict[str, None] = {}
    for name in names:
        word = name.split("_")[0]
        found[f"{word} ({words[word]} of them)" if words[word] >= MANY else name] = None
    return list(found)


def _most_first(counts: Counter[str]) -> list[str]:
    """Give what was counted, the most frequent first, else as it came."""
    return [name for name, _ in counts.most_common()]
