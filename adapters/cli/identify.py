"""`vesalius identify`: which scheme a segmentation is written in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from vesalius.adapters.cli.common_options import format_option
from vesalius.adapters.cli.outcome import FINDINGS, Ended, show
from vesalius.adapters.cli.progress import working
from vesalius.adapters.cli.project_choice import current_project
from vesalius.adapters.cli.tables import print_table
from vesalius.adapters.files.io_diagnostics import listing, plural
from vesalius.adapters.identify.fit import LEAST_CHECKED
from vesalius.adapters.identify.identify import identify_given
from vesalius.adapters.identify.ranking import Identification, Reading
from vesalius.adapters.keeping.known import known_ontology

READINGS_SHOWN = 5
SCHEMES_SHOWN = 3
"""Schemes of one reading that a person is shown."""


@click.command(name="identify")
@click.argument("segmentation", type=click.Path(readable=False, path_type=Path))
@click.option(
    "--top", type=click.IntRange(min=1), default=READINGS_SHOWN, show_default=True,
    help="How many readings are shown.",
)  # fmt: skip
@format_option()
def command(segmentation: Path, top: int, form: str) -> None:
    """Rank the schemes that a segmentation may be written in, with reasons.

    SEGMENTATION is a label map, or a folder with one mask per class. Its labels, and names in or
    beside it, are held against every known scheme: what each label would be there, and whether
    its volume, size, side, height and order are those of that structure. Ends with 0 where one
    scheme fits clearly best, with 1 where none does.
    """
    with working(f"looking at {segmentation}"):
        found = identify_given(segmentation, known_ontology(current_project()))
    show(found.remarks)
    if form == "json":
        click.echo(json.dumps(document(found), indent=2))
    else:
        print_table([_row(n, reading) for n, reading in enumerate(found.readings[:top], 1)])
        click.echo(_conclusion(found), err=True)
    if found.clear is None:
        raise Ended(FINDINGS)


def document(found: Identification) -> Mapping[str, Any]:
    """Give a ranking as a program reads it."""
    return {
        "schema": "identify/1",
        "path": found.path,
        "labels": found.labels,
        "best": found.best,
        "clear": found.clear,
        "rivals": [*found.rivals],
        "readings": [
            {
                "rank": rank,
                "schemes": [
                    {
                        "scheme": fit.scheme,
                        "score": round(fit.score, 3),
                        "checked": fit.checked,
                        "reasons": [
                            {"kind": r.kind, "held": r.held, "asked": r.asked, "not": [*r.against]}
                            for r in fit.reasons
                        ],
                    }
                    for fit in reading.fits
                ],
            }
            for rank, reading in enumerate(found.readings, 1)
        ],
    }


def _row(rank: int, reading: Reading) -> Mapping[str, str]:
    return {
        "rank": str(rank),
        "scheme": listing(list(reading.schemes), SCHEMES_SHOWN),
        "score": f"{reading.score:.3f}",
        "reasons": "; ".join(reason.text() for reason in reading.best.reasons),
    }


def _conclusion(found: Identification) -> str:
    """Say in one line what it comes to."""
    if found.best is None:
        return "no scheme lists any of its labels; `vesalius new scheme` drafts one"
    if found.clear is not None:
        same = len(found.readings[0].fits) - 1
        more = f"; {plural(same, 'other scheme')} would read it alike" if same else ""
        return f"`{found.clear}` fits clearly best{more}"
    unlisted = found.readings[0].best.reading.count(None)
    if unlisted:
        known = plural(unlisted, "label")
        return f"`{found.best}` fits best, but does not list {known}: make sure"
    checked = found.readings[0].best.checked
    if checked < LEAST_CHECKED:
        known = plural(checked, "label")
        return f"`{found.best}` fits best, but only {known} could be checked: make sure"
    rivals = listing([f"`{name}`" for name in found.rivals], SCHEMES_SHOWN)
    return f"`{found.best}` fits best, but not clearly better than {rivals}: make sure"
