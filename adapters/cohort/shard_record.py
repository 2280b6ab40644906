"""What one shard of a cohort says of its cases: JSON lines in a file that is its alone.

The first line says what was to be done, every other one what became of a case; of two that speak
of one case the later counts. A case that ends is one more line, so what a killed shard did stays
known, and nobody who reads has to wait. Every line carries a digest of itself.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vesalius.adapters.cases.report_file import is_whole, with_digest
from vesalius.adapters.cases.rule_findings import Json
from vesalius.adapters.cohort.case_worker import Outcome
from vesalius.adapters.cohort.cohort_report import (
    CohortRun,
    case_row,
    case_rows,
    declared,
    still_true,
)
from vesalius.adapters.cohort.selection import rule_words
from vesalius.adapters.cohort.shard import Shard
from vesalius.adapters.files.atomic import Outputs
from vesalius.adapters.files.io_diagnostics import unwritable
from vesalius.adapters.files.json_files import parse_object

SHARDS = "shards"
"""Folder, below that of the output, of the records of shards."""
SHARD_SCHEMA = "cohort-shard/1"
_NAME = re.compile(r"([0-9]+)-of-([0-9]+)\.jsonl")


@dataclass(frozen=True)
class Line:
    """A line of a record that can be believed.

    Parameters
    ----------
    at : int
        Place of the case among all of the cohort.
    row : dict
        What `case_rows` says of it, or its name alone where the selection drops it.
    dropped : tuple of (int, str)
        Why it does: position of the rule, and in words.
    """

    at: int
    row: dict[str, Any]
    dropped: tuple[tuple[int, str], ...] = ()

    @property
    def status(self) -> str:
        """What became of the case; "dropped" for one that is not kept."""
        return "dropped" if self.dropped else str(self.row["status"])


@dataclass(frozen=True)
class ShardRecord:
    """A record as it was found.

    Parameters
    ----------
    path : Path
        The file.
    head : dict
        Its first line.
    damaged : int
        How many lines are not what was written; one that was being written does not count.
    """

    path: Path
    head: dict[str, Any]
    damaged: int

    @property
    def common(self) -> Json:
        """What all shards of one run say alike."""
        return {k: v for k, v in self.head.items() if k not in ("shard", "ended", "sha256")}


def record_path(output: Path, shard: Shard) -> Path:
    """Give the place of a shard's record."""
    return output / SHARDS / f"{shard.name}.jsonl"


def shard_records(output: Path) -> dict[Shard, Path]:
    """Find the records in an output folder, by number; none where there is no folder."""
    folder = output / SHARDS
    names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    found = {
        Shard(int(match[1]), int(match[2])): folder / match[0]
        for match in map(_NAME.fullmatch, names)
        if match
    }
    return dict(sorted(found.items(), key=lambda item: (item[0].count, item[0].number)))


def read_record(path: Path, take: Callable[[Line], None] = lambda line: None) -> ShardRecord | None:
    """Read a record line by line.

    Parameters
    ----------
    path : Path
        The file.
    take : callable
        Given every line but the first, in the order of the file.

    Returns
    -------
    ShardRecord or None
        None where the file cannot be read or does not begin as a record.
    """
    damaged = 0
    try:
        with path.open("rb") as file:
            head = _object(file.readline())
            if head is None or head.get("schema") != SHARD_SCHEMA:
                return None
            for text in file:
                line = _line(_object(text))
                if line is not None:
                    take(line)
                elif text.endswith(b"\n"):
                    damaged += 1
    except OSError:
        return None
    return ShardRecord(path, head, damaged)


@contextmanager
def keeping_record(run: CohortRun, shard: Shard) -> Iterator[Callable[[Outcome], None]]:
    """Keep the record of a shard while it runs; gives what is told every outcome.

    Parameters
    ----------
    run : CohortRun
        What is to be done; its cases are those of the shard.
    shard : Shard
        The shard.

    Raises
    ------
    DiagnosticError
        IO050, IO051 where it cannot be written.
    """
    path = record_path(run.output, shard)
    places = {case: at for at, case in enumerate(run.selection.everywhere)}
    tasks = {task.case: task for task in run.tasks.ready}
    outcomes: dict[str, Outcome] = {}
    known = _known_before(run, shard, path)

    def write(*, ended: bool) -> None:
        lines = sorted(_lines(run, places, outcomes, known), key=lambda line: line.at)
        texts = [_text({**_head(run, shard), "ended": ended}), *map(_written, lines)]
        with Outputs(path.parent, run.cohort.inputs) as outputs:
            outputs.write_bytes(path, b"".join(texts))

    write(ended=False)
    try:
        # Unbuffered, so that a line goes out in one piece or, where the disk is full, says so.
        with path.open("ab", buffering=0) as file:

            def note(outcome: Outcome) -> None:
                outcomes[outcome.case] = outcome
                row = case_row(run, tasks[outcome.case], outcome)
                try:
                    file.write(_written(Line(places[outcome.case], row)))
                except OSError as failed:
                    raise unwritable(path, failed) from None

            yield note
    finally:
        write(ended=True)


def _head(run: CohortRun, shard: Shard) -> Json:
    everywhere = run.selection.everywhere
    names = json.dumps(everywhere).encode("ascii")
    return {
        "schema": SHARD_SCHEMA,
        "shard": shard.number,
        "shards": shard.count,
        "run": declared(run),
        "select": [rule_words(rule) for rule in run.cohort.select],
        "found": len(everywhere),
        "names": hashlib.sha256(names).hexdigest(),
    }


def _lines(
    run: CohortRun, places: dict[str, int], outcomes: dict[str, Outcome], known: dict[str, Json]
) -> Iterator[Line]:
    for row in case_rows(run, outcomes, known):
        yield Line(places[row["case"]], row)
    for case, why in run.selection.dropped.items():
        yield Line(places[case], {"case": case}, tuple((r.rule, r.text) for r in why))


def _known_before(run: CohortRun, shard: Shard, path: Path) -> dict[str, Json]:
    """Give what the last run of this shard with the same plan wrote of cases it had done."""
    rows: list[Json] = []

    def take(line: Line) -> None:
        if not line.dropped:
            rows.append(line.row)

    record = read_record(path, take)
    ours = with_digest({**_head(run, shard)})
    same = record is not None and all(record.head.get(k) == ours[k] for k in ("shards", "run"))
    return still_true(run, rows) if same else {}


def _written(line: Line) -> bytes:
    why: Sequence[object] = line.dropped
    return _text({"at": line.at, "row": line.row, **({"dropped": why} if why else {})})


def _text(data: Json) -> bytes:
    text = json.dumps(with_digest(data), separators=(",", ":"), allow_nan=False)
    return text.encode("ascii") + b"\n"


def _object(text: bytes) -> dict[str, Any] | None:
    try:
        data = parse_object(text.decode("ascii"))
    except ValueError:
        return None
    return data if is_whole(data) else None


def _line(data: dict[str, Any] | None) -> Line | None:
    if data is None or not isinstance(data.get("at"), int):
        return None
    dropped: Iterable[tuple[int, str]] = data.get("dropped", ())
    return Line(data["at"], data["row"], tuple((rule, text) for rule, text in dropped))
