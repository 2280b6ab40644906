"""What is done to a running cohort, each as a function of the study, its output and a generator."""

from __future__ import annotations

import contextlib
import errno
import os
import random
import resource
import signal
import time
from collections.abc import Callable

from soak.study import REFUSED, Study, save
from soak.waiting import wait
from soak.worker_start import killed_at_start

Fault = Callable[[Study, str, random.Random, float], str]


def _nothing() -> None:
    """Leave the child as it is."""


def stopped_by(number: signal.Signals, workers: int = 0) -> Fault:
    """Send a signal at any moment of a run."""

    def fault(study: Study, output: str, rng: random.Random, usual_s: float) -> str:
        child = study.start(output, _nothing, workers)
        time.sleep(rng.uniform(0, usual_s))
        with contextlib.suppress(OSError):
            os.kill(child, number)
        return wait(child)

    return fault


def paused(study: Study, output: str, rng: random.Random, usual_s: float) -> str:
    """Stop the process for a while, and let it go on."""
    child = study.start(output, _nothing)
    time.sleep(rng.uniform(0, usual_s))
    with contextlib.suppress(OSError):
        os.kill(child, signal.SIGSTOP)
        time.sleep(rng.uniform(0, 0.1))
        os.kill(child, signal.SIGCONT)
    return wait(child)


def full_disk(study: Study, output: str, rng: random.Random, usual_s: float) -> str:
    """No file may be larger than some bytes."""
    most = rng.choice((0, 100, 1000, 5000, 20_000))

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    return wait(study.start(output, limit))


def read_only_disk(study: Study, output: str, rng: random.Random, usual_s: float) -> str:
    """From some moment on nothing can be opened for writing, renamed or made."""
    left = rng.randrange(60)

    def refuse() -> None:
        def guarded(name: str, writes: Callable[..., bool]) -> None:
            do = getattr(os, name)

            def call(*arguments: object, **options: object) -> object:
                nonlocal left
                if writes(*arguments):
                    left -= 1
                    if left < 0:
                        raise OSError(errno.EROFS, os.strerror(errno.EROFS))
                return do(*arguments, **options)

            setattr(os, name, call)

        guarded("open", lambda path, flags=0, *_: bool(flags & (os.O_WRONLY | os.O_RDWR)))
        for name in ("rename", "replace", "mkdir", "link"):
            guarded(name, lambda *_: True)

    return wait(study.start(output, refuse))


def clock_set_back(study: Study, output: str, rng: random.Random, usual_s: float) -> str:
    """Every file of the output is from the future."""
    later = time.time() + rng.choice((60, 10**6, 10**8))
    for path in (study.root / output).rglob("*"):
        with contextlib.suppress(OSError):
            os.utime(path, (later, later))
    return stopped_by(signal.SIGKILL)(study, output, rng, usual_s)


def input_replaced(study: Study, output: str, rng: random.Random, usual_s: float) -> str:
    """A prediction becomes another one while the run reads; then it is what it was."""
    child = study.start(output, _nothing)
    path = study.root / "preds" / "c1.nii.gz"
    time.sleep(rng.uniform(0, usual_s))
    save(path, 99)
    ended = wait(child)
    save(path, 1)
    return ended


def two_at_once(study: Study, output: str, rng: random.Random, usual_s: float) -> str:
    """Two runs into one folder: one of them is refused, or they come one after the other."""
    one = study.start(output, _nothing)
    time.sleep(rng.uniform(0, usual_s / 2))
    other = study.start(output, _nothing)
    ends = {wait(one), wait(other)}
    return "0" if ends <= {"0", str(REFUSED)} and "0" in ends else f"ends {sorted(ends)}"


def without_locks(study: Study, output: str, rng: random.Random, usual_s: float) -> str:
    """A file system that knows no locks."""

    def no_locks() -> None:
        from vesalius.adapters.files import claims

        def refuse(*_: object) -> None:
            raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

        claims.fcntl.flock = refuse

    child = study.start(output, no_locks)
    time.sleep(rng.uniform(0, usual_s))
    with contextlib.suppress(OSError):
        os.kill(child, signal.SIGKILL)
    return wait(child)


FAULTS: dict[str, Fault] = {
    "SIGKILL": stopped_by(signal.SIGKILL),
    "SIGTERM": stopped_by(signal.SIGTERM),
    "SIGHUP": stopped_by(signal.SIGHUP),
    "SIGINT": stopped_by(signal.SIGINT),
    "SIGKILL, in shards": stopped_by(signal.SIGKILL),
    "SIGTERM, in shards": stopped_by(signal.SIGTERM),
    "SIGKILL, two workers": stopped_by(signal.SIGKILL, 2),
    "SIGTERM, two workers": stopped_by(signal.SIGTERM, 2),
    "SIGHUP, two workers": stopped_by(signal.SIGHUP, 2),
    "SIGINT, two workers": stopped_by(signal.SIGINT, 2),
    "SIGKILL, workers that start": killed_at_start,
    "SIGSTOP and SIGCONT": paused,
    "full disk": full_disk,
    "read-only disk": read_only_disk,
    "clock set back": clock_set_back,
    "input replaced": input_replaced,
    "two runs at once": two_at_once,
    "no locks": without_locks,
}
