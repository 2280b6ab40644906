"""Bytes of a plain or gzip-compressed file: read once, in full, with the file's digest.

The fast library (isal) is used where it is installed, the standard one otherwise; both give
the same bytes. Files of several gzip members are read to the end: one-shot decompressors
stop silently after the first.
"""

from __future__ import annotations

import gzip
import hashlib
import importlib
import io
import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, BinaryIO, cast

from vesalius.adapters.files.given import Noun
from vesalius.adapters.files.io_diagnostics import failure, plural, unreadable

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

GZIP_MAGIC = b"\x1f\x8b"
MOST_COMPRESSED = 1100
"""No gzip file holds more bytes per byte than this (deflate ends at 1032)."""
_LEAST_GZIP = 20
"""Bytes of a gzip file with nothing in it."""
BLOCK_BYTES = 1 << 20
"""Working block while streaming."""
_SCRATCH_BYTES = 1 << 16
"""Block of what is read and not kept: most files have nothing or little of it."""
FAST_LEVELS = (0, 3)
"""Lowest and highest compression level of the fast library."""

_STANDARD_LEVELS = (1, 1, 4, 6)  # what the standard library does for each fast level


def fast_library() -> ModuleType | None:
    """Give the fast gzip module, or None where it is not installed."""
    try:
        return importlib.import_module("isal.igzip")
    except ImportError:
        return None


def _damage() -> tuple[type[Exception], ...]:
    found: tuple[type[Exception], ...] = (gzip.BadGzipFile, zlib.error)
    try:
        return (*found, importlib.import_module("isal.isal_zlib").error)
    except ImportError:
        return found


_DAMAGE = _damage()


class _DigestingFile(io.RawIOBase):
    """Pass bytes through and keep their sha256."""

    def __init__(self, raw: io.FileIO) -> None:
        self._raw = raw
        self.sha256 = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer)
        count = self._raw.readinto(view) or 0
        self.sha256.update(view[:count])
        return count


class ByteStream:
    """The content of one file, decompressed, front to back.

    Parameters
    ----------
    path : Path
        The file, for messages.
    raw : io.FileIO
        The open file at its beginning.
    """

    def __init__(self, path: Path, raw: io.FileIO) -> None:
        self.path = path
        self.name = str(path)
        self.noun: Noun = "file"
        self.position = 0
        self.file_bytes = os.fstat(raw.fileno()).st_size
        self.compressed = raw.read(len(GZIP_MAGIC)) == GZIP_MAGIC
        raw.seek(0)
        self._digesting = _DigestingFile(raw)
        self._content: BinaryIO | _DigestingFile = self._digesting
        if self.compressed:
            module = fast_library() or gzip
            self._content = cast("BinaryIO", module.GzipFile(fileobj=self._digesting, mode="rb"))

    def fill(self, buffer: memoryview) -> int:
        """Read until the buffer (bytes, shape (n,)) is full or the content ends.

        Returns
        -------
        int
            Number of bytes read.

        Raises
        ------
        DiagnosticError
            IO002 the disk fails; IO005 cut off; IO006 damaged.
        """
        position = 0
        while position < len(buffer):
            # In blocks, because gzip files copy what `readinto` asks for.
            count = self._read_some(buffer[position : position + BLOCK_BYTES])
            if not count:
                break
            position += count
        self.position += position
        return position

    def lend(self, buffer: memoryview) -> memoryview:
        """Give the next bytes, as many as the buffer has or all that are left.

        They lie in the buffer, or where they were decompressed, and may be read only. Raises as
        `fill` does.
        """
        if not self.compressed:
            return buffer[: self.fill(buffer)]
        with self._told():
            found = memoryview(self._content.read(len(buffer)) or b"")
        self.position += len(found)
        return found

    def drain(self) -> int:
        """Read to the end, so that checksums and further members are seen; count the bytes."""
        scratch = memoryview(bytearray(_SCRATCH_BYTES))
        total = 0
        while count := self._read_some(scratch):
            total += count
        self.position += total
        return total

    def digest(self) -> str:
        """Give the sha256 of the bytes on disk read so far; call it after `drain`."""
        return self._digesting.sha256.hexdigest()

    def most_bytes(self) -> int:
        """Give an upper limit of the content's size."""
        return self.file_bytes * (MOST_COMPRESSED if self.compressed else 1)

    def _read_some(self, buffer: memoryview) -> int:
        with self._told():
            return self._content.readinto(buffer) or 0  # type: ignore[union-attr]

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say what is wrong with a file that cannot be read on."""
        try:
            yield
        except EOFError:
            text = "the file ends in the middle of its compressed data"
            if self.file_bytes < _LEAST_GZIP:
                text = (
                    f"the file has {plural(self.file_bytes, 'byte')}, and no gzip file has so few"
                )
            raise failure(
                "IO005",
                self.path,
                text,
                "it was cut off while copying, downloading or writing; get it again",
            ) from None
        except _DAMAGE as error:
            raise failure(
                "IO006",
                self.path,
                _damage_message(error),
                "get the file again; `gzip -t FILE` tells whether a copy is sound",
            ) from None
        except OSError as error:
            raise unreadable(self.path, error) from None


def _damage_message(error: Exception) -> str:
    text = str(error)
    if text.startswith("Not a gzipped file"):
        return "after the end of the compressed data come bytes that do not belong there"
    if text.startswith(("CRC", "Incorrect length")):
        return "the checksum of the compressed data is wrong: voxels have changed"
    return "the compressed data are damaged"


@contextmanager
def open_bytes(path: str | Path) -> Iterator[ByteStream]:
    """Open a file for one pass over its (decompressed) bytes.

    Raises
    ------
    DiagnosticError
        IO001 not there; IO002 a folder, a device or without permission.
    """
    path = Path(path)
    with _raw(path) as raw:
        yield ByteStream(path, raw)


def _raw(path: Path) -> io.FileIO:
    """Open a file on a disk; a pipe would wait for a writer that may never come."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode) and not os.path.isdir(path):
            raise failure("IO002", path, "this is not a file on a disk")
        return io.FileIO(path, "rb", opener=_without_waiting)
    except OSError as error:
        raise unreadable(path, error) from None


def _without_waiting(path: str, flags: int) -> int:
    # What was a file a moment ago may be a pipe now.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def file_digest(path: str | Path) -> str:
    """Give the sha256 of a file's bytes on disk, without decompressing them.

    Raises
    ------
    DiagnosticError
        IO001, IO002 where it cannot be read.
    """
    sha256 = hashlib.sha256()
    block = memoryview(bytearray(_SCRATCH_BYTES))
    try:
        with _raw(Path(path)) as raw:
            while count := raw.readinto(block):
                sha256.update(block[:count])
    except OSError as error:
        raise unreadable(path, error) from None
    return sha256.hexdigest()


@contextmanager
def gzip_writer(file: BinaryIO, level: int = 1) -> Iterator[BinaryIO]:
    """Compress what is written onto an open file; the same bytes every time.

    Parameters
    ----------
    file : BinaryIO
        Open for writing; stays open.
    level : int
        0 (fastest) to 3 (smallest).

    Raises
    ------
    ValueError
        If there is no such level.
    """
    lowest, highest = FAST_LEVELS
    if not lowest <= level <= highest:
        raise ValueError(f"compression levels are {lowest} to {highest}, not {level}")
    fast = fast_library()
    # No name and no time in the gzip header: equal voxels give equal files.
    if fast is not None:
        writer = fast.GzipFile("", "wb", level, file, mtime=0)
    else:
        writer = gzip.GzipFile("", "wb", _STANDARD_LEVELS[level], file, mtime=0)
    with writer:
        yield cast("BinaryIO", writer)
