"""Standard streams that are closed or full cost what they would have shown, nothing else."""

from __future__ import annotations

import codecs
import errno
import io
import os
import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_STREAMS = ((0, os.O_RDONLY), (1, os.O_WRONLY), (2, os.O_WRONLY))


def make_streams_safe() -> None:
    """Open what is closed, so that no output file gets its number; let no output ever fail.

    A full or a broken stdout costs what it would have shown; :func:`refused_stdout` tells of it.
    """
    for number, flags in _STREAMS:
        try:
            os.fstat(number)
        except OSError:
            # The lowest free number is given, which is this one.
            os.open(os.devnull, flags)
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - for as long as we run
    codecs.register_error(_AS_IT_CAME, _as_it_came)
    sys.stdout = _safe(1, sys.stdout)
    sys.stderr = _safe(2, sys.stderr)


def refused_stdout() -> int | None:
    """Give the error number with which stdout refused what was written, if it did.

    Whoever read it may have enough (`vesalius ls | head`); that is no refusal.
    """
    stream = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    if not isinstance(stream, _Forgiving):
        return None
    sys.stdout.flush()
    return None if stream.refused == errno.EPIPE else stream.refused


def is_stdout_unheard() -> bool:
    """Tell whether what is written to stdout goes nowhere: it was closed, is full, or is null."""
    if refused_stdout() is not None:
        return True
    with suppress(OSError):
        return os.path.samestat(os.fstat(1), os.stat(os.devnull))
    return False


@contextmanager
def stdout_to_stderr() -> Iterator[None]:
    """Send what libraries and their processes print to stderr; our stdout holds the result only."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)


class _Forgiving(io.FileIO):
    """A stream that goes nowhere from the moment on that it takes nothing any more.

    What a command does besides is not lost with it.
    """

    refused: int | None = None
    """The number of the error with which it refused."""

    def write(self, data: ReadableBuffer) -> int:
        """Write, or be silent from now on."""
        try:
            while self.refused is None:
                written: int | None = super().write(data)
                if written is not None:
                    return written
                select.select((), (self,), ())  # whoever reads it has set it not to wait
        except OSError as error:
            self.refused = error.errno or errno.EIO
        return memoryview(data).nbytes


def _safe(number: int, before: object) -> io.TextIOWrapper:
    stream = _Forgiving(number, "wb", closefd=False)
    encoding: str = getattr(before, "encoding", None) or "utf-8"
    # What says ASCII knows nothing of what reads it.
    ascii_alone = codecs.lookup(encoding).name == "ascii"
    return io.TextIOWrapper(
        io.BufferedWriter(stream),
        encoding="utf-8" if ascii_alone else encoding,
        errors=_AS_IT_CAME,
        line_buffering=number == 2 or stream.isatty(),
    )


_AS_IT_CAME = "vesalius.as_it_came"


def _as_it_came(error: UnicodeError) -> tuple[str | bytes, int]:
    """Write a file name that is no text as the bytes it is, and else what a text cannot hold."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    letter = error.object[error.start]
    if 0xDC80 <= ord(letter) <= 0xDCFF:
        return bytes([ord(letter) - 0xDC00]), error.start + 1
    return letter.encode("ascii", "backslashreplace"), error.start + 1
