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
        time.sleep(60)
    return Outcome(task.case, "written", structures=os.getpid())


def sleep_long(job, task):
    Path(f"{task.case}.started").touch()
    try:
        time.sleep(60)
    finally:
        task.place.folder.mkdir(parents=True)
    return Outcome(task.case, "written")
