"""`vesalius lint`: findings, not repairs; of YAML files and of segmentations."""

from __future__ import annotations

import json
from pathlib import Path

import click

from vesalius.adapters.cli.outcome import FINDINGS, FINE, NO_INPUTS, Ended, use_color
from vesalius.adapters.cli.rule_choice import RuleChoice, rule_options
from vesalius.adapters.yaml_lint import find_yaml, lint_yaml
from vesalius.ontology.diagnostics import Diagnostic
from vesalius.ontology.render import render_concise, render_github, render_human, summary, to_json

FORMATS = ("human", "concise", "json", "github")
LEVELS = ("error", "warning", "info")
SEXES = ("male", "female", "unknown")


@click.command(name="lint")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--scheme", metavar="SCHEME", help="Scheme of the segmentations.")
@click.option("--image", "-i", type=click.Path(path_type=Path), help="Their CT.")
@click.option("--sex", type=click.Choice(SEXES), default="unknown", show_default=True)
@rule_options
@click.option("--format", "form", type=click.Choice(FORMATS), default="human", show_default=True)
@click.option(
    "--fail-on", type=click.Choice(LEVELS), default="error", show_default=True,
    help="The mildest finding that gives exit code 1.",
)  # fmt: skip
def command(
    paths: tuple[Path, ...],
    scheme: str | None,
    image: Path | None,
    sex: str,
    rules: str,
    select: tuple[str, ...],
    form: str,
    fail_on: str,
) -> None:
    """Check YAML files, or segmentations of a scheme.

    Segmentations (NIfTI files, or folders of masks) are judged by a rule pack and need --scheme;
    a CT and metadata only widen what can be judged. YAML files and folders of them are checked
    against what vesalius knows.
    """
    from vesalius.adapters.cli.lint_volume import is_volume, lint_volumes  # noqa: PLC0415

    volumes = [path for path in paths if is_volume(path)]
    if volumes:
        if len(volumes) < len(paths):
            raise click.UsageError("YAML files and segmentations are linted in separate calls")
        if scheme is None:
            raise click.UsageError(
                "a segmentation needs --scheme; `vesalius ls schemes` lists them"
            )
        choice = RuleChoice(rules, select, repair=False)
        raise Ended(lint_volumes(volumes, scheme, image, sex, choice, form, fail_on))
    raise Ended(_lint_yaml(paths, form, fail_on))


def _lint_yaml(paths: tuple[Path, ...], form: str, fail_on: str) -> int:
    files = find_yaml(paths)
    if not files:
        click.echo("no YAML file found", err=True)
        return NO_INPUTS
    lint = lint_yaml(files)
    click.echo(render(lint.diagnostics, form), nl=False)
    if form == "human":
        plural = "s" if lint.files != 1 else ""
        click.echo(f"{lint.files} file{plural}: {summary(lint.diagnostics)}")
    bad = LEVELS[: LEVELS.index(fail_on) + 1]
    return FINDINGS if any(d.severity in bad for d in lint.diagnostics) else FINE


def render(diagnostics: tuple[Diagnostic, ...], form: str) -> str:
    """Render diagnostics in one of `FORMATS`."""
    if form == "json":
        return json.dumps({"schema": "lint/1", "findings": to_json(diagnostics)}, indent=2) + "\n"
    if form == "concise":
        return render_concise(diagnostics)
    if form == "github":
        return render_github(diagnostics)
    return render_human(diagnostics, color=use_color())
