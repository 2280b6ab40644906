"""What became of each rule of a case: exactly one outcome per rule, in the order they ran."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Protocol, TypeVar

from vesalius.adapters.cases.briefs import PackBrief, RuleBrief
from vesalius.adapters.cases.file_names import name_of
from vesalius.adapters.cases.finding_text import finding_texts
from vesalius.adapters.cases.kept_objects import KeptObjects
from vesalius.adapters.cases.rule_findings import (
    Json,
    RuleChange,
    RuleFinding,
    rule_changes,
    rule_findings,
)
from vesalius.engine.judging.verdict import IN_PART, Finding, Move, Outcome, Reason, Status
from vesalius.engine.plan.reason import in_words
from vesalius.rules.idle import Idle

#: A rule that was lowered to several steps ends as the first of these that one of them ended as.
PRECEDENCE: tuple[Status, ...] = ("failed", "violated", "changed", "holds", "skipped")

T = TypeVar("T")


AnEnding = TypeVar("AnEnding", bound="Ending")


@dataclass(frozen=True)
class RuleOutcome:
    """What became of one rule.

    Parameters
    ----------
    rule : RuleBrief
        The rule.
    status : {"changed", "holds", "violated", "skipped", "failed"}
        Exactly one.
    reason : str
        Why, where the status does not say it all. It begins with `IN_PART` where it is in part.
    findings : tuple of Finding
        What was found before any repair.
    remaining : tuple of Finding
        What is still so.
    moves : tuple of Move
        What was changed.
    excludes : bool
        Whether the case is to be left out because of this.
    proposed : RuleOutcome or None
        What would become of it if its repair were made, where that was asked for.
    seconds : float
        Wall-clock time.
    final : RuleOutcome or None
        What the rule says of what is written in the end; None where nothing was to be changed.
    vacuous : bool
        Whether it holds only because nothing that it judges is there.
    sentences : mapping of str to str
        What is said of each kind of finding.
    applies : bool
        Whether it is about this case at all; where not, it was not needed.
    in_part : bool
        Whether nothing is wrong with what could be judged, and some could not.
    lacks : tuple of Reason
        Why nothing could be judged at all, where that is so.
    """

    rule: RuleBrief
    status: Status
    reason: str
    findings: tuple[Finding, ...]
    remaining: tuple[Finding, ...]
    moves: tuple[Move, ...]
    excludes: bool
    proposed: RuleOutcome | None
    seconds: float
    final: RuleOutcome | None = None
    vacuous: bool = False
    sentences: Mapping[str, str] = field(default_factory=dict, repr=False)
    applies: bool = True
    in_part: bool = False
    lacks: tuple[Reason, ...] = ()

    @property
    def is_kept(self) -> bool:
        """Whether it is the same for all cases of a process: nothing took any time for it."""
        return not self.seconds and not self.findings and not self.moves and self.proposed is None

    @property
    def result(self) -> RuleOutcome:
        """What the rule says of what is written in the end."""
        return self.final or self

    @property
    def remains(self) -> tuple[Finding, ...]:
        """What the rule finds in what is written; that it could not be judged is a finding."""
        found = self.result.findings
        if self.result.status == "failed":
            found = (*found, Finding("could not be judged", (), note=self.result.reason))
        return found

    @property
    def mended(self) -> tuple[Finding, ...]:
        """What was found on the way and is not so in what is written."""
        if not self.findings:
            return ()
        left = Counter(self.remains)
        gone = [finding for finding in self.findings if not _taken(left, finding)]
        # What became smaller is still there.
        smaller: Counter[tuple[str, tuple[int, ...]]] = Counter()
        for kept, times in left.items():
            smaller[kept.kind, kept.labels] += times
        return tuple(f for f in gone if not _taken(smaller, (f.kind, f.labels)))

    @property
    def excludes_case(self) -> bool:
        """Whether the case is to be left out: where the rule stood, or in the end."""
        return self.excludes or self.result.excludes

    def texts(self, findings: Sequence[Finding], tokens: Mapping[int, str]) -> tuple[str, ...]:
        """Write findings of this rule (`findings` or `remaining`), one line each."""
        # Mostly what is found, remains and is shown is the same.
        key = tuple(findings)
        if self._written.get(key, (None,))[0] is not tokens:
            counts = self.rule.pooled, self.rule.finds_all
            self._written[key] = tokens, finding_texts(findings, tokens, self.sentences, *counts)
        return self._written[key][1]

    @cached_property
    def _written(self) -> dict[tuple[Finding, ...], tuple[Mapping[int, str], tuple[str, ...]]]:
        """What :meth:`texts` wrote of which findings, with the names."""
        return {}

    def named(
        self,
        findings: Sequence[Finding],
        tokens: Mapping[int, str],
        repair: tuple[RuleChange, ...] = (),
        no_repair: str = "",
    ) -> tuple[RuleFinding, ...]:
        """Put findings of this rule into names and words; see :func:`.rule_findings`."""
        if not findings:
            return ()
        texts = self.texts(findings, tokens)
        return rule_findings(self.rule, findings, texts, tokens, repair, no_repair)

    def changes(self, tokens: Mapping[int, str]) -> tuple[RuleChange, ...]:
        """Put what was changed into names."""
        return rule_changes(self.rule, self.moves, tokens)

    @property
    def defined_at(self) -> str:
        """File and line of the rule, as reports name files."""
        return f"{name_of(self.rule.path)}:{self.rule.line}"


_TOGETHER: KeptObjects[RuleOutcome] = KeptObjects()
_SKIPPED: KeptObjects[RuleOutcome] = KeptObjects()
_FINAL: KeptObjects[RuleOutcome] = KeptObjects()


def with_final(
    outcomes: Sequence[RuleOutcome], final: Sequence[RuleOutcome]
) -> tuple[RuleOutcome, ...]:
    """Add to the outcome of each rule what it says in the end."""
    by_rule = {outcome.rule.id: outcome for outcome in final}
    # What was said of a source is so in the end, whatever was made of it.
    return tuple(
        o if o.rule.judges_sources else _ended(o, by_rule.get(o.rule.id)) for o in outcomes
    )


def _ended(outcome: RuleOutcome, final: RuleOutcome | None) -> RuleOutcome:
    given = outcome, final
    found = _FINAL.find(given)
    if found is not None:
        return found
    make = partial(replace, outcome, final=final)
    if outcome.is_kept and (final is None or final.is_kept):
        return _FINAL.get(given, make)
    return make()


def rule_outcomes(
    pack: PackBrief, outcomes: Sequence[Outcome], idle: Sequence[Idle]
) -> tuple[RuleOutcome, ...]:
    """Put the outcomes of steps together by rule.

    Parameters
    ----------
    pack : PackBrief
        The rules that were compiled.
    outcomes : sequence of Outcome
        One per step.
    idle : sequence of Idle
        Rules without a step.

    Returns
    -------
    tuple of RuleOutcome
        In the order the rules ran; rules that were not asked for are left out.
    """
    by_rule: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        by_rule.setdefault(outcome.rule, []).append(outcome)
    lacks = {entry.rule: entry.lacks for entry in idle}
    found = []
    for rule_id in pack.order:
        if rule_id in by_rule:
            found.append(_of_rule(pack.rule(rule_id), by_rule[rule_id], pack.sentences))
        elif rule_id in lacks:
            given = pack.rule(rule_id), lacks[rule_id], pack.sentences
            found.append(_SKIPPED.get(given, partial(_skipped, *given)))
    return tuple(found)


class Ending(Protocol):
    """How one step of a rule ended."""

    @property
    def status(self) -> Status:
        """As what."""

    @property
    def vacuous(self) -> bool:
        """Whether it holds only because nothing that it judges is there."""

    @property
    def passed_over(self) -> tuple[str, ...]:
        """Why nothing can be said of some that are there."""


def ended(outcomes: Sequence[AnEnding]) -> tuple[Status, list[AnEnding], bool]:
    """Say how a rule ended that became one or several steps.

    A step with nothing to judge says nothing of the rule where another one has something to say,
    so that it never hides one that could not judge. A rule that passed something over does not
    hold.

    Parameters
    ----------
    outcomes : sequence of Outcome
        Of its steps; at least one.

    Returns
    -------
    status : str
        The first of `PRECEDENCE` that a step ended as; "skipped" where that is "holds" and
        something was passed over.
    those : list of Outcome
        Of the steps that ended so.
    vacuous : bool
        Whether no step had anything to judge.
    """
    telling = _telling(outcomes)
    status = min((o.status for o in telling), key=PRECEDENCE.index)
    if status == "holds" and any(o.passed_over for o in telling):
        status = "skipped"
    return status, [o for o in telling if o.status == status], telling[0].vacuous


def reason_of(outcomes: Sequence[Outcome], ending: Status) -> str:
    """Put the reasons of the steps of a rule together, each once.

    Parameters
    ----------
    outcomes : sequence of Outcome
        Of all its steps.
    ending : str
        What the rule ended as.
    """
    telling = _telling(outcomes)
    if _in_part(outcomes, ending):
        return IN_PART + "; ".join(dict.fromkeys(t for o in telling for t in o.passed_over))
    return "; ".join(dict.fromkeys(o.reason for o in telling if o.status == ending and o.reason))


def _telling(outcomes: Sequence[AnEnding]) -> Sequence[AnEnding]:
    """Give the steps that had something to judge; all where none had."""
    return [outcome for outcome in outcomes if not outcome.vacuous] or outcomes


def _in_part(outcomes: Sequence[Outcome], ending: Status) -> bool:
    """Tell whether a rule that ended as skipped judged some of what is there."""
    telling = _telling(outcomes)
    return ending == "skipped" and any(o.status == "holds" or o.in_part for o in telling)


def _skipped(
    rule: RuleBrief, lacks: tuple[Reason, ...], sentences: Mapping[str, str]
) -> RuleOutcome:
    return RuleOutcome(
        rule=rule,
        status="skipped",
        reason=in_words(lacks),
        findings=(),
        remaining=(),
        moves=(),
        excludes=False,
        proposed=None,
        seconds=0.0,
        sentences=sentences,
        lacks=lacks,
    )


def _of_rule(
    rule: RuleBrief, outcomes: Sequence[Outcome], sentences: Mapping[str, str]
) -> RuleOutcome:
    """Put the outcomes of its steps together; once in a process where no case made them."""
    given = rule, sentences, *outcomes
    found = _TOGETHER.find(given)
    if found is not None:
        return found
    if any(o.seconds or o.findings or o.moves or o.proposed for o in outcomes):
        return _together(rule, outcomes, sentences)
    return _TOGETHER.get(given, partial(_together, rule, outcomes, sentences))


def _together(
    rule: RuleBrief, outcomes: Sequence[Outcome], sentences: Mapping[str, str]
) -> RuleOutcome:
    status, those, vacuous = ended(outcomes)
    in_part = _in_part(outcomes, status)
    proposed = [o.proposed for o in outcomes if o.proposed is not None]
    return RuleOutcome(
        rule=rule,
        status=status,
        reason=reason_of(outcomes, status),
        findings=tuple(f for o in outcomes for f in o.findings),
        remaining=tuple(f for o in outcomes for f in o.remaining),
        moves=tuple(m for o in outcomes for m in o.moves),
        excludes=any(o.excludes for o in outcomes),
        proposed=_together(rule, proposed, sentences) if proposed else None,
        seconds=sum(o.seconds for o in outcomes),
        vacuous=vacuous,
        sentences=sentences,
        applies=any(o.applies for o in outcomes if not o.vacuous) or vacuous,
        in_part=in_part,
        lacks=() if in_part else tuple(dict.fromkeys(r for o in those for r in o.lacks)),
    )


def outcome_json(
    outcome: RuleOutcome,
    defined_at: str,
    tokens: Mapping[int, str],
    judged: Mapping[str, tuple[int, ...]],
) -> Json:
    """Write one outcome as JSON values; structures by name, places in mm (RAS+) and voxels.

    `findings` and `remaining` are of the moment when the rule ran, `mended` and `remains` of what
    is written in the end.

    Parameters
    ----------
    outcome : RuleOutcome
        What became of the rule.
    defined_at : str
        File and line of the rule, as reports name files.
    tokens : mapping of int to str
        Names of the work labels.
    judged : mapping of str to tuple of int
        Labels that each rule with a step in the plan is about.
    """
    return {
        "rule": outcome.rule.id,
        "defined_at": defined_at,
        "severity": outcome.rule.severity,
        "status": outcome.status,
        "reason": outcome.reason,
        "excludes": outcome.excludes_case,
        "judges": _judges(outcome, tokens, judged),
        "findings": [f.to_json() for f in outcome.named(outcome.findings, tokens)],
        "remaining": [f.to_json() for f in outcome.named(outcome.remaining, tokens)],
        "mended": [f.to_json() for f in outcome.named(outcome.mended, tokens)],
        "remains": [f.to_json() for f in outcome.named(outcome.remains, tokens)],
        "moves": [change.to_json() for change in outcome.changes(tokens)],
    }


def _judges(
    outcome: RuleOutcome, tokens: Mapping[int, str], judged: Mapping[str, tuple[int, ...]]
) -> list[str]:
    """Name what a rule is about: in the plan, or as written where it has no step there."""
    labels = judged.get(outcome.rule.id)
    return list(outcome.rule.structures) if labels is None else [tokens[n] for n in labels]


def _taken(left: Counter[T], key: T) -> bool:
    """Take one of a kind out of a counter; tell whether there was one."""
    if not left[key]:
        return False
    left[key] -= 1
    return True
