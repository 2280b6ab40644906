"""Plain tables on stdout: no name is ever broken or cut, whatever the width."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import click

from vesalius.adapters.cli.terminal import longest_word, terminal_width, wrapped

GAP = "  "
PROSE_WIDTH = 40
"""A column of text is worth its place from here on; narrower, it stands below its row."""
BELOW = 4
"""Indent of what stands below a row."""

Rows = Sequence[Mapping[str, str]]


def print_table(rows: Rows, right: Sequence[str] = (), more_follows: bool = False) -> None:
    """Print rows under the keys of the first.

    A pipe gets one line a row. A terminal gets its own width: columns of text wrap, and where not
    all columns fit, some stand below their row.

    Parameters
    ----------
    rows : sequence of mapping
        All with the same keys. Nothing is printed for an empty sequence.
    right : sequence of str
        Columns of figures, set to the right.
    more_follows : bool
        Whether an empty line keeps the table from what is said next.
    """
    width = terminal_width()
    for number, line in enumerate(table_lines(rows, right, width)):
        click.echo(click.style(line, bold=True) if number == 0 and width is not None else line)
    if rows and more_follows:
        click.echo()


def table_lines(rows: Rows, right: Sequence[str] = (), width: int | None = None) -> list[str]:
    """Set a table: a line of heads, one of dashes, the rows.

    Parameters
    ----------
    rows : sequence of mapping
        All with the same keys.
    right : sequence of str
        Columns that are set to the right.
    width : int or None
        Columns of the terminal; None for as much as there is.

    Returns
    -------
    list of str
        Lines without trailing blanks. One is longer than `width` only where a single word is.
    """
    if not rows:
        return []
    widths = _widths(rows, width)
    below = [column for column in rows[0] if column not in widths]
    lines = list(_row({column: column for column in widths}, widths, right))
    lines.append(GAP.join("-" * columns for columns in widths.values()))
    for row in rows:
        lines += _row(row, widths, right)
        said = [column for column in below if row[column]]
        text = "; ".join(
            f"{column}: {row[column]}" if len(below) > 1 else row[column] for column in said
        )
        lines += wrapped(text, width, BELOW) if text else []
    return lines


def _widths(rows: Rows, width: int | None) -> dict[str, int]:
    """Choose the columns that stand beside each other, and how wide each is."""
    texts = {column: [column, *(row[column] for row in rows)] for column in rows[0]}
    whole = {column: max(map(len, texts[column])) for column in texts}
    if width is None:
        return whole
    least = {
        column: min(whole[column], max(PROSE_WIDTH, longest_word(texts[column])))
        for column in texts
    }
    first, *others = texts
    # What is read goes below before what is looked up, the last before the first.
    leave = sorted(others, key=lambda column: any(" " in text for text in texts[column]))
    shown = dict(least)
    while leave and _total(shown) > width:
        del shown[leave.pop()]
    if not leave:
        return {first: whole[first]}
    room = width - _total(shown)
    for column in sorted(shown, key=lambda column: whole[column]):
        more = min(whole[column] - shown[column], room)
        shown[column] += more
        room -= more
    return shown


def _total(widths: Mapping[str, int]) -> int:
    return sum(widths.values()) + len(GAP) * (len(widths) - 1)


def _row(row: Mapping[str, str], widths: Mapping[str, int], right: Sequence[str]) -> Iterator[str]:
    cells = {column: wrapped(row[column], columns) for column, columns in widths.items()}
    for number in range(max(map(len, cells.values()))):
        line = GAP.join(
            _set(cells[column][number : number + 1], columns, column in right)
            for column, columns in widths.items()
        )
        yield line.rstrip()


def _set(cell: Sequence[str], columns: int, to_the_right: bool) -> str:
    text = "".join(cell)
    return text.rjust(columns) if to_the_right else text.ljust(columns)
