"""Rows of a metadata table by case, also where a spreadsheet took the zeros from the names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

_NUMBERED = re.compile(r"(\D*)0*(\d+)", re.ASCII)
_ENDING = re.compile(r"\.nii(\.gz)?$", re.IGNORECASE)
_WHOLE = re.compile(r"\d+\.0", re.ASCII)

Row = Mapping[str, str]


class RowsByCase(Mapping[str, Row]):
    """Rows by the name of their case; a case without one has that of its number, if it is alone.

    ``7``, ``07``, ``7.0`` and ``s0007`` are one number. What stands before it must be the same, or
    be lacking on one side: ``s0007`` is not ``t0007``. A folder and the ending of a file in the
    table do not count, nor do capitals. Names that are there are always preferred.

    Parameters
    ----------
    rows : mapping of str to mapping of str to str
        As the table names them.
    """

    def __init__(self, rows: Mapping[str, Row]) -> None:
        self._rows = dict(rows)
        self._plain: dict[str, list[str]] = {}
        self._numbered: dict[int, list[tuple[str, str]]] = {}
        for name in self._rows:
            self._plain.setdefault(_plain(name), []).append(name)
            found = _number(_plain(name))
            if found is not None:
                self._numbered.setdefault(found[1], []).append((found[0], name))

    def __getitem__(self, case: str) -> Row:
        """Return the row of a case."""
        name = self.name_of(case)
        if name is None:
            raise KeyError(case)
        return self._rows[name]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names as the table has them."""
        return iter(self._rows)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._rows)

    def name_of(self, case: str) -> str | None:
        """Give the name that the table has for a case; None where it has none."""
        if case in self._rows:
            return case
        same = self._plain.get(_plain(case), [])
        found = _number(_plain(case))
        if len(same) == 1:
            return same[0]
        if found is None:
            return None
        alike = [
            name
            for before, name in self._numbered.get(found[1], ())
            if before == found[0] or not before or not found[0]
        ]
        return alike[0] if len(alike) == 1 else None

    def by_number(self, cases: Iterable[str]) -> dict[str, list[str]]:
        """Give the cases whose row has another name, by that name."""
        found: dict[str, list[str]] = {}
        for case in cases:
            name = self.name_of(case)
            if name is not None and name != case:
                found.setdefault(name, []).append(case)
        return found


def _plain(name: str) -> str:
    """Give a name without its folder, the ending of a file, a spreadsheet's `.0` and capitals."""
    bare = _ENDING.sub("", name.replace("\\", "/").rpartition("/")[2]).casefold()
    return bare[:-2] if _WHOLE.fullmatch(bare) else bare


def _number(name: str) -> tuple[str, int] | None:
    """Split a name into what stands before its number, and the number."""
    match = _NUMBERED.fullmatch(name)
    return None if match is None else (match[1], int(match[2]))
