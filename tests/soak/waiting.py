"""Waiting for a child, and for all that it started."""

from __future__ import annotations

import contextlib
import os
import signal
import time

PATIENCE_S = 300.0


def wait(child: int) -> str:
    """Wait for a child; "hung" where that takes longer than any machine needs."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return str(os.waitstatus_to_exitcode(status))
        time.sleep(0.002)
    with contextlib.suppress(OSError):
        os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return "hung"


def has_left(child: int) -> bool:
    """Tell whether something that the child started is still there when it has ended."""
    try:
        os.killpg(child, 0)
    except ProcessLookupError:
        return False
    return True
