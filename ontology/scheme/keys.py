"""Keys of a scheme that should be label integers and are not.

A bad key is taken out of the data, so that the other lines are checked all the same.
"""

from __future__ import annotations

import copy
from typing import Any

from vesalius.ontology.reading.diagnostics import Diagnostic
from vesalius.ontology.reading.document import Document
from vesalius.ontology.scheme.models import LARGEST_INTEGER

_INTEGER_KEYED = ("names", "labels", "despite_name")
_LEAST_TURNED = 2


def without_bad_integers(document: Document) -> tuple[dict[Any, Any], list[Diagnostic]]:
    """Report keys that are no label integers; give the data without them.

    Parameters
    ----------
    document : Document
        A mapping at the top.

    Returns
    -------
    dict
        A copy of the data without what was reported.
    list of Diagnostic
        SCH004, and YML010 for integers at the outermost level.
    """
    data = copy.deepcopy(document.data)
    assert isinstance(data, dict)
    found = _not_indented(data, document)
    for section in _INTEGER_KEYED:
        entries = data.get(section)
        if not isinstance(entries, dict):
            continue
        bad = [key for key in entries if not _is_integer(key)]
        turned = [key for key in bad if isinstance(key, str) and _is_integer(entries[key])]
        if len(turned) >= _LEAST_TURNED and len(turned) == len(entries):
            found.append(_turned_round(section, turned, entries, document))
        else:
            found += [_bad_key(section, key, entries[key], document) for key in bad]
        for key in bad:
            del entries[key]
    return data, found


def _not_indented(data: dict[Any, Any], document: Document) -> list[Diagnostic]:
    """Report integers that stand beside the section they belong to, as one mistake."""
    outside = [key for key in data if isinstance(key, int)]
    if not outside:
        return []
    empty = next((s for s in _INTEGER_KEYED if s in data and data[s] is None), None)
    for key in outside:
        del data[key]
    if empty is not None:
        data[empty] = {}
    section = empty or "labels"
    return [
        Diagnostic(
            "YML010",
            "error",
            f"`{outside[0]}` stands beside `{section}`, not below it",
            span=document.span((outside[0],), key=True),
            help=f"indent the integers below `{section}:` by two spaces",
        )
    ]


def _turned_round(
    section: str, turned: list[str], entries: dict[Any, Any], document: Document
) -> Diagnostic:
    first = turned[0]
    return Diagnostic(
        "SCH004",
        "error",
        f"`{section}` is written the other way round: the integer comes first",
        span=document.span((section, first), key=True),
        help=(
            f"write `{entries[first]}: {first}`; `vesalius new scheme --from dataset.json` turns "
            "the table of nnU-Net round"
        ),
    )


def _bad_key(section: str, key: object, value: object, document: Document) -> Diagnostic:
    span = document.span((section, str(key) if not isinstance(key, int) else key), key=True)
    if isinstance(key, int):
        message = f"the integer {key} is outside 0 to {LARGEST_INTEGER}"
        return Diagnostic("SCH004", "error", message, span=span)
    text, what = str(key), "NAME" if section == "names" else "STRUCTURE"
    help_ = f"write `INTEGER: {what}`"
    if text.strip().isdecimal():
        help_ = f"write `{int(text)}` without quotes"
    elif _is_integer(value):
        help_ = f"the integer comes first: write `{value}: {text}`"
    elif text[:1].isdecimal():
        help_ = "write one line for each integer, without other signs"
    return Diagnostic("SCH004", "error", f"`{text}` is not an integer", span=span, help=help_)


def _is_integer(key: object) -> bool:
    return isinstance(key, int) and not isinstance(key, bool) and 0 <= key <= LARGEST_INTEGER
