"""The option that says in what form a command prints its results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import click

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
