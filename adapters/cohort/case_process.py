"""The process of a worker: it reads the job and then cases from stdin, and answers on stdout.

It imports next to nothing until it can be told to stop. It ends when its stdin does, so however
its parent goes, it goes too.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import signal
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, BinaryIO, NoReturn

from vesalius.adapters.cohort.frames import receive, send
from vesalius.adapters.files.held_signals import HELD, let_signals_through
from vesalius.adapters.files.unfinished import undo_all

if TYPE_CHECKING:
    from vesalius.adapters.cohort.case_task import CaseTask
    from vesalius.adapters.cohort.case_worker import Outcome

BEGUN = b""
"""What is said when a case begins."""
GRACE_S = 10.0
"""How long a case may take to clean up when its parent has gone."""


def main() -> None:
    """Work on cases until there are no more."""
    signal.signal(signal.SIGTERM, _leave)
    # Ctrl-C and a terminal that is closed are the parent's business; it tells us.
    for number in set(HELD) - {signal.SIGTERM}:
        signal.signal(number, signal.SIG_IGN)
    try:
        let_signals_through()
        _work(*_pipes())
    except SystemExit as left:
        _end(int(left.code or 0))
    except BrokenPipeError:
        # The parent has gone, and with it whoever would have liked to know.
        _end(1)


def _end(code: int) -> NoReturn:
    undo_all()
    os._exit(code)


def _work(requests: BinaryIO, replies: BinaryIO) -> None:
    inbox: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
    busy, over = threading.Event(), threading.Event()
    threading.Thread(target=_listen, args=(requests, inbox, busy, over), daemon=True).start()
    sent = inbox.get()
    if sent is None:
        return
    do = _prepare(sent)
    while (sent := inbox.get()) is not None:
        busy.set()
        if over.is_set():
            return
        task = pickle.loads(sent)
        send(replies, BEGUN)
        send(replies, pickle.dumps(do(task)))
        busy.clear()


def _prepare(sent: bytes) -> Callable[[CaseTask], Outcome]:
    """Unpack the job; where that fails, every case fails and says so."""
    from vesalius.adapters.cohort.case_worker import broken  # noqa: PLC0415 - not before _leave

    try:
        job, do = pickle.loads(sent)
        job.check()
    except Exception as failed:
        problem = failed
        return lambda task: broken(task.case, problem)

    def attempt(task: CaseTask) -> Outcome:
        try:
            outcome: Outcome = do(job, task)
        except Exception as failed:
            return broken(task.case, failed)
        return outcome

    return attempt


def _listen(
    requests: BinaryIO,
    inbox: queue.SimpleQueue[bytes | None],
    busy: threading.Event,
    over: threading.Event,
) -> None:
    """Take what is sent; a case that is at work when all ends is told to stop."""
    with contextlib.suppress(OSError):
        while (sent := receive(requests)) is not None:
            inbox.put(sent)
    over.set()
    inbox.put(None)
    if busy.is_set():
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(GRACE_S)
        os._exit(1)


def _leave(number: int, frame: object) -> NoReturn:
    """End by an exception, so that open files are discarded on the way out, undisturbed."""
    signal.signal(number, signal.SIG_IGN)
    raise SystemExit(128 + number)


def _pipes() -> tuple[BinaryIO, BinaryIO]:
    """Keep stdin and stdout to ourselves: what a library prints goes to stderr."""
    try:
        os.fstat(2)
    except OSError:
        _nothing(2, os.O_WRONLY)
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    _nothing(0, os.O_RDONLY)
    os.dup2(2, 1)
    return requests, replies


def _nothing(number: int, flags: int) -> None:
    handle = os.open(os.devnull, flags)
    if handle != number:
        os.dup2(handle, number)
        os.close(handle)
