"""Runs of the command, killed and interrupted: what is there is whole, and the next run goes on."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from processes import PATIENCE_S, leftovers, members_of, statuses, wait_for, workers_of

GOLDEN = Path(__file__).parent / "golden"

pytestmark = pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")


CASES = 12
MOST_WRITTEN = 8
"""Cases that may be there when a run is caught; two workers can end two more."""


@pytest.fixture
def many(study):
    """A dozen cases large enough that a run can be caught at work."""
    for name in "abc":
        Path(f"images/{name}_0000.nii.gz").unlink()
    names = [f"k{number:02}" for number in range(CASES)]
    rng = np.random.default_rng(1)
    for name in names:
        study.volume(f"preds/{name}.nii.gz", rng.integers(0, 14, (60, 60, 60)).astype(np.uint8))
    study.cohort("image: images/{case}_0000.nii.gz\n", "", "{from: image}", "{from: metadata}")
    study.table("name,Sex\n" + "".join(f"{name},M\n" for name in names))
    return names


def first_output() -> list[Path]:
    return list(Path("out").glob("*/report.json"))


@pytest.fixture
def caught(vesalius):
    """Start runs until one is stopped (SIGSTOP), with all its workers, while it has cases to do.

    Whoever looks may be held up for longer than a whole run takes.
    """

    def caught(what, workers=2, delay_s=0.0, most=MOST_WRITTEN):
        words = ("run", "cohort.yaml", "-o", "out", "--workers", workers)
        for _ in range(30):
            process = vesalius(*words, start_new_session=True)
            found = None
            while process.poll() is None and not found:
                found = what(process.pid)
                time.sleep(0.01)
            time.sleep(delay_s)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGSTOP)
            if found and process.poll() is None and len(first_output()) <= most:
                return process, found
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate(timeout=PATIENCE_S)
            wait_for(partial(_all_ended, process.pid))
            shutil.rmtree("out", ignore_errors=True)
        pytest.fail("no run could be caught at work")

    return caught


def _all_ended(session: int) -> bool:
    return not members_of(session)


def go_on(process) -> None:
    os.killpg(process.pid, signal.SIGCONT)


def test_a_script_needs_no_guard(study):
    """What runs a cohort may be a script of three lines that is run again by nobody."""
    Path("script.py").write_text(
        "import sys\n"
        "print('once')\n"
        "from vesalius.adapters.cli.outcome import guard\n"
        "from vesalius.adapters.cli.main import cli\n"
        "sys.exit(guard(cli, ['run', 'cohort.yaml', '-o', 'out', '--workers', '2']))\n"
    )
    done = subprocess.run(
        [sys.executable, "script.py"],
        check=False,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines().count("once") == 1
    assert statuses("out") == ["written"] * 3


@pytest.mark.parametrize("delay_s", [0.0, 0.1, 0.3])
def test_interrupt_at_the_start(many, caught, interruptible, delay_s):
    """Ctrl-C as soon as there is a worker, and a little later, is heard."""
    process, _ = caught(workers_of, delay_s=delay_s)
    process.send_signal(signal.SIGINT)
    go_on(process)
    _, problems = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130, problems
    assert "open" in statuses("out")
    wait_for(partial(_all_ended, process.pid))


def test_the_number_of_workers_changes_no_byte(study, digests, vesalius):
    for workers, out in ((1, "one"), (2, "two")):
        process = vesalius("run", "cohort.yaml", "-o", out, "--workers", workers)
        said, problems = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 0, problems
        assert said.splitlines()[-1] == f"3 written; {out}/cohort.json, cohort.csv"
    assert digests("one") == digests("two")
    study.run("inside")
    assert digests("one") == digests("inside")
    assert len(digests("one")) == 14


def test_kill_a_worker_of_a_run(many, study, digests, caught):
    # Nothing is written yet, so each worker has its first case.
    process, workers = caught(workers_of, most=0)
    os.kill(workers[0], signal.SIGKILL)
    go_on(process)
    _, problems = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 4, problems
    assert "Traceback" not in problems
    assert "error[COH020]" in problems
    assert sorted(statuses("out")) == ["failed"] + ["written"] * (CASES - 1)
    assert leftovers("out") == []
    study.run("out")
    study.run("fresh")
    assert digests("out") == digests("fresh")


def test_interrupt(many, study, digests, caught, interruptible):
    process, _ = caught(lambda _: first_output())
    # As a terminal does: everyone hears it.
    os.killpg(process.pid, signal.SIGINT)
    go_on(process)
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


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_is_ignored_from_the_start_stays_ignored(many, vesalius, number):
    """As `nohup` and a shell's background jobs want it."""
    before = signal.signal(number, signal.SIG_IGN)
    try:
        process = vesalius("run", "cohort.yaml", "-o", "out", "--workers", 1)
    finally:
        signal.signal(number, before)
    wait_for(first_output, process)
    process.send_signal(number)
    _, problems = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, problems
    assert statuses("out") == ["written"] * CASES


def test_kill_the_whole_run(many, study, digests, caught):
    process, _ = caught(lambda _: first_output())
    process.kill()
    go_on(process)
    process.communicate(timeout=PATIENCE_S)
    wait_for(partial(_all_ended, process.pid))
    # Unlocked, so the next run takes it over.
    assert leftovers("out") == [".vesalius-running"]
    assert statuses("out") == ["open"] * CASES
    study.run("out")
    study.run("fresh")
    assert leftovers("out") == []
    assert digests("out") == digests("fresh")


def test_two_runs_at_once_in_one_folder(many, study, digests, vesalius, caught):
    # The folder is held until the last case, so the second finds it so.
    process, _ = caught(lambda _: first_output(), workers=1)
    second = vesalius("run", "cohort.yaml", "-o", "out")
    _, problems = second.communicate(timeout=PATIENCE_S)
    go_on(process)
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
        wait_for(partial(_all_ended, process.pid))
    study.run("out")
    assert leftovers("out") == []
    assert digests("out") == digests("fresh")
