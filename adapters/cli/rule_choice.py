"""The options that say which rules a command runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import click

from vesalius.defaults import DEFAULT_PACK

F = TypeVar("F", bound=Callable[..., object])


def rule_options(default: str = DEFAULT_PACK) -> Callable[[F], F]:
    """Add `--rules`, with this pack by default, and `--select` to a command."""

    def add(command: F) -> F:
        for option in (
            click.option(
                "--select", "select", multiple=True, metavar="RULE",
                help="Only this rule; patterns such as 'sides/*' work. May be given several times.",
            ),
            click.option(
                "--rules", multiple=True, default=(default,), show_default=True, metavar="PACK",
                help="A rule pack by name or YAML path, or `none`; several run in the order given.",
            ),
        ):  # fmt: skip
            command = option(command)
        return command

    return add
