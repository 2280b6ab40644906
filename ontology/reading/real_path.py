"""Where a path leads, links followed; of a link that leads back to itself, the link."""

from __future__ import annotations

import os
from pathlib import Path


def real_path(path: str | Path) -> Path:
    """Follow all links; unlike `Path.resolve`, no path is an error.

    Parameters
    ----------
    path : str or Path
        Of something that need not be there.
    """
    return Path(os.path.realpath(path))
