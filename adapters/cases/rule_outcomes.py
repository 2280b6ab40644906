"""What became of each rule of a case: exactly one outcome per rule, in the order they ran."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vesalius.adapters.cases.finding_text import finding_text
from vesalius.engine.plan import Plan
from vesalius.engine.verdict import Finding, Move, Outcome, Status
from vesalius.rules.rule_types import Idle, Pack, Rule

Json = dict[str, object]

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
        "severity": outcome.rule.severity,
        "status": outcome.status,
        "reason": outcome.reason,
        "excludes": outcome.excludes,
        "findings": [finding_json(f, tokens) for f in outcome.findings],
        "remaining": [finding_json(f, tokens) for f in outcome.remaining],
        "moves": [move_json(m, tokens) for m in outcome.moves],
    }


def finding_json(finding: Finding, tokens: Mapping[int, str]) -> Json:
    """Write one finding as JSON values."""
    return {
        "message": finding_text(finding, tokens),
        "kind": finding.kind,
        "structures": [tokens[label] for label in finding.labels],
        "voxels": finding.voxels,
        "ml": finding.ml,
        "at_mm": finding.at_mm,
        "at_ijk": finding.at_ijk,
        "values": dict(finding.values),
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
