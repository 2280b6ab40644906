"""Drawing what a rule made of a scene, in the notation of its pictures."""

from __future__ import annotations

import itertools
import string
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vesalius.adapters.rule_tests.picture import BACKGROUND
from vesalius.adapters.rule_tests.scene import Scene

_GAP = "    "
_WIDEST = 96
# Letters for structures that a test's key does not have.
_SPARE = string.ascii_uppercase + string.ascii_lowercase + string.digits


def compare(scene: Scene, got: NDArray[Any], names: Mapping[int, str]) -> tuple[str, ...]:
    """Draw before, expected and got beside each other, wrong cells marked by ``^``.

    Parameters
    ----------
    scene : Scene
        The case.
    got : ndarray of int, shape (x, y, z)
        Labels after the rule, in patient space.
    names : Mapping of int to str
        Structure of each label.

    Returns
    -------
    tuple of str
        Lines; none where `got` is what is expected.
    """
    if np.array_equal(got, scene.after):
        return ()
    spare = _spare_letters(scene, got)
    shown = _letters(scene, got, spare)
    columns = {"before": scene.drawn, "expected": scene.drawn_after, "got": shown}
    wrong = shown_wrong(scene, got)
    lines = _beside(columns, wrong)
    lines += [f"{letter} = {names.get(label, label)}" for label, letter in spare.items()]
    outside = int((got != scene.after).sum() - wrong.sum())
    if outside:
        lines.append(f"{outside} voxels in front of or behind the picture differ as well")
    return tuple(lines)


def shown_wrong(scene: Scene, got: NDArray[Any]) -> NDArray[np.bool_]:
    """Tell which cells of the picture are not as expected, shape (slices, rows, columns)."""
    return np.asarray(scene.view.from_patient(got != scene.after)[1:-1])


def _letters(scene: Scene, got: NDArray[Any], spare: Mapping[int, str]) -> NDArray[np.str_]:
    """Give each cell a letter: the drawn one where it fits, else the first of the key."""
    cells = scene.view.from_patient(got)[1:-1]
    drawn_as = {label: letter for letter, label in reversed(list(scene.letters.items()))}
    first = {**spare, **drawn_as, 0: BACKGROUND}
    shown = np.empty(cells.shape, dtype="<U1")
    for at in np.ndindex(cells.shape):
        label = int(cells[at])
        drawn = (str(scene.drawn_after[at]), str(scene.drawn[at]))
        shown[at] = next((one for one in drawn if scene.letters[one] == label), first[label])
    return shown


def _spare_letters(scene: Scene, got: NDArray[Any]) -> dict[int, str]:
    """Choose letters for labels that the key does not have."""
    free = (letter for letter in itertools.chain(_SPARE, _unicode()) if letter not in scene.letters)
    known = set(scene.letters.values())
    return {label: next(free) for label in np.unique(got).tolist() if label not in known}


def _unicode() -> Iterable[str]:
    return map(chr, itertools.count(0x0391))


def _beside(columns: Mapping[str, NDArray[np.str_]], wrong: NDArray[np.bool_]) -> list[str]:
    """Lay pictures beside each other, or below each other where they are too wide."""
    blocks = {title: _rows(drawn, wrong, marked=title == "got") for title, drawn in columns.items()}
    widths = {title: max(len(title), *map(len, rows)) for title, rows in blocks.items()}
    if sum(widths.values()) + len(_GAP) * (len(widths) - 1) > _WIDEST:
        return [line for title, rows in blocks.items() for line in (f"{title}:", *rows)]
    head = _GAP.join(title.ljust(widths[title]) for title in blocks)
    body = [
        _GAP.join(row.ljust(width) for row, width in zip(rows, widths.values(), strict=True))
        for rows in zip(*blocks.values(), strict=True)
    ]
    return [line.rstrip() for line in (head, *body)]


def _rows(drawn: NDArray[np.str_], wrong: NDArray[np.bool_], *, marked: bool) -> list[str]:
    """Write the rows, with a line of marks (or an empty one) below those with a wrong cell."""
    lines: list[str] = []
    for at, rows in enumerate(drawn):
        lines += ["---"] if at else []
        for row, cells in enumerate(rows):
            lines.append(" ".join(cells.tolist()))
            if wrong[at, row].any():
                marks = " ".join("^" if bad else " " for bad in wrong[at, row].tolist())
                lines.append(marks.rstrip() if marked else "")
    return lines
