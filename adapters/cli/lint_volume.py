"""Showing what rules found in segmentations."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vesalius.adapters.cases.fail_on import fails
from vesalius.adapters.cases.not_judged import not_judged
from vesalius.adapters.cases.rule_findings import Json
from vesalius.adapters.cli.case_options import name_schemes, show_notes, show_warnings
from vesalius.adapters.cli.lint_files import lint_files
from vesalius.adapters.cli.lint_summary import LintTally, findings_csv, print_lint_summary
from vesalius.adapters.cli.outcome import CASES_FAILED, FINDINGS, FINE, show
from vesalius.adapters.cli.progress import working
from vesalius.adapters.cli.summary import count_rules
from vesalius.adapters.files.io_diagnostics import listing, plural
from vesalius.adapters.identify.auto import AUTO
from vesalius.adapters.measures.case_names import case_name, find_image
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError
from vesalius.ontology.reading.render import render_github, to_json
from vesalius.results import LintResult, RuleFinding
from vesalius.rules.pack_places import pack_paths
from vesalius.session import Session

if TYPE_CHECKING:
    from vesalius.ontology.project import Project

REPAIRS_SHOWN = 3
FINDINGS_SHOWN = 8
"""Findings of one rule that a person is shown."""


@dataclass(frozen=True)
class LintRequest:
    """What segmentations are judged by.

    Parameters
    ----------
    scheme : str
        What their integers mean, as the user names it.
    rules : tuple of str
        The rule packs.
    select : tuple of str
        Rules of it that are asked for; all where empty.
    image : Path or None
        Their CT, or the folder of those of all cases.
    sex : str
        Of the patient.
    project : Project or None
        What it adds is known too.
    resample, trust_image_geometry : bool
        Whether they may be resampled onto the CT, or are taken onto it voxel for voxel.
    """

    scheme: str
    rules: tuple[str, ...]
    select: tuple[str, ...]
    image: Path | None
    sex: str
    project: Project | None = None
    resample: bool = False
    trust_image_geometry: bool = False


def lint_volumes(paths: Sequence[Path], request: LintRequest, form: str, fail_on: str) -> int:
    """Lint segmentations one after the other; a bad file does not stop the others.

    Folders of cases are taken apart.

    Returns
    -------
    int
        The exit code.
    """
    worst = FINE
    documents: list[Json] = []
    rows: list[Json] = []
    tally = LintTally()
    sessions: dict[str, Session] = {}
    scheme_of_all = None
    if request.scheme != AUTO:
        session = _session(request.scheme, request, sessions)
        (scheme_of_all,) = session.prepared.schemes.values()
    paths = lint_files(paths, scheme_of_all)
    named = {*request.rules} <= {*pack_paths(request.project)}
    for path in paths:
        try:
            ((scheme, _),) = name_schemes([(request.scheme, path)], request.project)
            session = _session(scheme, request, sessions)
            with working(f"linting {path}"):
                lint = session.lint(
                    path,
                    find_image(request.image, case_name(path)),
                    {"sex": request.sex},
                    resample=request.resample,
                    trust_image_geometry=request.trust_image_geometry,
                )
        except DiagnosticError as error:
            show(error.diagnostics)
            problems = to_json(error.diagnostics)
            documents.append({"schema": "lint/1", "path": str(path), "problems": problems})
            worst = CASES_FAILED
            tally.unread.append(str(path))
            continue
        show(lint.remarks)
        tally.add(str(path), lint.findings, lint.remarks)
        if form == "json":
            documents.append(lint.report)
        elif form == "csv":
            rows += [{"path": lint.path, **row} for row in lint.table()]
        else:
            _print(lint, form)
            if form == "human" and lint.findings and named:
                click.echo(f"`vesalius explain {lint.findings[0].rule}` tells more")
        excluded = bool(lint.excluded_by)
        if worst == FINE and fails(fail_on, lint.judged.summary.findings, excluded):
            worst = FINDINGS
    if form == "json":
        click.echo(json.dumps(documents[0] if len(paths) == 1 else documents, indent=2))
    elif form == "csv":
        click.echo(findings_csv(rows), nl=False)
    elif form == "human" and len(paths) > 1:
        print_lint_summary(tally)
    for scheme, session in sessions.items():
        show_notes(session, [scheme], scheme, request.rules, request.select)
    return worst


def _session(scheme: str, request: LintRequest, made: dict[str, Session]) -> Session:
    """Make the session of a scheme when it is first asked for."""
    if scheme not in made:
        made[scheme] = Session(
            target=scheme, rules=request.rules, project=request.project, select=request.select
        )
        show_warnings(made[scheme])
    return made[scheme]


def _print(lint: LintResult, form: str) -> None:
    if form == "human":
        _print_human(lint)
    elif form == "concise":
        for finding in lint.findings:
            click.echo(_concise(lint.path, finding))
    else:
        found = (_diagnostic(lint.path, finding) for finding in lint.findings)
        click.echo(render_github(found), nl=False)


def _print_human(lint: LintResult) -> None:
    listed = count_rules(lint.outcomes) or "none"
    click.echo(f"{lint.path}: {plural(len(lint.outcomes), 'rule')}: {listed}")
    for rule, together in groupby(lint.findings, key=lambda finding: finding.rule):
        findings = sorted(together, key=lambda finding: -finding.ml)
        for finding in findings[:FINDINGS_SHOWN]:
            click.echo(f"  {finding.severity:<8}{rule}  {finding.message}{_index(finding)}")
        more = len(findings) - FINDINGS_SHOWN
        if more > 0:
            click.echo(f"          and {plural(more, 'more finding')}; --format concise lists all")
        _print_repair(findings[0])
    for excluding in lint.excluded_by:
        click.echo(f"  exclude {excluding}  would leave this case out")
    for topic in not_judged(lint.outcomes):
        click.echo(f"  {topic}")
    skipped = sum(o.status == "skipped" and o.applies and not o.in_part for o in lint.outcomes)
    if skipped:
        click.echo(f"  {plural(skipped, 'rule')} could not judge this file; --format json says why")


def _index(finding: RuleFinding) -> str:
    at = finding.at_ijk
    return "" if at is None else f", voxel ({at[0]}, {at[1]}, {at[2]})"


def _print_repair(finding: RuleFinding) -> None:
    command = "`run --unsafe`" if finding.unsafe else "`run`"
    if finding.repair:
        listed = listing([str(change) for change in finding.repair], REPAIRS_SHOWN)
        click.echo(f"          {command} would change: {listed}")
    elif finding.no_repair:
        click.echo(f"          {command} would not repair it: {finding.no_repair}")


def _concise(path: str, finding: RuleFinding) -> str:
    at = finding.at_ijk
    where = f"{path}:({at[0]},{at[1]},{at[2]})" if at else path
    return f"{where}: {finding.severity}[{finding.rule}] {finding.message}"


def _diagnostic(path: str, finding: RuleFinding) -> Diagnostic:
    return Diagnostic(finding.rule, finding.severity, finding.message, path=path)
