"""What broke inside the cases of a run, kept in a file that can be sent."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from vesalius.adapters.cohort.case_worker import Outcome


def keep_traces(failed: Sequence[Outcome]) -> None:
    """Write the traces of cases that broke, if there are any, and say on stderr where they are."""
    keep_all_traces([(outcome.case, outcome.trace) for outcome in failed if outcome.trace])


def keep_all_traces(traces: Sequence[tuple[str, str]]) -> None:
    """Write where the program broke, by case, and say on stderr where that is; or nothing."""
    if not traces:
        return
    kept = keep_text("\n".join(f"case {case}\n{trace}" for case, trace in traces))
    click.echo(f"the details of what broke are in {kept}; please report them", err=True)


def keep_text(text: str) -> str:
    """Keep a text in a file; give its name, or say why there is none."""
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="vesalius-crash-", suffix=".log", delete=False, encoding="utf-8",
            errors="backslashreplace",
        ) as log:  # fmt: skip
            log.write(text)
    except OSError as error:
        return f"no file ({error.strerror})"
    return log.name
