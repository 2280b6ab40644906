"""Lint of a segmentation: what rules find, and what their repairs would do; nothing changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vesalius.adapters.cases.briefs import PackBrief
from vesalius.adapters.cases.case_verdict import CaseVerdict
from vesalius.adapters.cases.map_result import MapResult
from vesalius.adapters.cases.rule_findings import Json, Row, RuleFinding
from vesalius.adapters.cases.rule_outcomes import RuleOutcome
from vesalius.engine.run_steps import Options
from vesalius.ontology.reading.diagnostics import Diagnostic


@dataclass(frozen=True, eq=False, repr=False)
class LintResult:
    """Everything rules say of one segmentation.

    Parameters
    ----------
    path : str
        Its file or folder, or what was given in place of one.
    judged : MapResult
        The run in which nothing was changed.
    findings : tuple of RuleFinding
        In the order of the rules; a rule that failed is one.
    """

    path: str
    judged: MapResult
    findings: tuple[RuleFinding, ...]

    def __repr__(self) -> str:
        """Say in a line what was found: a notebook shows it."""
        return f"<LintResult of {self.path}: {self.judged.in_words()}>"

    @property
    def ok(self) -> bool:
        """Whether no rule found an error; warnings and remarks may be there."""
        return not any(finding.severity == "error" for finding in self.findings)

    @property
    def outcomes(self) -> tuple[RuleOutcome, ...]:
        """What became of each rule, in the order they ran."""
        return self.judged.outcomes

    @property
    def excluded_by(self) -> tuple[str, ...]:
        """Rules that would leave this case out."""
        return self.judged.excluded_by

    @property
    def verdict(self) -> CaseVerdict:
        """Whether the segmentation would be kept, looked at, or left out, and why."""
        return self.judged.verdict

    @property
    def remarks(self) -> tuple[Diagnostic, ...]:
        """What reading the inputs had to say."""
        return self.judged.remarks

    def table(self) -> list[Row]:
        """List the findings, one plain dict each.

        Returns
        -------
        list of dict
            Keys: rule, severity, message, structures, voxels, ml, x_mm, y_mm, z_mm, i, j, k,
            unsafe, repair. ``pandas.DataFrame(result.table())`` works.
        """
        return [finding.row() for finding in self.findings]

    @property
    def report(self) -> Json:
        """All of it as JSON values (schema ``lint/1``), as `vesalius lint --format json` says."""
        report = self.judged.report
        return {
            "schema": "lint/1",
            "path": self.path,
            "plan": report["plan"],
            "inputs": report["inputs"],
            "rules": report["rules"],
            "remarks": report["remarks"],
            "verdict": report["verdict"],
            "not_judged": report["not_judged"],
            "findings": [_finding_json(self.path, finding) for finding in self.findings],
            "outcomes": [
                {"rule": o.rule.id, "status": o.status, "reason": o.reason} for o in self.outcomes
            ],
        }


def lint_options(pack: PackBrief | None) -> Options:
    """Give the options of a run that changes nothing and tells what each rule would change."""
    rules = pack.rules if pack else ()
    return Options(propose=frozenset(rule.id for rule in rules if rule.changes))


def lint_result(path: str, judged: MapResult) -> LintResult:
    """Put together what rules find in a segmentation and what their repairs would do.

    Parameters
    ----------
    path : str
        Its file or folder.
    judged : MapResult
        A run with `lint_options`; its target is the scheme of the segmentation.
    """
    findings = tuple(
        finding for outcome in judged.outcomes for finding in _findings(outcome, judged.tokens)
    )
    return LintResult(path, judged, findings)


def _findings(outcome: RuleOutcome, tokens: Mapping[int, str]) -> tuple[RuleFinding, ...]:
    found, repaired = outcome.remains, outcome.proposed
    if repaired is None:
        return outcome.named(found, tokens)
    return outcome.named(found, tokens, repaired.changes(tokens), _no_repair(repaired))


def _no_repair(repaired: RuleOutcome) -> str:
    """Say why a repair that was tried did nothing; empty where it did something."""
    if repaired.moves:
        return ""
    if repaired.status == "holds" or repaired.in_part:
        return "the repairs of earlier rules leave nothing to do"
    return repaired.reason or "the scheme has no place for what the repair would make of it"


def _finding_json(path: str, finding: RuleFinding) -> Json:
    return {
        "path": path,
        "rule": finding.rule,
        "severity": finding.severity,
        **finding.to_json(),
        "unsafe": finding.unsafe,
        "repair": [change.to_json() for change in finding.repair],
        "no_repair": finding.no_repair,
    }
