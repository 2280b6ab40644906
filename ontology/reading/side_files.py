"""Files beside the voxels (YAML, JSON, tables of text), read within limits, whatever they are.

Opening a pipe waits for a writer that may never come, a device has no end, and a text of a
gigabyte takes minutes and all memory. So only files on a disk are read, and only up to a size.
"""

from __future__ import annotations

import codecs
import errno
import os
import stat
from pathlib import Path
from typing import Final

from vesalius.ontology.reading.nearest import renew_effort

YAML_ENDINGS: Final = (".yaml", ".yml")
MIB: Final = 1 << 20
YAML_BYTES: Final = 8 * MIB
"""A cohort of 60,000 listed cases has about one."""
TABLE_BYTES: Final = 64 * MIB
"""CSV, TSV and label descriptions."""
JSON_BYTES: Final = 16 * MIB
"""dataset.json, plans.json and records of steps; datasets list their files in them."""
REPORT_BYTES: Final = 512 * MIB
"""Reports that this program wrote; a prediction of noise has some ten thousand findings."""
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class UnfitFileError(OSError):
    """A file that is not opened, or not read: what is wrong is in `strerror`."""


def read_side_file(path: str | Path, most_bytes: int) -> bytes:
    """Read a file on a disk.

    Parameters
    ----------
    path : str or Path
        The file.
    most_bytes : int
        How large it may be: one of the limits of this module.

    Raises
    ------
    OSError
        If it cannot be read; an :class:`UnfitFileError` where it is a pipe, a device or a socket,
        or too large.
    """
    renew_effort()
    # Not to wait for whoever writes into a pipe; for a file on a disk it means nothing.
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(handle)
        mode = status.st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), os.fspath(path))
        if not stat.S_ISREG(mode):
            raise UnfitFileError(errno.EINVAL, "it is a pipe or a device, and no file on a disk")
        # What says that it is too large is not read at all; it may grow meanwhile.
        too_large = status.st_size > most_bytes
        data = b"" if too_large else file.read(most_bytes + 1)
    if too_large or len(data) > most_bytes:
        raise UnfitFileError(
            errno.EINVAL, f"it is larger than {most_bytes // MIB} MB, the most that is read of it"
        )
    return data


def decode_text(data: bytes) -> str:
    """Decode a text by the byte order mark that it begins with; without one it is UTF-8.

    Raises
    ------
    UnicodeDecodeError
        If it is no such text.
    """
    # The mark of UTF-32 begins with that of UTF-16.
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    return data.decode(encoding)
