"""A sign of life on stderr for work longer than a second, on terminals only."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vesalius.adapters.cohort.case_worker import Outcome

PATIENCE_S = 1.0


@contextmanager
def working(what: str) -> Iterator[None]:
    """Show a spinner with the elapsed time once the work has taken a second.

    Parameters
    ----------
    what : str
        What is being done.
    """
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console  # noqa: PLC0415 - not needed for quick work
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    progress = Progress(
        SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(),
        console=Console(stderr=True), transient=True,
    )  # fmt: skip
    progress.add_task(what, total=None)
    timer = threading.Timer(PATIENCE_S, progress.start)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        progress.stop()


@contextmanager
def counting(what: str, total: int) -> Iterator[Callable[[Outcome], None]]:
    """Show a bar of cases; what is given is told every outcome.

    Parameters
    ----------
    what : str
        What is being done.
    total : int
        How many cases there are.
    """
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # noqa: PLC0415 - not needed for a pipe
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        TimeRemainingColumn(), console=Console(stderr=True), transient=True,
    ) as progress:  # fmt: skip
        bar = progress.add_task(what, total=total)
        failed = 0

        def advance(outcome: Outcome) -> None:
            nonlocal failed
            failed += outcome.status == "failed"
            words = f"{what}, {failed} failed" if failed else what
            progress.update(bar, advance=1, description=words)

        yield advance
