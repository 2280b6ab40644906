"""Worker processes: killed, interrupted, many or one; the results are the same."""

from __future__ import annotations

import errno
import os
import pickle
import signal
import subprocess
import threading
from contextlib import closing
from pathlib import Path
from typing import ClassVar

import pytest

from processes import PATIENCE_S, is_running, wait_for, workers_of
from vesalius.adapters.cohort import worker_processes
from vesalius.adapters.cohort.worker_processes import run_on_processes
from vesalius.ontology.reading.render import render_human

GOLDEN = Path(__file__).parent / "golden"

pytestmark = pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")


def test_a_killed_worker_costs_its_case_and_no_other(study, deadly, job):
    tasks = study.preflight()[2].ready
    outcomes = {o.case: o for o in run_on_processes(job, tasks, 2, deadly.kill_b)}
    assert {case: outcome.status for case, outcome in outcomes.items()} == {
        "a": "written",
        "b": "failed",
        "c": "written",
    }
    text = render_human(outcomes["b"].problems)
    path = GOLDEN / "COH020-killed.txt"
    if os.environ.get("VESALIUS_UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
    assert workers_of(os.getpid()) == []


def test_who_stops_early_stops_the_workers(study, deadly, job, interruptible, monkeypatch):
    tasks = study.preflight()[2].ready
    monkeypatch.setattr(worker_processes, "GRACE_S", PATIENCE_S)

    def interrupt():
        wait_for(lambda: len(list(Path().glob("*.started"))) == 3)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    with (
        closing(run_on_processes(job, tasks, 3, deadly.sleep_long)) as outcomes,
        pytest.raises(KeyboardInterrupt),
    ):
        next(outcomes)
    assert workers_of(os.getpid()) == []
    # The way out of a case was taken: what it does in `finally` is done.
    assert sorted(p.name for p in Path("out").iterdir()) == ["a", "b", "c"]


def test_a_plan_that_arrives_damaged_is_not_run(study, deadly, job):
    from dataclasses import replace

    tasks = study.preflight()[2].ready[:1]
    (outcome,) = run_on_processes(replace(job, digest="other"), tasks, 1, deadly.kill_b)
    assert outcome.status == "failed"
    assert "the plan that arrived is not the plan that was sent" in outcome.problems[0].message


@pytest.fixture
def large(job):
    """A job larger than a pipe holds."""
    from dataclasses import replace

    large = replace(job, digest=job.digest + " " * 3_000_000)
    assert len(pickle.dumps(large)) > 2_000_000
    return large


class Killed(subprocess.Popen):
    """Processes that are killed after the times given, counted from their start."""

    delays_s: ClassVar[list[float]] = []

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        if self.delays_s:
            delay_s = self.delays_s.pop()
            threading.Timer(delay_s, self.kill).start()


@pytest.mark.parametrize(("first_s", "step_s"), [(0.0, 0.00005), (0.0, 0.01)])
def test_a_worker_killed_while_it_starts_costs_its_case(
    study, deadly, large, monkeypatch, first_s, step_s
):
    tasks = study.preflight()[2].ready * 8
    delays_s = [first_s + step_s * number for number in range(20)]
    monkeypatch.setattr(Killed, "delays_s", list(delays_s))
    monkeypatch.setattr(worker_processes.subprocess, "Popen", Killed)
    outcomes = list(run_on_processes(large, tasks, 2, deadly.write_pid))
    assert sorted(o.case for o in outcomes) == sorted(task.case for task in tasks)
    assert {o.problems[0].message for o in outcomes if o.status == "failed"} <= {
        "the process that had this case was killed, most often for lack of memory",
        # It has arrived in a worker that lived long enough.
        "ValueError: the plan that arrived is not the plan that was sent",
    }
    assert workers_of(os.getpid()) == []


def test_a_worker_that_cannot_start_says_so(study, deadly, large, monkeypatch):
    tasks = study.preflight()[2].ready
    monkeypatch.setattr(worker_processes, "_START", "raise SystemExit(7)")
    outcomes = list(run_on_processes(large, tasks, 2, deadly.write_pid))
    assert sorted(outcome.case for outcome in outcomes) == ["a", "b", "c"]
    for outcome in outcomes:
        text = render_human(outcome.problems)
        path = GOLDEN / "COH020-not_begun.txt"
        if os.environ.get("VESALIUS_UPDATE_GOLDEN"):
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8")


def test_where_no_process_can_be_started_the_cases_say_so(study, deadly, job, monkeypatch):
    tasks = study.preflight()[2].ready

    def refuse(*arguments, **options):
        raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    monkeypatch.setattr(worker_processes.subprocess, "Popen", refuse)
    outcomes = list(run_on_processes(job, tasks, 2, deadly.write_pid))
    assert [outcome.problems[0].message for outcome in outcomes] == [
        "no process could be started for this case: Resource temporarily unavailable"
    ] * 3


def test_where_no_thread_can_be_started_the_cases_say_so(study, deadly, job, monkeypatch):
    """A limit on processes counts threads: the process is there, and nobody could talk to it."""
    tasks = study.preflight()[2].ready
    honest, left = threading.Thread.start, iter(range(1))

    def start(thread):
        if next(left, None) is None:
            raise RuntimeError("can't start new thread")
        honest(thread)

    monkeypatch.setattr(threading.Thread, "start", start)
    outcomes = list(run_on_processes(job, tasks, 2, deadly.write_pid))
    assert [outcome.problems[0].message for outcome in outcomes] == [
        "no process could be started for this case: can't start new thread"
    ] * 3
    assert workers_of(os.getpid()) == []


def test_a_worker_killed_while_it_is_idle_costs_nothing(study, deadly, job):
    tasks = study.preflight()[2].ready
    with closing(run_on_processes(job, tasks, 1, deadly.write_pid)) as running:
        outcomes = [next(running)]
        os.kill(outcomes[0].structures, signal.SIGKILL)
        wait_for(lambda: not is_running(outcomes[0].structures))
        outcomes += running
    assert [outcome.status for outcome in outcomes] == ["written"] * 3
    assert len({outcome.structures for outcome in outcomes}) == 2


def test_what_a_case_leaves_behind_does_not_hold_up_the_others(study, deadly, job, monkeypatch):
    monkeypatch.setattr(worker_processes, "_LAST_WORDS_S", 0.1)
    tasks = study.preflight()[2].ready
    outcomes = {o.case: o.status for o in run_on_processes(job, tasks, 1, deadly.fork_and_die)}
    assert outcomes == {"a": "failed", "b": "written", "c": "written"}


def test_what_a_case_prints_goes_to_stderr(study, deadly, job, capfd):
    tasks = study.preflight()[2].ready
    outcomes = list(run_on_processes(job, tasks, 1, deadly.speak))
    assert [outcome.status for outcome in outcomes] == ["written"] * 3
    assert capfd.readouterr() == ("", "said on the way\n" * 6)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_interrupted_while_a_worker_starts(study, deadly, job, interruptible, monkeypatch, moment):
    class Interrupted(subprocess.Popen):
        def __init__(self, *arguments, **options):
            if moment == "before":
                os.kill(os.getpid(), signal.SIGINT)
            super().__init__(*arguments, **options)
            if moment == "after":
                os.kill(os.getpid(), signal.SIGINT)

    tasks = study.preflight()[2].ready
    monkeypatch.setattr(worker_processes.subprocess, "Popen", Interrupted)
    with pytest.raises(KeyboardInterrupt):
        list(run_on_processes(job, tasks, 2, deadly.write_pid))
    assert workers_of(os.getpid()) == []


def test_a_worker_that_is_told_to_stop_costs_its_case_and_no_other(study, deadly, job):
    tasks = study.preflight()[2].ready
    outcomes = {o.case: o for o in run_on_processes(job, tasks, 1, deadly.stop_b)}
    assert [outcomes[case].status for case in "abc"] == ["written", "failed", "written"]
    assert [d.code for d in outcomes["b"].problems] == ["COH020"]
    # Another process took over.
    assert outcomes["a"].structures != outcomes["c"].structures
