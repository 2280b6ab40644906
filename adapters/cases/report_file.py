"""Reports as files that tell whether they are still what was written.

A report carries the sha256 of the text of all that stands before it. There are two layouts: of a
case, of which there are many, one line without blanks; of a cohort two spaces of indent. Both are
read everywhere.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from vesalius.adapters.cases.outcome_rows import compact_text
from vesalius.adapters.cases.rule_findings import Json
from vesalius.adapters.files.atomic import json_text
from vesalius.adapters.files.json_files import parse_object, read_object
from vesalius.ontology.reading.side_files import REPORT_BYTES, read_side_file

DIGEST = "sha256"
"""The last key of a report: the sha256 of the text of all that stands before it."""

Layout = Callable[[object], str]
_SIGNED_END: Final = re.compile(rf',"{DIGEST}":"([0-9a-f]{{64}})"}}\n\Z')
_SIGNED_END_CHARACTERS: Final = len(f',"{DIGEST}":"{"0" * 64}"}}\n')


def one_line(data: object) -> str:
    """Give the JSON text of a case's report: one line, keys as given, no NaN."""
    text = compact_text(data) + "\n"
    # As of all JSON that is written: bytes that are no characters stand as escapes.
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


LAYOUTS: Final[tuple[Layout, ...]] = (one_line, json_text)


def with_digest(report: Json, layout: Layout = json_text) -> Json:
    """Give a report that carries a digest of itself, in place of one it may have.

    Parameters
    ----------
    report : dict
        JSON values.
    layout : callable
        One of `LAYOUTS`: how it will be written.
    """
    rest = {key: value for key, value in report.items() if key != DIGEST}
    digest = hashlib.sha256(layout(rest).encode("utf-8")).hexdigest()
    return {**rest, DIGEST: digest}


def signed_line(report: Json) -> tuple[Json, str]:
    """Give a case's report that carries a digest of itself, and its text as it is written."""
    rest = {key: value for key, value in report.items() if key != DIGEST}
    text = one_line(rest)
    digest = hashlib.sha256(text.encode("utf-8")).hexdigest()
    return {**rest, DIGEST: digest}, f'{text[:-2]},"{DIGEST}":"{digest}"}}\n'


def is_whole(report: Json, text: str = "") -> bool:
    """Tell whether a report is what its digest was taken of, in whatever layout.

    Parameters
    ----------
    report : dict
        JSON values.
    text : str, optional
        What it was read from. Nearly always that is the signed line itself, and nothing needs to
        be written anew to see it.
    """
    return is_signed_line(text) or _layout_of(report) is not None


def is_signed_line(text: str) -> bool:
    """Tell whether a text is, to the byte, what :func:`signed_line` gives."""
    ending = _SIGNED_END.search(text, max(0, len(text) - _SIGNED_END_CHARACTERS))
    if ending is None:
        return False
    signed = hashlib.sha256(text[: ending.start()].encode("utf-8", "surrogatepass"))
    signed.update(b"}\n")
    return signed.hexdigest() == ending.group(1)


def read_report(path: Path) -> Json | None:
    """Read the report of a case; None where there is none that can be read."""
    try:
        return read_object(path, REPORT_BYTES)
    except (OSError, ValueError):
        return None


def read_whole_report(path: Path) -> Json | None:
    """Read the report of a case; None where it is not, to the byte, what was written."""
    try:
        text = read_side_file(path, REPORT_BYTES).decode("utf-8")
        report = parse_object(text)
        if is_signed_line(text):
            return report
        layout = _layout_of(report)
        return report if layout is not None and layout(report) == text else None
    except (OSError, ValueError):
        return None


def _layout_of(report: Json) -> Layout | None:
    try:
        for layout in LAYOUTS:
            if with_digest(report, layout)[DIGEST] == report.get(DIGEST):
                return layout
    except (ValueError, RecursionError):  # numbers that JSON does not have
        pass
    return None
