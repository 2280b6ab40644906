"""Rows as lines of a CSV file."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence


class _Line:
    """A file that gives what is written back instead of keeping it."""

    def write(self, text: str) -> str:
        return text


def csv_lines(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> Iterator[str]:
    """Yield the names of the columns and then every row; what a row lacks is empty."""
    table = csv.DictWriter(_Line(), columns, restval="", lineterminator="\n")
    yield table.writeheader()
    for row in rows:
        yield table.writerow(row)
