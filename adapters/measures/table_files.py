"""Tables as files: CSV always, Parquet where pyarrow is installed; whole or not at all."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from vesalius.adapters.files.atomic import Outputs
from vesalius.adapters.measures.table_schema import Cell, Row, TableSchema, table_schema

if TYPE_CHECKING:
    import pyarrow as pa

_BATCH = 5000
"""Rows that are in memory at a time."""
_PARQUET = {"text": "string", "integer": "int64", "number": "float64", "flag": "bool_"}
_PACKAGE = "pyarrow"


def has_parquet() -> bool:
    """Tell whether Parquet can be written and read."""
    return find_spec(_PACKAGE) is not None


def write_table(
    outputs: Outputs, folder: Path, name: str, rows: Iterable[Row], *, parquet: bool
) -> None:
    """Write a table into a folder, as CSV and perhaps as Parquet.

    Parameters
    ----------
    outputs : Outputs
        The files appear when it is finished.
    folder : Path
        Where.
    name : str
        Of the declared table.
    rows : iterable of mapping
        Taken once, a few thousand at a time.
    parquet : bool
        Whether a Parquet file is written too; an older one is taken away otherwise.
    """
    schema = table_schema(name)
    with outputs.create(folder / f"{name}.csv") as file:
        if not parquet:
            outputs.remove(folder / f"{name}.parquet")
            for _ in _csv_batches(file, schema, rows):
                pass
            return
        with outputs.create(folder / f"{name}.parquet") as other:
            _write_parquet(other, schema, _csv_batches(file, schema, rows))


def write_parquet(file: BinaryIO, name: str, rows: Iterable[Row]) -> None:
    """Write a table into an open Parquet file."""
    schema = table_schema(name)
    _write_parquet(file, schema, [[schema.checked(row) for row in rows]])


def csv_text(name: str, rows: Iterable[Row]) -> str:
    """Give a table as the text of a CSV file."""
    schema = table_schema(name)
    file = io.BytesIO()
    for _ in _csv_batches(file, schema, rows):
        pass
    return file.getvalue().decode("utf-8")


def read_csv(name: str, path: Path) -> Iterator[dict[str, Cell]]:
    """Read a table back from its CSV file, row by row.

    Parameters
    ----------
    name : str
        Of the declared table.
    path : Path
        A file that `write_table` wrote.

    Yields
    ------
    dict
        Cells in the types of their columns; None where they are empty.
    """
    schema = table_schema(name)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield {column.name: _parse(row[column.name], column.type) for column in schema.columns}


def _csv_batches(
    file: BinaryIO, schema: TableSchema, rows: Iterable[Row]
) -> Iterator[list[dict[str, Cell]]]:
    """Write rows as CSV and hand them on, batch by batch."""
    text = io.StringIO()
    writer = csv.DictWriter(text, schema.names, lineterminator="\n")
    writer.writeheader()
    remaining = iter(rows)
    while True:
        batch = [schema.checked(row) for row in islice(remaining, _BATCH)]
        writer.writerows({key: _text(cell) for key, cell in row.items()} for row in batch)
        # A case name may hold bytes that are no characters.
        file.write(text.getvalue().encode("utf-8", "backslashreplace"))
        text.seek(0)
        text.truncate()
        if not batch:
            return
        yield batch


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return repr(cell) if isinstance(cell, float) else str(cell)


def _parse(text: str, kind: str) -> Cell:
    if not text:
        return None
    if kind == "flag":
        return text == "true"
    if kind == "integer":
        return int(text)
    return float(text) if kind == "number" else text


def _write_parquet(
    file: BinaryIO, schema: TableSchema, batches: Iterable[list[dict[str, Cell]]]
) -> None:
    import pyarrow as pa  # noqa: PLC0415 - an extra
    import pyarrow.parquet as pq  # noqa: PLC0415

    fields = _arrow_schema(schema)
    with pq.ParquetWriter(file, fields, compression="zstd") as writer:
        for batch in batches:
            writer.write_table(pa.Table.from_pylist([_characters(row) for row in batch], fields))


def _characters(row: dict[str, Cell]) -> dict[str, Cell]:
    return {
        key: cell.encode("utf-8", "backslashreplace").decode("utf-8")
        if isinstance(cell, str)
        else cell
        for key, cell in row.items()
    }


def _arrow_schema(schema: TableSchema) -> pa.Schema:
    import pyarrow as pa  # noqa: PLC0415

    fields: list[Any] = [
        pa.field(
            column.name,
            getattr(pa, _PARQUET[column.type])(),
            metadata={"unit": column.unit, "about": column.about},
        )
        for column in schema.columns
    ]
    about = {"table": schema.name, "version": str(schema.version), "title": schema.title}
    return pa.schema(fields, metadata=about)
