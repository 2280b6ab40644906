"""Pictures of small cases, written with letters in a rule's test.

A picture is read as a radiologist reads a scan:

``coronal`` (the default)
    Seen from the front. The picture's left is the patient's right, its top is superior. Several
    slices go from the front (anterior) to the back.
``axial``
    Seen from the feet. The picture's left is the patient's right, its top is anterior. Several
    slices go from the top (superior) to the bottom.
``sagittal``
    Seen from the patient's left. The picture's left is anterior, its top is superior. Several
    slices go from the patient's left to the right.

A row is a line, a cell one character; blanks between cells mean nothing, and neither do empty
lines. ``.`` is background, every other character (but ``-``) may be a letter of the key. ``.x6``
or ``gx6`` stand for six such cells; all digits after the ``x`` belong to the number. Where both
``x`` and the digit are letters of the key, ``gx6`` is refused, for it could mean three cells.
A line of three or more ``-`` ends a slice.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vesalius.adapters.files.io_diagnostics import plural
from vesalius.rules.places.directions import DIRECTIONS

BACKGROUND = "."
_NO_LETTERS = frozenset({BACKGROUND, "-"})
_SLICE_END = re.compile(r"\s*-{3,}\s*")
_CELLS = re.compile(r"(?P<letter>\S)(?:x(?P<times>\d+))?")
_LARGEST_RUN = 1000
_MOST_DIGITS = 6


@dataclass(frozen=True)
class View:
    """How a picture lies in the patient: where columns, rows and slices lead to.

    Parameters
    ----------
    across, down, into : str
        Patient direction from column to column, row to row and slice to slice.
    """

    across: str
    down: str
    into: str

    @property
    def axes(self) -> tuple[int, int, int]:
        """Patient axis (0, 1, 2 for x, y, z) along slices, rows and columns."""
        slices, rows, columns = (_axis(name)[0] for name in (self.into, self.down, self.across))
        return slices, rows, columns

    @property
    def backward(self) -> tuple[bool, bool, bool]:
        """Whether slices, rows and columns run against their patient axis (RAS+)."""
        slices, rows, columns = (_axis(name)[1] for name in (self.into, self.down, self.across))
        return slices, rows, columns

    def to_patient(self, drawn: NDArray[Any]) -> NDArray[Any]:
        """Turn an array of slices, rows, columns into one of patient x, y, z (RAS+), a view."""
        return np.flip(drawn, self._reversed()).transpose(np.argsort(self.axes))

    def from_patient(self, array: NDArray[Any]) -> NDArray[Any]:
        """Undo :meth:`to_patient`."""
        return np.flip(array.transpose(self.axes), self._reversed())

    def _reversed(self) -> tuple[int, ...]:
        return tuple(np.flatnonzero(self.backward).tolist())


def _axis(direction: str) -> tuple[int, bool]:
    vector = DIRECTIONS[direction]
    axis = next(at for at, part in enumerate(vector) if part)
    return axis, vector[axis] < 0


VIEWS: Mapping[str, View] = MappingProxyType(
    {
        "coronal": View(across="left", down="inferior", into="posterior"),
        "axial": View(across="left", down="posterior", into="inferior"),
        "sagittal": View(across="posterior", down="inferior", into="right"),
    }
)


@dataclass(frozen=True)
class Flaw:
    """Something wrong in a picture.

    Parameters
    ----------
    code, message : str
        As in a diagnostic.
    line, column, end_column : int
        Where in the picture's text, from 0, the end exclusive.
    help : str or None
        How to mend it.
    """

    code: str
    message: str
    line: int
    column: int
    end_column: int
    help: str | None = None


@dataclass(frozen=True)
class Cells:
    """One stretch of equal cells as written: a letter, or a letter with its run length."""

    letter: str
    times: int
    line: int
    column: int
    end_column: int


@dataclass(frozen=True)
class _Row:
    line: int
    text: str
    cells: tuple[Cells, ...]

    @property
    def width(self) -> int:
        return sum(cells.times for cells in self.cells)

    def flaw(self, message: str, help_text: str) -> Flaw:
        begin = len(self.text) - len(self.text.lstrip())
        return Flaw("PIC002", message, self.line, begin, len(self.text.rstrip()), help_text)


def is_letter(word: str) -> bool:
    """Tell whether a word can be a letter of a key."""
    return len(word) == 1 and word not in _NO_LETTERS and word.isprintable() and word != " "


def read_picture(text: str, letters: Collection[str]) -> tuple[NDArray[np.str_], list[Flaw]]:
    """Read a picture.

    Parameters
    ----------
    text : str
        The picture.
    letters : collection of str
        The letters that it may use besides the background.

    Returns
    -------
    cells : ndarray of str, shape (slices, rows, columns)
        One letter per cell; empty where there are flaws.
    flaws : list of Flaw
        Everything that is wrong, in the order of the text.
    """
    flaws: list[Flaw] = []
    slices, ends = _slices(text, letters, flaws)
    flaws += _empty(slices, ends) or _uneven(slices)
    flaws += _unknown([row for rows in slices for row in rows], letters)
    if flaws:
        return np.empty((0, 0, 0), dtype="<U1"), sorted(flaws, key=lambda f: (f.line, f.column))
    drawn = [[[c.letter for c in row.cells for _ in range(c.times)] for row in s] for s in slices]
    return np.array(drawn, dtype="<U1"), []


def _slices(
    text: str, letters: Collection[str], flaws: list[Flaw]
) -> tuple[list[list[_Row]], list[tuple[int, int, int]]]:
    """Give the rows of each slice, and line, column and end of the lines between slices."""
    slices: list[list[_Row]] = [[]]
    ends = []
    for number, line in enumerate(text.split("\n")):
        if _SLICE_END.fullmatch(line):
            slices.append([])
            ends.append((number, line.index("-"), line.rindex("-") + 1))
        elif line.strip():
            slices[-1].append(_Row(number, line, _cells(number, line, letters, flaws)))
    return slices, ends


def _cells(
    number: int, line: str, letters: Collection[str], flaws: list[Flaw]
) -> tuple[Cells, ...]:
    found = []
    for match in _CELLS.finditer(line):
        letter, digits = match["letter"], match["times"]
        problem = None if digits is None else _run_problem(match, letters)
        if problem is not None:
            flaws.append(Flaw("PIC005", problem[0], number, *match.span(), problem[1]))
        times = 1 if digits is None or problem is not None else int(digits)
        found.append(Cells(letter, times, number, *match.span()))
    return tuple(found)


def _run_problem(match: re.Match[str], letters: Collection[str]) -> tuple[str, str] | None:
    """Give what is wrong with a run length, and how to mend it; None where nothing is."""
    letter, digits = match["letter"], match["times"]
    if len(digits) > _MOST_DIGITS or not 1 <= int(digits) <= _LARGEST_RUN:
        return (
            f"a run of {digits} cells cannot be drawn",
            f"a run has 1 to {_LARGEST_RUN} cells",
        )
    if "x" in letters and digits[0] in letters:
        apart = " ".join(match[0])
        many = " ".join(letter * min(int(digits), 4)) + (" ..." if int(digits) > 4 else "")
        return (
            f"`{match[0]}` has two meanings, for `x` and `{digits[0]}` are letters of the key",
            f"write `{apart}` or `{many}`, or take another letter than `x`",
        )
    return None


def _uneven(slices: Sequence[Sequence[_Row]]) -> list[Flaw]:
    """Find the first row, or slice, whose size differs from the first one's."""
    rows = [row for drawn in slices for row in drawn]
    for row in rows:
        if row.width != rows[0].width:
            message = f"the row has {plural(row.width, 'cell')}, the first one {rows[0].width}"
            return [row.flaw(message, "all rows of a picture are equally long; `.` is background")]
    for at, drawn in enumerate(slices, start=1):
        if len(drawn) != len(slices[0]):
            high, first = plural(len(drawn), "row"), plural(len(slices[0]), "row")
            message = f"slice {at} has {high}, the first one {first}"
            return [drawn[-1].flaw(message, "all slices of a picture are equally high")]
    return []


def _empty(slices: Sequence[Sequence[_Row]], ends: Sequence[tuple[int, int, int]]) -> list[Flaw]:
    """Find the first slice without a row."""
    if not any(slices):
        return [Flaw("PIC006", "the picture has no cell", 0, 0, 1, "`.` is background")]
    for at, drawn in enumerate(slices):
        if not drawn:
            message = f"slice {at + 1} has no row"
            help_text = "`---` stands between two slices, not before the first or after the last"
            return [Flaw("PIC006", message, *ends[max(at - 1, 0)], help_text)]
    return []


def _unknown(rows: Sequence[_Row], letters: Collection[str]) -> list[Flaw]:
    """Find each letter that is not in the key, once."""
    known = {BACKGROUND, *letters}
    flaws: dict[str, Flaw] = {}
    shown = ", ".join(f"`{letter}`" for letter in letters) or "no letter"
    for row in rows:
        for cells in row.cells:
            if cells.letter not in known and cells.letter not in flaws:
                flaws[cells.letter] = Flaw(
                    "PIC001",
                    f"the letter `{cells.letter}` is not in the key",
                    cells.line,
                    cells.column,
                    cells.end_column,
                    f"the key has {shown}; `.` is background",
                )
    return list(flaws.values())
