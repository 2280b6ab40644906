"""Write output files whole or not at all, and several of them together or none.

Each file is written under a temporary name in the folder it belongs to, synced to disk, and
renamed at the end; where anything fails before, nothing is left behind and old files stay. What
a killed program leaves is taken away by the next one that writes into the folder.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from vesalius.adapters.files.claims import Claim, claimed, sweep
from vesalius.adapters.files.io_diagnostics import failure, problem, unwritable
from vesalius.ontology.diagnostics import Diagnostic, DiagnosticError

_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True)
class _Pending:
    """A finished temporary file and the place it is meant for."""

    temporary: Path
    final: Path


class Outputs:
    """Several output files, written all or none.

    Parameters
    ----------
    folder : Path, str or None
        Folder to make (with its parents) where it does not exist; removed again on failure.
    inputs : iterable of Path or str
        Files and folders that were read. No output may be one of them or lie in one of them.

    Examples
    --------
    >>> with Outputs(folder="out", inputs=["seg.nii.gz"]) as outputs:  # doctest: +SKIP
    ...     outputs.write_json("out/report.json", {"schema": "report/1"})

    Raises
    ------
    DiagnosticError
        IO050 no permission, no folder; IO051 disk full; IO052 an output is an input.
    """

    def __init__(self, folder: str | Path | None = None, inputs: Iterable[str | Path] = ()) -> None:
        self._folder = None if folder is None else Path(folder)
        self._inputs = tuple(Path(path) for path in inputs)
        self._pending: list[_Pending] = []
        self._made: list[Path] = []
        self._claims: dict[Path, Claim] = {}

    def __enter__(self) -> Outputs:
        if self._folder is not None:
            self._make_folder(self._folder)
            sweep(self._folder)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None:
            self._discard()
            return
        try:
            _rename_all(self._pending, self._claims)
        except BaseException:
            self._discard()
            raise
        self._release()

    @contextmanager
    def create(self, path: str | Path) -> Iterator[BinaryIO]:
        """Open a new file for writing; it appears at `path` when all outputs are finished."""
        path = Path(path)
        found = check_output(path, self._inputs)
        if found:
            raise DiagnosticError(found)
        # Through a link the file behind it is written, and the link stays.
        final = Path(os.path.realpath(path))
        try:
            temporary = self._claim(final.parent).path()
        except OSError as error:
            raise unwritable(path, error) from None
        try:
            with os.fdopen(os.open(temporary, _FLAGS, 0o666), "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
        except BaseException as error:
            _remove(temporary)
            if isinstance(error, OSError):
                raise unwritable(path, error) from None
            raise
        self._pending.append(_Pending(temporary, final))

    def write_bytes(self, path: str | Path, data: bytes) -> None:
        """Write a file of bytes."""
        with self.create(path) as file:
            file.write(data)

    def write_text(self, path: str | Path, text: str) -> None:
        """Write a UTF-8 text file."""
        self.write_bytes(path, text.encode("utf-8"))

    def write_json(self, path: str | Path, data: object) -> None:
        """Write a JSON file: two spaces of indent, keys as given, no NaN."""
        self.write_text(path, json_text(data))

    def _make_folder(self, folder: Path) -> None:
        missing = [place for place in (folder, *folder.parents) if not os.path.exists(place)]
        try:
            for place in reversed(missing):
                place.mkdir()
                self._made.append(place)
            if not os.path.isdir(folder):
                raise failure("IO050", folder, "a file with the name of this folder is in the way")
        except OSError as error:
            self._discard()
            raise unwritable(folder, error) from None

    def _claim(self, folder: Path) -> Claim:
        if folder not in self._claims:
            sweep(folder)
            self._claims[folder] = Claim(folder)
        return self._claims[folder]

    def _release(self) -> None:
        for claim in self._claims.values():
            claim.release()
        self._claims.clear()

    def _discard(self) -> None:
        self._release()
        for place in reversed(self._made):
            # Someone else may have put a file there meanwhile; then the folder stays.
            with contextlib.suppress(OSError):
                place.rmdir()
        self._made.clear()


def check_output(path: str | Path, inputs: Iterable[str | Path] = ()) -> list[Diagnostic]:
    """Say why nothing may be written at a path, before any work is done.

    Links are followed on both sides, hard links included.
    """
    path = Path(path)
    real = Path(os.path.realpath(path))
    for given in inputs:
        if _is_same(path, Path(given)):
            text = "this output is also an input, and vesalius never writes onto its input"
            return [problem("IO052", path, text, "choose another name with -o")]
        folder = Path(os.path.realpath(given))
        if os.path.isdir(folder) and folder in real.parents:
            text = f"this output would lie in the input folder `{given}`"
            return [problem("IO052", path, text, "choose another folder with -o")]
    if os.path.isdir(path):
        return [problem("IO050", path, "a folder with the name of this file is in the way")]
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return []
    if not stat.S_ISREG(mode):
        text = "this is a device or a pipe; outputs are files, renamed into place when complete"
        return [problem("IO050", path, text)]
    return []


def write_text(path: str | Path, text: str, inputs: Iterable[str | Path] = ()) -> None:
    """Write one UTF-8 text file, whole or not at all."""
    with Outputs(inputs=inputs) as outputs:
        outputs.write_text(path, text)


def write_json(path: str | Path, data: object, inputs: Iterable[str | Path] = ()) -> None:
    """Write one JSON file, whole or not at all."""
    write_text(path, json_text(data), inputs)


def json_text(data: object) -> str:
    """Give the JSON text that `write_json` writes.

    Paths may hold bytes that are no characters in any encoding; JSON escapes say them.
    """
    text = json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _is_same(path: Path, given: Path) -> bool:
    try:
        return os.path.samefile(path, given)
    except OSError:
        return os.path.realpath(path) == os.path.realpath(given)


def replace_folder(folder: Path, write: Callable[[Path], None]) -> None:
    """Write a folder whole or not at all, in place of one that may be there.

    Parameters
    ----------
    folder : Path
        The folder; those above it are made.
    write : callable
        Fills the empty folder it is given.

    Raises
    ------
    DiagnosticError
        IO050 no permission; IO051 disk full.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with claimed(folder.parent) as claim:
            part = claim.path()
            part.mkdir()
            write(part)
            if folder.exists():
                claim.set_aside(folder)
            os.rename(part, folder)
    except OSError as error:
        raise unwritable(folder, error) from None


def _rename_all(pending: list[_Pending], claims: Mapping[Path, Claim]) -> None:
    """Rename every file into place; where one fails, put the old files back."""
    old: list[tuple[Path, Path | None]] = []
    try:
        for item in pending:
            try:
                # A single rename is whole by itself and needs no copy of the old file.
                backup = _set_aside(item.final, claims) if len(pending) > 1 else None
                old.append((item.final, backup))
                os.replace(item.temporary, item.final)
            except OSError as error:
                raise unwritable(item.final, error) from None
    except BaseException:
        _put_back(pending, old)
        raise
    for _, backup in old:
        if backup is not None:
            _remove(backup)
    for folder in {item.final.parent for item in pending}:
        _sync_folder(folder)


def _set_aside(final: Path, claims: Mapping[Path, Claim]) -> Path | None:
    """Keep the old file under a second name, or give None where there is none."""
    if not os.path.exists(final):
        return None
    backup = claims[final.parent].path("old")
    try:
        os.link(final, backup)
    except OSError:
        # Some file systems know no hard links; a killed run must not take the old file along.
        shutil.copy2(final, backup)
    return backup


def _put_back(pending: list[_Pending], old: list[tuple[Path, Path | None]]) -> None:
    for item, (final, backup) in zip(pending, old, strict=False):
        with contextlib.suppress(OSError):
            if backup is not None:
                os.replace(backup, final)
                # Renaming one hard link onto another does nothing: the second name is left.
                _remove(backup)
            elif not item.temporary.exists():
                final.unlink()


def _sync_folder(folder: Path) -> None:
    # Not every system lets a folder be opened or synced; the files themselves are on disk.
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()
