"""`vesalius lint`: findings, not repairs."""

from __future__ import annotations

import json
from pathlib import Path

import click

from vesalius.adapters.cli.outcome import FINDINGS, FINE, NO_INPUTS, Ended, use_color
from vesalius.adapters.yaml_lint import find_yaml, lint_yaml
from vesalius.ontology.diagnostics import Diagnostic
from vesalius.ontology.render import render_concise, render_github, render_human, summary, to_json

FORMATS = ("human", "concise", "json", "github")
LEVELS = ("error", "warning", "info")


@click.command(name="lint")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--format", "form", type=click.Choice(FORMATS), default="human", show_default=True)
@click.option(
    "--fail-on", type=click.Choice(LEVELS), default="error", show_default=True,
    help="The mildest finding that gives exit code 1.",
)  # fmt: skip
def command(paths: tuple[Path, ...], form: str, fail_on: str) -> None:
    """Check YAML files or folders of them."""
    files = find_yaml(paths)
    if not files:
        click.echo("no YAML file found", err=True)
        raise Ended(NO_INPUTS)
    lint = lint_yaml(files)
    click.echo(render(lint.diagnostics, form), nl=False)
    if form == "human":
        click.echo(
            f"{lint.files} file{'s' if lint.files != 1 else ''}: {summary(lint.diagnostics)}"
        )
    bad = LEVELS[: LEVELS.index(fail_on) + 1]
    raise Ended(FINDINGS if any(d.severity in bad for d in lint.diagnostics) else FINE)


def render(diagnostics: tuple[Diagnostic, ...], form: str) -> str:
    """Render diagnostics in one of `FORMATS`."""
    if form == "json":
        return json.dumps({"schema": "lint/1", "findings": to_json(diagnostics)}, indent=2) + "\n"
    if form == "concise":
        return render_concise(diagnostics)
    if form == "github":
        return render_github(diagnostics)
    return render_human(diagnostics, color=use_color())
