"""Ways out of the command line that no command of its own has."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest

from calling import call_vesalius
from processes import PATIENCE_S, is_running, wait_for
from vesalius.adapters.cli.outcome import CASES_FAILED, guard
from vesalius.adapters.files.atomic import Outputs
from vesalius.adapters.files.held_signals import HELD, STOPPING

FULL = Path("/dev/full")
SCRIPT = Path(sys.executable).parent / "vesalius"


@pytest.mark.skipif(not FULL.exists(), reason="no full device here")
@pytest.mark.parametrize("arguments", [("ls", "schemes"), ("explain", "IO005"), ("--help",)])
def test_a_full_stdout_is_no_bug(arguments):
    script = Path(sys.executable).parent / "vesalius"
    with FULL.open("w") as full:
        done = subprocess.run(
            [str(script), *arguments], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == CASES_FAILED
    said = done.stderr.splitlines()
    assert said.count("error: not all could be written to stdout: No space left on device") == 1


@pytest.fixture
def stoppable():
    """Signals end a process, whatever the test run was started with."""
    before = {number: signal.signal(number, signal.SIG_DFL) for number in STOPPING}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", STOPPING)
def test_told_to_stop_while_writing_leaves_nothing(tmp_path, capsys, stoppable, number):
    @click.command()
    def command() -> None:
        with (
            Outputs(tmp_path / "out") as outputs,
            outputs.create(tmp_path / "out/labels.nii.gz") as file,
        ):
            file.write(b"half")
            os.kill(os.getpid(), number)
            signal.pause()

    before = signal.getsignal(number)
    assert guard(command, []) == 128 + number
    assert list(tmp_path.iterdir()) == []
    assert capsys.readouterr().err == "told to stop\n"
    assert signal.getsignal(number) is before


def _wait(lock, handled) -> None:
    handled.put(signal.getsignal(signal.SIGTERM) is signal.SIG_DFL)
    lock.acquire()


def test_a_forked_helper_that_waits_for_a_lock_ends_at_once(stoppable):
    context = multiprocessing.get_context("fork")

    @click.command()
    def command() -> None:
        lock, handled = context.Lock(), context.SimpleQueue()
        lock.acquire()
        helpers = [context.Process(target=_wait, args=(lock, handled)) for _ in range(4)]
        for helper in helpers:
            helper.start()
        assert all(handled.get() for _ in helpers)
        for helper in helpers:
            helper.terminate()
            helper.join(PATIENCE_S)
            assert helper.exitcode == -signal.SIGTERM
        assert signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL

    assert guard(command, []) == 0


UNBORN = """\
import os, signal, time
from vesalius.adapters.cli.termination import ended_by_exception

signal.signal(signal.SIGTERM, signal.SIG_DFL)
with ended_by_exception():
    for _ in range(100):
        child = os.fork()
        if not child:
            time.sleep(20)
            os._exit(0)
        os.kill(child, signal.SIGTERM)
        ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert ended == -signal.SIGTERM, ended
    assert not signal.pthread_sigmask(signal.SIG_BLOCK, ())
"""


def test_a_helper_that_is_ended_before_its_first_instruction_ends():
    """What ends a pool of helpers waits for each of them."""
    done = subprocess.run(
        [sys.executable, "-c", UNBORN], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""


LEFT_BEHIND = """\
import multiprocessing, os, signal, sys, click
from vesalius.adapters.cli.outcome import guard
from vesalius.adapters.cli.termination import leave

def fill(queue):
    while True:
        queue.put(bytes(100_000))

@click.command()
def command():
    context = multiprocessing.get_context("fork")
    queue = context.Queue(1)
    helpers = [context.Process(target=fill, args=(queue,), daemon=d) for d in (True, False)]
    for helper in helpers:
        helper.start()
    queue.get()
    print(*(helper.pid for helper in helpers), flush=True)
    {end}

leave(guard(command, []))
"""


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
@pytest.mark.parametrize(
    ("end", "code"),
    [
        ("os.kill(os.getpid(), signal.SIGTERM); signal.pause()", 143),
        ("os.kill(os.getpid(), signal.SIGHUP); signal.pause()", 129),
        ("os.kill(os.getpid(), signal.SIGINT); signal.pause()", 130),
        ("raise KeyError", 5),
        ("pass", 0),
    ],
)
def test_what_a_library_leaves_behind_does_not_keep_the_process(end, code):
    """A producer that is no daemon and waits for a queue would be waited for, for ever."""
    before = {n: signal.signal(n, signal.SIG_DFL) for n in HELD}
    try:
        process = subprocess.Popen(
            [sys.executable, "-c", LEFT_BEHIND.replace("{end}", end)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    said, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == code
    assert len(said.split()) == 2
    # They are killed by now; it takes the system a moment.
    wait_for(lambda: not any(is_running(int(pid)) for pid in said.split()))


def test_unwinding_that_never_ends_is_ended():
    """Something on the way out waits for what does not come."""
    code = (
        "import os, signal, threading, click\n"
        "from vesalius.adapters.cli import termination\n"
        "from vesalius.adapters.cli.outcome import guard\n"
        "termination.PATIENCE_S = 0.2\n"
        "signal.signal(signal.SIGTERM, signal.SIG_DFL)\n"
        "@click.command()\n"
        "def command():\n"
        "    try:\n"
        "        os.kill(os.getpid(), signal.SIGTERM)\n"
        "        signal.pause()\n"
        "    finally:\n"
        "        threading.Event().wait()\n"
        "termination.leave(guard(command, []))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, timeout=PATIENCE_S)
    assert done.returncode == 143


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("streams", ["2>&-", "2>/dev/full", ">&-", ">&- 2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize(
    ("arguments", "code"),
    [("--help", 0), ("lint bad.yaml", 1), ("nothing", 2),
     ("run -t amos22 -p amos22=none.nii.gz -o out", 3)],
)  # fmt: skip
def test_streams_that_are_closed_or_full_change_no_exit_code(tmp_path, streams, arguments, code):
    (tmp_path / "bad.yaml").write_text("schema: scheme/1\nscheme: bad\n")
    done = subprocess.run(
        ["sh", "-c", f"'{SCRIPT}' {arguments} {streams}"],
        check=False, cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == code, done


def test_who_ignores_it_from_the_start_goes_on(stoppable, capsys):
    @click.command()
    def command() -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        click.echo("done")

    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    assert guard(command, []) == 0
    assert capsys.readouterr() == ("done\n", "")
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN


@pytest.mark.parametrize(
    "arguments",
    ["lint {}.nii.gz --scheme {}", "run {}.yaml -o out", "stats {} -s amos22",
     "compare {} . -s amos22", "report {} -o pages", "cohort merge {}", "explain --at 1,1,1 {}",
     "test {}", "explain {}", "--project {} ls schemes", "compile -s amos22 -t {}", "view {}"],
)  # fmt: skip
def test_a_word_longer_than_a_file_name_is_no_bug(arguments):
    """The system refuses to look at such a path, which no file can have."""
    done = call_vesalius(*arguments.replace("{}", "a" * 5000).split())
    assert done.returncode in (2, 3, 4), done.stderr[-300:]
    assert "error" in done.stderr.lower()
