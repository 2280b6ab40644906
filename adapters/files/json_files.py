"""JSON files that may be damaged in any way: read as an object, or refused with one error."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from vesalius.ontology.reading.side_files import JSON_BYTES, read_side_file


def read_object(path: Path, most_bytes: int = JSON_BYTES) -> dict[str, Any]:
    """Read a JSON object from a UTF-8 file on a disk that is not larger than so many bytes.

    Raises
    ------
    OSError
        If the file cannot be read, is none, or is too large.
    ValueError
        If it holds anything else, be it nested too deeply; a JSONDecodeError says where.
    """
    return parse_object(read_side_file(path, most_bytes).decode("utf-8"))


def parse_object(text: str) -> dict[str, Any]:
    """Read a JSON object from a text.

    Raises
    ------
    ValueError
        If it is anything else, be it nested too deeply; a JSONDecodeError says where.
    """
    try:
        data = json.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if not isinstance(data, dict):
        raise ValueError("it is no JSON object")
    return data
