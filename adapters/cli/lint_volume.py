"""Showing what rules found in segmentations."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import click

from vesalius.adapters.cases.lint_case import CaseLint, LintFinding, lint_case, lint_json
from vesalius.adapters.cases.rule_outcomes import PRECEDENCE, Json
from vesalius.adapters.cli.case_options import prepare
from vesalius.adapters.cli.outcome import CASES_FAILED, FINDINGS, FINE, show
from vesalius.adapters.cli.plan_notes import show_plan_notes
from vesalius.adapters.cli.progress import working
from vesalius.adapters.cli.rule_choice import RuleChoice
from vesalius.adapters.files.io_diagnostics import listing, plural
from vesalius.engine.verdict import Move
from vesalius.ontology.diagnostics import Diagnostic, DiagnosticError, Severity
from vesalius.ontology.render import render_github, to_json
from vesalius.rules.rule_library import pack_paths

LEVELS = ("error", "warning", "info")
SUFFIXES = (".nii", ".nii.gz")
REPAIRS_SHOWN = 3
FINDINGS_SHOWN = 8
"""Findings of one rule that a person is shown."""


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
    documents: list[Json] = []
    job = prepare([(scheme, paths[0])], scheme, image, sex, False, choice)
    show_plan_notes(job.compiled.diagnostics, job.compile_command)
    (named,) = job.files.predictions
    for path in paths:
        files = replace(job.files, predictions=(replace(named, path=path),))
        try:
            with working(f"linting {path}"):
                lint = lint_case(files, job.compiled, job.schemes)
        except DiagnosticError as error:
            show(error.diagnostics)
            problems = to_json(error.diagnostics)
            documents.append({"schema": "lint/1", "path": str(path), "problems": problems})
            worst = CASES_FAILED
            continue
        show(lint.run.case.diagnostics)
        if form == "json":
            documents.append(lint_json(lint))
        else:
            _print(path, lint, form)
            if form == "human" and lint.findings and choice.name in pack_paths():
                click.echo(f"`vesalius explain {lint.findings[0].rule}` tells more")
        if worst == FINE and any(f.severity in bad for f in lint.findings):
            worst = FINDINGS
    if form == "json":
        click.echo(json.dumps(documents[0] if len(paths) == 1 else documents, indent=2))
    return worst


def _print(path: Path, lint: CaseLint, form: str) -> None:
    if form == "human":
        _print_human(path, lint)
    elif form == "concise":
        for finding in lint.findings:
            click.echo(_concise(finding))
    else:
        click.echo(render_github(_diagnostic(finding) for finding in lint.findings), nl=False)


def _print_human(path: Path, lint: CaseLint) -> None:
    words = Counter(o.status for o in lint.run.outcomes)
    listed = ", ".join(f"{words[status]} {status}" for status in PRECEDENCE if words[status])
    click.echo(f"{path}: {plural(len(lint.run.outcomes), 'rule')}: {listed or 'none'}")
    for rule, together in groupby(lint.findings, key=lambda finding: finding.rule):
        findings = sorted(together, key=lambda finding: -finding.finding.ml)
        for finding in findings[:FINDINGS_SHOWN]:
            click.echo(f"  {finding.severity:<8}{rule}  {finding.message}{_index(finding)}")
        more = len(findings) - FINDINGS_SHOWN
        if more > 0:
            click.echo(f"          and {plural(more, 'more finding')}; --format concise lists all")
        _print_repair(findings[0], lint.tokens)
    for outcome in lint.run.outcomes:
        if outcome.excludes:
            click.echo(f"  exclude {outcome.rule.id}  would leave this case out")
    skipped = sum(o.status == "skipped" for o in lint.run.outcomes)
    if skipped:
        click.echo(f"  {plural(skipped, 'rule')} could not judge this file; --format json says why")


def _index(finding: LintFinding) -> str:
    at = finding.finding.at_ijk
    return "" if at is None else f", voxel ({at[0]}, {at[1]}, {at[2]})"


def _print_repair(finding: LintFinding, tokens: Mapping[int, str]) -> None:
    command = "`run --unsafe`" if finding.unsafe else "`run`"
    if finding.repair:
        click.echo(f"          {command} would change: {_moves(finding.repair, tokens)}")
    elif finding.no_repair:
        click.echo(f"          {command} would not repair it: {finding.no_repair}")


def _moves(moves: Sequence[Move], tokens: Mapping[int, str]) -> str:
    parts = [
        f"{tokens[m.source]} -> {tokens[m.target]} ({plural(m.voxels, 'voxel')}, {m.ml:.2f} ml)"
        for m in moves
    ]
    return listing(parts, REPAIRS_SHOWN)


def _concise(finding: LintFinding) -> str:
    at = finding.finding.at_ijk
    where = f"{finding.path}:({at[0]},{at[1]},{at[2]})" if at else finding.path
    return f"{where}: {finding.severity}[{finding.rule}] {finding.message}"


def _diagnostic(finding: LintFinding) -> Diagnostic:
    severity: Severity = finding.severity
    return Diagnostic(finding.rule, severity, finding.message, path=finding.path)
