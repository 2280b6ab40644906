"""What a run read, found again from its report."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vesalius.adapters.cases.file_names import RUN_FROM, places_of
from vesalius.adapters.files.gzip_stream import file_digest

Json = Mapping[str, Any]


def image_row(report: Json) -> Json | None:
    """Give what a report says of its image; None where the run had none."""
    return next((row for row in report["inputs"] if row["role"] == "image"), None)


def input_place(row: Json, folder: Path, report: Json) -> Path:
    """Find an input; of several files with its name the one with its content.

    Parameters
    ----------
    row : mapping
        What the report says of it.
    folder : Path
        Where the report lies.
    report : mapping
        The report.

    Returns
    -------
    Path
        The path as the report has it where no such file is there.
    """
    places = list(places_of(row["path"], folder, report.get(RUN_FROM)))
    if len(places) > 1:
        for path in places:
            if path.is_file() and file_digest(path) == row["sha256"]:
                return path
    return places[0] if places else Path(row["path"])
