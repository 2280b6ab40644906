"""Plain tables on stdout, through rich."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

import click


def print_table(
    rows: Sequence[Mapping[str, str]], right: Sequence[str] = (), title: str | None = None
) -> None:
    """Print rows under the keys of the first.

    Parameters
    ----------
    rows : sequence of mapping
        All with the same keys. Nothing is printed for an empty sequence.
    right : sequence of str
        Columns of figures, set to the right.
    title : str, optional
        A line above the table.
    """
    if not rows:
        return
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415 - rich is not needed for `--help`
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    # A pipe gets whole lines; a terminal its own width.
    console = Console(width=None if sys.stdout.isatty() else 200, highlight=False)
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in rows[0]:
        table.add_column(column, justify="right" if column in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(row[column] for column in rows[0]))
    if title:
        click.echo(title)
    console.print(table)
