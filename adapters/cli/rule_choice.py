"""The options that say which rules a command runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import click

DEFAULT_PACK = "recommended"

F = TypeVar("F", bound=Callable[..., object])


def rule_options(command: F) -> F:
    """Add `--rules` and `--select` to a command."""
    for option in (
        click.option(
            "--select", "select", multiple=True, metavar="RULE",
            help="Run only this rule; patterns such as 'sides/*' work. May be given several times.",
        ),
        click.option(
            "--rules", multiple=True, default=(DEFAULT_PACK,), show_default=True, metavar="PACK",
            help="A rule pack by name or YAML path, or `none`; several run in the order given.",
        ),
    ):  # fmt: skip
        command = option(command)
    return command
