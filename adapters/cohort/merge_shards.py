"""One record of a cohort from those of its shards, equal to that of one run to the byte.

The rows of all cases are never in memory together: they go through a file on the disk, and what
is kept of each is where in it they lie.
"""

from __future__ import annotations

import hashlib
import io
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from vesalius.adapters.cases.report_file import DIGEST
from vesalius.adapters.cases.rule_findings import Json
from vesalius.adapters.cohort.cohort_diagnostics import error, lines
from vesalius.adapters.cohort.cohort_record import COHORT_REPORT, COHORT_TABLE
from vesalius.adapters.cohort.cohort_report import STATUSES, selection_values
from vesalius.adapters.cohort.cohort_table import COLUMNS, table_row
from vesalius.adapters.cohort.selection import Drop
from vesalius.adapters.cohort.shard import Shard, check_counts
from vesalius.adapters.cohort.shard_record import (
    SHARDS,
    Line,
    ShardRecord,
    read_record,
    shard_records,
)
from vesalius.adapters.files.atomic import Outputs, json_text
from vesalius.adapters.files.csv_lines import csv_lines
from vesalius.adapters.files.io_diagnostics import listing, plural
from vesalius.adapters.files.json_files import parse_object
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError

_SHOWN = 12


@dataclass(frozen=True)
class Merged:
    """What was merged.

    Parameters
    ----------
    shards : int
        Of how many.
    dropped : int
        Cases that the selection drops.
    counts : mapping of str to int
        Kept cases by status, as in the report.
    """

    shards: int
    dropped: int
    counts: Mapping[str, int]


def merge_shards(output: Path) -> Merged:
    """Write the report and the table of a cohort from what its shards say.

    Parameters
    ----------
    output : Path
        The output folder that the shards share.

    Raises
    ------
    DiagnosticError
        COH016 nothing there; COH017 records that do not belong together; COH018 shards without
        one; COH019 damaged ones; COH013 two cases at one place; IO050, IO051 where it cannot be
        written.
    """
    found = shard_records(output)
    check_whole(found, output)
    with tempfile.TemporaryFile(dir=output / SHARDS) as spool:
        gathered = _Gathered(spool)
        head = _gather(found, gathered)
        gathered.check_places(output)
        run: dict[str, Any] = head["run"]
        kept = [at for at in sorted(gathered.index) if at not in gathered.dropped]
        dropped = {case: why for _, (case, why) in sorted(gathered.dropped.items())}
        counts = Counter(gathered.status[at] for at in kept)
        by_status = {status: counts[status] for status in STATUSES}
        report: Json = {
            **run,
            "selection": selection_values(head["select"], len(kept), dropped),
            "counts": by_status,
        }
        with Outputs(output) as outputs:
            with outputs.create(output / COHORT_REPORT) as file:
                _write_report(file, report, (gathered.text(at) for at in kept))
            with outputs.create(output / COHORT_TABLE) as file:
                _write_table(file, (gathered.text(at) for at in kept))
    return Merged(next(iter(found)).count, len(dropped), by_status)


def check_whole(found: Mapping[Shard, Path], output: Path) -> None:
    """Make sure that there is a record of every shard of one cut.

    Raises
    ------
    DiagnosticError
        COH016, COH017 or COH018.
    """
    check_found(found, output)
    check_counts(found, output)
    count = next(iter(found)).count
    missing = sorted(set(range(1, count + 1)) - {shard.number for shard in found})
    if missing:
        have = "has" if len(missing) == 1 else "have"
        names = listing([f"{number}/{count}" for number in missing], _SHOWN)
        text = f"{len(missing):,} of {count:,} shards {have} no record yet: {names}"
        hint = f"run them: `vesalius run COHORT.yaml -o {output} --shard {missing[0]}/{count}`"
        raise DiagnosticError([error("COH018", text, None, hint, str(output))])


def check_found(found: Mapping[Shard, Path], output: Path) -> None:
    """Make sure that there is a record of a shard.

    Raises
    ------
    DiagnosticError
        COH016.
    """
    if not found:
        text = "there is no record of a shard"
        hint = (
            f"they lie in `{output / SHARDS}`; `vesalius run COHORT.yaml -o {output} --shard 1/2` "
            "writes one"
        )
        raise DiagnosticError([error("COH016", text, None, hint, str(output))])


@dataclass
class _Gathered:
    """Rows in a file, and where in it each lies."""

    spool: BinaryIO
    index: dict[int, tuple[int, int]] = field(default_factory=dict)
    status: dict[int, str] = field(default_factory=dict)
    dropped: dict[int, tuple[str, tuple[Drop, ...]]] = field(default_factory=dict)

    def take(self, line: Line) -> None:
        """Keep a line; it takes the place of an earlier one of the same case."""
        data = json_text(line.row).encode("utf-8")
        self.index[line.at] = (self.spool.seek(0, io.SEEK_END), len(data))
        self.spool.write(data)
        self.status[line.at] = line.status
        if line.dropped:
            self.dropped[line.at] = (line.row["case"], tuple(Drop(*r) for r in line.dropped))

    def text(self, at: int) -> str:
        """Give a row as JSON text."""
        start, length = self.index[at]
        self.spool.seek(start)
        return self.spool.read(length).decode("utf-8")

    def check_places(self, output: Path) -> None:
        """Refuse two cases at one place, which a shard alone cannot know."""
        places: dict[str, int] = {}
        shared: list[str] = []
        for at in sorted(self.index):
            row = parse_object(self.text(at)) if self.status[at] == "written" else {}
            if "labels" not in row:
                continue
            other = places.setdefault(row["labels"], at)
            if other != at:
                first = parse_object(self.text(other))["case"]
                shared.append(f"{row['labels']}: {first}, {row['case']}")
        if shared:
            text = f"{plural(len(shared), 'case')} lie where another one was written"
            hint = "put `{case}` or another field that tells them apart into `output:`"
            raise DiagnosticError([error("COH013", lines(text, shared), None, hint, str(output))])


def _gather(found: Mapping[Shard, Path], gathered: _Gathered) -> dict[str, Any]:
    """Read all records; give what they say alike."""
    first: ShardRecord | None = None
    for shard, path in found.items():
        record = read_record(path, gathered.take)
        if record is None or record.damaged:
            raise DiagnosticError([_damage(shard, path, 0 if record is None else record.damaged)])
        first = record if first is None else first
        differing = [key for key, value in first.common.items() if record.common.get(key) != value]
        if differing:
            raise DiagnosticError([_difference(first, record, differing)])
    if first is None:
        raise ValueError("there is a record")
    _check_complete(found, first, gathered)
    return first.head


def _check_complete(found: Mapping[Shard, Path], first: ShardRecord, gathered: _Gathered) -> None:
    lost = first.head["found"] - len(gathered.index)
    if lost:
        text = f"the records of {len(found):,} shards say nothing of {plural(lost, 'case')}"
        hint = "run the shards again; cases that are done are not repeated"
        raise DiagnosticError([error("COH019", text, None, hint, str(first.path.parent))])


def _damage(shard: Shard, path: Path, damaged: int) -> Diagnostic:
    what = f"{damaged:,} lines are" if damaged > 1 else "a line is" if damaged else "its head is"
    text = f"the record of shard {shard} is damaged: {what} not what was written"
    hint = f"run the shard again with `--shard {shard}`; cases that are done are not repeated"
    return error("COH019", text, None, hint, str(path))


_MEANING = {
    "names": "the cases that there are",
    "found": "the number of cases",
    "select": "the selection",
    "run": "the cohort, its plan or the version of the program",
}
"""What keys of a head stand for, the most telling first."""


def _difference(first: ShardRecord, other: ShardRecord, keys: list[str]) -> Diagnostic:
    what = next((words for key, words in _MEANING.items() if key in keys), ", ".join(keys))
    text = f"two shards disagree about {what}: `{first.path.name}` and `{other.path.name}`"
    hint = "run all shards again as they are now; cases that are done are not repeated"
    return error("COH017", text, None, hint, str(other.path))


def _write_report(file: BinaryIO, report: Json, rows: Iterator[str]) -> None:
    """Write a report as :func:`json_text` does, row by row, with the digest of itself."""
    digest = hashlib.sha256()

    def put(text: str) -> None:
        data = text.encode("utf-8")
        digest.update(data)
        file.write(data)

    empty = "[]\n}\n"
    put(json_text({**report, "cases": []}).removesuffix(empty))
    between = "[\n    "
    for row in rows:
        # No line of a JSON text ends inside a value.
        put(between + row.removesuffix("\n").replace("\n", "\n    "))
        between = ",\n    "
    put("[]" if between[0] == "[" else "\n  ]")
    digest.update(b"\n}\n")
    file.write(f',\n  "{DIGEST}": "{digest.hexdigest()}"\n}}\n'.encode())


def _write_table(file: BinaryIO, rows: Iterator[str]) -> None:
    for line in csv_lines(COLUMNS, (table_row(parse_object(row)) for row in rows)):
        file.write(line.encode("utf-8", "backslashreplace"))
