"""The folder of what is kept: whole files of a bounded size, written side by side, safe to lose.

Nothing here may stop a run: a folder that is missing, read-only, full or damaged is a cache that
knows nothing.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

VARIABLE: Final = "VESALIUS_CACHE"
"""Names the folder; `off` is none."""
OFF: Final = "off"
MOST_ENTRIES: Final = 200
MOST_BYTES: Final = 64 << 20
_ENDING: Final = ".plan"
_PART: Final = ".part"
_TEXT: Final = "utf-8"
_STALE_S: Final = 3600
"""A part that is older was left by a writer that was killed."""


@dataclass(frozen=True)
class CacheFolder:
    """Texts by key.

    Parameters
    ----------
    path : Path
        The folder; it need not be there.
    """

    path: Path

    def read(self, key: str) -> str | None:
        """Give the text of a key; None where there is none, or it is not whole."""
        place = self._place(key)
        try:
            digest, _, content = place.read_bytes().partition(b"\n")
        except OSError:
            return None
        if hashlib.sha256(content).hexdigest().encode() != digest:
            self.drop(key)
            return None
        with suppress(OSError):  # what is read is not old; where nothing may be written it stays
            os.utime(place)
        with suppress(UnicodeDecodeError):
            return content.decode(_TEXT)
        return None

    def write(self, key: str, text: str) -> bool:
        """Keep a text; tell whether that could be done. Old ones go where there are too many."""
        import tempfile  # noqa: PLC0415 - most often all is kept already

        content = text.encode(_TEXT)
        digest = hashlib.sha256(content).hexdigest().encode()
        if len(content) > MOST_BYTES:
            return False
        part: str | None = None
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, part = tempfile.mkstemp(suffix=_PART, dir=self.path)
            with os.fdopen(handle, "wb") as file:
                file.write(digest + b"\n" + content)
            os.replace(part, self._place(key))
        except OSError:
            with suppress(OSError):
                if part is not None:
                    os.unlink(part)
            return False
        self._keep_small()
        return True

    def drop(self, key: str) -> None:
        """Forget a key."""
        with suppress(OSError):
            self._place(key).unlink()

    def entries(self) -> list[Path]:
        """List the files of what is kept, the one used last first."""
        found: list[tuple[float, Path]] = []
        with suppress(OSError):
            for path in self.path.iterdir():
                if path.suffix == _ENDING:
                    with suppress(OSError):
                        found.append((path.stat().st_mtime, path))
        return [path for _, path in sorted(found, reverse=True)]

    def empty(self) -> int:
        """Forget everything; give how many files went. Files of others stay."""
        gone = 0
        for path in (*self.entries(), *self._parts()):
            with suppress(OSError):
                path.unlink()
                gone += 1
        return gone

    def _place(self, key: str) -> Path:
        return self.path / f"{key}{_ENDING}"

    def _parts(self) -> list[Path]:
        with suppress(OSError):
            return [path for path in self.path.iterdir() if path.suffix == _PART]
        return []

    def _keep_small(self) -> None:
        size = 0
        for number, path in enumerate(self.entries(), start=1):
            with suppress(OSError):
                size += path.stat().st_size
                if number > MOST_ENTRIES or size > MOST_BYTES:
                    path.unlink()
        for part in self._parts():
            with suppress(OSError):
                place = part.stat()
                newest = self.path.stat().st_mtime
                if newest - place.st_mtime > _STALE_S:
                    part.unlink()


def cache_folder() -> CacheFolder | None:
    """Give the folder that the environment names; None where nothing is to be kept.

    `VESALIUS_CACHE`, else `vesalius` below `XDG_CACHE_HOME`, else below `~/.cache`.
    """
    named = os.environ.get(VARIABLE)
    if named:
        return None if named == OFF else CacheFolder(Path(named))
    base = os.environ.get("XDG_CACHE_HOME", "")
    # A relative one is not valid, says the XDG base directory specification.
    if os.path.isabs(base):
        return CacheFolder(Path(base, "vesalius"))
    with suppress(RuntimeError):  # there is no home
        return CacheFolder(Path.home() / ".cache" / "vesalius")
    return None
