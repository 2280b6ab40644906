"""The first stage of reading: whatever is given, opened once, as a stream of bytes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeAlias

from vesalius.adapters.files.given import Given, InMemory
from vesalius.adapters.files.gzip_stream import ByteStream, open_bytes
from vesalius.adapters.files.memory_stream import MemoryStream, memory_stream

Opened: TypeAlias = ByteStream | MemoryStream
"""Both are read from the front to the end; a file's stream begins with its header."""


@contextmanager
def open_given(given: str | Given) -> Iterator[Opened]:
    """Open a file, or look at what is in memory, for one pass.

    Raises
    ------
    DiagnosticError
        IO001 not there; IO002 cannot be read; IO010 no array of numbers; IO012 no affine.
    """
    if isinstance(given, InMemory):
        yield memory_stream(given)
        return
    with open_bytes(given) as stream:
        yield stream
