"""What a worker may do with a case, for tests: imported by the worker under its own name."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from vesalius.adapters.cohort.case_worker import Outcome


def kill_b(job, task):
    if task.case == "b":
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.05)
    return Outcome(task.case, "written", structures=os.getpid())


def stop_b(job, task):
    if task.case == "b":
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(600)
    return Outcome(task.case, "written", structures=os.getpid())


def sleep_long(job, task):
    Path(f"{task.case}.started").touch()
    try:
        time.sleep(600)
    finally:
        task.place.folder.mkdir(parents=True)
    return Outcome(task.case, "written")


def write_pid(job, task):
    """Take a while, so that others find out what else there is to do."""
    time.sleep(0.05)
    return Outcome(task.case, "written", structures=os.getpid())


def speak(job, task):
    print("said on the way", flush=True)
    os.write(1, b"said on the way\n")
    return Outcome(task.case, "written")


def fork_and_die(job, task):
    """Leave a process behind that has everything of ours open."""
    if task.case == "a":
        if not os.fork():
            time.sleep(30)
            os._exit(0)
        os.kill(os.getpid(), signal.SIGKILL)
    return Outcome(task.case, "written")
