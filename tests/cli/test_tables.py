"""Tables of the width of a terminal: no name is broken or cut, nothing is left out."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from vesalius.adapters.cli.tables import table_lines

ROWS = [
    {"name": "a/long-name-of-a-rule", "n": "1", "about": "Some words that say what it does."},
    {"name": "b", "n": "20,000", "about": ""},
]


def at_a_terminal(columns: int, *arguments: object) -> list[str]:
    """Run the command on a terminal of so many columns; give the lines on it."""
    script = Path(sys.executable).parent / "vesalius"
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [str(script), *map(str, arguments)], stdout=theirs, stderr=subprocess.DEVNULL,
        env={**os.environ, "COLUMNS": str(columns), "NO_COLOR": "1", "TERM": "dumb"},
    )  # fmt: skip
    os.close(theirs)
    said = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:
            break  # how Linux says that the other side is closed
        if not piece:
            break
        said += piece
    os.close(ours)
    assert process.wait() == 0
    text = said.decode().replace("\x1b[1m", "").replace("\x1b[0m", "")
    return text.replace("\r\n", "\n").splitlines()


@pytest.fixture(scope="module")
def listed(vesalius):
    return {
        what: json.loads(vesalius("ls", what, "--format", "json").stdout)
        for what in ("structures", "schemes", "rules", "attributes", "sequences")
    }


@pytest.mark.parametrize("width", [40, 60, 80, 100, 200])
@pytest.mark.parametrize("what", ["structures", "schemes", "rules", "attributes", "sequences"])
def test_every_name_stands_whole(listed, what, width):
    rows = listed[what]
    lines = table_lines(rows, width=width)
    names = [row["name"] for row in rows]
    heads = [line for line in lines[2:] if line[:1].strip()]
    assert [line.split()[0] for line in heads if line.split()[0] in names] == names
    for line in lines:
        assert len(line) <= width or len(line.split()) == 1
        assert line == line.rstrip()
        assert "…" not in line
    # Every word of every cell is there, none in two pieces.
    words = sorted(word.rstrip(";") for line in lines[2:] for word in line.split())
    for row in rows:
        for cell in row.values():
            assert {word.rstrip(";") for word in cell.split()} <= set(words)


@pytest.mark.parametrize("what", ["structures", "schemes", "rules", "attributes", "sequences"])
def test_a_pipe_gets_one_line_a_row(vesalius, listed, what):
    done = vesalius("ls", what, COLUMNS="40")
    head, dashes, *lines = done.stdout.splitlines()
    assert head.split()[0] == "name"
    assert set(dashes) == {"-", " "}
    assert [line.split()[0] for line in lines] == [row["name"] for row in listed[what]]
    for line, row in zip(lines, listed[what], strict=True):
        assert line.split() == " ".join(row.values()).split()


@pytest.mark.parametrize("columns", [60, 80])
def test_a_terminal(listed, columns):
    lines = at_a_terminal(columns, "ls", "rules")
    assert lines == table_lines(listed["rules"], width=columns)


def test_no_room_for_text():
    assert table_lines(ROWS, right=("n",), width=40) == [
        "name                        n",
        "---------------------  ------",
        "a/long-name-of-a-rule       1",
        "    Some words that say what it does.",
        "b                      20,000",
    ]


def test_no_room_for_anything():
    assert table_lines(ROWS, width=24) == [
        "name",
        "---------------------",
        "a/long-name-of-a-rule",
        "    n: 1; about: Some",
        "    words that say what",
        "    it does.",
        "b",
        "    n: 20,000",
    ]


def test_no_limit():
    assert table_lines(ROWS, right=("n",)) == [
        "name                        n  about",
        "---------------------  ------  ---------------------------------",
        "a/long-name-of-a-rule       1  Some words that say what it does.",
        "b                      20,000",
    ]


def test_no_rows():
    assert table_lines([]) == []
