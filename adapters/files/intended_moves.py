"""What a group of outputs is about to do to a folder, written down before it is done.

A process that dies in the middle leaves the list behind; whoever finds it goes on to the end, or
back to the beginning where that was under way. Every step may be done again.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Move:
    """One name in a folder that gets another file, or none any more. Paths are absolute.

    Parameters
    ----------
    part : Path or None
        The finished file; None takes away what has the name.
    final : Path
        The name.
    old : Path or None
        A second name of the file that has it now; None where there is none.
    """

    part: Path | None
    final: Path
    old: Path | None

    def forward(self) -> None:
        """Give the name its new file.

        Raises
        ------
        OSError
            Where that cannot be done.
        """
        if self.part is None:
            self.final.unlink(missing_ok=True)
        elif os.path.lexists(self.part):
            os.replace(self.part, self.final)

    def back(self) -> None:
        """Give the name its old file again.

        Raises
        ------
        OSError
            Where that cannot be done.
        """
        if self.old is None:
            if self.part is not None and not os.path.lexists(self.part):
                self.final.unlink(missing_ok=True)
        elif os.path.lexists(self.old):
            os.replace(self.old, self.final)
            # Renaming one hard link onto another does nothing: the second name is left.
            self.old.unlink(missing_ok=True)


@dataclass
class Notes:
    """What a lock file says besides the machine.

    Parameters
    ----------
    aside : list of (str, str)
        Names that folders were renamed to, and those they had.
    moves : list of Move
        What was intended; empty until all of it was written down.
    withdrawn : bool
        Whether the moves were being taken back.
    see : list of Path
        Lock files of other folders with moves into this one.
    """

    aside: list[tuple[str, str]] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    withdrawn: bool = False
    see: list[Path] = field(default_factory=list)

    def settle(self) -> None:
        """Do what is left to do of the moves.

        Raises
        ------
        OSError
            Where that cannot be done.
        """
        for move in self.moves:
            if self.withdrawn:
                move.back()
            else:
                move.forward()


def lines_of(moves: Iterable[Move], folder: Path) -> list[list[str | None]]:
    """Write moves down; they count when the last line is there."""
    rows: list[list[str | None]] = [
        ["move", *(None if p is None else os.path.relpath(p, folder) for p in paths)]
        for paths in ((m.part, m.final, m.old) for m in moves)
    ]
    return [*rows, ["meant"]]


def encoded(lines: Iterable[Sequence[str | None]]) -> bytes:
    """Write lines as bytes, whatever characters names have."""
    return "".join(f"{json.dumps(line)}\n" for line in lines).encode("ascii")


def read_notes(text: str, folder: Path) -> Notes:
    """Read what :func:`encoded` wrote; a last line that is not whole does not count."""
    notes, moves = Notes(), []
    for line in text.split("\n")[:-1]:
        with contextlib.suppress(ValueError, TypeError):
            word, *rest = json.loads(line)
            if word == "aside":
                notes.aside.append((rest[0], rest[1]))
            elif word == "see":
                notes.see.append(folder / rest[0])
            elif word == "move":
                part, final, old = rest
                moves.append(Move(_in(folder, part), folder / final, _in(folder, old)))
            elif word == "meant":
                notes.moves = moves
            elif word == "back":
                notes.withdrawn = True
    return notes


def _in(folder: Path, name: str | None) -> Path | None:
    return None if name is None else folder / name
