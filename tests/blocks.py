"""Blocks of code in a Markdown text: found, written, run and compared as they stand there."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from calling import call_vesalius
from processes import PATIENCE_S

_BLOCK = re.compile(r"^( *)```(\w+) ?([^\n]*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_TITLE = re.compile(r'title="([^"]*)"')
_SHELL = re.compile(r"[|&;<>()$`*?~{}#!]")
"""What a shell does something about, other than quotes."""
NOT_RUN = "not run: "
"""Begins the title of a block that is only shown; what follows is why."""


@dataclass(frozen=True)
class Block:
    """A block: its language, what stands beside it (a title, a file), and its text."""

    kind: str
    where: str
    text: str

    @property
    def why_not_run(self) -> str | None:
        return self.where.removeprefix(NOT_RUN) if self.where.startswith(NOT_RUN) else None


def find_blocks(markdown: str) -> Iterator[Block]:
    for indent, kind, beside, body in _BLOCK.findall(markdown):
        title = _TITLE.search(beside)
        text = re.sub(rf"^{indent}", "", body, flags=re.MULTILINE)
        yield Block(kind, title[1] if title else beside, text)


def write_block(place: Path, where: str, text: str) -> None:
    appended = where.startswith("append ")
    path = place / where.removeprefix("append ")
    before = path.read_text(encoding="utf-8") + "\n" if appended else ""
    path.write_text(before + text, encoding="utf-8")


def command_environment() -> dict[str, str]:
    """The installed command first, plain text, and nothing of nnU-Net that lies about."""
    beside = Path(sys.executable).parent
    kept = {key: value for key, value in os.environ.items() if not key.startswith("nnUNet")}
    return {**kept, "PATH": f"{beside}{os.pathsep}{kept['PATH']}", "NO_COLOR": "1"}


def run_line(line: str, place: Path) -> subprocess.CompletedProcess[str]:
    """Run a line as a shell would; what is a plain call of our command is one, in this process."""
    # A line goes on where it ends with a backslash.
    whole = line.replace("\\\n", " ")
    words = None if _SHELL.search(whole) else shlex.split(whole)
    if words and words[0] == "vesalius":
        return call_vesalius(*words[1:], cwd=place, environment=command_environment())
    return subprocess.run(
        ["bash", "-c", line], cwd=place, env=command_environment(), text=True, check=False,
        capture_output=True, timeout=PATIENCE_S,
    )  # fmt: skip


def run_console(text: str, place: Path) -> list[str]:
    """Run each `$` line of a block in a shell and compare what it prints with what is shown.

    Results are compared; where there are none, what else is said. A line `...` stands for any
    lines, `...` in a line for a part of it. Every command must end well; what is to
    fail says so with `; echo "exit code $?"`.
    """
    done = []
    for piece in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        # A command goes on where a line ends with a backslash.
        command = re.match(r"(?:.*\\\n)*.*", piece)[0]
        shown = piece.removeprefix(command)
        ran = run_line(command, place)
        assert ran.returncode == 0, f"$ {command}\n{ran.stdout}{ran.stderr}"
        if shown.strip():
            said = (ran.stdout or ran.stderr).strip() + "\n"
            assert _pattern(shown).fullmatch(said), f"$ {command}\nshown:\n{shown}\nsaid:\n{said}"
        done.append(command)
    return done


def _pattern(shown: str) -> re.Pattern[str]:
    lines = (line.rstrip() for line in shown.strip().splitlines())
    return re.compile(
        "".join(
            r"(?:.*\n)*" if line == "..." else re.escape(line).replace(r"\.\.\.", ".*") + r" *\n"
            for line in lines
        )
    )


def follow(markdown: str, place: Path) -> dict[str, int]:
    """Do what the blocks of a tutorial say, in their order; how many of each kind were done."""
    done: dict[str, int] = {}
    names: dict[str, object] = {"__name__": "tutorial"}
    for block in find_blocks(markdown):
        if block.why_not_run is not None:
            continue
        if block.kind == "console":
            assert not block.where, f"`{block.where}`: a title is for what is not run"
            assert run_console(block.text, place), block.text
        elif block.kind == "python":
            exec(compile(block.text, "tutorial", "exec"), names)
        else:
            assert block.where, f"a block of {block.kind} does not say to which file it belongs"
            write_block(place, block.where, textwrap.dedent(block.text))
        done[block.kind] = done.get(block.kind, 0) + 1
    return done
