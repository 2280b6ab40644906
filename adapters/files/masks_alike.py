"""What is true of many masks of a folder, said once: a case has more than a hundred of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

from vesalius.adapters.files.io_diagnostics import listing
from vesalius.ontology.reading.diagnostics import Diagnostic

_ERRORS_APART: Final = 5
_FIGURES: Final = re.compile(r"\d[\d,]* voxels?\b|the first is \S+ at voxel \([^)]*\)")


def said_once(found: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Put together what differs in the file, and in how many voxels there are, alone.

    Parameters
    ----------
    found : iterable of Diagnostic
        In the order of the masks.

    Returns
    -------
    list of Diagnostic
        The first of each kind, with the names of the other masks.
    """
    kinds: dict[tuple[object, ...], list[Diagnostic]] = {}
    for each in found:
        own = Path(each.path or "").name
        plain = _FIGURES.sub("", each.message.replace(f"`{own}`", "``"))
        kinds.setdefault((each.severity, each.code, each.help, plain), []).append(each)
    return [
        each
        for alike in kinds.values()
        for each in (alike if _few_errors(alike) else [_together(alike)])
    ]


def _few_errors(alike: list[Diagnostic]) -> bool:
    """Tell whether each file can be told of by itself, which is to be mended or got again."""
    return len(alike) <= _ERRORS_APART and alike[0].severity == "error"


def _together(alike: list[Diagnostic]) -> Diagnostic:
    first, *others = alike
    files = [*dict.fromkeys(Path(each.path or "").name for each in others)]
    if not files:
        return first
    names = listing([f"`{file}`" for file in files])
    return replace(first, message=f"{first.message} (so too in {names})")
