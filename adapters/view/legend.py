"""Names, colours and groups of the integers of a label map, and a short number for each.

The page gets label maps in numbers 0..n of its legend: what a graphics card looks colours up by is
a table without gaps, and a scheme may use integers up to 65535.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from vesalius.adapters.files.label_tables import LabelRow, Rgb, with_colours
from vesalius.adapters.files.label_values import Labels
from vesalius.ontology.graph import Ontology
from vesalius.ontology.scheme.meaning import structures_of
from vesalius.ontology.scheme.scheme import Scheme
from vesalius.scheme_set import label_rows

GROUP, COARSENESS = "system", "level"
"""Attributes of the ontology: what structures are grouped by; what is painted over what."""
OTHER = "other"
"""The group of what has no system."""
NOT_LISTED = "not in the scheme"
_NO_STRUCTURE_RGB = (150, 150, 150)


@dataclass(frozen=True)
class LegendRow:
    """One class of a legend.

    Parameters
    ----------
    integer : int or None
        Its number in the file; None for all that the scheme does not list.
    name : str
        What to call it.
    rgb : tuple of int
        Colour 0..255.
    group : str
        Its system.
    shown : bool
        Whether it is shown at first: what everything else is painted over is not.
    """

    integer: int | None
    name: str
    rgb: Rgb
    group: str = OTHER
    shown: bool = True


@dataclass(frozen=True)
class Legend:
    """Classes in their order; the first has the number 1, and 0 is nothing.

    Parameters
    ----------
    rows : tuple of LegendRow
        The last one stands for every integer that no other has.
    """

    rows: tuple[LegendRow, ...]

    def numbers(self, largest: int) -> Labels:
        """Give the number of every integer.

        Parameters
        ----------
        largest : int
            Of the integers.

        Returns
        -------
        ndarray of uint8 or uint16, shape (largest + 1,)
        """
        table: Labels = np.full(largest + 1, len(self.rows), np.uint16)
        if len(self.rows) <= np.iinfo(np.uint8).max:
            table = table.astype(np.uint8)
        table[0] = 0
        for number, row in enumerate(self.rows, 1):
            if row.integer is not None and 0 < row.integer <= largest:
                table[row.integer] = number
        return table

    def voxels(self, labels: Labels) -> list[int]:
        """Count the voxels of each row."""
        counts = np.zeros(len(self.rows) + 1, np.int64)
        numbers = self.numbers(int(labels.max()))
        for k in range(labels.shape[2]):
            plane = numbers[labels[:, :, k]]
            counts += np.bincount(plane.ravel(), minlength=counts.size)
        return [int(count) for count in counts[1:]]


def scheme_legend(scheme: Scheme, ontology: Ontology) -> Legend:
    """Give the legend of label maps in a scheme.

    Parameters
    ----------
    scheme : Scheme
        Gives integers and names; a class that is dropped is there too, in grey.
    ontology : Ontology
        Gives colours, systems and levels.
    """
    colours = {row: rgb for row, _, rgb in with_colours(label_rows(scheme, ontology))}
    rows = []
    for entry in scheme.entries:
        if entry.integer == scheme.background:
            continue
        rgb = colours.get(entry.integer, _NO_STRUCTURE_RGB)
        structure = next(iter(structures_of(entry.target)), None)
        rows.append(_row(LabelRow(entry.integer, entry.name, rgb), structure, ontology))
    return _closed(rows)


def report_legend(
    label_rows: Iterable[LabelRow], structures: Mapping[int, str], ontology: Ontology
) -> Legend:
    """Give the legend of label maps whose scheme is not known any more.

    Parameters
    ----------
    label_rows : iterable of LabelRow
        Integers and names, as a report has them.
    structures : mapping of int to str
        Structure of each integer.
    ontology : Ontology
        Gives systems and levels of the structures that it knows.
    """
    coloured = (LabelRow(*row) for row in with_colours(label_rows))
    return _closed([_row(row, structures.get(row.integer), ontology) for row in coloured])


def _row(row: LabelRow, structure: str | None, ontology: Ontology) -> LegendRow:
    rgb = row.rgb or _NO_STRUCTURE_RGB
    if structure is None or structure not in ontology.structures:
        return LegendRow(row.integer, row.name, rgb)
    level = ontology.get(structure, COARSENESS)
    coarsest = level is not None and ontology.rank_of(COARSENESS, level) == 0
    group = ontology.get(structure, GROUP, OTHER)
    return LegendRow(row.integer, row.name, rgb, str(group), shown=not coarsest)


def _closed(rows: list[LegendRow]) -> Legend:
    return Legend((*rows, LegendRow(None, NOT_LISTED, (255, 255, 255))))
