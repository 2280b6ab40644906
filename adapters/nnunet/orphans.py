"""Processes that nnU-Net starts end with ours, however it ends.

nnU-Net forks helpers (its data loaders, the manager of its prediction queues). Where our process is
killed without warning, they would wait for it for ever, with all their memory; the others that it
starts end once these are gone.
"""

from __future__ import annotations

import os
import threading
import time

_PATIENCE_S = 1.0
_INSTALLED: list[bool] = []


def end_with_parent() -> None:
    """Let every process that is forked from this one from now on end when its parent does."""
    if not _INSTALLED and hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_watch_parent)
        _INSTALLED.append(True)


def _watch_parent() -> None:
    threading.Thread(target=_leave_without, args=(os.getppid(),), daemon=True).start()


def _leave_without(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_PATIENCE_S)
    os._exit(1)
