"""Looks at running processes, and at what they leave behind; for tests."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from pathlib import Path

PATIENCE_S = 600
"""Until a test gives up; a machine with much else to do may need long."""


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
    """Workers that the process started."""
    found = []
    for child in _children_of(pid):
        try:
            command = Path(f"/proc/{child}/cmdline").read_bytes()
        except OSError:
            continue
        if b"case_process" in command:
            found.append(int(child))
    return found


def _children_of(pid: int) -> list[str]:
    """Processes that any thread of a process started; a thread may end while it is looked at."""
    found = []
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with suppress(OSError):
                found += (task / "children").read_text().split()
    return found


def members_of(session: int) -> list[int]:
    """Processes of a session that have not ended."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, of, *_ = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(of) == session and state != "Z":
            found.append(int(stat.parent.name))
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
