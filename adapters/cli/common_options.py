"""Options that many commands have, and which of its options a command was given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import click
from click.core import ParameterSource

F = TypeVar("F", bound=Callable[..., object])


def format_option(forms: Sequence[str] = ("human", "json"), more: str = "") -> Callable[[F], F]:
    """Add `--format`.

    Parameters
    ----------
    forms : sequence of str
        What it may be; the first by default.
    more : str
        What is to be said of this command besides.
    """
    said = "For a person, or for a program."
    return click.option(
        "--format", "form", type=click.Choice(forms), default=forms[0], show_default=True,
        help=f"{said} {more}".strip(),
    )  # fmt: skip


def workers_option(
    said: str = "Cases at a time, each in a process of its own.", default: int = 1
) -> Callable[[F], F]:
    """Add `--workers`, with its help and how many there are by default."""
    return click.option(
        "--workers", type=click.IntRange(min=1), default=default, show_default=True, help=said
    )


def given_options(context: click.Context, *names: str) -> list[str]:
    """Give those of some options, by their parameters, that stand on the command line."""
    written = {parameter.name: parameter.opts[0] for parameter in context.command.params}
    return [
        written[name]
        for name in names
        if context.get_parameter_source(name) == ParameterSource.COMMANDLINE
    ]
