"""A request to end (a scheduler's time limit, a terminal that is closed) unwinds.

Nothing partial is left then.

That holds for the process that asked for it alone. Python runs a handler only between two of its
own instructions, so a forked helper that waits for a lock might never notice the request; helpers
end at once, as they would without us, also where they are asked to before their first instruction.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from vesalius.adapters.files.held_signals import STOPPING
from vesalius.adapters.files.unfinished import undo_all

_WATCHES: list[threading.Timer] = []
_OWNERS: list[int] = []
"""Processes whose handler is in place: this one, or in a forked child its parent."""


_FORKING = threading.local()
"""What a thread that forks blocked before."""

PATIENCE_S = 25.0
"""How long unwinding may take; schedulers kill after half a minute."""


class Terminated(BaseException):
    """The system asked the process to end; files that are not finished are discarded.

    Parameters
    ----------
    number : int
        The signal that it was asked by.
    """

    def __init__(self, number: int = signal.SIGTERM) -> None:
        self.code = 128 + number
        super().__init__(f"signal {number}")


@contextmanager
def ended_by_exception() -> Iterator[None]:
    """Raise Terminated within the block where the process is asked to end.

    Outside the main thread nothing is changed, nor for a signal that whoever started us wants
    ignored.
    """
    heard = [n for n in STOPPING if signal.getsignal(n) is not signal.SIG_IGN]
    if not heard or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, _terminate) for number in heard}
    _OWNERS.append(os.getpid())
    try:
        yield
    finally:
        while _WATCHES:
            _WATCHES.pop().cancel()
        _OWNERS.pop()
        for number, handler in before.items():
            signal.signal(number, handler)


def _terminate(number: int, frame: object) -> None:
    if os.getpid() not in _OWNERS:
        # Forked a moment ago, and not let go yet.
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
        return
    # What is unwound may wait for others that were told nothing.
    told = Terminated(number)
    watch = threading.Timer(PATIENCE_S, leave, (told.code,))
    watch.daemon = True
    with contextlib.suppress(RuntimeError):  # no thread is to be had; it unwinds all the same
        watch.start()
        _WATCHES.append(watch)
    raise told


def leave(code: int) -> NoReturn:
    """End this process, at once where it was stopped or has processes that would hold it up.

    Python waits at its end for every process that was started and is no daemon. Libraries leave
    such ones behind where they are interrupted, waiting for a queue that nobody reads any more.

    Parameters
    ----------
    code : int
        The exit code.
    """
    left = _left_behind()
    if not left and code <= 128:
        sys.exit(code)
    for process in left:
        with contextlib.suppress(OSError):
            os.kill(process, signal.SIGKILL)
    undo_all()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(code)


def _left_behind() -> list[int]:
    """Give the processes that multiprocessing would wait for or end, and all that they started."""
    if "multiprocessing" not in sys.modules:
        return []
    import multiprocessing  # noqa: PLC0415 - only where it is there already

    found = [child.pid for child in multiprocessing.active_children() if child.pid is not None]
    for process in found:
        found += _started_by(process)
    return found


def _started_by(process: int) -> list[int]:
    found: list[int] = []
    with contextlib.suppress(OSError):
        for thread in Path(f"/proc/{process}/task").iterdir():
            # A thread may end while it is looked at; the others have children too.
            with contextlib.suppress(OSError):
                found += map(int, (thread / "children").read_text().split())
    return found


def _hold() -> None:
    """Block requests for a fork: Python forgets what a child hears before it is on its own."""
    _FORKING.masks = [signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)] if _OWNERS else []


def _let_through() -> None:
    for mask in _FORKING.masks:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def _let_go() -> None:
    for number in STOPPING:
        if _OWNERS and signal.getsignal(number) is _terminate:
            signal.signal(number, signal.SIG_DFL)
    _let_through()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_hold, after_in_parent=_let_through, after_in_child=_let_go)
