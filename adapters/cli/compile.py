"""`vesalius compile`: the plan, or one of the passes that lead to it."""

from __future__ import annotations

from pathlib import Path

import click

from vesalius.adapters.cli.case_options import show_warnings, target_option
from vesalius.adapters.cli.outcome import show_all
from vesalius.adapters.cli.project_choice import current_project
from vesalius.adapters.cli.rule_choice import rule_options
from vesalius.adapters.compile_stages import STAGES, show_stage
from vesalius.engine.plan.plan_json import plan_digest, plan_to_json
from vesalius.rule_set import NO_RULES
from vesalius.session import Session


@click.command(name="compile")
@click.option(
    "--source", "-s", "sources", multiple=True, required=True, metavar="SCHEME",
    help="A source scheme, by name or YAML path. May be given several times.",
)  # fmt: skip
@target_option
@rule_options(NO_RULES)
@click.option("--stage", type=click.Choice(STAGES), help="Print one pass instead of the plan.")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write plan.json here."
)
def command(
    sources: tuple[str, ...],
    target: str,
    rules: tuple[str, ...],
    select: tuple[str, ...],
    stage: str | None,
    output: Path | None,
) -> None:
    """Compile schemes and rules into a plan: integers and operations only.

    Without --stage and -o the plan goes to stdout; its sha256 goes to stderr. The same YAML gives
    the same bytes.
    """
    from vesalius.adapters.files.atomic import write_text  # noqa: PLC0415

    session = Session(sources, target, rules=rules, select=select, project=current_project())
    show_warnings(session, of_plan=False)
    compiled = session.compiled
    # All of them: other commands only count these notes and send the reader here.
    show_all(compiled.diagnostics)
    if stage is not None:
        click.echo(show_stage(compiled, stage))
        return
    text = plan_to_json(compiled.plan)
    if output is None:
        click.echo(text, nl=False)
    else:
        write_text(output, text)
    click.echo(f"plan sha256 {plan_digest(compiled.plan)}", err=True)
