"""Interrupted at any line of Python: a group of files is all or nothing."""

from __future__ import annotations

import gc
import signal
import sys
from pathlib import Path

import pytest

from vesalius.adapters.files import atomic, claims, held_signals, unfinished
from vesalius.adapters.files.atomic import Outputs, replace_folder
from vesalius.adapters.files.claims import claimed
from vesalius.adapters.files.unfinished import undo_all

OURS = {module.__file__ for module in (atomic, claims, held_signals, unfinished)}


class Interrupter:
    """Sends Ctrl-C before the line with a number, counted over all lines of what writes files."""

    def __init__(self, number: int) -> None:
        self.left = number

    def __enter__(self):
        sys.settrace(self.trace)
        return self

    def __exit__(self, *error):
        sys.settrace(None)

    def trace(self, frame, event, _):
        if frame.f_code.co_filename not in OURS:
            return None
        if event == "line":
            self.left -= 1
            if self.left == 0:
                signal.raise_signal(signal.SIGINT)
        return self.trace


def write_group(folder: Path) -> None:
    with Outputs(folder / "new") as outputs:
        outputs.write_text(folder / "new" / "a", "a")
        outputs.write_text(folder / "b", "b")


def write_one(folder: Path) -> None:
    atomic.write_text(folder / "a", "a")


def write_folder(folder: Path) -> None:
    replace_folder(folder / "new", lambda part: (part / "a").write_text("a"))


def write_over_a_folder(folder: Path) -> None:
    (folder / "old").mkdir()
    (folder / "old" / "a").write_text("old")
    replace_folder(folder / "old", lambda part: (part / "a").write_text("a"))


def use_a_claim(folder: Path) -> None:
    with claimed(folder) as claim:
        claim.path().write_text("a")


# An open file between `open` and `with` is closed by whoever collects it; Python complains.
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize(
    ("work", "ends"),
    [
        (write_group, [[], ["b", "new", "new/a"]]),
        (write_one, [[], ["a"]]),
        (write_folder, [[], ["new", "new/a"]]),
        (write_over_a_folder, [["old", "old/a"]]),
        (use_a_claim, [[]]),
    ],
)
def test_nothing_is_left_half_done(work, ends, tmp_path, interruptible):
    number, heard = 0, True
    seen = []
    while heard:
        number += 1
        folder = tmp_path / str(number)
        folder.mkdir()
        heard = is_interrupted(number, work, folder)
        # What a process does last of all, for what came between two `finally`.
        undo_all()
        found = sorted(str(p.relative_to(folder)) for p in folder.rglob("*"))
        assert found in ends, f"interrupted before line {number}"
        texts = {p.name: p.read_text() for p in folder.rglob("*") if p.is_file()}
        assert texts.items() <= {("a", "a"), ("b", "b")} or texts == {"a": "old"}
        seen.append(found)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert number > 50
    assert all(end in seen for end in ends)
    assert seen[-1] == ends[-1]
    # What is still open is closed here, and not in the middle of another test.
    gc.collect()


def is_interrupted(number: int, work, folder: Path) -> bool:
    try:
        with Interrupter(number) as interrupter:
            work(folder)
    except KeyboardInterrupt:
        return True
    assert interrupter.left > 0, "the interruption was lost"
    return False
