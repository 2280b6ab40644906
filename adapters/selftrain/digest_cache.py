"""Digests of files, kept between runs so that terabytes are not read again at every start.

A digest is believed as long as the file is the same one on the disk with the same size and time
of change, as version control does; files changed in the last moments are always read.
"""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

from vesalius.adapters.cohort.done_before import folder_digest
from vesalius.adapters.files.atomic import write_json
from vesalius.adapters.files.gzip_stream import file_digest
from vesalius.adapters.files.json_files import read_object
from vesalius.ontology.reading.side_files import REPORT_BYTES

SETTLED_NS = 3_000_000_000
"""Clocks of file systems are coarse: a younger file could change without its time changing."""


class DigestCache:
    """Digests by what the disk says of a file.

    Parameters
    ----------
    path : Path
        Where they are kept; a lost or damaged file only costs time.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, list[object]] = {}
        self._changed = False
        with contextlib.suppress(OSError, ValueError):
            self._known = read_object(path, REPORT_BYTES)

    def digest(self, path: Path) -> str:
        """Give the sha256 of a file, or of a folder of masks.

        Raises
        ------
        DiagnosticError
            IO001, IO002, IO030 where it cannot be read.
        """
        if path.is_dir():
            return folder_digest(path)
        try:
            found = os.stat(path)
        except OSError:
            return file_digest(path)  # says what is wrong
        key = f"{found.st_dev}:{found.st_ino}"
        state = [found.st_size, found.st_mtime_ns]
        known = self._known.get(key)
        if isinstance(known, list) and len(known) == 3 and known[:2] == state:
            return str(known[2])
        sha256 = file_digest(path)
        if time.time_ns() - found.st_mtime_ns > SETTLED_NS:
            self._known[key] = [*state, sha256]
            self._changed = True
        return sha256

    def save(self) -> None:
        """Write what is new to disk."""
        if self._changed:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_json(self._path, self._known)
            self._changed = False
