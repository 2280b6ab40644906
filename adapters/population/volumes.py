"""Figures of many cases by structure, each an array over cases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vesalius.adapters.measures.table_files import read_csv
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError

Floats = NDArray[np.float64]
MEASURES = ("volume_ml", "hu_mean")
"""What is fitted against age."""


@dataclass
class Figures:
    """What was measured of each structure.

    Parameters
    ----------
    rows : dict of str to list of (case, volume_ml, hu_mean)
        By structure, of cases that have a voxel of it which the scan does not cut. A figure that
        is not defined is NaN.
    cut, absent : dict of str to int
        By structure the cases that are left out, and why.
    """

    rows: dict[str, list[tuple[str, float, float]]] = field(default_factory=dict)
    cut: dict[str, int] = field(default_factory=dict)
    absent: dict[str, int] = field(default_factory=dict)

    def add(self, rows: Iterable[Mapping[str, Any]]) -> Figures:
        """Take in rows of the table `stats`."""
        for row in rows:
            structure = row["structure"]
            if not row["voxels"]:
                self.absent[structure] = self.absent.get(structure, 0) + 1
            elif row["cut_at_border"]:
                self.cut[structure] = self.cut.get(structure, 0) + 1
            else:
                figures = (row["volume_ml"], row.get("hu_mean"))
                volume, hu = (np.nan if value is None else float(value) for value in figures)
                self.rows.setdefault(structure, []).append((row["case"], volume, hu))
        return self

    def cases(self, structure: str) -> list[str]:
        """Name the cases that have figures of a structure."""
        return [case for case, _, _ in self.rows.get(structure, ())]

    def of(self, structure: str, measure: str) -> Floats:
        """Give one measure of a structure, in the order of `cases`."""
        column = 1 + MEASURES.index(measure)
        return np.array([row[column] for row in self.rows.get(structure, ())], dtype=np.float64)

    def split(self, group_of: Mapping[str, str]) -> Iterator[tuple[str, Figures]]:
        """Part the cases into groups, by name of the group."""
        for group in sorted({*group_of.values()}):
            rows = {
                structure: [row for row in of if group_of.get(row[0]) == group]
                for structure, of in self.rows.items()
            }
            yield group, Figures({name: of for name, of in rows.items() if of})


def read_figures(path: Path, name: str) -> dict[str, Figures]:
    """Read another dataset from the table that `vesalius stats` wrote.

    Parameters
    ----------
    path : Path
        Its ``stats.csv``, or the folder that has it.
    name : str
        What the dataset is called.

    Returns
    -------
    dict of str to Figures
        By name; with the source after it where the table has several.

    Raises
    ------
    DiagnosticError
        POP004 where it cannot be read.
    """
    file = path / "stats.csv" if path.is_dir() else path
    by_source: dict[str, list[dict[str, Any]]] = {}
    try:
        for row in read_csv("stats", file):
            by_source.setdefault(str(row["source"]), []).append(dict(row))
    except (OSError, KeyError, ValueError, TypeError) as failed:
        why = getattr(failed, "strerror", None) or "it has not the columns of `stats`"
        text = f"the volumes of dataset `{name}` cannot be read: {why}"
        hint = "give a stats.csv that `vesalius stats -o` wrote, or its folder"
        problem = Diagnostic("POP004", "error", text, path=str(file), help=hint)
        raise DiagnosticError([problem]) from None
    if len(by_source) == 1:
        return {name: Figures().add(*by_source.values())}
    return {f"{name} ({source})": Figures().add(rows) for source, rows in by_source.items()}
