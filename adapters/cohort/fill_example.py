"""Fill in an example file that explains every key: names, paths beside it, whole lines."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from pathlib import Path

from vesalius.ontology.reading.side_files import YAML_ENDINGS


def named(schemes: Sequence[str]) -> dict[str, str]:
    """Give each scheme a name of its own: what it is called, and a number where that is taken."""
    found: dict[str, str] = {}
    for scheme in schemes:
        stem = one_word(Path(scheme).stem if scheme.endswith(YAML_ENDINGS) else scheme)
        same = sum(
            key == stem or re.fullmatch(rf"{re.escape(stem)}_\d+", key) is not None for key in found
        )
        found[stem if not same else f"{stem}_{same + 1}"] = scheme
    return found


def beside(scheme: str, output: Path) -> str:
    """Give a scheme as a file at `output` names it: a path is relative to the file's folder."""
    if not scheme.endswith(YAML_ENDINGS):
        return scheme
    return Path(os.path.relpath(scheme, output.parent)).as_posix()


def quoted(text: str) -> str:
    """Write a text in double quotes, as YAML reads it: it has no pairs of escapes."""
    return json.dumps(text, ensure_ascii=False)


def one_word(name: str) -> str:
    """Give a name that can be part of file names: letters, digits, `_` and `-`."""
    return re.sub(r"[^A-Za-z0-9_-]+", "_", name).strip("_-") or "my_study"


def swapped(text: str, line: str, new: str) -> str:
    """Put other text in the place of a whole line that stands in an example once.

    Raises
    ------
    ValueError
        If it does not stand there once.
    """
    before, found, after = f"\n{text}".partition(f"\n{line}\n")
    if not found or f"\n{line}\n" in f"\n{after}":
        raise ValueError(f"the example has not one line `{line}`")
    return f"{before}\n{new}\n{after}"[1:]
