"""Processes that begin with nnU-Net imported, which takes longer than what tests have it do.

The command in a process of its own branches off from one that has imported everything
(`WarmCommand`): it has its own session, streams, folder, environment and random numbers, and ends
or is killed by itself. Helpers that nnU-Net would spawn begin from a server that has imported it
(`warm_helpers`). What only a fresh process can show is tested on `python -m vesalius`.
"""

from __future__ import annotations

import atexit
import gc
import json
import multiprocessing
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib import import_module
from multiprocessing import forkserver
from pathlib import Path
from select import select
from typing import Any
from unittest.mock import patch

NNUNET = (
    "nnunetv2.experiment_planning.plan_and_preprocess_api",
    "nnunetv2.inference.predict_from_raw_data",
    "nnunetv2.run.run_training",
)
MODULES = ("vesalius.adapters.cli.main", "vesalius.adapters.cli.outcome", *NNUNET)
ALONE = {
    "OMP_NUM_THREADS": "1",
    "BLOSC_NTHREADS": "1",
    "NUMEXPR_MAX_THREADS": "1",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
}
"""Lets libraries start no threads where they are imported."""
CLIENT = """\
import json, os, signal, socket, sys

with socket.socket(socket.AF_UNIX) as line:
    line.connect({address!r})
    wanted = dict(
        arguments=sys.argv[1:], folder=os.getcwd(), environment=dict(os.environ), before={before!r}
    )
    socket.send_fds(line, [json.dumps(wanted).encode() + b"\\n"], [0, 1, 2])
    code = int(line.makefile().readline())
if code < 0:
    os.kill(os.getpid(), -code)
sys.exit(code)
"""


class WarmCommand:
    """A process that has imported all that the command needs, and whose forks are the command.

    Parameters
    ----------
    environment : mapping of str to str
        In which nnU-Net is imported; it looks for its folders there, once.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._place = tempfile.TemporaryDirectory(prefix="warm")
        self._address = str(Path(self._place.name, "line"))
        # It ends with this process, whose end closes the pipe.
        self._process = subprocess.Popen(
            [sys.executable, __file__, self._address],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env={**os.environ, **environment, **ALONE},
        )  # fmt: skip
        told = self._process.stdout.readlines()
        if told[-1:] != [b"ready\n"]:
            self.close()
            raise RuntimeError(f"no process to begin from: {told}")

    def write_program(self, path: Path, before: str = "") -> Path:
        """Write a program that is the command; `before` is code that runs first."""
        path.write_text(CLIENT.format(address=self._address, before=before))
        return path

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()
        self._place.cleanup()


def _serve(address: str) -> None:
    del sys.path[0]  # these tests, which nobody else's process sees
    for module in MODULES:
        import_module(module)
    threads = [path.read_text() for path in Path("/proc/self/task").glob("*/comm")]
    assert len(threads) <= 1, f"a fork with other threads cannot be trusted: {threads}"
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(address)
    listening.listen()
    print("ready", flush=True)
    with Path(os.devnull).open("wb") as nothing:
        os.dup2(nothing.fileno(), 1)
    gc.freeze()
    attending = []
    while select([listening, 0], [], [])[0] == [listening]:
        line, _ = listening.accept()
        attending.append(os.fork())
        if not attending[-1]:
            listening.close()
            _attend(line)
        line.close()
        attending = [one for one in attending if os.waitpid(one, os.WNOHANG) == (0, 0)]
    for one in attending:
        os.waitpid(one, 0)


def _attend(line: socket.socket) -> None:
    """Run what is asked for in a process of its own, and tell how it ended; never returns."""
    said, streams, _, _ = socket.recv_fds(line, 1 << 20, 3)
    while not said.endswith(b"\n"):
        said += line.recv(1 << 20)
    wanted = json.loads(said)
    process = os.fork()
    if not process:
        line.close()
        os.setsid()
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        code = _be_the_command(**wanted)
        # What ends with the process is done; the modules of all processes are not taken apart.
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    # Where all are asked to end, the client is too, and this one still has to end the command.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    threading.Thread(target=_end_with_client, args=(line, process), daemon=True).start()
    code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    with suppress(OSError):
        line.sendall(b"%d\n" % code)
    os._exit(0)


def _end_with_client(line: socket.socket, process: int) -> None:
    line.recv(1)
    with suppress(OSError):
        os.kill(process, signal.SIGKILL)
        os.killpg(process, signal.SIGKILL)


def _be_the_command(
    arguments: list[str], folder: str, environment: dict[str, str], before: str
) -> int:
    import numpy as np
    import torch

    from vesalius.adapters.cli.main import cli
    from vesalius.adapters.cli.outcome import guard

    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["vesalius", *arguments]
    # Each process draws other random numbers, as if it had begun by itself.
    random.seed()
    np.random.seed()  # noqa: NPY002 - nnU-Net draws from it
    torch.seed()
    choose = multiprocessing.get_context
    multiprocessing.get_context = lambda method=None: choose(
        "fork" if method == "spawn" else method
    )
    exec(before, {"__name__": "before"})
    with few_samples():
        return guard(cli, arguments)


@contextmanager
def few_samples() -> Iterator[None]:
    """Let nnU-Net's planner draw 100,000 voxels of a tiny dataset, not a hundred million."""
    from nnunetv2.experiment_planning.dataset_fingerprint.fingerprint_extractor import (
        DatasetFingerprintExtractor,
    )

    begin = DatasetFingerprintExtractor.__init__

    def begin_with_few(extractor: DatasetFingerprintExtractor, *given: Any, **named: Any) -> None:
        begin(extractor, *given, **named)
        assert extractor.num_foreground_voxels_for_intensitystats == 10e7
        extractor.num_foreground_voxels_for_intensitystats = 10e4

    with patch.object(DatasetFingerprintExtractor, "__init__", begin_with_few):
        yield


@contextmanager
def warm_helpers() -> Iterator[None]:
    """Let helpers that are spawned begin from a server that has imported nnU-Net."""
    choose = multiprocessing.get_context
    warm = choose("forkserver")
    warm.set_forkserver_preload(list(NNUNET))
    with patch.object(
        multiprocessing,
        "get_context",
        lambda method=None: warm if method == "spawn" else choose(method),
    ):
        yield


def end_helpers() -> None:
    """End the server that helpers begin from."""
    forkserver._forkserver._stop()


if __name__ == "__main__":
    _serve(sys.argv[1])
