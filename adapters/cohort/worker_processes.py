"""Cases on worker processes of this machine; a worker that dies costs its case, no other.

Every worker has a pool of its own with one process, so that it is known whose case a dead
process had. The signature of :func:`run_on_processes` is the seam for other machines: whatever
takes a job and tasks and gives outcomes in any order can run a cohort.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import connection
from typing import NoReturn

from vesalius.adapters.cohort.case_tasks import CaseTask
from vesalius.adapters.cohort.case_worker import CohortJob, Outcome, do_case
from vesalius.ontology.diagnostics import Diagnostic

DoCase = Callable[[CohortJob, CaseTask], Outcome]
Executor = Callable[[CohortJob, Sequence[CaseTask], int], Generator[Outcome, None, None]]

GRACE_S = 10.0
"""How long a worker may take to clean up when it is told to stop."""


def run_on_processes(
    job: CohortJob, tasks: Sequence[CaseTask], workers: int, do: DoCase = do_case
) -> Generator[Outcome, None, None]:
    """Run cases, several at a time.

    Workers are started anew (spawn), so a script that calls this needs
    ``if __name__ == "__main__":``. Where the caller stops early, the workers are told to stop
    and leave no partial files.

    Parameters
    ----------
    job : CohortJob
        Sent once to every worker.
    tasks : sequence of CaseTask
        The cases.
    workers : int
        How many processes at most.
    do : callable
        What is done with a case, importable by name.

    Yields
    ------
    Outcome
        As the cases finish; exactly one per task.
    """
    others = set(multiprocessing.active_children())
    lanes = [_Lane(job, do) for _ in range(min(workers, len(tasks)))]
    idle, todo = list(reversed(lanes)), list(reversed(tasks))
    busy: dict[Future[Outcome], tuple[_Lane, CaseTask]] = {}
    try:
        while todo or busy:
            while todo and idle:
                lane, task = idle.pop(), todo.pop()
                busy[lane.submit(task)] = (lane, task)
            for future in wait(busy, return_when=FIRST_COMPLETED).done:
                lane, task = busy.pop(future)
                outcome = lane.outcome(future, task)
                idle.append(lane)
                yield outcome
    except BaseException:
        _stop(lanes, set(multiprocessing.active_children()) - others)
        raise
    finally:
        for lane in lanes:
            lane.close()


class _Lane:
    """One worker process, replaced where it dies."""

    def __init__(self, job: CohortJob, do: DoCase) -> None:
        self._job = job
        self._do = do
        self._pool = self._new_pool()

    def submit(self, task: CaseTask) -> Future[Outcome]:
        """Hand a case to the worker."""
        with _interrupts_ignored():
            try:
                return self._pool.submit(_do, task)
            except BrokenProcessPool:
                # It died while it had nothing to do.
                self._replace()
                return self._pool.submit(_do, task)

    def outcome(self, future: Future[Outcome], task: CaseTask) -> Outcome:
        """Take what came of a case; where the worker died, that is what came of it."""
        try:
            return future.result()
        except BrokenProcessPool:
            self._replace()
            problem = Diagnostic(
                "COH020",
                "error",
                "the process that had this case was killed, most often for lack of memory",
                help="run again, with fewer --workers; cases that are done are not repeated",
            )
            return Outcome(task.case, "failed", problems=(problem,))

    def close(self) -> None:
        """Wait for the worker to end after the case it has."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _replace(self) -> None:
        self._pool.shutdown(wait=False)
        self._pool = self._new_pool()

    def _new_pool(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            max_workers=1,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_begin,
            initargs=(self._job, self._do),
        )


# In the worker

_JOB: list[tuple[CohortJob, DoCase]] = []


def _begin(job: CohortJob, do: DoCase) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _leave)
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    job.check()
    _JOB.append((job, do))


def _do(task: CaseTask) -> Outcome:
    job, do = _JOB[0]
    try:
        return do(job, task)
    except SystemExit as left:
        # Told to stop, and cleaned up by now. Sent to the parent, this would end the parent.
        os._exit(int(left.code or 1))


def _leave(number: int, frame: object) -> NoReturn:
    """End by an exception, so that open files are discarded on the way out."""
    raise SystemExit(128 + number)


def _leave_with_parent() -> None:
    """End when the parent is gone, however it went."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    connection.wait([parent.sentinel])
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_S)
    os._exit(1)


# In the parent


def _stop(lanes: Sequence[_Lane], children: set[multiprocessing.process.BaseProcess]) -> None:
    """Tell workers to end, and make those end that do not."""
    for child in children:
        child.terminate()
    watch = threading.Timer(GRACE_S, _kill, args=(children,))
    watch.start()
    try:
        # The pools wait for their processes; waiting for one twice would be a race.
        for lane in lanes:
            lane.close()
    finally:
        watch.cancel()


def _kill(children: set[multiprocessing.process.BaseProcess]) -> None:
    for child in children:
        child.kill()


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """Let a process that starts inherit that Ctrl-C is its parent's business."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        with contextlib.suppress(TypeError):
            signal.signal(signal.SIGINT, before)
