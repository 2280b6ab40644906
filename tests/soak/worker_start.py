"""A worker is killed at any microsecond of its start: its case is told of, and the others go on."""

from __future__ import annotations

import contextlib
import json
import math
import os
import random
import signal
import time

from soak.study import Study
from soak.waiting import has_left, wait

CASE_FAILED = 4
WORKERS = 2
LEAST_S = 1e-6


def killed_at_start(study: Study, output: str, rng: random.Random, usual_s: float) -> str:
    """Kill one of two workers at a random moment after it was forked.

    Half of the moments are as likely at a microsecond as at a second (of equal logarithms), for
    what happens first is over soonest. What is not yet the program of a worker is killed too.
    """
    latest_s = study.seconds_with(WORKERS)
    delay_s = rng.uniform(0, latest_s)
    if rng.random() < 0.5:
        delay_s = math.exp(rng.uniform(math.log(LEAST_S), math.log(latest_s)))
    which = rng.randint(1, WORKERS)
    run = study.start(output, lambda: None, WORKERS)
    if (worker := _first_seen(run, which)) is not None:
        _sleep(delay_s)
        with contextlib.suppress(OSError):
            os.kill(worker, signal.SIGKILL)
    ended = wait(run)
    if ended == "hung":
        return ended
    if has_left(run):
        return "ends with workers left"
    return _judge(study, output, ended)


def _judge(study: Study, output: str, ended: str) -> str:
    """Tell whether no more than the case of that worker is lost, and that one is said."""
    record = json.loads((study.root / output / "cohort.json").read_text(encoding="utf-8"))
    words = [case["status"] for case in record["cases"]]
    failed = words.count("failed")
    whole = failed + words.count("written") + words.count("present")
    if whole != len(words) or failed > 1 or ended != str(CASE_FAILED if failed else 0):
        return f"ends {ended}: {words}"
    return ended


def _first_seen(run: int, which: int) -> int | None:
    """Give the child of that number, as soon as the system knows it; None where there is none."""
    seen: list[int] = []
    while len(seen) < which:
        try:
            children = _children(run)
        except OSError:
            return None
        seen += [child for child in children if child not in seen]
        if not seen and _has_ended(run):
            return None
        if len(seen) < which and _has_ended(run):
            return seen[-1]
    return seen[which - 1]


def _children(run: int) -> list[int]:
    with open(f"/proc/{run}/task/{run}/children", encoding="ascii") as children:
        return [int(child) for child in children.read().split()]


def _has_ended(run: int) -> bool:
    with open(f"/proc/{run}/stat", encoding="utf-8") as stat:
        return stat.read().rpartition(")")[2].split()[0] == "Z"


def _sleep(delay_s: float) -> None:
    """Wait exactly: the system's own sleep is too long by 50 microseconds."""
    end = time.perf_counter() + delay_s
    if delay_s > 0.001:
        time.sleep(delay_s - 0.001)
    while time.perf_counter() < end:
        pass
