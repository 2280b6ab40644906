"""Lint of a segmentation: what rules find, and what their repairs would do; nothing changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vesalius.adapters.cases.load import CaseFiles, load_case
from vesalius.adapters.cases.rule_outcomes import Json, RuleOutcome, finding_json, move_json
from vesalius.adapters.cases.run_case import CaseRun, run_loaded
from vesalius.engine.run_steps import Options
from vesalius.engine.verdict import Finding, Move
from vesalius.ontology.diagnostics import Severity
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
    unsafe : bool
        Whether the rule repairs only where that is asked for.
    repair : tuple of Move
        What the rule's repair would do about all its findings, after the rules before it;
        empty where it has none.
    no_repair : str
        Why the repair would do nothing.
    """

    path: str
    rule: str
    severity: Severity
    summary: str
    finding: Finding
    message: str
    unsafe: bool
    repair: tuple[Move, ...]
    no_repair: str


@dataclass(frozen=True)
class CaseLint:
    """Everything rules say of one file.

    Parameters
    ----------
    path : str
        The file.
    run : CaseRun
        The run without repairs.
    findings : tuple of LintFinding
        In the order of the rules; a rule that failed is one.
    """

    path: str
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
    case = load_case(files, compiled.plan, schemes)

    def run(options: Options) -> CaseRun:
        return run_loaded(case, compiled, schemes, options)

    judged = run(Options(repair=False))
    wrong = [o for o in judged.outcomes if o.findings or o.status == "failed"]
    repaired: dict[str, RuleOutcome] = {}
    if any(o.rule.changes and o.rule.safety == "safe" for o in wrong):
        repaired = {o.rule.id: o for o in run(Options()).outcomes}
    for outcome in wrong:
        if outcome.rule.changes and outcome.rule.safety == "unsafe":
            # Each alone, as a user would ask for it.
            asked = run(Options(unsafe=frozenset({outcome.rule.id})))
            repaired[outcome.rule.id] = next(
                o for o in asked.outcomes if o.rule.id == outcome.rule.id
            )
    path = str(files.predictions[0].path)
    findings = tuple(
        finding
        for outcome in wrong
        for finding in _findings(
            path,
            outcome,
            judged.tokens,
            repaired.get(outcome.rule.id) if outcome.rule.changes else None,
        )
    )
    return CaseLint(path, judged, findings)


def _findings(
    path: str, outcome: RuleOutcome, tokens: Mapping[int, str], repaired: RuleOutcome | None
) -> list[LintFinding]:
    found = outcome.findings
    if outcome.status == "failed":
        found = (*found, Finding("could not be judged", (), note=outcome.reason))
    return [
        LintFinding(
            path=path,
            rule=outcome.rule.id,
            severity=outcome.rule.severity,
            summary=outcome.rule.summary,
            finding=finding,
            message=message,
            unsafe=outcome.rule.changes and outcome.rule.safety == "unsafe",
            repair=() if repaired is None else repaired.moves,
            no_repair="" if repaired is None else _no_repair(repaired),
        )
        for finding, message in zip(found, outcome.texts(found, tokens), strict=True)
    ]


def _no_repair(repaired: RuleOutcome) -> str:
    """Say why a repair that was tried did nothing; empty where it did something."""
    if repaired.moves:
        return ""
    if repaired.status == "holds":
        return "the repairs of earlier rules leave nothing to do"
    return repaired.reason or "the scheme has no place for what the repair would make of it"


def lint_json(lint: CaseLint) -> Json:
    """Write a lint as JSON values (schema ``lint/1``)."""
    tokens = lint.tokens
    report = lint.run.report
    return {
        "schema": "lint/1",
        "path": lint.path,
        "plan": report["plan"],
        "inputs": report["inputs"],
        "rules": report["rules"],
        "remarks": report["remarks"],
        "findings": [
            {
                "path": finding.path,
                "rule": finding.rule,
                "severity": finding.severity,
                **finding_json(finding.finding, finding.message, tokens),
                "unsafe": finding.unsafe,
                "repair": [move_json(move, tokens) for move in finding.repair],
                "no_repair": finding.no_repair,
            }
            for finding in lint.findings
        ],
        "outcomes": [
            {"rule": o.rule.id, "status": o.status, "reason": o.reason} for o in lint.run.outcomes
        ],
    }
