"""Worker processes: killed, interrupted, many or one; the results are the same."""

from __future__ import annotations

import importlib
import json
import multiprocessing
import os
import signal
import threading
import time
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from vesalius.adapters.cohort.case_worker import CohortJob
from vesalius.adapters.cohort.worker_processes import run_on_processes
from vesalius.engine.plan import Plan
from vesalius.engine.plan_json import plan_digest
from vesalius.engine.run_steps import Options
from vesalius.ontology.render import render_human
from vesalius.rules.compile.compiler import Compiled

GOLDEN = Path(__file__).parent / "golden"
PATIENCE_S = 60

pytestmark = pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")


@pytest.fixture
def deadly(monkeypatch):
    """Tasks that kill or sleep; workers inherit the path they are found on."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    return importlib.import_module("deadly")


@pytest.fixture
def job():
    plan = Plan("x", (), (), ())
    compiled = Compiled(None, (), plan, None, (), ())
    return CohortJob(compiled, plan_digest(plan), {}, (), Options(), resample=False, force=True)


@pytest.fixture
def many(study):
    """A dozen cases large enough that a run can be caught at work."""
    for name in "abc":
        Path(f"images/{name}_0000.nii.gz").unlink()
    names = [f"k{number:02}" for number in range(12)]
    rng = np.random.default_rng(1)
    for name in names:
        study.volume(f"preds/{name}.nii.gz", rng.integers(0, 14, (60, 60, 60)).astype(np.uint8))
    study.cohort("image: images/{case}_0000.nii.gz\n", "", "{from: image}", "{from: metadata}")
    study.table("name,Sex\n" + "".join(f"{name},M\n" for name in names))
    return names


def wait_for(what, process=None):
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        found = what()
        if found:
            return found
        assert process is None or process.poll() is None, process.communicate()
        time.sleep(0.01)
    raise AssertionError("waited in vain")


def workers_of(pid: int) -> list[int]:
    """Processes that a pool of the process started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    found = []
    for child in children:
        try:
            command = Path(f"/proc/{child}/cmdline").read_bytes()
        except OSError:
            continue
        if b"spawn_main" in command:
            found.append(int(child))
    return found


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def leftovers(folder: str) -> list[str]:
    return [p.name for p in Path(folder).rglob("*") if p.name.startswith(".vesalius")]


def statuses(out: str) -> list[str]:
    return [case["status"] for case in json.loads(Path(out, "cohort.json").read_text())["cases"]]


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
    assert multiprocessing.active_children() == []


def test_who_stops_early_stops_the_workers(study, deadly, job):
    tasks = study.preflight()[2].ready

    def interrupt():
        wait_for(lambda: len(list(Path().glob("*.started"))) == 3)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    with (
        closing(run_on_processes(job, tasks, 3, deadly.sleep_long)) as outcomes,
        pytest.raises(KeyboardInterrupt),
    ):
        next(outcomes)
    assert multiprocessing.active_children() == []
    # The way out of a case was taken: what it does in `finally` is done.
    assert sorted(p.name for p in Path("out").iterdir()) == ["a", "b", "c"]


def test_a_plan_that_arrives_damaged_is_not_run(study, deadly, job):
    from dataclasses import replace

    tasks = study.preflight()[2].ready[:1]
    (outcome,) = run_on_processes(replace(job, digest="other"), tasks, 1, deadly.kill_b)
    assert outcome.status == "failed"


def test_the_number_of_workers_changes_no_byte(study, digests, vesalius):
    for workers, out in ((1, "one"), (2, "two")):
        process = vesalius("run", "cohort.yaml", "-o", out, "--workers", workers)
        said, problems = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 0, problems
        assert said.splitlines()[-1] == f"3 written; {out}/cohort.json"
    assert digests("one") == digests("two")
    study.run("inside")
    assert digests("one") == digests("inside")
    assert len(digests("one")) == 13


def test_kill_a_worker_of_a_run(many, study, digests, vesalius):
    process = vesalius("run", "cohort.yaml", "-o", "out", "--workers", 2)
    # A worker that still starts has a case already.
    os.kill(wait_for(lambda: workers_of(process.pid), process)[0], signal.SIGKILL)
    _, problems = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 4, problems
    assert "Traceback" not in problems
    assert "error[COH020]" in problems
    assert sorted(statuses("out")) == ["failed"] + ["written"] * 11
    assert leftovers("out") == []
    study.run("out")
    study.run("fresh")
    assert digests("out") == digests("fresh")


def test_a_worker_that_is_told_to_stop_costs_its_case_and_no_other(study, deadly, job):
    tasks = study.preflight()[2].ready
    outcomes = {o.case: o for o in run_on_processes(job, tasks, 1, deadly.stop_b)}
    assert [outcomes[case].status for case in "abc"] == ["written", "failed", "written"]
    assert [d.code for d in outcomes["b"].problems] == ["COH020"]
    # Another process took over.
    assert outcomes["a"].structures != outcomes["c"].structures


def first_output():
    return list(Path("out").glob("*/report.json"))


def test_interrupt(many, study, digests, vesalius):
    process = vesalius("run", "cohort.yaml", "-o", "out", "--workers", 2, start_new_session=True)
    wait_for(first_output, process)
    # As a terminal does: everyone hears it.
    os.killpg(process.pid, signal.SIGINT)
    _, problems = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130, problems
    assert "Traceback" not in problems
    assert leftovers("out") == []
    assert "open" in statuses("out")
    assert set(statuses("out")) <= {"written", "open"}
    whole = {"labels.ctbl", "labels.nii.gz", "labels.txt", "report.json"}
    for folder in (p for p in Path("out").iterdir() if p.is_dir()):
        assert {p.name for p in folder.iterdir()} == whole
    study.run("out")
    study.run("fresh")
    assert digests("out") == digests("fresh")


def test_kill_the_whole_run(many, study, digests, vesalius):
    process = vesalius("run", "cohort.yaml", "-o", "out", "--workers", 2)
    wait_for(first_output, process)
    workers = workers_of(process.pid)
    assert workers
    process.kill()
    process.communicate(timeout=PATIENCE_S)
    wait_for(lambda: not any(is_running(pid) for pid in workers))
    # Unlocked, so the next run takes it over.
    assert leftovers("out") == [".vesalius-running"]
    assert statuses("out") == ["open"] * 12
    study.run("out")
    study.run("fresh")
    assert leftovers("out") == []
    assert digests("out") == digests("fresh")


def test_two_runs_at_once_in_one_folder(many, study, digests, vesalius):
    process = vesalius("run", "cohort.yaml", "-o", "out", "--workers", 1)
    wait_for(first_output, process)
    # The folder is held until the last case, so the second finds it so.
    process.send_signal(signal.SIGSTOP)
    second = vesalius("run", "cohort.yaml", "-o", "out")
    _, problems = second.communicate(timeout=PATIENCE_S)
    process.send_signal(signal.SIGCONT)
    assert second.returncode == 2
    path = GOLDEN / "COH015-another_run.txt"
    text = problems[problems.index("error[COH015]") :]
    if os.environ.get("VESALIUS_UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
    process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    assert leftovers("out") == []
    study.run("fresh")
    assert digests("out") == digests("fresh")


@pytest.mark.parametrize("whole_group", [True, False])
def test_killed_at_any_moment_and_run_again(many, study, digests, vesalius, whole_group):
    study.run("fresh")
    for delay_s in (0.0, 0.2, 0.45):
        process = vesalius(
            "run", "cohort.yaml", "-o", "out", "--workers", 2, start_new_session=True
        )
        wait_for(lambda: Path("out/cohort.json").is_file(), process)
        time.sleep(delay_s)
        if whole_group:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
        process.communicate(timeout=PATIENCE_S)
    study.run("out")
    assert leftovers("out") == []
    assert digests("out") == digests("fresh")
