"""Lint of a segmentation: what rules find, and what their repairs would do; nothing changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vesalius.adapters.cases.finding_text import finding_text
from vesalius.adapters.cases.load import CaseFiles
from vesalius.adapters.cases.rule_outcomes import Json, RuleOutcome, finding_json, move_json
from vesalius.adapters.cases.run_case import CaseRun, run_case
from vesalius.engine.run_steps import Options
from vesalius.engine.verdict import Finding, Move
from vesalius.ontology.scheme_types import Scheme
from vesalius.rules.compile.compiler import Compiled


@dataclass(frozen=True)
class LintFinding:
    """One finding in a file.

    Parameters
    ----------
    path : str
        The file.
    rule, severity, summary : str
        The rule that found it.
    finding : Finding
        What was found.
    message : str
        The finding in words.
    repair : tuple of Move
        What the rule's repair would do about all its findings; empty where it has none.
    """

    path: str
    rule: str
    severity: str
    summary: str
    finding: Finding
    message: str
    repair: tuple[Move, ...]


@dataclass(frozen=True)
class CaseLint:
    """Everything rules say of one file.

    Parameters
    ----------
    run : CaseRun
        The run without repairs.
    findings : tuple of LintFinding
        In the order of the rules.
    """

    run: CaseRun
    findings: tuple[LintFinding, ...]

    @property
    def tokens(self) -> Mapping[int, str]:
        """Names of the work labels."""
        return self.run.tokens


def lint_case(files: CaseFiles, compiled: Compiled, schemes: Mapping[str, Scheme]) -> CaseLint:
    """Judge a segmentation by the rules of a plan.

    Parameters
    ----------
    files : CaseFiles
        One prediction, perhaps a CT and metadata.
    compiled : Compiled
        A plan whose target is the scheme of the prediction.
    schemes : mapping of str to Scheme
        Scheme of each source, by token.

    Returns
    -------
    CaseLint

    Raises
    ------
    DiagnosticError
        With every problem of the files.
    """
    judged = run_case(files, compiled, schemes, Options(repair=False))
    wrong = [o for o in judged.outcomes if o.findings]
    repairs: Mapping[str, tuple[Move, ...]] = {}
    if any(outcome.rule.changes for outcome in wrong):
        repaired = run_case(files, compiled, schemes, Options(unsafe=True))
        repairs = {outcome.rule.id: outcome.moves for outcome in repaired.outcomes}
    path = str(files.predictions[0].path)
    findings = tuple(
        _finding(path, outcome, finding, judged.tokens, repairs.get(outcome.rule.id, ()))
        for outcome in wrong
        for finding in outcome.findings
    )
    return CaseLint(judged, findings)


def _finding(
    path: str,
    outcome: RuleOutcome,
    finding: Finding,
    tokens: Mapping[int, str],
    repair: tuple[Move, ...],
) -> LintFinding:
    return LintFinding(
        path=path,
        rule=outcome.rule.id,
        severity=outcome.rule.severity,
        summary=outcome.rule.summary,
        finding=finding,
        message=finding_text(finding, tokens),
        repair=repair,
    )


def lint_json(lint: CaseLint) -> Json:
    """Write a lint as JSON values (schema ``lint/1``)."""
    tokens = lint.tokens
    return {
        "schema": "lint/1",
        "plan": lint.run.report["plan"],
        "inputs": lint.run.report["inputs"],
        "rules": lint.run.report["rules"],
        "findings": [
            {
                "path": finding.path,
                "rule": finding.rule,
                "severity": finding.severity,
                **finding_json(finding.finding, tokens),
                "repair": [move_json(move, tokens) for move in finding.repair],
            }
            for finding in lint.findings
        ],
        "outcomes": [
            {"rule": o.rule.id, "status": o.status, "reason": o.reason} for o in lint.run.outcomes
        ],
    }
