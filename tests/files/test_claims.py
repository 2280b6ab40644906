"""What a killed process leaves is taken away by the next; what a live one writes is not."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from vesalius.adapters.files import claims
from vesalius.adapters.files.atomic import Outputs, replace_folder, write_text
from vesalius.adapters.files.claims import Claim, claimed, sweep

fcntl = pytest.importorskip("fcntl")

WRITER = """\
import sys, time
from pathlib import Path
from vesalius.adapters.files.claims import claimed
folder = Path(sys.argv[1])
with claimed(folder) as claim:
    claim.path().write_text("half")
    deep = claim.path()
    deep.mkdir()
    (deep / "x").write_text("half")
    (folder / "data").exists() and claim.set_aside(folder / "data")
    print("ready", flush=True)
    time.sleep(600)
"""
BUSY = """\
import sys
from pathlib import Path
from vesalius.adapters.files.atomic import Outputs, replace_folder
folder = Path(sys.argv[1])
def fill(part):
    for n in range(4):
        (part / str(n)).write_bytes(bytes([n]) * 50_000)
print("ready", flush=True)
while True:
    with Outputs(folder) as outputs:
        for name in ("a", "b", "c"):
            outputs.write_bytes(folder / name, name.encode() * 50_000)
    replace_folder(folder / "d", fill)
"""


def start(code, folder):
    process = subprocess.Popen(
        [sys.executable, "-c", code, folder], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "ready\n"
    return process


def end(process):
    process.send_signal(signal.SIGKILL)
    process.communicate()


def names(folder):
    return sorted(os.listdir(folder))


def test_a_live_process_keeps_what_it_writes(tmp_path):
    process = start(WRITER, tmp_path)
    there = names(tmp_path)
    assert len(there) == 3
    sweep(tmp_path)
    write_text(tmp_path / "mine", "whole")
    assert names(tmp_path) == [*there, "mine"]
    end(process)
    assert names(tmp_path) == [*there, "mine"]
    write_text(tmp_path / "mine", "again")
    assert names(tmp_path) == ["mine"]


def test_our_own_claim_is_live_too(tmp_path):
    with claimed(tmp_path) as claim:
        claim.path().write_text("half")
        with claimed(tmp_path):
            assert len(names(tmp_path)) == 3
        assert len(names(tmp_path)) == 2
    assert names(tmp_path) == []


def test_what_was_set_aside_comes_back(tmp_path):
    """Killed between the two renames that replace a folder."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "old").touch()
    process = start(WRITER, tmp_path)
    assert not (tmp_path / "data").exists()
    end(process)
    sweep(tmp_path)
    assert names(tmp_path) == ["data"]
    assert names(tmp_path / "data") == ["old"]


def test_what_was_replaced_does_not_come_back(tmp_path):
    (tmp_path / "data").mkdir()
    process = start(WRITER, tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "new").touch()
    end(process)
    sweep(tmp_path)
    assert names(tmp_path) == ["data"]
    assert names(tmp_path / "data") == ["new"]


def test_names_without_a_lock_are_nobodys_and_other_names_stay(tmp_path):
    others = [
        ".vesalius-nnunet", ".vesalius-0123456789ab.part.txt", ".vesalius-xyz.part",
        "vesalius-0123456789ab.part", ".vesalius-0123456789AB-1.part",
    ]  # fmt: skip
    for name in (*others, ".vesalius-0123456789ab.part", ".vesalius-0123456789ab-7.old"):
        (tmp_path / name).touch()
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / ".vesalius-0123456789ab.part").touch()
    sweep(tmp_path)
    assert names(tmp_path) == sorted([*others, "deep"])
    assert len(names(tmp_path / "deep")) == 1
    sweep(tmp_path / "nowhere")


def test_another_machine_counts_as_live_for_a_day(tmp_path, monkeypatch):
    process = start(WRITER, tmp_path)
    end(process)
    there = names(tmp_path)
    monkeypatch.setattr(claims, "_machine", lambda: "another")
    sweep(tmp_path)
    assert names(tmp_path) == there
    long_ago = time.time() - claims._FOREIGN_AGE_S - 60
    for path in tmp_path.rglob("*"):
        os.utime(path, (long_ago, long_ago))
    sweep(tmp_path)
    assert names(tmp_path) == []


def test_a_file_system_without_locks_loses_nothing(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(errno.ENOTSUP, "no")

    end(start(WRITER, tmp_path))
    there = names(tmp_path)
    monkeypatch.setattr(fcntl, "flock", refuse)
    write_text(tmp_path / "x", "x")
    assert names(tmp_path) == [*there, "x"]
    monkeypatch.setattr(claims, "fcntl", None)
    write_text(tmp_path / "x", "x")
    assert names(tmp_path) == [*there, "x"]


def test_a_claim_swept_before_it_is_locked_is_made_anew(tmp_path, monkeypatch):
    honest, calls = fcntl.flock, []

    def flock(handle, how):
        calls.append(how)
        if len(calls) == 1:
            sweep(tmp_path)
        honest(handle, how)

    monkeypatch.setattr(fcntl, "flock", flock)
    claim = Claim(tmp_path)
    assert calls[0] == fcntl.LOCK_EX
    assert len(names(tmp_path)) == 1
    sweep(tmp_path)
    assert len(names(tmp_path)) == 1
    claim.release()
    assert names(tmp_path) == []


def test_a_folder_that_cannot_be_filled_leaves_the_old_one(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "old").touch()

    def fill(part):
        (part / "new").touch()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        replace_folder(tmp_path / "data", fill)
    assert names(tmp_path) == ["data"]
    assert names(tmp_path / "data") == ["old"]
    replace_folder(tmp_path / "data", lambda part: (part / "new").touch())
    assert names(tmp_path) == ["data"]
    assert names(tmp_path / "data") == ["new"]


def test_a_folder_that_cannot_be_renamed_leaves_the_old_one(tmp_path, monkeypatch, codes):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "old").touch()
    honest = os.rename

    def rename(source, place):
        if str(source).endswith(".part"):
            raise OSError(errno.EIO, "no")
        honest(source, place)

    monkeypatch.setattr(os, "rename", rename)
    assert codes(replace_folder, tmp_path / "data", lambda part: None) == ["IO050"]
    assert names(tmp_path) == ["data"]
    assert names(tmp_path / "data") == ["old"]


def test_killed_at_any_moment_and_run_again(tmp_path):
    """The files are those of an undisturbed run, and nothing else is there."""
    expected = {name: name.encode() * 50_000 for name in "abc"}
    for attempt in range(12):
        process = start(BUSY, tmp_path)
        time.sleep(0.003 * attempt)
        end(process)
        with Outputs(tmp_path) as outputs:
            for name, data in expected.items():
                outputs.write_bytes(tmp_path / name, data)
        assert names(tmp_path) in (["a", "b", "c"], ["a", "b", "c", "d"])
        assert {n: Path(tmp_path, n).read_bytes() for n in "abc"} == expected
        if (tmp_path / "d").exists():
            assert names(tmp_path / "d") == ["0", "1", "2", "3"]


def test_two_processes_in_one_folder(tmp_path):
    one, two = start(BUSY, tmp_path), start(BUSY, tmp_path)
    for _ in range(50):
        with Outputs(tmp_path) as outputs:
            outputs.write_text(tmp_path / "x", "x")
            outputs.write_text(tmp_path / "y", "y")
    # `d` is replaced by two at once: one of them may lose, with a message, and neither harms us.
    assert (tmp_path / "y").read_text() == "y"
    end(one)
    end(two)
    sweep(tmp_path)
    assert set(names(tmp_path)) <= {"a", "b", "c", "d", "x", "y"}


FORKED = WRITER.replace(
    '    print("ready", flush=True)\n',
    "    import os\n"
    "    from vesalius.adapters.files.claims import alone\n"
    "    held = alone(folder / 'held')\n"
    "    held.__enter__()\n"
    "    begun, tell = os.pipe()\n"
    "    child = os.fork()\n"
    "    if not child:\n"
    "        os.write(tell, b'.')\n"
    "        time.sleep(600)\n"
    "    os.read(begun, 1)\n"
    "    print('ready', flush=True)\n"
    "    print(child, flush=True)\n",
)


def test_a_forked_child_that_outlives_its_parent_holds_nothing(tmp_path):
    """Helpers of a killed program live on; its locks must not."""
    process = start(FORKED, tmp_path)
    child = int(process.stdout.readline())
    try:
        with claims.alone(tmp_path / "held") as ours:
            assert not ours
        sweep(tmp_path)
        assert len(names(tmp_path)) == 4
        process.send_signal(signal.SIGKILL)
        process.wait()
        os.kill(child, 0)
        with claims.alone(tmp_path / "held") as ours:
            assert ours
        sweep(tmp_path)
        assert names(tmp_path) == []
    finally:
        os.kill(child, signal.SIGKILL)
        process.stdout.close()
