"""Cases on worker processes of this machine; a worker that dies costs its case, no other.

The parent waits for nothing but its own queue: every worker has a thread that talks to it and
one that waits for its end, so a worker may be killed at any moment, its first ones included.
The signature of :func:`run_on_processes` is the seam for other machines: whatever takes a job
and tasks and gives outcomes in any order can run a cohort.
"""

from __future__ import annotations

import contextlib
import errno
import os
import pickle
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Sequence
from typing import Protocol, TypeAlias, TypeVar

from vesalius.adapters.cohort.case_process import BEGUN
from vesalius.adapters.cohort.case_task import CaseTask
from vesalius.adapters.cohort.case_worker import Outcome, do_case
from vesalius.adapters.cohort.cohort_job import CohortJob
from vesalius.adapters.cohort.frames import receive, send
from vesalius.adapters.files.held_signals import signals_held
from vesalius.ontology.reading.diagnostics import Diagnostic


class Job(Protocol):
    """What is the same for every case; is sent to workers by pickle."""

    def check(self) -> None:
        """Make sure that it arrived as it was sent; a ValueError says that it did not."""


class Task(Protocol):
    """A case to be done; is sent to a worker by pickle."""

    @property
    def case(self) -> str:
        """Its name."""


J = TypeVar("J", bound=Job)
T = TypeVar("T", bound=Task)
DoCase = Callable[[CohortJob, CaseTask], Outcome]
Executor = Callable[[CohortJob, Sequence[CaseTask], int], Generator[Outcome, None, None]]
_Came: TypeAlias = Outcome | int | OSError
"""What came of a case, or how its process ended, or why there was none."""

GRACE_S = 10.0
"""How long a worker may take to clean up when it is told to stop."""
_LAST_WORDS_S = 5.0
"""How long answers of a process that has ended may take to arrive."""
_START = (
    "import sys; sys.path[:] = sys.argv[1:]; "
    "from vesalius.adapters.cohort.case_process import main; main()"
)
"""What a worker does first: it finds modules where its parent does, and is told the rest."""


def run_on_processes(
    job: CohortJob, tasks: Sequence[CaseTask], workers: int, do: DoCase = do_case
) -> Generator[Outcome, None, None]:
    """Run the cases of a cohort, several at a time; see :func:`run_tasks`."""
    return run_tasks(job, tasks, workers, do)


def run_tasks(
    job: J, tasks: Sequence[T], workers: int, do: Callable[[J, T], Outcome]
) -> Generator[Outcome, None, None]:
    """Do something with cases, several at a time.

    Workers are new processes that know nothing of the script that calls this. Where the caller
    stops early, the workers are told to stop and leave no partial files.

    Parameters
    ----------
    job : Job
        Sent once to every worker.
    tasks : sequence of Task
        The cases.
    workers : int
        How many processes at most.
    do : callable
        What is done with a case, importable by name from a module.

    Yields
    ------
    Outcome
        As the cases finish; exactly one per task.
    """
    payload = pickle.dumps((job, do))
    events: queue.SimpleQueue[tuple[_Worker, _Came]] = queue.SimpleQueue()
    todo = list(reversed(tasks))
    idle: list[_Worker] = []
    busy: dict[_Worker, T] = {}
    try:
        while todo or busy:
            while todo and len(busy) < workers:
                with signals_held():
                    worker = idle.pop() if idle else _Worker(payload, events)
                    busy[worker] = todo.pop()
                worker.give(busy[worker])
            worker, came = events.get()
            if worker not in busy:
                # It died while it had nothing to do.
                idle = [other for other in idle if other is not worker]
                continue
            task = busy.pop(worker)
            if isinstance(came, Outcome):
                idle.append(worker)
                yield came
            elif worker.done and not worker.begun:
                # It died before it knew of this one.
                todo.append(task)
            else:
                yield _lost(task, worker, came)
    except BaseException:
        _stop([*idle, *busy])
        raise
    for worker in idle:
        worker.dismiss()
    _end(idle)


class _Worker:
    """One process, the thread that talks to it and the one that waits for its end.

    Parameters
    ----------
    payload : bytes
        Job and function; written by the thread, for it may be more than a pipe holds.
    events : queue
        Gets the outcome of every case, and at last how the process ended.
    """

    def __init__(self, payload: bytes, events: queue.SimpleQueue[tuple[_Worker, _Came]]) -> None:
        self.begun = False
        """Whether it has said that it began the case it was given."""
        self.done = 0
        """How many cases it has done."""
        self._payload = payload
        self._events = events
        self._inbox: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._process: subprocess.Popen[bytes] | None = None
        try:
            self._process = subprocess.Popen(
                [sys.executable, *_flags(), "-c", _START, *_places()],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            # Daemons, because a process outside our reach may hold the other end of a pipe.
            self._talking = threading.Thread(target=self._talk, args=(self._process,), daemon=True)
            self._waiting = threading.Thread(target=self._wait, args=(self._process,), daemon=True)
            self._talking.start()
            self._waiting.start()
        except (OSError, RuntimeError) as failed:
            # No process, or no thread ("can't start new thread"): the system gives no more.
            self._give_up()
            if not isinstance(failed, OSError):
                failed = OSError(errno.EAGAIN, str(failed))
            events.put((self, failed))

    def _give_up(self) -> None:
        """End a process that nobody could talk to."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            self._inbox.put(None)
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()

    def give(self, task: Task) -> None:
        """Hand a case to the process, or to what is left of it."""
        self.begun = False
        self._inbox.put(pickle.dumps(task))

    def dismiss(self) -> None:
        """Say that there are no more cases."""
        self._inbox.put(None)

    def terminate(self) -> None:
        """Tell the process to end."""
        if self._process is not None:
            self._process.terminate()

    def kill(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()

    def join(self, timeout_s: float | None) -> bool:
        """Wait for the end of the process; tell whether it came."""
        if self._process is None:
            return True
        self._waiting.join(timeout_s)
        return not self._waiting.is_alive()

    def _talk(self, process: subprocess.Popen[bytes]) -> None:
        if process.stdin is None or process.stdout is None:
            raise TypeError("a worker has pipes")
        with contextlib.suppress(OSError):
            send(process.stdin, self._payload)
            while (task := self._inbox.get()) is not None:
                send(process.stdin, task)
                while (reply := receive(process.stdout)) == BEGUN:
                    self.begun = True
                if reply is None:
                    break
                self.done += 1
                self._events.put((self, pickle.loads(reply)))
        for pipe in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                pipe.close()

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        code = process.wait()
        self._inbox.put(None)
        self._talking.join(_LAST_WORDS_S)
        self._events.put((self, code))


def _stop(workers: Sequence[_Worker]) -> None:
    """Tell workers to end, and make those end that do not."""
    for worker in workers:
        worker.terminate()
    _end(workers)


def _end(workers: Sequence[_Worker]) -> None:
    """Wait for the end of workers, but not for long; not at all if interrupted meanwhile."""
    end = time.monotonic() + GRACE_S
    try:
        for worker in workers:
            worker.join(max(0.0, end - time.monotonic()))
    finally:
        for worker in workers:
            worker.kill()
        for worker in workers:
            worker.join(None)


def _lost(task: Task, worker: _Worker, came: int | OSError) -> Outcome:
    """Say what became of a case whose process did not live to tell."""
    if isinstance(came, OSError):
        text = f"no process could be started for this case: {came.strerror or came}"
        hint = "run again, with fewer --workers; cases that are done are not repeated"
    elif came >= 0 and not worker.begun:
        text = f"a worker ended before it began this case: exit code {came}"
        hint = "what it said before is on stderr; cases that are done are not repeated"
    else:
        text = "the process that had this case was killed, most often for lack of memory"
        hint = "run again, with fewer --workers; cases that are done are not repeated"
    problem = Diagnostic("COH020", "error", text, help=hint)
    return Outcome(task.case, "failed", problems=(problem,))


def _flags() -> list[str]:
    """Give the options this interpreter was started with."""
    flags: list[str] = subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined]
    return flags


def _places() -> list[str]:
    """Give where modules are found, wherever the process is started."""
    return [os.fspath(place) for place in sys.path if isinstance(place, str)]
