"""The `vesalius` command: finds the verb, loads only what that verb needs.

Exit codes: 0 fine, 1 findings, 2 usage or invalid YAML, 3 no inputs, 4 some cases failed,
5 a bug in the tool, 130 interrupted, 143 told to stop. Results go to stdout, progress and
problems to stderr.
"""

from __future__ import annotations

import gc
import importlib
import os
import sys
from pathlib import Path

import click

from vesalius.adapters.cli.other_words import AnsweringGroup

#: Verb, where its command lives, and the line `--help` shows (so that help imports nothing).
VERBS: tuple[tuple[str, str, str], ...] = (
    ("demo", "vesalius.adapters.cli.demo", "Make the phantom, merge its predictions, compare."),
    ("run", "vesalius.adapters.cli.run", "Merge predictions into one label map and repair it."),
    ("cohort", "vesalius.adapters.cli.cohort", "Shards: how far, one record; release a cohort."),
    ("convert", "vesalius.adapters.cli.convert", "Write a segmentation in another scheme."),
    ("identify", "vesalius.adapters.cli.identify", "Find the scheme of a segmentation."),
    ("lint", "vesalius.adapters.cli.lint", "Check segmentations, or YAML files."),
    ("stats", "vesalius.adapters.cli.stats", "Measure every structure: volumes, HU, pieces."),
    ("validate", "vesalius.adapters.cli.validate", "Compare predictions with a truth."),
    ("compare", "vesalius.adapters.cli.compare", "Compare two label sets of the same cases."),
    (
        "concordance",
        "vesalius.adapters.cli.concordance",
        "Compare several models with their consensus.",
    ),
    (
        "population",
        "vesalius.adapters.cli.population",
        "Describe a cohort: age, sex, volumes, lesions, sites.",
    ),
    ("sample", "vesalius.adapters.cli.sample", "Draw cases for readers; read their forms."),
    ("report", "vesalius.adapters.cli.report", "Show what a run wrote as pages with slices."),
    ("view", "vesalius.adapters.cli.view", "Show a case in the browser: slices, labels, 3-D."),
    ("test", "vesalius.adapters.cli.test", "Run the tests that rules carry."),
    ("compile", "vesalius.adapters.cli.compile", "Show or write the plan for a set of sources."),
    ("ls", "vesalius.adapters.cli.ls", "List structures, schemes or rules."),
    (
        "explain",
        "vesalius.adapters.cli.explain",
        "Tell all about a structure, scheme, rule or code.",
    ),
    ("new", "vesalius.adapters.cli.new", "Write a first scheme, rule, cohort or pipeline."),
    ("nnunet", "vesalius.adapters.cli.nnunet", "Datasets, training and prediction with nnU-Net."),
    ("schema", "vesalius.adapters.cli.schema", "Print a JSON Schema for an editor."),
    ("cache", "vesalius.adapters.cli.cache", "Where compiled plans are kept; forget them."),
    ("completion", "vesalius.adapters.cli.completion", "Print what makes a shell complete words."),
)


class VerbGroup(AnsweringGroup):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give the verbs in the order a newcomer meets them."""
        return [verb for verb, _, _ in VERBS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one verb."""
        for verb, module, _ in VERBS:
            if verb == cmd_name:
                command = importlib.import_module(module).command
                if not isinstance(command, click.Command):
                    raise TypeError(f"{module}.command is not a command")
                return command
        return None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the verbs without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(verb, line) for verb, _, line in VERBS])


def _version(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from importlib.metadata import version  # noqa: PLC0415

        from vesalius.engine.runs.kernels import in_use  # noqa: PLC0415

        click.echo(f"vesalius {version('vesalius')} ({in_use()} kernels)")
        ctx.exit()


@click.group(
    cls=VerbGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    invoke_without_command=False,
)
@click.option(
    "--version", is_flag=True, callback=_version, expose_value=False, is_eager=True,
    help="Show the version and exit.",
)  # fmt: skip
@click.option(
    "--project", envvar="VESALIUS_PROJECT", metavar="PATH", type=click.Path(path_type=Path),
    help="A project's folder or vesalius.yaml; by default the one of this folder or above it.",
)  # fmt: skip
@click.option("--no-project", is_flag=True, help="Know only what is shipped.")
@click.pass_context
def cli(context: click.Context, project: Path | None, no_project: bool) -> None:
    """Merge, check and repair anatomy segmentations by declared anatomical knowledge."""
    from vesalius.adapters.cli.project_choice import choose_project  # noqa: PLC0415

    context.obj = choose_project(project, not no_project)
    context.default_map = context.obj.default_map()


def main() -> None:
    """Run the command line; every way out goes through an exit code."""
    # Modules and plans are many small objects that stay: looking for cycles among them so often as
    # Python does takes a twelfth of a short run.
    gc.set_threshold(50_000, 20, 100)
    try:
        from vesalius.adapters.cli.streams import make_streams_safe  # noqa: PLC0415

        make_streams_safe()
        if "_VESALIUS_COMPLETE" in os.environ:
            from vesalius.adapters.cli.completion import answer_shells  # noqa: PLC0415

            answer_shells()
        from vesalius.adapters.cli.outcome import after_stdout, guard  # noqa: PLC0415
        from vesalius.adapters.cli.termination import leave  # noqa: PLC0415

        leave(after_stdout(guard(cli, sys.argv[1:])))
    except KeyboardInterrupt:
        # Ctrl-C while all is still imported, or while the process ends.
        from vesalius.adapters.cli.termination import leave  # noqa: PLC0415

        leave(130)
