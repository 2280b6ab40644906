"""Where a user's own folder is found: by the name of its file, from a folder upward."""

from __future__ import annotations

from pathlib import Path
from typing import Final

FILE_NAME: Final = "vesalius.yaml"


def find_project(start: Path) -> Path | None:
    """Find the project file of a folder, there or in a folder above; None where there is none."""
    folder = start.resolve()
    for place in (folder, *folder.parents):
        if (place / FILE_NAME).is_file():
            return place / FILE_NAME
    return None
