"""Signals that are held back are neither lost nor early."""

from __future__ import annotations

import os
import signal
import time

import pytest

from vesalius.adapters.files.held_signals import HELD, signals_held


def hold_and_interrupt(number):
    with signals_held():
        os.kill(os.getpid(), number)
        # Whoever it was handed to, it is not lost and not yet here.
        time.sleep(0.01)
        end.append("held")


end: list[str] = []


def test_what_is_held_back_is_raised_after(interruptible):
    end.clear()
    with pytest.raises(KeyboardInterrupt):
        hold_and_interrupt(signal.SIGINT)
    assert end == ["held"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()).isdisjoint(HELD)


def test_what_is_ignored_is_not_raised_after(interruptible):
    end.clear()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    hold_and_interrupt(signal.SIGINT)
    assert end == ["held"]
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
