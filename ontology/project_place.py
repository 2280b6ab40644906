"""Where a user's own folder is found: by the name of its file, from a folder upward."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from vesalius.ontology.reading.real_path import real_path

FILE_NAME: Final = "vesalius.yaml"


def find_project(start: Path) -> Path | None:
    """Find the project file of a folder, there or in a folder above; None where there is none."""
    folder = real_path(start)
    for place in (folder, *folder.parents):
        # A link that leads nowhere, or a pipe, is refused by who reads it and not passed over.
        if os.path.lexists(place / FILE_NAME):
            return place / FILE_NAME
    return None
