"""What is begun and must be undone if this process ends, where no `finally` was reached.

An interruption may come between the end of a `with` block and the first step of what ends it.
Whoever ends a process early (`os._exit`) undoes all that is left here before.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from vesalius.adapters.files.held_signals import signals_held

_UNDO: list[Callable[[], None]] = []


def begin(undo: Callable[[], None]) -> None:
    """Remember how to undo what is begun now; the caller holds back signals."""
    _UNDO.append(undo)


def is_begun(undo: Callable[[], None]) -> bool:
    """Tell whether it was neither finished nor undone."""
    return undo in _UNDO


def finish(undo: Callable[[], None]) -> None:
    """Forget what is finished; what was finished before is no error."""
    if undo in _UNDO:
        _UNDO.remove(undo)


def undo_all() -> None:
    """Undo what is left, the last first; this process ends after it."""
    with signals_held():
        while _UNDO:
            undo = _UNDO[-1]
            undo()
            finish(undo)


if hasattr(os, "register_at_fork"):
    # What a parent began is not a child's to undo.
    os.register_at_fork(after_in_child=_UNDO.clear)
