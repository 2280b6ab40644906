"""`vesalius lint`: findings, not repairs; of YAML files and of segmentations."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vesalius.adapters.cases.fail_on import FAIL_ON, FAIL_ON_HELP, fails
from vesalius.adapters.cli.case_options import check_place, place_options, sex_option
from vesalius.adapters.cli.common_options import format_option, workers_option
from vesalius.adapters.cli.outcome import FINDINGS, FINE, NO_INPUTS, Ended, use_color
from vesalius.adapters.cli.project_choice import current_project
from vesalius.adapters.cli.rule_choice import rule_options
from vesalius.adapters.files.mask_names import deeper_hint
from vesalius.adapters.files.yaml_files import find_yaml
from vesalius.ontology.reading.diagnostics import Diagnostic
from vesalius.ontology.reading.render import (
    render_concise,
    render_github,
    render_human,
    summary,
    to_json,
)

if TYPE_CHECKING:
    from vesalius.ontology.project import Project

FORMATS = ("human", "concise", "csv", "json", "github")


@click.command(name="lint")
@click.argument("paths", nargs=-1, type=click.Path(readable=False, path_type=Path))
@click.option(
    "--scheme", "-s", metavar="SCHEME", help="What the integers of segmentations mean, or `auto`."
)
@click.option(
    "--image", "-i", type=click.Path(path_type=Path),
    help="Their CT, or the folder of those of all cases.",
)  # fmt: skip
@sex_option
@place_options
@rule_options()
@format_option(FORMATS)
@click.option(
    "--fail-on", type=click.Choice(FAIL_ON), default="error", show_default=True,
    help=FAIL_ON_HELP,
)  # fmt: skip
@workers_option("Segmentations at a time, each in a process of its own.")
def command(
    paths: tuple[Path, ...],
    scheme: str | None,
    image: Path | None,
    sex: str,
    resample: bool,
    trust_image_geometry: bool,
    rules: tuple[str, ...],
    select: tuple[str, ...],
    form: str,
    fail_on: str,
    workers: int,
) -> None:
    """Check YAML files, or segmentations of a scheme.

    Segmentations (NIfTI files, folders of masks, folders of cases, what a run wrote) are judged by
    a rule pack and need --scheme; a CT and metadata only widen what can be judged. YAML files and
    folders of them are checked against what vesalius knows; without PATHS those of the project.
    """
    from vesalius.adapters.cli.lint_files import is_volume, missing_hint  # noqa: PLC0415
    from vesalius.adapters.cli.lint_volume import lint_volumes  # noqa: PLC0415
    from vesalius.adapters.cohort.lint_file import LintRequest  # noqa: PLC0415

    for path in paths:
        # A link to what was never downloaded is there, and its reader says how to get it.
        if not os.path.lexists(path):
            text = f"Path '{path}' does not exist."
            hint = missing_hint(path)
            raise click.BadParameter(f"{text} {hint}" if hint else text, param_hint="'[PATHS]...'")
    project = current_project()
    if not paths and project is None:
        raise click.UsageError("nothing to check: give files or folders, or a project")
    volumes = [path for path in paths if is_volume(path, scheme is not None)]
    if volumes:
        if len(volumes) < len(paths):
            strange = next(path for path in paths if path not in volumes)
            raise click.UsageError(
                f"YAML files and segmentations are linted in separate calls; `{strange}` is no "
                "segmentation"
            )
        if scheme is None:
            raise click.UsageError(
                "a segmentation needs --scheme: what its integers mean. `vesalius ls schemes` "
                "lists them; `--scheme auto` takes the one that fits clearly best"
            )
        check_place(image, resample, trust_image_geometry)
        request = LintRequest(
            scheme, rules, select, image, sex, project, resample, trust_image_geometry
        )
        raise Ended(lint_volumes(volumes, request, form, fail_on, workers))
    raise Ended(_lint_yaml(paths, project, form, fail_on))


def _lint_yaml(paths: tuple[Path, ...], project: Project | None, form: str, fail_on: str) -> int:
    from vesalius.adapters.yaml_lint import lint_yaml  # noqa: PLC0415 - segmentations need no YAML

    files = find_yaml(paths) if paths or project is None else project.files
    if form == "csv":
        raise click.UsageError("--format csv is for segmentations; take json for YAML files")
    if not files:
        deeper = [hint for path in paths if path.is_dir() and (hint := deeper_hint(path))]
        click.echo("\n".join(["no YAML file found", *deeper]), err=True)
        return NO_INPUTS
    lint = lint_yaml(files, project)
    click.echo(render(lint.diagnostics, form), nl=False)
    if form == "human":
        plural = "s" if lint.files != 1 else ""
        click.echo(f"{lint.files} file{plural}: {summary(lint.diagnostics)}")
    found: Counter[str] = Counter(d.severity for d in lint.diagnostics)
    return FINDINGS if fails(fail_on, found, False) else FINE


def render(diagnostics: tuple[Diagnostic, ...], form: str) -> str:
    """Render diagnostics in one of `FORMATS`."""
    if form == "json":
        return json.dumps({"schema": "lint/1", "findings": to_json(diagnostics)}, indent=2) + "\n"
    if form == "concise":
        return render_concise(diagnostics)
    if form == "github":
        return render_github(diagnostics)
    return render_human(diagnostics, color=use_color())
