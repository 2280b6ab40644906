"""A request to end (a scheduler's time limit) unwinds, so that nothing partial is left.

That holds for the process that asked for it alone. Python runs a handler only between two of its
own instructions, so a forked helper that waits for a lock might never notice the request; helpers
end at once, as they would without us.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_OWNERS: list[int] = []
"""Processes whose handler is in place: this one, or in a forked child its parent."""


class Terminated(BaseException):
    """The system asked the process to end; files that are not finished are discarded."""


@contextmanager
def ended_by_exception() -> Iterator[None]:
    """Raise Terminated on SIGTERM within the block; outside the main thread nothing is changed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _terminate)
    _OWNERS.append(os.getpid())
    try:
        yield
    finally:
        _OWNERS.pop()
        signal.signal(signal.SIGTERM, before)


def _terminate(number: int, frame: object) -> None:
    if os.getpid() not in _OWNERS:
        # Forked a moment ago, and not let go yet.
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
        return
    raise Terminated


def _let_go() -> None:
    if _OWNERS and signal.getsignal(signal.SIGTERM) is _terminate:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_let_go)
