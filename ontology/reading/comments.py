"""Comments of a YAML file that say something of what is written below them."""

from __future__ import annotations

from vesalius.ontology.reading.document import Document, YamlPath
from vesalius.ontology.reading.problem import LINE_BREAK

_MARK = "#"


def comment_above(document: Document, path: YamlPath) -> str:
    """Give the comment right above a value, which begins on a line of its own, as far in.

    Parameters
    ----------
    document : Document
        The file.
    path : tuple of str or int
        Where the value is.

    Returns
    -------
    str
        The lines of the comment as one; empty where the line above is none.
    """
    lines = LINE_BREAK.split(document.text)
    first = last = document.span(path).line - 1
    indent = lines[last][: len(lines[last]) - len(lines[last].lstrip())]
    # What is further in may be text, such as the last row of a picture.
    while first > 0 and lines[first - 1].startswith(indent + _MARK):
        first -= 1
    said = (line.strip().lstrip(_MARK).strip() for line in lines[first:last])
    return " ".join(words for words in said if words)
