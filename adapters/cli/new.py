"""`vesalius new`: a first version of a YAML file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import click

from vesalius.adapters.cli.new_project import new_project
from vesalius.adapters.cli.other_words import AnsweringGroup
from vesalius.adapters.cli.project_choice import current_project
from vesalius.adapters.files.class_source import classes_of
from vesalius.ontology.load import load_ontology, load_scheme
from vesalius.ontology.names.draft import draft_scheme
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError
from vesalius.ontology.reading.real_path import real_path
from vesalius.rules.scaffold import draft_rule, scaffold_kinds

F = TypeVar("F", bound=Callable[..., object])


@click.group(name="new", cls=AnsweringGroup)
def command() -> None:
    """Write a first version of a YAML file, to be checked by a person."""


command.add_command(new_project)


@command.command(name="scheme", short_help="From the class names of a dataset.")
@click.option(
    "--from", "source", required=True, metavar="PATH",
    type=click.Path(exists=True, path_type=Path),
    help="A dataset.json of nnU-Net, a metadata.json of MONAI, flat JSON, a table of ITK-SNAP, "
    "3D Slicer or FreeSurfer, a CSV, TSV or plain list; a case's folder with one mask per class; "
    "or a label map that names its classes.",
)  # fmt: skip
@click.option("--name", help="Name of the scheme; by default that of the output file.")
@click.option("--title", help="Title of the dataset.")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path),
    help="YAML file to write; by default it goes to stdout.",
)  # fmt: skip
def new_scheme(source: Path, name: str | None, title: str | None, output: Path | None) -> None:
    """Match the class names of a dataset to structures and write a scheme.

    Every guess is marked with its score; what could not be matched is listed and must be decided
    before the scheme passes `vesalius lint`.
    """
    chosen = name or (output.stem if output else real_path(source).parent.name.lower())
    classes = classes_of(source)
    draft = draft_scheme(
        classes.names, load_ontology(current_project()), chosen, title or chosen, classes.remainders
    )
    _put(draft.text, output)
    if output is not None:
        click.echo(f"check it with `vesalius lint {output}`", err=True)
    click.echo(
        f"{len(draft.guessed)} guessed, {len(draft.unmatched)} not matched"
        + (f": {', '.join(str(u) for u in draft.unmatched)}" if draft.unmatched else ""),
        err=True,
    )


@command.command(name="rule", short_help="A pack with one rule and its tests.")
@click.argument("rule_id", metavar="PHASE/NAME")
@click.option(
    "--for",
    "structure",
    metavar="STRUCTURE",
    help="What the rule judges or makes; not for kinds that name a sequence or a place.",
)
@click.option(
    "--kind", type=click.Choice(scaffold_kinds()), default="components", show_default=True,
    help="What it expects, how it repairs or what it derives; `vesalius explain KIND` tells more.",
)  # fmt: skip
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path),
    help="YAML file to write; by default it goes to stdout.",
)  # fmt: skip
def new_rule(rule_id: str, structure: str | None, kind: str, output: Path | None) -> None:
    """Write a pack with one rule and its tests, which pass `vesalius test` as they are."""
    pack = None if output is None else output.stem
    text = draft_rule(kind, rule_id, structure, load_ontology(current_project()), pack)
    _put(text, output)
    where = output or "FILE"
    click.echo(f"change it, and see `vesalius lint {where}` and `vesalius test {where}`", err=True)


def split_prediction(text: str) -> tuple[str, str]:
    """Part SCHEME=TEMPLATE, as `vesalius run` takes it."""
    scheme, sign, template = text.partition("=")
    if not (scheme and sign and template):
        raise click.BadParameter(f"`{text}` is not SCHEME=TEMPLATE", param_hint="--prediction")
    return scheme, template


def _first_file_options(schemes: str) -> Callable[[F], F]:
    """Add what `new cohort` and `new selftrain` have in common."""

    def add(command: F) -> F:
        for option in (
            click.option(
                "-o", "--output", required=True, metavar="FILE.yaml",
                type=click.Path(dir_okay=False, path_type=Path), help="YAML file to write.",
            ),
            click.option("--name", help="Its name; by default that of the output file."),
            click.option("--target", "-t", metavar="SCHEME", help="Scheme of the result."),
            click.option(
                "--image", "-i", metavar="TEMPLATE",
                help="Where the CTs lie, such as 'images/{case}_0000.nii.gz'.",
            ),
            click.option(
                "--scheme", "-s", "schemes", multiple=True, metavar="SCHEME", help=schemes,
            ),
        ):  # fmt: skip
            command = option(command)
        return command

    return add


@command.command(name="cohort", short_help="Many cases for `vesalius run`.")
@_first_file_options("Scheme of a prediction, by name or YAML path. May be given several times.")
@click.option(
    "--prediction", "-p", "predictions", multiple=True, metavar="SCHEME=TEMPLATE",
    help="The same and where its files lie, such as 'amos22=preds/{case}.nii.gz'.",
)  # fmt: skip
@click.option(
    "--table", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="TABLE",
    help="CSV or TSV with a row per case: which is its column of cases, and of sexes.",
)  # fmt: skip
def new_cohort(
    schemes: tuple[str, ...],
    image: str | None,
    target: str | None,
    name: str | None,
    output: Path,
    predictions: tuple[str, ...],
    table: Path | None,
) -> None:
    """Write a cohort file for `vesalius run`: many cases, every key explained.

    What is not given is an example. The file passes `vesalius lint` as it is.
    """
    from vesalius.adapters.cohort.first_cohort import draft_cohort, first_metadata  # noqa: PLC0415

    given = [*((scheme, None) for scheme in schemes), *map(split_prediction, predictions)]
    _check_first([scheme for scheme, _ in given], image, target)
    for _, template in given:
        _check_template(template, "--prediction")
    text = draft_cohort(name or output.stem, given, image, target, output)
    said = None
    if table is not None:
        text, said = first_metadata(text, table, output)
    _put(text, output)
    if said is not None:
        click.echo(said, err=True)
    _say_next(output, f"run {output} -o out --dry-run")


@command.command(name="selftrain", short_help="A pipeline for `vesalius nnunet selftrain`.")
@_first_file_options("Scheme of a labelled dataset. May be given several times.")
def new_selftrain(
    schemes: tuple[str, ...], image: str | None, target: str | None, name: str | None, output: Path
) -> None:
    """Write a pipeline file for `vesalius nnunet selftrain`, every key explained.

    What is not given is an example. The file passes `vesalius lint` as it is.
    """
    from vesalius.adapters.selftrain.first_pipeline import draft_pipeline  # noqa: PLC0415

    _check_first(schemes, image, target)
    _put(draft_pipeline(name or output.stem, schemes, image, target, output), output)
    _say_next(output, f"nnunet selftrain {output} --dry-run")


def _check_first(schemes: Sequence[str], image: str | None, target: str | None) -> None:
    """Refuse what could not be read back: unknown schemes, a template that names no case."""
    _check_template(image, "--image")
    ontology = load_ontology(current_project())
    problems: list[Diagnostic] = []
    for scheme in dict.fromkeys([*schemes, *([] if target is None else [target])]):
        try:
            load_scheme(scheme, ontology)
        except DiagnosticError as error:
            problems += error.diagnostics
    if problems:
        raise DiagnosticError(problems)


def _check_template(template: str | None, option: str) -> None:
    from vesalius.adapters.cohort.path_template import TemplateError, parse_template  # noqa: PLC0415

    try:
        fields = parse_template(template or "{case}").fields
    except TemplateError as error:
        raise click.BadParameter(str(error), param_hint=option) from None
    if not fields or any(field.piece != "{case}" for field in fields):
        such = (
            f"`{template}` names no case by `{{case}}` alone, such as images/{{case}}_0000.nii.gz"
        )
        raise click.BadParameter(such, param_hint=option)


def _say_next(output: Path, command: str) -> None:
    text = f"change it, and see `vesalius lint {output}` and `vesalius {command}`"
    click.echo(text, err=True)


def _put(text: str, output: Path | None) -> None:
    """Write a text to a file that does not exist yet, or to stdout."""
    from vesalius.adapters.files.atomic import write_text  # noqa: PLC0415

    if output is None:
        click.echo(text, nl=False)
        return
    if output.exists():
        raise click.UsageError(f"{output} exists already; nothing was written")
    write_text(output, text)
    click.echo(f"wrote {output}", err=True)
