"""Work that is killed at one of its calls into the system.

Each time it begins as a fork of one small process: a fork of that of all the tests takes longer
than the work.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from vesalius.adapters.files.atomic import Outputs
from vesalius.adapters.files.claims import sweep

CALLS = (
    "open", "write", "fsync", "close", "link", "replace", "rename", "unlink", "mkdir", "rmdir",
    "listdir", "stat", "fstat", "lstat", "read",
)  # fmt: skip


def write_new(place: str, other: str) -> None:
    with Outputs(Path(place)) as outputs:
        for name in "abc":
            outputs.write_text(Path(other if name == "b" else place, name), f"new {name}")
        outputs.remove(Path(place, "stale"))


def fail_to_write(place: str, other: str) -> None:
    """Stop at the last step, so that all that was done before is taken back."""
    honest = os.unlink

    def unlink(path, **options):
        if Path(path).name == "stale":
            raise OSError("no")
        honest(path, **options)

    os.unlink = unlink
    write_new(place, other)


def write_each(place: str, *names: str) -> None:
    with Outputs(Path(place)) as outputs:
        for name in names:
            outputs.write_text(Path(place, name), "new")


def sweep_all(*places: str) -> None:
    for place in places:
        sweep(Path(place))


class Killer:
    """The small process; `with` ends it."""

    def __enter__(self) -> Killer:
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self

    def __exit__(self, *error: object) -> None:
        self._process.communicate()

    def kills(self, number: int, before: bool, work: Callable[..., None], *places: object) -> bool:
        """Do work in another process, killed just before or after a call; tell whether it was."""
        asked = number, before, work.__name__, [str(place) for place in places]
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


def _serve() -> None:
    os.fsync = lambda descriptor: None  # what is written need not outlive the machine
    for line in sys.stdin:
        number, before, work, places = json.loads(line)
        child = os.fork()
        if not child:
            try:
                _count_calls(number, before)
                globals()[work](*places)
            finally:
                os._exit(1)
        _, status = os.waitpid(child, 0)
        print(json.dumps(os.WIFSIGNALED(status)), flush=True)


def _count_calls(number: int, before: bool) -> None:
    seen = 0

    def wrapped(honest):
        def call(*arguments, **options):
            nonlocal seen
            seen += 1
            if seen == number and before:
                os.kill(os.getpid(), signal.SIGKILL)
            try:
                return honest(*arguments, **options)
            finally:
                if seen == number:
                    os.kill(os.getpid(), signal.SIGKILL)

        return call

    for name in CALLS:
        setattr(os, name, wrapped(getattr(os, name)))
    fcntl.flock = wrapped(fcntl.flock)


if __name__ == "__main__":
    _serve()
