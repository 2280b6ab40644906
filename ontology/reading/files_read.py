"""Which YAML files were read, with what in them: so that what was made of them can be kept."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

_NOTED: ContextVar[dict[str, str] | None] = ContextVar("files_read", default=None)


@contextmanager
def files_read() -> Iterator[dict[str, str]]:
    """Note the files that are read inside.

    Yields
    ------
    dict of str to str
        Whole path of each file to the sha256 of the bytes that were read; it grows.
    """
    noted: dict[str, str] = {}
    token = _NOTED.set(noted)
    try:
        yield noted
    finally:
        _NOTED.reset(token)


def note_file(path: str | Path, content: bytes) -> None:
    """Note a file, where someone asked for it."""
    noted = _NOTED.get()
    if noted is not None:
        noted[os.path.abspath(path)] = digest_of(content)


def digest_of(content: bytes) -> str:
    """Give the sha256 of what a file holds."""
    return hashlib.sha256(content).hexdigest()
