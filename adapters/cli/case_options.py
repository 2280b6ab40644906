"""What `run`, `convert` and `lint` have in common: options, and what a session has to say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from vesalius.adapters.cases.sexes import SEXES
from vesalius.adapters.cli.outcome import show
from vesalius.adapters.cli.plan_notes import compile_command, show_plan_notes, show_plan_warnings
from vesalius.defaults import DEFAULT_TARGET
from vesalius.rule_set import NO_RULES

if TYPE_CHECKING:
    from vesalius.ontology.project import Project
    from vesalius.session import Session

_Command = TypeVar("_Command", bound=Callable[..., Any])


def sex_option(command: _Command) -> _Command:
    """Add the option that says the sex of the patient."""
    return click.option(
        "--sex", type=click.Choice(SEXES, case_sensitive=False), default="unknown",
        show_default=True, help="Sex of the patient: some rules and classes depend on it.",
    )(command)  # fmt: skip


def target_option(command: _Command) -> _Command:
    """Add the option that says in which scheme the result is."""
    return click.option(
        "--target", "-t", default=DEFAULT_TARGET, show_default=True, metavar="SCHEME",
        help="Scheme of the result, by name or YAML path.",
    )(command)  # fmt: skip


def known_of(sex: str) -> dict[str, str]:
    """Give what is known of a patient whose sex was asked for: nothing where it is unknown."""
    return {} if sex == "unknown" else {"sex": sex}


def place_options(command: _Command) -> _Command:
    """Add the options that say how labels come onto the grid of the CT."""
    command = click.option(
        "--trust-image-geometry", is_flag=True,
        help="Take labels of the shape of the CT voxel for voxel, whatever their own header says.",
    )(command)  # fmt: skip
    return click.option(
        "--resample", is_flag=True, help="Allow nearest-neighbour resampling to the CT."
    )(command)


def check_place(image: Path | None, resample: bool, trust_image_geometry: bool) -> None:
    """Refuse options of the place that would be passed over.

    Raises
    ------
    click.UsageError
        Where there is no image onto which labels could come.
    """
    asked = {"--resample": resample, "--trust-image-geometry": trust_image_geometry}
    for option, given in asked.items():
        if given and image is None:
            raise click.UsageError(f"{option} needs the CT onto whose grid labels come: --image")


def split_prediction(text: str) -> tuple[str, Path]:
    """Split `scheme=path`.

    Raises
    ------
    click.BadParameter
        If there is no equals sign or nothing on one side of it.
    """
    scheme, _, path = text.partition("=")
    if not scheme or not path:
        raise click.BadParameter(
            f"`{text}` is not SCHEME=PATH, such as totalsegmentator_v2=seg.nii.gz",
            param_hint="--prediction",
        )
    return scheme, Path(path)


def name_schemes(
    pairs: Sequence[tuple[str, Path]], project: Project | None
) -> list[tuple[str, Path]]:
    """Choose a scheme where `auto` stands for it, and say which to stderr.

    Raises
    ------
    DiagnosticError
        IDN004 where none fits clearly best, and every problem of the files.
    """
    # Whoever asks how a verb is used does not wait for the engine.
    from vesalius.one_case import chosen_scheme  # noqa: PLC0415

    named = []
    for scheme, path in pairs:
        chosen, told = chosen_scheme(scheme, path, project)
        show(told)
        named.append((str(chosen), path))
    return named


def show_warnings(session: Session, of_plan: bool = True) -> None:
    """Write warnings about schemes, rules and (if asked) the plan to stderr, before any work."""
    show(session.project_remarks)
    show(session.scheme_remarks)
    pack = session.prepared.pack
    show(() if pack is None else pack.warnings)
    if of_plan:
        show_plan_warnings(session.prepared.diagnostics)


def show_notes(
    session: Session,
    schemes: Sequence[str],
    target: str,
    rules: Sequence[str] = (),
    select: Sequence[str] = (),
) -> None:
    """Write what compiling had to say to stderr, short, after the results.

    Parameters
    ----------
    session : Session
        The plan.
    schemes : sequence of str
        Of the sources, as the user names them; so are `target`, `rules` and `select`.
    """
    packs = [name for name in rules if name != NO_RULES]
    command = compile_command(schemes, target, packs, select if packs else ())
    show_plan_notes(session.prepared.diagnostics, command)
