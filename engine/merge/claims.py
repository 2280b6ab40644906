"""Claims: what each run of each source says, after the metadata has chosen.

Inside the engine a source's voxels carry *cells*. A cell is an integer of the file together
with what is to be done with it, so that a voxel keeps its origin while its action is worked
out, and one table per source says what a cell paints.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.plan.plan import Action, Choose, Ignore, Paint, SourceTable
from vesalius.engine.runs.labelmap import LabelMap

MAX_CELLS = 65535


class UnlistedIntegers(ValueError):
    """A closed source has integers that its table does not list.

    Parameters
    ----------
    source : str
        Token of the source.
    integers : mapping of int to int
        Voxels of each unlisted integer, in ascending order of the integers.
    """

    def __init__(self, source: str, integers: Mapping[int, int]) -> None:
        self.source = source
        self.integers = dict(integers)
        listed = ", ".join(f"{integer} ({voxels} voxels)" for integer, voxels in integers.items())
        super().__init__(f"source {source!r} has integers that its table does not list: {listed}")


@dataclass(frozen=True)
class Cell:
    """An integer of a source and what is done with it; no action where the table lists none."""

    integer: int
    action: Action | None

    @property
    def label(self) -> int:
        """Work label that the cell paints; 0 where it paints nothing."""
        return self.action.label if isinstance(self.action, Paint) else 0


@dataclass(frozen=True)
class Claims:
    """One source of a case.

    Parameters
    ----------
    token : str
        Token of the source.
    runs : LabelMap
        Every voxel of the file that is not background; its label is 1 + the position of its
        cell.
    cells : tuple of Cell
        Some may have no voxel.
    """

    token: str
    runs: LabelMap
    cells: tuple[Cell, ...]

    def __post_init__(self) -> None:
        if len(self.cells) > MAX_CELLS:
            raise ValueError(f"source {self.token!r} has more than {MAX_CELLS} cells")

    def work_labels(self) -> NDArray[np.uint16]:
        """Work label of each cell, shape (1 + len(cells),); position 0 is background."""
        return np.array([0, *(cell.label for cell in self.cells)], dtype=np.uint16)


@dataclass(frozen=True)
class ChoiceTally:
    """A choice that the metadata made for one integer.

    Parameters
    ----------
    source : str
        Token of the source.
    integer : int
        Integer of the file.
    key : str
        Metadata key that was asked for.
    value : str or None
        The case's value; None where the case does not say.
    listed : bool
        Whether the plan has an option for the value; if not, `otherwise` was taken.
    """

    source: str
    integer: int
    key: str
    value: str | None
    listed: bool


def voxels_per_label(labelmap: LabelMap) -> dict[int, int]:
    """Count the voxels of every label that is present, in ascending order."""
    voxels = labelmap.voxels_by_label
    labels = labelmap.labels()
    return dict(zip(labels.tolist(), voxels[labels].tolist(), strict=True))


def unlisted_integers(table: SourceTable, labelmap: LabelMap) -> dict[int, int]:
    """Find the integers of a file that its table does not list.

    Parameters
    ----------
    table : SourceTable
        Meaning of the integers; it does not matter whether it is open.
    labelmap : LabelMap
        The file.

    Returns
    -------
    dict of int to int
        Voxels of each, in ascending order of the integers.
    """
    listed = {integer for integer, _ in table.actions}
    return {
        integer: voxels
        for integer, voxels in voxels_per_label(labelmap).items()
        if integer not in listed
    }


def claim(
    table: SourceTable, labelmap: LabelMap, metadata: Mapping[str, str]
) -> tuple[Claims, tuple[ChoiceTally, ...]]:
    """Give every voxel of a file its cell, with all choices made.

    Parameters
    ----------
    table : SourceTable
        Meaning of the integers.
    labelmap : LabelMap
        The file, in its own integers.
    metadata : mapping of str to str
        What is known about the case.

    Returns
    -------
    claims : Claims
        Without a `Choose` in any action. Divisions are still to be made.
    choices : tuple of ChoiceTally
        In the order of the integers.

    Raises
    ------
    UnlistedIntegers
        If the table is closed and does not list every integer of the file.
    """
    unlisted = unlisted_integers(table, labelmap)
    if unlisted and not table.open:
        raise UnlistedIntegers(table.token, unlisted)
    actions = dict(table.actions)
    cells: list[Cell] = []
    choices: list[ChoiceTally] = []
    lut = np.zeros(labelmap.largest + 1, dtype=np.uint16)
    for integer in labelmap.labels().tolist():
        action = actions.get(integer)
        if action is not None:
            action = _chosen(action, metadata, table.token, integer, choices)
        cells.append(Cell(integer, action))
        lut[integer] = len(cells)
    # Each integer has a cell of its own, so that runs stay as they are.
    runs = replace(labelmap, label=lut.take(labelmap.label))
    return Claims(table.token, runs, tuple(cells)), tuple(choices)


def _chosen(
    action: Action,
    metadata: Mapping[str, str],
    source: str,
    integer: int,
    choices: list[ChoiceTally],
) -> Action:
    """Return the action without choices, also inside divisions, and note what chose."""
    if isinstance(action, (Paint, Ignore)):
        return action
    if isinstance(action, Choose):
        value = metadata.get(action.key)
        options = dict(action.options)
        listed = value in options
        choices.append(ChoiceTally(source, integer, action.key, value, listed))
        taken = options[value] if value is not None and listed else action.otherwise
        return _chosen(taken, metadata, source, integer, choices)
    positive, negative, otherwise = (
        _chosen(inner, metadata, source, integer, choices)
        for inner in (action.positive, action.negative, action.otherwise)
    )
    return replace(action, positive=positive, negative=negative, otherwise=otherwise)
