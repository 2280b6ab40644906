"""Write output files whole or not at all, and several of them together or none.

Each file is written under a temporary name in the folder it belongs to, synced to disk, and
renamed at the end; where anything fails before, nothing is left behind and old files stay. What
a killed program leaves is taken away by the next one that writes into the folder, or brought to
its end where the renaming had begun.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from vesalius.adapters.files import unfinished
from vesalius.adapters.files.claims import Claim, claimed, sweep
from vesalius.adapters.files.held_signals import signals_held
from vesalius.adapters.files.intended_moves import Move
from vesalius.adapters.files.io_diagnostics import failure, problem, unwritable
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError

_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True)
class _Pending:
    """A finished temporary file and the place it is meant for; None leaves the place empty."""

    temporary: Path | None
    final: Path


class Outputs:
    """Several output files, written all or none.

    Parameters
    ----------
    folder : Path, str or None
        Folder to make (with its parents) where it does not exist; removed again on failure.
    inputs : iterable of Path or str
        Files and folders that were read. No output may be one of them or lie in one of them.
    swept : bool
        Whether all folders were swept when this run began: to do so for each of their files takes
        the square of their number.

    Examples
    --------
    >>> with Outputs(folder="out", inputs=["seg.nii.gz"]) as outputs:  # doctest: +SKIP
    ...     outputs.write_json("out/report.json", {"schema": "report/1"})

    Raises
    ------
    DiagnosticError
        IO050 no permission, no folder; IO051 disk full; IO052 an output is an input.
    """

    def __init__(
        self,
        folder: str | Path | None = None,
        inputs: Iterable[str | Path] = (),
        *,
        swept: bool = False,
    ) -> None:
        self._folder = None if folder is None else Path(folder)
        self._inputs = tuple(Path(path) for path in inputs)
        self._pending: list[_Pending] = []
        self._made: list[Path] = []
        self._claims: dict[Path, Claim] = {}
        self._swept = swept

    def __enter__(self) -> Outputs:
        unfinished.begin(self._discard)
        if self._folder is not None:
            try:
                self._make_folder(self._folder)
                sweep(self._folder)
            except BaseException:
                self._discard()
                raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # It takes a moment: whoever wants us to stop hears of it after, and finds all or nothing.
        with signals_held():
            if kind is not None:
                self._discard()
                return
            try:
                _rename_all(self._pending, self._claims)
            except BaseException:
                self._discard()
                raise
            self._release()
            unfinished.finish(self._discard)

    @contextmanager
    def create(self, path: str | Path) -> Iterator[BinaryIO]:
        """Open a new file for writing; it appears at `path` when all outputs are finished.

        Raises
        ------
        DiagnosticError
            IO050 to IO052 where nothing can be written there, or an input would be.
        """
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

    def unfinished(self, path: str | Path) -> Path:
        """Give where a file that was written lies until all outputs are finished.

        Raises
        ------
        KeyError
            If it was not written.
        """
        final = Path(os.path.realpath(path))
        written = {each.final: each.temporary for each in self._pending}
        if (found := written[final]) is None:
            raise KeyError(final)
        return found

    def write_bytes(self, path: str | Path, data: bytes) -> None:
        """Write a file of bytes."""
        with self.create(path) as file:
            file.write(data)

    def write_text(self, path: str | Path, text: str) -> None:
        """Write a UTF-8 text file; what no text can hold is written as an escape."""
        self.write_bytes(path, text.encode("utf-8", "backslashreplace"))

    def write_json(self, path: str | Path, data: object) -> None:
        """Write a JSON file: two spaces of indent, keys as given, no NaN."""
        self.write_text(path, json_text(data))

    def remove(self, path: str | Path) -> None:
        """Take away a file that an earlier run wrote, when all outputs are finished.

        A file that is not there is no error.

        Raises
        ------
        DiagnosticError
            IO050 where it cannot be taken away.
        """
        final = Path(os.path.realpath(path))
        if not os.path.lexists(final):
            return
        try:
            self._claim(final.parent)
        except OSError as error:
            raise unwritable(path, error) from None
        self._pending.append(_Pending(None, final))

    def _make_folder(self, folder: Path) -> None:
        folder = where_it_leads(folder)
        missing = [place for place in (folder, *folder.parents) if not os.path.exists(place)]
        try:
            for place in reversed(missing):
                # Another run may make the same folder at this moment; then it is not ours.
                with signals_held(), contextlib.suppress(FileExistsError):
                    place.mkdir()
                    self._made.append(place)
            if not os.path.isdir(folder):
                raise failure("IO050", folder, "a file with the name of this folder is in the way")
        except OSError as error:
            self._discard()
            raise unwritable(folder, error) from None

    def _claim(self, folder: Path) -> Claim:
        if folder not in self._claims:
            if not self._swept:
                sweep(folder)
            with signals_held():
                try:
                    self._claims[folder] = Claim(folder)
                except FileNotFoundError:
                    # Another run may have found our folder empty and taken it away.
                    if self._folder is None or folder != Path(os.path.realpath(self._folder)):
                        raise
                    self._make_folder(self._folder)
                    self._claims[folder] = Claim(folder)
        return self._claims[folder]

    def _release(self) -> None:
        for claim in self._claims.values():
            claim.release()
        self._claims.clear()

    def _discard(self) -> None:
        with signals_held():
            self._release()
            self._leave_folders()
            unfinished.finish(self._discard)

    def _leave_folders(self) -> None:
        for place in reversed(self._made):
            # Someone else may have put a file there meanwhile; then the folder stays.
            with contextlib.suppress(OSError):
                place.rmdir()
        self._made.clear()


def where_it_leads(folder: Path) -> Path:
    """Give a folder without the `..` of what is not there: where no `x` is, `x/../y` is `y`."""
    if ".." not in folder.parts or os.path.exists(folder):
        return folder
    return Path(os.path.relpath(os.path.realpath(folder)))


def check_output(path: str | Path, inputs: Iterable[str | Path] = ()) -> list[Diagnostic]:
    """Say why nothing may be written at a path, before any work is done.

    Links are followed on both sides, hard links included.
    """
    path = Path(path)
    for given in inputs:
        if _is_same(path, Path(given)):
            text = "this output is also an input, and vesalius never writes onto its input"
            return [problem("IO052", path, text, "choose another name with -o")]
        if os.path.isdir(given) and _lies_in(path, given):
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


def write_text(
    path: str | Path, text: str, inputs: Iterable[str | Path] = (), *, swept: bool = False
) -> None:
    """Write one UTF-8 text file, whole or not at all."""
    with Outputs(inputs=inputs, swept=swept) as outputs:
        outputs.write_text(path, text)


def write_json(path: str | Path, data: object) -> None:
    """Write one JSON file, whole or not at all."""
    write_text(path, json_text(data))


def json_text(data: object) -> str:
    """Give the JSON text that `write_json` writes.

    Paths may hold bytes that are no characters in any encoding; JSON escapes say them.
    """
    text = json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _lies_in(path: Path, folder: str | Path) -> bool:
    return Path(os.path.realpath(folder)) in Path(os.path.realpath(path)).parents


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
    # A single rename is whole by itself: it needs no copy of the old file and no plan.
    alone = len(pending) == 1
    moves = []
    for item in pending:
        try:
            old = None if alone else _set_aside(item.final, claims)
        except OSError as error:
            raise unwritable(item.final, error) from None
        moves.append(Move(item.temporary, item.final, old))
    if not alone and moves:
        first, *others = claims.values()
        _write_down(first, moves, others)
    done: list[Move] = []
    try:
        for move in moves:
            done.append(move)
            try:
                move.forward()
            except OSError as error:
                raise unwritable(move.final, error) from None
    except BaseException:
        _put_back(done, None if alone else next(iter(claims.values())))
        raise
    for folder in {move.final.parent for move in moves}:
        _sync_folder(folder)


def _write_down(first: Claim, moves: list[Move], others: list[Claim]) -> None:
    try:
        first.intend(moves, others)
    except OSError as error:
        raise unwritable(first.folder, error) from None


def _set_aside(final: Path, claims: Mapping[Path, Claim]) -> Path | None:
    """Keep the old file under a second name, or give None where there is none."""
    if not os.path.exists(final):
        return None
    backup = claims[final.parent].path("old")
    try:
        os.link(final, backup)
    except OSError:
        from shutil import copy2  # noqa: PLC0415 - rarely needed

        # Some file systems know no hard links; a killed run must not take the old file along.
        copy2(final, backup)
    return backup


def _put_back(moves: Iterable[Move], claim: Claim | None) -> None:
    if claim is not None:
        with contextlib.suppress(OSError):
            claim.withdraw()
    for move in moves:
        with contextlib.suppress(OSError):
            move.back()


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
