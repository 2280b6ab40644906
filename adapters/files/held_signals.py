"""Moments that Ctrl-C must not tear apart: it is held back for them, and never lost."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

STOPPING = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))
"""What asks a program to end: a scheduler, or a terminal that is closed."""
HELD = (signal.SIGINT, *STOPPING)


@contextmanager
def signals_held() -> Iterator[None]:
    """Hold back requests to stop within the block, and answer them after it.

    A process started within the block does not get them either until it says so itself (see
    :func:`let_signals_through`), so that there is no moment at which Ctrl-C ends it unprepared.
    What is ignored stays ignored.
    """
    came: list[int] = []
    in_main = threading.current_thread() is threading.main_thread()
    handlers = {number: signal.getsignal(number) for number in HELD} if in_main else {}
    mask = _mask(())
    try:
        for number, handler in handlers.items():
            # The system may hand a signal to any thread; its handler always runs in this one.
            if callable(handler):
                signal.signal(number, lambda caught, _: came.append(caught))
        _mask(HELD)
        yield
    finally:
        # Each may be interrupted by what the one before let through; the others are done still.
        with ExitStack() as last:
            last.callback(_raise_all, came)
            for number, handler in handlers.items():
                if callable(handler):
                    last.callback(signal.signal, number, handler)
            if hasattr(signal, "pthread_sigmask"):
                last.callback(signal.pthread_sigmask, signal.SIG_SETMASK, mask)


def _raise_all(came: list[int]) -> None:
    for caught in came:
        signal.raise_signal(caught)


def let_signals_through() -> None:
    """Get what was held back when this process was started."""
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, HELD)


def _mask(numbers: tuple[signal.Signals, ...]) -> set[int]:
    """Block signals for this thread and what it starts; give what was blocked before."""
    if not hasattr(signal, "pthread_sigmask"):
        return set()
    return {int(number) for number in signal.pthread_sigmask(signal.SIG_BLOCK, numbers)}
