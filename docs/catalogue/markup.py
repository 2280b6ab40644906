"""Text from YAML as Markdown that says the same and nothing more, and links between pages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from posixpath import dirname, relpath

_MEANT = re.compile(r"^-|(?<=^[0-9])\.|(?<=^[0-9]{2})\.|[^-0-9A-Za-z ,;/'.()?%\u00a0-\U0010ffff]")
"""Signs that could mean something; a point only after figures that begin the line."""
_CODE = re.compile(r"`([^`]+)`")


def escaped(text: object) -> str:
    """Write a text so that neither Markdown nor HTML finds anything in it, on one line.

    Parameters
    ----------
    text : object
        Anything; its `str` is written.

    Returns
    -------
    str
        Every sign that could mean something is an entity.
    """
    return _plain(" ".join(str(text).split()))


def _plain(line: str) -> str:
    return _MEANT.sub(lambda match: f"&#{ord(match[0])};", line)


def code(text: object) -> str:
    """Write a text as code."""
    return f"<code>{escaped(text)}</code>"


def prose(text: str) -> str:
    """Write sentences in which only backticks mean something: what they enclose is code."""
    parts = _CODE.split(" ".join(text.split()))
    return "".join(code(part) if at % 2 else _plain(part) for at, part in enumerate(parts))


def paragraphs(text: str) -> list[str]:
    """Write sentences with empty lines between paragraphs, as lines of a page."""
    return [line for part in re.split(r"\n\s*\n", text.strip()) for line in (prose(part), "")]


def link(here: str, there: str, text: str) -> str:
    """Link to another page.

    Parameters
    ----------
    here, there : str
        Paths of the two pages below the top of the documentation.
    text : str
        What is shown, as Markdown.
    """
    return f"[{text}]({relpath(there, dirname(here) or '.')})"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Write a table, as lines of a page; no lines where there are no rows.

    Parameters
    ----------
    head : sequence of str
        Titles of the columns.
    rows : iterable of sequence of str
        Cells, as Markdown.
    """
    body = [f"| {' | '.join(row)} |" for row in rows]
    if not body:
        return []
    return [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}", *body, ""]


def heading(level: int, text: str, *, searched: bool = True) -> list[str]:
    """Write a heading, as lines of a page; what is not searched is found elsewhere anyhow."""
    mark = "" if searched else " { data-search-exclude }"
    return [f"{'#' * level} {text}{mark}", ""]
