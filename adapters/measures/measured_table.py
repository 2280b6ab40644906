"""A declared table in memory, as the Python functions give it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vesalius.adapters.files.atomic import Outputs
from vesalius.adapters.files.io_diagnostics import plural
from vesalius.adapters.measures.table_files import csv_text, write_parquet
from vesalius.adapters.measures.table_schema import Cell, Column, Row, table_schema
from vesalius.ontology.reading.diagnostics import Diagnostic

_PARQUET = ".parquet"


@dataclass(frozen=True, eq=False, repr=False)
class MeasuredTable:
    """Rows of a declared table.

    Parameters
    ----------
    name : str
        Which table: "stats", "validate", "compare", "concordance" or "suspicion".
    rows : tuple of mapping
        In the order of the table's columns; None stands for what is undefined.
    remarks : tuple of Diagnostic
        What reading had to say.
    """

    name: str
    rows: tuple[dict[str, Cell], ...]
    remarks: tuple[Diagnostic, ...] = ()

    def __repr__(self) -> str:
        """Say in a line what it holds: a notebook shows it."""
        return f"<MeasuredTable {self.name}: {plural(len(self.rows), 'row')}>"

    @property
    def columns(self) -> tuple[Column, ...]:
        """What each column says, and its unit."""
        return table_schema(self.name).columns

    def table(self) -> list[dict[str, Cell]]:
        """List the rows, one plain dict each; ``pandas.DataFrame(found.table())`` works."""
        return [dict(row) for row in self.rows]

    def save(self, path: str | Path) -> None:
        """Write the table, whole or not at all.

        Parameters
        ----------
        path : str or Path
            Ends in ``.csv``, or in ``.parquet`` where pyarrow is installed.

        Raises
        ------
        DiagnosticError
            IO050 cannot be written, IO051 disk full.
        """
        with Outputs() as outputs:
            if str(path).endswith(_PARQUET):
                with outputs.create(path) as file:
                    write_parquet(file, self.name, self.rows)
            else:
                outputs.write_text(path, csv_text(self.name, self.rows))


def measured_table(
    name: str, rows: Sequence[Row], remarks: Sequence[Diagnostic] = ()
) -> MeasuredTable:
    """Put a table together; a row that does not fit its declaration is a mistake of the program."""
    schema = table_schema(name)
    checked = tuple(schema.checked(row) for row in rows)
    return MeasuredTable(name, checked, tuple(dict.fromkeys(remarks)))
