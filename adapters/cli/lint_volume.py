"""Showing what rules found in segmentations."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from vesalius.adapters.cases.lint_case import CaseLint, LintFinding, lint_case, lint_json
from vesalius.adapters.cases.rule_outcomes import PRECEDENCE
from vesalius.adapters.cli.case_options import prepare
from vesalius.adapters.cli.outcome import CASES_FAILED, FINDINGS, FINE, show
from vesalius.adapters.cli.progress import working
from vesalius.adapters.cli.rule_choice import RuleChoice
from vesalius.engine.verdict import Move
from vesalius.ontology.diagnostics import DiagnosticError

LEVELS = ("error", "warning", "info")
SUFFIXES = (".nii", ".nii.gz")
REPAIRS_SHOWN = 3


def is_volume(path: Path) -> bool:
    """Tell whether a path is a segmentation: a NIfTI file, or a folder that has some."""
    if path.is_dir():
        return any(p.name.endswith(SUFFIXES) for p in path.iterdir())
    return path.name.endswith(SUFFIXES)


def lint_volumes(
    paths: Sequence[Path],
    scheme: str,
    image: Path | None,
    sex: str,
    choice: RuleChoice,
    form: str,
    fail_on: str,
) -> int:
    """Lint segmentations one after the other; a bad file does not stop the others.

    Returns
    -------
    int
        The exit code.
    """
    bad = LEVELS[: LEVELS.index(fail_on) + 1]
    worst = FINE
    documents = []
    for path in paths:
        job = prepare([(scheme, path)], scheme, image, sex, False, choice)
        try:
            with working(f"linting {path}"):
                lint = lint_case(job.files, job.compiled, job.schemes)
        except DiagnosticError as error:
            show(error.diagnostics)
            worst = CASES_FAILED
            continue
        if form == "json":
            documents.append(lint_json(lint))
        else:
            _print(path, lint, form)
        if worst == FINE and any(f.severity in bad for f in lint.findings):
            worst = FINDINGS
    if form == "json":
        click.echo(
            json.dumps(documents[0] if len(paths) == 1 and documents else documents, indent=2)
        )
    return worst


def _print(path: Path, lint: CaseLint, form: str) -> None:
    if form == "human":
        _print_human(path, lint)
        return
    for finding in lint.findings:
        click.echo(_concise(finding) if form == "concise" else _github(finding))


def _print_human(path: Path, lint: CaseLint) -> None:
    words = Counter(o.status for o in lint.run.outcomes)
    listed = ", ".join(f"{words[status]} {status}" for status in PRECEDENCE if words[status])
    click.echo(f"{path}: {len(lint.run.outcomes)} rules: {listed or 'none'}")
    shown: set[str] = set()
    for finding in lint.findings:
        click.echo(f"  {finding.severity:<8}{finding.rule}  {finding.message}")
        if finding.repair and finding.rule not in shown:
            shown.add(finding.rule)
            click.echo(f"          `run` would change: {_moves(finding.repair, lint.tokens)}")
    for outcome in lint.run.outcomes:
        if outcome.status == "failed":
            click.echo(f"  failed  {outcome.rule.id}  {outcome.reason}")
        if outcome.excludes:
            click.echo(f"  exclude {outcome.rule.id}  would leave this case out")
    skipped = [o for o in lint.run.outcomes if o.status == "skipped"]
    if skipped:
        click.echo(f"  {len(skipped)} rules could not judge this file; --format json says why")
    if lint.findings:
        click.echo(f"`vesalius explain {lint.findings[0].rule}` tells more")


def _moves(moves: Sequence[Move], tokens: Mapping[int, str]) -> str:
    parts = [
        f"{tokens[m.source]} -> {tokens[m.target]} ({m.voxels:,} voxels)"
        for m in moves[:REPAIRS_SHOWN]
    ]
    more = len(moves) - REPAIRS_SHOWN
    return ", ".join(parts) + (f" and {more} more" if more > 0 else "")


def _concise(finding: LintFinding) -> str:
    at = finding.finding.at_ijk
    where = f"{finding.path}:({at[0]},{at[1]},{at[2]})" if at else finding.path
    return f"{where}: {finding.severity}[{finding.rule}] {finding.message}"


def _github(finding: LintFinding) -> str:
    level = {"error": "error", "warning": "warning"}.get(finding.severity, "notice")
    return f"::{level} file={finding.path},title={finding.rule}::{finding.message}"
