"""What becomes of a case: kept, looked at by a person, or left out; and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from vesalius.adapters.cases.fail_on import SEVERITIES
from vesalius.adapters.cases.rule_findings import Json, RuleFinding
from vesalius.adapters.cases.rule_outcomes import RuleOutcome

Word = Literal["keep", "review", "exclude"]
NOTHING: Final = "nothing is labelled in any source"


@dataclass(frozen=True)
class CaseVerdict:
    """What becomes of a case.

    Parameters
    ----------
    word : {"keep", "review", "exclude"}
        "exclude" where a rule leaves the case out, "review" where errors remain in what is
        written or no source has a label; warnings and remarks alone are no reason to look at a
        case.
    reasons : tuple of str
        Why, one line a rule; empty where it is kept.
    rules : tuple of str
        Ids of these rules, in the order they ran.
    """

    word: Word
    reasons: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()

    def to_json(self) -> Json:
        """Give it as JSON values."""
        return {"word": self.word, "reasons": list(self.reasons), "rules": list(self.rules)}


@dataclass(frozen=True)
class CaseSummary:
    """A case in a few figures.

    Parameters
    ----------
    findings : mapping of str to int
        How many findings of each severity remain.
    worst : RuleFinding or None
        The gravest of them; of several one about a whole source, then the largest.
    rules_changed : int
        How many rules changed something.
    voxels_changed : int
        How many voxels rules changed; one that several rules moved on counts once.
    ml_changed : float
        Their volume.
    """

    findings: Mapping[str, int]
    worst: RuleFinding | None
    rules_changed: int
    voxels_changed: int
    ml_changed: float

    def to_json(self) -> Json:
        """Give it as JSON values."""
        worst: Json | None = None
        if self.worst is not None:
            found = self.worst
            worst = {"rule": found.rule, "severity": found.severity, "message": found.message}
        return {
            "findings": dict(self.findings),
            "worst": worst,
            "rules_changed": self.rules_changed,
            "voxels_changed": self.voxels_changed,
            "ml_changed": self.ml_changed,
        }


def remaining_findings(
    outcomes: Iterable[RuleOutcome], tokens: Mapping[int, str]
) -> tuple[RuleFinding, ...]:
    """Name what rules find in what is written, in the order they ran."""
    return tuple(f for o in outcomes for f in o.named(o.remains, tokens))


def case_verdict(
    outcomes: Sequence[RuleOutcome], tokens: Mapping[int, str], is_empty: bool
) -> CaseVerdict:
    """Say what becomes of a case.

    Parameters
    ----------
    outcomes : sequence of RuleOutcome
        What became of each rule.
    tokens : mapping of int to str
        Names of the work labels.
    is_empty : bool
        Whether no source has a labelled voxel, so that no rule had anything to judge.
    """
    excluding = [o for o in outcomes if o.excludes_case]
    if excluding:
        return _verdict("exclude", excluding, tokens)
    wrong = [o for o in outcomes if o.rule.severity == "error" and o.remains]
    if wrong:
        return _verdict("review", wrong, tokens)
    return CaseVerdict("review", (NOTHING,)) if is_empty else CaseVerdict("keep")


def case_summary(
    outcomes: Sequence[RuleOutcome],
    tokens: Mapping[int, str],
    voxels_changed: int,
    voxel_ml: float,
) -> CaseSummary:
    """Count what remains in a case and what was changed.

    Parameters
    ----------
    outcomes : sequence of RuleOutcome
        What became of each rule.
    tokens : mapping of int to str
        Names of the work labels.
    voxels_changed : int
        How many voxels rules changed.
    voxel_ml : float
        Volume of one.
    """
    findings = remaining_findings(outcomes, tokens)
    # What a whole source has wrong is the cause of much else.
    gravest = sorted(findings, key=lambda f: (SEVERITIES.index(f.severity), not f.source, -f.ml))
    return CaseSummary(
        findings={s: sum(f.severity == s for f in findings) for s in SEVERITIES},
        worst=gravest[0] if gravest else None,
        rules_changed=sum(bool(o.moves) for o in outcomes),
        voxels_changed=voxels_changed,
        ml_changed=voxels_changed * voxel_ml,
    )


def _verdict(word: Word, outcomes: Sequence[RuleOutcome], tokens: Mapping[int, str]) -> CaseVerdict:
    reasons = tuple(f"{o.rule.id}: {_why(o, tokens)}" for o in outcomes)
    return CaseVerdict(word, reasons, tuple(o.rule.id for o in outcomes))


def _why(outcome: RuleOutcome, tokens: Mapping[int, str]) -> str:
    """Say what a rule found: in the end, or else where it stood."""
    found = outcome.named(outcome.remains or outcome.findings, tokens)
    if not found:
        return outcome.reason
    largest = max(found, key=lambda finding: finding.ml)
    return largest.message if len(found) == 1 else f"{largest.message}, and {len(found) - 1} more"
