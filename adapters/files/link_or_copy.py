"""Bringing a file elsewhere as it is."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path


def link_or_copy(source: Path, target: Path, *, link: bool) -> None:
    """Give a file a second place: as a hard link if asked for and possible, else as a copy.

    Parameters
    ----------
    source : Path
        The file; where it is a link, what that leads to.
    target : Path
        Not there yet, in a folder that is.
    link : bool
        Whether a hard link will do.
    """
    real = os.path.realpath(source)
    if link:
        # Another file system, or one without hard links.
        with contextlib.suppress(OSError):
            os.link(real, target)
            return
    shutil.copyfile(real, target)
