"""`vesalius cohort`: what became of a cohort that runs in shards, and its release."""

from __future__ import annotations

import json
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vesalius.adapters.cli import cohort_release
from vesalius.adapters.cli.common_options import format_option
from vesalius.adapters.cli.other_words import AnsweringGroup
from vesalius.adapters.cli.outcome import CASES_FAILED, NO_INPUTS, Ended, show
from vesalius.ontology.reading.diagnostics import DiagnosticError
from vesalius.ontology.reading.listing import listing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vesalius.adapters.cohort.shard_status import ShardStatus

_FOLDER = click.Path(file_okay=False, path_type=Path)
_SHOWN = 12
_STATES = {
    "ended": "stopped before its end",
    "begun": "at work, or killed",
    "damaged": "with a damaged record",
    "none": "not begun",
}
"""Words for shards that are not done, by state."""


@click.group(name="cohort", cls=AnsweringGroup)
def command() -> None:
    """Tell how far a cohort is, make one record of many shards, release what is good."""


command.add_command(cohort_release.command)


@command.command(name="merge", short_help="One record of all shards.")
@click.argument("output", metavar="OUT", type=_FOLDER)
@format_option()
def merge(output: Path, form: str) -> None:
    """Write OUT/cohort.json and cohort.csv from the records of all shards.

    They are those that one run of the whole cohort would have written, to the byte. The exit code
    is 4 where cases failed, are incomplete or still open; all is written all the same.
    """
    from vesalius.adapters.cohort.cohort_record import COHORT_REPORT, COHORT_TABLE  # noqa: PLC0415
    from vesalius.adapters.cohort.merge_shards import merge_shards  # noqa: PLC0415
    from vesalius.adapters.cohort.run_cases import beside_shards  # noqa: PLC0415

    _stop_without_records(output)
    with beside_shards(output):
        merged = merge_shards(output)
    counts = merged.counts
    if form == "json":
        row = {"shards": merged.shards, "dropped": merged.dropped, "counts": dict(counts)}
        click.echo(json.dumps(row, indent=2))
    else:
        words = f"{merged.shards:,} shards, {sum(counts.values()):,} cases: {_counted(counts)}"
        click.echo(f"{words}; {output / COHORT_REPORT}, {COHORT_TABLE}")
    if counts["failed"] or counts["incomplete"] or counts["open"]:
        raise Ended(CASES_FAILED)


@command.command(name="status", short_help="How far the shards are.")
@click.argument("output", metavar="OUT", type=_FOLDER)
@format_option()
def status(output: Path, form: str) -> None:
    """Tell how far the shards of a cohort are, also while they run.

    What is running cannot be told from another machine; how long a shard has been silent can.
    """
    from vesalius.adapters.cohort.shard import check_counts  # noqa: PLC0415
    from vesalius.adapters.cohort.shard_record import shard_records  # noqa: PLC0415
    from vesalius.adapters.cohort.shard_status import shard_statuses  # noqa: PLC0415

    _stop_without_records(output)
    found = shard_records(output)
    check_counts(found, output)
    statuses = shard_statuses(found, time.time())
    if form == "json":
        click.echo(json.dumps(_values(statuses), indent=2))
        return
    _print(statuses)


def _stop_without_records(output: Path) -> None:
    from vesalius.adapters.cohort.merge_shards import check_found  # noqa: PLC0415
    from vesalius.adapters.cohort.shard_record import shard_records  # noqa: PLC0415

    try:
        check_found(shard_records(output), output)
    except DiagnosticError as failed:
        show(failed.diagnostics)
        raise Ended(NO_INPUTS) from None


def _total(statuses: Sequence[ShardStatus]) -> Counter[str]:
    total: Counter[str] = Counter()
    for one in statuses:
        total.update(one.counts)
    return total


def _values(statuses: Sequence[ShardStatus]) -> dict[str, object]:
    return {
        "shards": [
            {
                "shard": str(one.shard),
                "state": one.state,
                "silent_s": None if one.silent_s is None else round(one.silent_s),
                "counts": dict(one.counts),
            }
            for one in statuses
        ],
        "counts": dict(_total(statuses)),
    }


def _print(statuses: Sequence[ShardStatus]) -> None:
    done = [one for one in statuses if one.state == "ended" and not one.counts["open"]]
    click.echo(f"{len(done):,} of {len(statuses):,} shards are done; {_counted(_total(statuses))}")
    for state, words in _STATES.items():
        those = [one for one in statuses if one.state == state and one not in done]
        if not those:
            continue
        named = [f"{one.shard.number}{_heard(one, state)}" for one in those]
        click.echo(f"  {len(those):,} {words}: {listing(named, _SHOWN)}")


def _heard(one: ShardStatus, state: str) -> str:
    if state not in ("begun", "ended"):
        return ""
    left = f"{one.counts['open']:,} open"
    if state == "ended" or one.silent_s is None:
        return f" ({left})"
    return f" ({left}, silent for {_ago(one.silent_s)})"


def _ago(time_s: float) -> str:
    for unit, seconds in (("d", 86400), ("h", 3600), ("min", 60)):
        if time_s >= 2 * seconds:
            return f"{time_s // seconds:.0f} {unit}"
    return f"{time_s:.0f} s"


def _counted(counts: Mapping[str, int]) -> str:
    words = [f"{number:,} {word}" for word, number in counts.items() if number]
    return ", ".join(words) or "no case"
