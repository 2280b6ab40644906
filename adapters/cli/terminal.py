"""How wide the reader's terminal is, and text that keeps to it."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Sequence

NARROWEST = 40
"""Text is never set narrower than this, whatever the terminal."""
WIDEST_PROSE = 100
"""Longer lines are hard to read, however wide the terminal."""


def terminal_width() -> int | None:
    """Give the columns of the terminal that stdout is, or None where it is a file or a pipe."""
    if not sys.stdout.isatty():
        return None
    return max(NARROWEST, shutil.get_terminal_size().columns)


def prose_width() -> int | None:
    """Give the columns for text that is read, not looked up; None as for :func:`terminal_width`."""
    width = terminal_width()
    return None if width is None else min(width, WIDEST_PROSE)


def wrapped(text: str, width: int | None, indent: int = 0) -> list[str]:
    """Break a text between words only, so that a name stays whole even where it is too long.

    Parameters
    ----------
    text : str
        One paragraph.
    width : int or None
        Columns of a line, the indent included; None for a single line.
    indent : int
        Blanks before every line.

    Returns
    -------
    list of str
        At least one line.
    """
    if width is None:
        return [" " * indent + text]
    lines = textwrap.wrap(
        text, max(width - indent, 1), break_long_words=False, break_on_hyphens=False
    )
    return [" " * indent + line for line in lines] or [""]


def beside(head: str, text: str, width: int | None) -> list[str]:
    """Set a text to the right of its head, or below it where the words would not fit there.

    Parameters
    ----------
    head : str
        Stands in the first line as it is.
    text : str
        One paragraph.
    width : int or None
        Columns of a line; None for a single line.

    Returns
    -------
    list of str
        At least one line.
    """
    if width is None or len(head) + len(text) <= width:
        return [head + text]
    if max(map(len, text.split()), default=0) <= width - len(head):
        first, *rest = wrapped(text, width, len(head))
        return [head + first.lstrip(), *rest]
    indent = len(head) - len(head.lstrip()) + 4
    return [head.rstrip(), *wrapped(text, width, indent)]


def longest_word(texts: Sequence[str]) -> int:
    """Give the length of the longest word of some texts; 0 where there is none."""
    return max((len(word) for text in texts for word in text.split()), default=0)
