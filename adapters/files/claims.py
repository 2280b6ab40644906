"""Temporary names that a later run can take away if this one is killed, and no live one loses.

What is being written lies beside its place as `.vesalius-TOKEN-N.part`. Before the first of them
there is `.vesalius-TOKEN.lock`, held locked by the process that writes and removed last. The
system lets go of a lock when its process dies, however it dies: a lock that can be taken, or one
that is not there, says that nobody will finish these files any more. (A forked child has the
locks of its parent and may outlive it, so it closes them first of all.)
"""

from __future__ import annotations

import contextlib
import os
import platform
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from vesalius.adapters.files import unfinished
from vesalius.adapters.files.held_signals import signals_held
from vesalius.adapters.files.intended_moves import Move, encoded, lines_of, read_notes

try:
    import fcntl
except ImportError:  # no locks of this kind: nothing can be known, so nothing is taken away
    fcntl = None  # type: ignore[assignment]

CLAIMED = ".vesalius-"
"""What temporary names begin with."""
RUNNING = ".vesalius-running"
"""A file that a run holds locked in its output folder."""

_NAME = re.compile(r"\.vesalius-([0-9a-f]{12})(-[0-9]+)?\.(part|old|lock)")
_BOOT = Path("/proc/sys/kernel/random/boot_id")
_FOREIGN_AGE_S = 24 * 3600
"""Some network file systems keep locks to each machine; what another one wrote must be old."""
_NOTES_BYTES = 1 << 26
_TRIES = 5
_TURN_S = 0.5


class Claim:
    """Temporary names in one folder that belong to this process as long as it lives.

    Parameters
    ----------
    folder : Path
        The folder, which is there.

    Raises
    ------
    OSError
        If nothing can be written there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._given: list[Path] = []
        self._aside: list[tuple[str, str]] = []
        with signals_held():
            self._token, self._handle = _claim(folder)
            unfinished.begin(self.release)

    def path(self, ending: str = "part") -> Path:
        """Give a name that nothing has yet.

        Parameters
        ----------
        ending : {"part", "old"}
            What it is for.
        """
        name = f".vesalius-{self._token}-{len(self._given) + 1}.{ending}"
        self._given.append(self.folder / name)
        return self._given[-1]

    def set_aside(self, final: Path) -> Path:
        """Rename a folder out of the way; it comes back where no other takes its name.

        Returns
        -------
        Path
            Where it is until the claim is released.
        """
        aside = self.path("old")
        self._note([["aside", aside.name, final.name]])
        self._aside.append((aside.name, final.name))
        os.rename(final, aside)
        return aside

    def intend(self, moves: Sequence[Move], others: Iterable[Claim] = ()) -> None:
        """Write down what is to be done; if this process dies, a sweep does it.

        Parameters
        ----------
        moves : sequence of Move
            All of it.
        others : iterable of Claim
            Of other folders that have a part in it.
        """
        for other in others:
            lock = _lock_path(self.folder, self._token)
            other._note([["see", os.path.relpath(lock, other.folder)]])
        self._note(lines_of(moves, self.folder))

    def withdraw(self) -> None:
        """Write down that what was intended is taken back."""
        self._note([["back"]])

    def _note(self, lines: Sequence[Sequence[str | None]]) -> None:
        """Write lines where a sweep reads them, if this process is killed."""
        data = encoded(lines)
        while data:
            data = data[os.write(self._handle, data) :]
        with contextlib.suppress(OSError):  # a file system that cannot
            os.fsync(self._handle)

    def release(self) -> None:
        """Take away what is left under these names, and the claim."""
        with signals_held():
            if not unfinished.is_begun(self.release):
                return
            _put_back(self.folder, self._aside)
            _remove_all(self._given)
            with contextlib.suppress(OSError):
                _lock_path(self.folder, self._token).unlink()
            _close(self._handle)
            unfinished.finish(self.release)


@contextmanager
def claimed(folder: Path) -> Iterator[Claim]:
    """Claim names in a folder that is there, after taking away what killed runs left in it."""
    sweep(folder)
    claim = Claim(folder)
    try:
        yield claim
    finally:
        claim.release()


@contextmanager
def alone(lock: Path) -> Iterator[bool]:
    """Tell whether no other process is inside the same `with`; where there are no locks, nobody is.

    Parameters
    ----------
    lock : Path
        A file for this, in a folder that is there. It is taken away at the end.
    """
    handle = _lock_file(lock)
    if handle is None:
        yield False
        return
    try:
        yield True
    finally:
        with signals_held():
            with contextlib.suppress(OSError):
                lock.unlink()
            _close(handle)


@contextmanager
def together(lock: Path) -> Iterator[bool]:
    """Tell whether no process is inside :func:`alone`; others may be inside this `with` too.

    Parameters
    ----------
    lock : Path
        As for :func:`alone`. The last one takes it away.
    """
    handle = None
    for _ in range(_TRIES):
        # Whoever leaves last has it alone for a moment, to take it away.
        handle = _lock_file(lock, shared=True)
        if handle is not None:
            break
        time.sleep(0.05)
    if handle is None:
        yield False
        return
    try:
        yield True
    finally:
        with signals_held():
            with contextlib.suppress(OSError):
                if fcntl is not None:
                    # Whoever is still inside has a lock on this file, so its name must stay.
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    lock.unlink()
            _close(handle)


@contextmanager
def in_turn(lock: Path, told: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Wait until no other process is inside the same `with`.

    Parameters
    ----------
    lock : Path
        As for :func:`alone`.
    told : callable
        Called once, where there is something to wait for.
    """
    waited = False
    while True:
        with alone(lock) as ours:
            if ours:
                yield
                return
        if not waited:
            waited = True
            told()
        time.sleep(_TURN_S)


def _lock_file(path: Path, *, shared: bool = False) -> int | None:
    """Lock a file that is made if need be; None where another process has it."""
    while True:
        handle = _open(path, os.O_RDWR | os.O_CREAT)
        try:
            if fcntl is not None:
                kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
                fcntl.flock(handle, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            _close(handle)
            return None
        except OSError:  # a file system without locks
            return handle
        try:
            # Whoever had it may have removed it since it was opened.
            if os.path.samestat(os.fstat(handle), os.stat(path)):
                return handle
        except FileNotFoundError:
            pass
        _close(handle)


def sweep(folder: Path) -> None:
    """Take away what killed processes left half written in a folder; all else stays.

    Parameters
    ----------
    folder : Path
        One that need not be there; folders below it are not looked into.
    """
    if fcntl is None:
        return
    for token in sorted({match[1] for match in _names(folder)}):
        _sweep_claim(folder, token)


def _sweep_claim(folder: Path, token: str) -> None:
    lock = _lock_path(folder, token)
    try:
        handle = _open(lock, os.O_RDWR)
    except FileNotFoundError:
        # Made first and removed last: whoever had these names is gone.
        _remove_all(_members(folder, token))
        return
    except OSError:
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        text = os.read(handle, min(os.fstat(handle).st_size, _NOTES_BYTES)).decode(
            "utf-8", "replace"
        )
        machine, _, rest = text.partition("\n")
        if machine not in ("", _machine()) and time.time() - _touched(folder, token) < (
            _FOREIGN_AGE_S
        ):
            return
        notes = read_notes(rest, folder)
        for other in notes.see:
            match = _NAME.fullmatch(other.name)
            if match and os.path.lexists(other):
                _sweep_claim(other.parent, match[1])
            if os.path.lexists(other):
                return
        notes.settle()
        _put_back(folder, notes.aside)
        _remove_all(_members(folder, token))
        lock.unlink()
    except OSError:
        # Its process lives, or this file system cannot tell, or what was meant cannot be done yet.
        pass
    finally:
        _close(handle)


def _claim(folder: Path) -> tuple[str, int]:
    while True:
        token = os.urandom(6).hex()
        path = _lock_path(folder, token)
        handle = _open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL)
        try:
            if fcntl is not None:
                with contextlib.suppress(OSError):  # a file system without locks
                    fcntl.flock(handle, fcntl.LOCK_EX)
            os.write(handle, f"{_machine()}\n".encode())
            # Someone may have swept it before it was locked.
            if os.path.samestat(os.fstat(handle), os.stat(path)):
                return token, handle
        except FileNotFoundError:
            pass
        except BaseException:
            _close(handle)
            with contextlib.suppress(OSError):
                path.unlink()
            raise
        _close(handle)


def _put_back(folder: Path, aside: Iterable[tuple[str, str]]) -> None:
    """Give folders their names back where the run was killed before the new ones were there."""
    for name, final in aside:
        if not os.path.lexists(folder / final):
            with contextlib.suppress(OSError):
                os.rename(folder / name, folder / final)


def _remove_all(paths: Iterable[Path]) -> None:
    for path in paths:
        # Workers of a killed program can outlive it for a moment, and write into its folders.
        for _ in range(_TRIES):
            with contextlib.suppress(OSError):
                if path.is_dir() and not path.is_symlink():
                    from shutil import rmtree  # noqa: PLC0415 - most often nothing is left

                    rmtree(path)
                else:
                    path.unlink(missing_ok=True)
            if not os.path.lexists(path):
                break
            time.sleep(0.05)


def _members(folder: Path, token: str) -> list[Path]:
    """Find all names of a claim but its lock."""
    return [folder / m[0] for m in _names(folder) if m[1] == token and m[3] != "lock"]


def _names(folder: Path) -> list[re.Match[str]]:
    """Find the temporary names in a folder, of whatever claim."""
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    return [match for name in names if (match := _NAME.fullmatch(name))]


def _touched(folder: Path, token: str) -> float:
    """Say when anything of a claim was last changed, in seconds since the epoch."""
    times = [0.0]
    for path in (_lock_path(folder, token), *_members(folder, token)):
        for place in (path, *(path.rglob("*") if path.is_dir() else ())):
            with contextlib.suppress(OSError):
                times.append(place.lstat().st_mtime)
    return max(times)


_HELD: set[int] = set()
"""Handles of locks, of which a forked child closes its copies."""


def _open(path: Path, flags: int) -> int:
    handle = os.open(path, flags, 0o666)
    _HELD.add(handle)
    return handle


def _close(handle: int) -> None:
    if handle in _HELD:
        _HELD.discard(handle)
        os.close(handle)


def _let_go() -> None:
    for handle in tuple(_HELD):
        with contextlib.suppress(OSError):
            _close(handle)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_let_go)


def _lock_path(folder: Path, token: str) -> Path:
    return folder / f".vesalius-{token}.lock"


def _machine() -> str:
    """Name what locks surely reach: this running system, its containers included."""
    try:
        return _BOOT.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return platform.node()
