"""What tables hold: columns, units and meaning, declared in `tables/*.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias

from vesalius.adapters.keeping.cache_folder import cache_folder
from vesalius.adapters.keeping.remembered import found_or_made, key_of

Cell: TypeAlias = str | int | float | bool | None
"""None is an undefined figure, an empty cell."""
Row: TypeAlias = Mapping[str, Cell]
ColumnType = Literal["text", "integer", "number", "flag"]

_FOLDER = Path(__file__).resolve().parent / "tables"
_PYTHON: Mapping[str, tuple[type, ...]] = {
    "text": (str,),
    "integer": (int,),
    "number": (int, float),
    "flag": (bool,),
}


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Parameters
    ----------
    name : str
        With its unit at the end, where it has one.
    type : {"text", "integer", "number", "flag"}
        Of its cells; each may also be empty.
    unit : str
        Of its figures; empty where they have none.
    about : str
        What it says.
    """

    name: str
    type: ColumnType
    unit: str
    about: str


@dataclass(frozen=True)
class TableSchema:
    """A table as it is declared.

    Parameters
    ----------
    name : str
        Of the table, and of its files.
    version : int
        Grows where a column is taken away or changes its meaning.
    title, about : str
        Words for people.
    key : tuple of str
        Columns that together tell a row.
    columns : tuple of Column
        In their order.
    """

    name: str
    version: int
    title: str
    about: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(column.name for column in self.columns)

    def checked(self, row: Row) -> dict[str, Cell]:
        """Give a row with a cell for every column, in order.

        Raises
        ------
        KeyError
            Where the row has a key that is no column.
        TypeError
            Where a cell is not of the type of its column.
        """
        unknown = set(row) - set(self.names)
        if unknown:
            raise KeyError(f"the table {self.name} has no column {sorted(unknown)}")
        for column in self.columns:
            cell = row.get(column.name)
            wanted = _PYTHON[column.type]
            is_flag = isinstance(cell, bool)
            if cell is not None and (
                not isinstance(cell, wanted) or is_flag != (column.type == "flag")
            ):
                kind = type(cell).__name__
                raise TypeError(f"{self.name}.{column.name} holds {column.type}, not {kind}")
        return {name: row.get(name) for name in self.names}


@cache
def table_schema(name: str) -> TableSchema:
    """Read the declaration of a table.

    Parameters
    ----------
    name : str
        One of `table_names`.
    """
    key = key_of(f"table {name}")
    return found_or_made(key, TableSchema, lambda: _read(name), cache_folder())[0]


def _read(name: str) -> TableSchema:
    from vesalius.ontology.reading.document import load_document  # noqa: PLC0415 - reads YAML

    data = load_document(_FOLDER / f"{name}.yaml").data
    if not isinstance(data, dict):
        raise TypeError(f"{name}.yaml is no mapping")
    columns = tuple(
        Column(column, entry["type"], entry.get("unit", ""), entry["about"])
        for column, entry in data["columns"].items()
    )
    return TableSchema(
        data["table"], data["version"], data["title"], data["about"], tuple(data["key"]), columns
    )


def table_names() -> tuple[str, ...]:
    """Give the names of all tables."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.yaml")))
