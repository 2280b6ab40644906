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

from vesalius.adapters.cli.outcome import CASES_FAILED, TERMINATED, guard
from vesalius.adapters.files.atomic import Outputs

FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="no full device here")
@pytest.mark.parametrize("arguments", [("ls", "schemes"), ("explain", "IO005"), ("--help",)])
def test_a_full_stdout_is_no_bug(arguments):
    script = Path(sys.executable).parent / "vesalius"
    with FULL.open("w") as full:
        done = subprocess.run(
            [str(script), *arguments], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == CASES_FAILED
    assert done.stderr == "error: not all could be written to stdout: No space left on device\n"


def test_told_to_stop_while_writing_leaves_nothing(tmp_path, capsys):
    @click.command()
    def command() -> None:
        with (
            Outputs(tmp_path / "out") as outputs,
            outputs.create(tmp_path / "out/labels.nii.gz") as file,
        ):
            file.write(b"half")
            os.kill(os.getpid(), signal.SIGTERM)
            signal.pause()

    before = signal.getsignal(signal.SIGTERM)
    assert guard(command, []) == TERMINATED
    assert list(tmp_path.iterdir()) == []
    assert capsys.readouterr().err == "told to stop\n"
    assert signal.getsignal(signal.SIGTERM) is before


def _wait(lock, handled) -> None:
    handled.put(signal.getsignal(signal.SIGTERM) is signal.SIG_DFL)
    lock.acquire()


def test_a_forked_helper_that_waits_for_a_lock_ends_at_once():
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
            helper.join(30)
            assert helper.exitcode == -signal.SIGTERM
        assert signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL

    assert guard(command, []) == 0
