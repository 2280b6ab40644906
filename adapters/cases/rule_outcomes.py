"""What became of each rule of a case: exactly one outcome per rule, in the order they ran."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vesalius.adapters.cases.finding_text import finding_texts
from vesalius.engine.plan import Plan
from vesalius.engine.steps import FromHu, Step
from vesalius.engine.verdict import Finding, Move, Outcome, Status
from vesalius.rules.expect_models import ComponentsExpect
from vesalius.rules.footprint import judged_labels
from vesalius.rules.rule_types import Idle, Pack, Rule

Json = dict[str, object]

#: With these limits alone every piece beyond the largest is a finding; others spare some.
_COUNTS_ALL = frozenset(("at_most", "at_least", "together", "ignore_below_ml", "connectivity"))

#: A rule that was lowered to several steps ends as the first of these that one of them ended as.
PRECEDENCE: tuple[Status, ...] = ("failed", "violated", "changed", "holds", "skipped")


@dataclass(frozen=True)
class RuleOutcome:
    """What became of one rule.

    Parameters
    ----------
    rule : Rule
        The rule.
    status : {"changed", "holds", "violated", "skipped", "failed"}
        Exactly one.
    reason : str
        Why, where the status does not say it all.
    findings : tuple of Finding
        What was found before any repair.
    remaining : tuple of Finding
        What is still so.
    moves : tuple of Move
        What was changed.
    excludes : bool
        Whether the case is to be left out because of this.
    seconds : float
        Wall-clock time.
    """

    rule: Rule
    status: Status
    reason: str
    findings: tuple[Finding, ...]
    remaining: tuple[Finding, ...]
    moves: tuple[Move, ...]
    excludes: bool
    seconds: float

    def texts(self, findings: Sequence[Finding], tokens: Mapping[int, str]) -> tuple[str, ...]:
        """Write findings of this rule (`findings` or `remaining`), one line each."""
        expect = self.rule.expect
        limits = expect.components if isinstance(expect, ComponentsExpect) else None
        return finding_texts(
            findings,
            tokens,
            pooled=limits is not None and limits.together,
            all_pieces=limits is not None and limits.model_fields_set <= _COUNTS_ALL,
        )

    @property
    def defined_at(self) -> str:
        """File (whole path, for the report is read elsewhere) and line of the rule."""
        return f"{Path(self.rule.span.path).resolve()}:{self.rule.span.line}"


def rule_outcomes(
    pack: Pack, outcomes: Sequence[Outcome], idle: Sequence[Idle]
) -> tuple[RuleOutcome, ...]:
    """Put the outcomes of steps together by rule.

    Parameters
    ----------
    pack : Pack
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
    reasons = {entry.rule: entry.reason for entry in idle}
    found = []
    for rule_id in pack.order:
        if rule_id in by_rule:
            found.append(_together(pack.rule(rule_id), by_rule[rule_id]))
        elif rule_id in reasons:
            rule = pack.rule(rule_id)
            found.append(RuleOutcome(rule, "skipped", reasons[rule_id], (), (), (), False, 0.0))
    return tuple(found)


def _together(rule: Rule, outcomes: Sequence[Outcome]) -> RuleOutcome:
    status = min((o.status for o in outcomes), key=PRECEDENCE.index)
    reasons = dict.fromkeys(o.reason for o in outcomes if o.status == status and o.reason)
    return RuleOutcome(
        rule=rule,
        status=status,
        reason="; ".join(reasons),
        findings=tuple(f for o in outcomes for f in o.findings),
        remaining=tuple(f for o in outcomes for f in o.remaining),
        moves=tuple(m for o in outcomes for m in o.moves),
        excludes=any(o.excludes for o in outcomes),
        seconds=sum(o.seconds for o in outcomes),
    )


def outcome_json(outcome: RuleOutcome, plan: Plan) -> Json:
    """Write one outcome as JSON values; structures by name, places in mm (RAS+) and voxels."""
    tokens = {work.label: work.token for work in plan.work}
    tokens[0] = "background"
    return {
        "rule": outcome.rule.id,
        "defined_at": outcome.defined_at,
        "severity": outcome.rule.severity,
        "status": outcome.status,
        "reason": outcome.reason,
        "excludes": outcome.excludes,
        "judges": _judged(outcome, plan, tokens),
        "findings": findings_json(outcome, outcome.findings, tokens),
        "remaining": findings_json(outcome, outcome.remaining, tokens),
        "moves": [move_json(m, tokens) for m in outcome.moves],
    }


def _judged(outcome: RuleOutcome, plan: Plan, tokens: Mapping[int, str]) -> list[str]:
    """Name what a rule is about: in the plan, or as written where it has no step there."""
    steps = [step for step in plan.steps if step.rule == outcome.rule.id]
    if not steps:
        return list(outcome.rule.structures)
    labels = {label for step in steps for label in _step_labels(step)}
    return [tokens[label] for label in sorted(labels)]


def _step_labels(step: Step) -> set[int]:
    if step.expect is not None:
        return judged_labels(step.expect)
    if step.derive is None:
        return set()
    over = step.derive.over if isinstance(step.derive, FromHu) else (0,)
    return {step.derive.label, *over}


def findings_json(
    outcome: RuleOutcome, findings: Sequence[Finding], tokens: Mapping[int, str]
) -> list[Json]:
    """Write findings of a rule as JSON values."""
    return [
        finding_json(finding, text, tokens)
        for finding, text in zip(findings, outcome.texts(findings, tokens), strict=True)
    ]


def finding_json(finding: Finding, message: str, tokens: Mapping[int, str]) -> Json:
    """Write one finding as JSON values."""
    return {
        "message": message,
        "kind": finding.kind,
        "structures": [tokens[label] for label in finding.labels],
        "voxels": finding.voxels,
        "ml": finding.ml,
        "at_mm": finding.at_mm,
        "at_ijk": finding.at_ijk,
        "values": dict(finding.values),
        "note": finding.note,
    }


def move_json(move: Move, tokens: Mapping[int, str]) -> Json:
    """Write one change as JSON values."""
    return {
        "from": tokens[move.source],
        "to": tokens[move.target],
        "voxels": move.voxels,
        "ml": move.ml,
        "box_ijk": [list(corner) for corner in move.box_ijk],
    }
