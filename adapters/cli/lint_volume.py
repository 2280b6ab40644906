"""Showing what rules found in segmentations."""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence
from contextlib import closing
from itertools import groupby
from pathlib import Path

import click

from vesalius.adapters.cases.fail_on import fails
from vesalius.adapters.cases.not_judged import not_judged
from vesalius.adapters.cases.rule_findings import Json
from vesalius.adapters.cli.case_options import show_notes, show_warnings
from vesalius.adapters.cli.crash_log import keep_traces
from vesalius.adapters.cli.lint_files import lint_files
from vesalius.adapters.cli.lint_summary import COLUMNS, LintTally, print_lint_summary
from vesalius.adapters.cli.outcome import CASES_FAILED, FINDINGS, FINE
from vesalius.adapters.cli.progress import working
from vesalius.adapters.cli.said_once import SaidOnce
from vesalius.adapters.cli.summary import count_rules
from vesalius.adapters.cohort.lint_file import Linter, LintRequest, LintSaid
from vesalius.adapters.files.csv_lines import csv_lines
from vesalius.adapters.files.io_diagnostics import listing, plural
from vesalius.adapters.identify.auto import AUTO
from vesalius.adapters.measures.case_names import case_name, find_image
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError
from vesalius.ontology.reading.render import render_github, to_json
from vesalius.results import RuleFinding
from vesalius.rules.pack_places import pack_paths
from vesalius.session import Session

REPAIRS_SHOWN = 3
FINDINGS_SHOWN = 8
"""Findings of one rule that a person is shown."""


def lint_volumes(
    paths: Sequence[Path], request: LintRequest, form: str, fail_on: str, workers: int = 1
) -> int:
    """Lint segmentations, told in their order; a bad file does not stop the others.

    Folders of cases are taken apart.

    Returns
    -------
    int
        The exit code.
    """
    worst = FINE
    documents: list[Json] = []
    rows: list[Json] = []
    tally, said = LintTally(), SaidOnce()
    shown: dict[str, Session] = {}
    broken: list[tuple[str, str]] = []
    linter = Linter(request, form)
    scheme_of_all = None
    if request.scheme != AUTO:
        session = _shown_session(request.scheme, linter, shown)
        (scheme_of_all,) = session.prepared.schemes.values()
    paths = lint_files(paths, scheme_of_all)
    named = {*request.rules} <= {*pack_paths(request.project)}
    with closing(_each_said(linter, paths, workers)) as all_said:
        for path in paths:
            with working(f"linting {path}"):
                lint = next(all_said)
            said.show(lint.told, lint.path)
            if lint.scheme is not None:
                _shown_session(lint.scheme, linter, shown)
            if lint.problems:
                said.show(lint.problems, lint.path)
                problems = to_json(lint.problems)
                documents.append({"schema": "lint/1", "path": str(path), "problems": problems})
                worst = CASES_FAILED
                tally.unread.append(str(path))
                broken.append((str(path), lint.trace))
                continue
            said.show(lint.remarks, lint.path)
            tally.add(str(path), lint.findings, lint.remarks)
            documents += [lint.document] if lint.document is not None else []
            rows += lint.rows
            _print(lint, form, named)
            if worst == FINE and fails(fail_on, lint.counts, bool(lint.excluded_by)):
                worst = FINDINGS
    if form == "json":
        click.echo(json.dumps(documents[0] if len(paths) == 1 else documents, indent=2))
    elif form == "csv":
        click.echo("".join(csv_lines(COLUMNS, rows)), nl=False)
    elif form == "human" and len(paths) > 1:
        print_lint_summary(tally)
    said.show_others()
    keep_traces(broken)
    for scheme, session in shown.items():
        show_notes(session, [scheme], scheme, request.rules, request.select)
    return worst


def _each_said(
    linter: Linter, paths: Sequence[Path], workers: int
) -> Generator[LintSaid, None, None]:
    """Judge segmentations in their order, here or by processes."""
    if workers == 1 or len(paths) == 1:
        for path in paths:
            image = _image_of(path, linter.request.image)
            yield image if isinstance(image, LintSaid) else linter.lint(path, image)
        return
    from vesalius.adapters.cohort.lint_pool import lint_on_workers  # noqa: PLC0415 - one file needs none

    images = {path: _image_of(path, linter.request.image) for path in paths}
    asked = [(p, image) for p in paths if not isinstance(image := images[p], LintSaid)]
    with closing(lint_on_workers(linter, asked, workers)) as done:
        for path in paths:
            image = images[path]
            yield image if isinstance(image, LintSaid) else next(done)


def _shown_session(scheme: str, linter: Linter, shown: dict[str, Session]) -> Session:
    """Give the session of a scheme; say what there is to say of it when it is first asked for."""
    if scheme not in shown:
        shown[scheme] = linter.session(scheme)
        show_warnings(shown[scheme])
    return shown[scheme]


def _print(lint: LintSaid, form: str, named: bool) -> None:
    if form in ("json", "csv"):
        return
    if form == "human":
        _print_human(lint)
        if lint.findings and named:
            click.echo(f"`vesalius explain {lint.findings[0].rule}` tells more")
    elif form == "concise":
        for finding in lint.findings:
            click.echo(_concise(lint.path, finding))
    else:
        found = (_diagnostic(lint.path, finding) for finding in lint.findings)
        click.echo(render_github(found), nl=False)


def _print_human(lint: LintSaid) -> None:
    listed = count_rules(lint.outcomes) or "none"
    click.echo(f"{lint.path}: {plural(len(lint.outcomes), 'rule')}: {listed}")
    for rule, together in groupby(lint.findings, key=lambda finding: finding.rule):
        findings = sorted(together, key=lambda finding: -finding.ml)
        for finding in findings[:FINDINGS_SHOWN]:
            click.echo(f"  {finding.severity:<8}{rule}  {finding.placed_message}")
        more = len(findings) - FINDINGS_SHOWN
        if more > 0:
            click.echo(f"          and {plural(more, 'more finding')}; --format concise lists all")
        _print_repair(findings)
    for excluding in lint.excluded_by:
        click.echo(f"  exclude {excluding}  would leave this case out")
    for topic in not_judged(lint.outcomes):
        click.echo(f"  {topic}")
    skipped = sum(o.status == "skipped" and o.applies and not o.in_part for o in lint.outcomes)
    if skipped:
        click.echo(f"  {plural(skipped, 'rule')} could not judge this file; --format json says why")


def _print_repair(findings: Sequence[RuleFinding]) -> None:
    """Say what the repair of a rule would do about what it found."""
    command = "`run --unsafe`" if findings[0].unsafe else "`run`"
    changes = dict.fromkeys(change for finding in findings for change in finding.repair)
    if changes:
        listed = listing([str(change) for change in changes], REPAIRS_SHOWN)
        click.echo(f"          {command} would change: {listed}")
    elif findings[0].no_repair:
        click.echo(f"          {command} would not repair it: {findings[0].no_repair}")


def _concise(path: str, finding: RuleFinding) -> str:
    at = finding.at_ijk
    where = f"{path}:({at[0]},{at[1]},{at[2]})" if at else path
    return f"{where}: {finding.severity}[{finding.rule}] {finding.message}"


def _diagnostic(path: str, finding: RuleFinding) -> Diagnostic:
    return Diagnostic(finding.rule, finding.severity, finding.message, path=path)


def _image_of(path: Path, given: Path | None) -> Path | LintSaid | None:
    """Find the CT of a segmentation: the file that is given, or what a folder has of its name.

    Where the folder has none, that is what is told of the segmentation.
    """
    try:
        return find_image(given, case_name(path))
    except DiagnosticError as error:
        return LintSaid(str(path), problems=error.diagnostics)
