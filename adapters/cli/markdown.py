"""Markdown as it is written, its paragraphs set anew for the width of a terminal."""

from __future__ import annotations

import re

from vesalius.adapters.cli.terminal import wrapped

_MARK = re.compile(r"([-*:]|\d+\.) +")
"""What begins an item: a list's sign, or the colon of a definition."""
_FIXED = ("    ", "|", "```")


def markdown_lines(text: str, width: int | None) -> list[str]:
    """Set the paragraphs and lists of a page; examples and tables stay as they are.

    Parameters
    ----------
    text : str
        Markdown with paragraphs of any width.
    width : int or None
        Columns of a line; None leaves all lines as they are.

    Returns
    -------
    list of str
        Lines.
    """
    lines = text.rstrip("\n").splitlines()
    if width is None:
        return lines
    found: list[str] = []
    block: list[str] = []
    fenced = False
    for line in lines:
        fence = line.startswith("```")
        fixed = fenced or fence or (line.startswith(_FIXED) and not block)
        fenced ^= fence
        if fixed or not line.strip() or line.startswith("#"):
            found += _set(block, width)
            found += [line] if fixed else wrapped(line, width)
            block = []
        elif _MARK.match(line.lstrip()):
            found += _set(block, width)
            block = [line]
        else:
            block.append(line)
    return [*found, *_set(block, width)]


def _set(block: list[str], width: int) -> list[str]:
    if not block:
        return []
    indent = len(block[0]) - len(block[0].lstrip())
    mark = _MARK.match(block[0].lstrip())
    sign = "" if mark is None else mark[0]
    words = " ".join(line.strip() for line in block).removeprefix(sign)
    first, *rest = wrapped(words, width, indent + len(sign))
    return [" " * indent + sign + first.lstrip(), *rest]
