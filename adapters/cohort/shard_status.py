"""How far a cohort is, from the records of its shards, while they are written or afterwards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from vesalius.adapters.cohort.cohort_report import STATUSES
from vesalius.adapters.cohort.shard import Shard
from vesalius.adapters.cohort.shard_record import Line, read_record


@dataclass(frozen=True)
class ShardStatus:
    """How far a shard is.

    Parameters
    ----------
    shard : Shard
        Which.
    state : {"ended", "begun", "damaged", "none"}
        "begun" is at work, or was killed: `silent_s` tells; "none" has no record.
    counts : mapping of str to int
        Kept cases by status, those of `STATUSES`.
    silent_s : float or None
        Seconds since it wrote last.
    """

    shard: Shard
    state: str
    counts: Mapping[str, int]
    silent_s: float | None = None


def shard_statuses(found: Mapping[Shard, Path], now_s: float) -> list[ShardStatus]:
    """Look at every record; nothing is locked, so nobody is held up.

    Parameters
    ----------
    found : mapping of Shard to Path
        The records, of one number of shards.
    now_s : float
        The time, in seconds since the epoch.

    Returns
    -------
    list of ShardStatus
        One for every shard of the number, by number.
    """
    count = next(iter(found)).count
    shards = (Shard(number, count) for number in range(1, count + 1))
    return [_status(shard, found.get(shard), now_s) for shard in shards]


def _status(shard: Shard, path: Path | None, now_s: float) -> ShardStatus:
    nothing = dict.fromkeys(STATUSES, 0)
    if path is None:
        return ShardStatus(shard, "none", nothing)
    last: dict[int, str] = {}

    def take(line: Line) -> None:
        last[line.at] = line.status

    record = read_record(path, take)
    counts = Counter(last.values())
    kept = {status: counts[status] for status in STATUSES}
    try:
        silent_s = max(0.0, now_s - path.stat().st_mtime)
    except OSError:
        silent_s = None
    if record is None or record.damaged:
        return ShardStatus(shard, "damaged", kept, silent_s)
    return ShardStatus(shard, "ended" if record.head["ended"] else "begun", kept, silent_s)
