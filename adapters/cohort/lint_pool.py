"""Segmentations judged by several processes, told in the order in which they were given."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from vesalius.adapters.cohort.case_worker import Outcome
from vesalius.adapters.cohort.lint_file import Linter, LintSaid
from vesalius.adapters.cohort.worker_processes import run_tasks


@dataclass(frozen=True)
class LintTask:
    """A segmentation to be judged.

    Parameters
    ----------
    case : str
        Its place among all.
    path : Path
        Its file or folder.
    image : Path or None
        Its CT.
    """

    case: str
    path: Path
    image: Path | None


@dataclass(frozen=True)
class Linted(Outcome):
    """What came of a segmentation; `said` is None where its process did not live to tell."""

    said: LintSaid | None = None


def do_lint(linter: Linter, task: LintTask) -> Linted:
    """Judge a segmentation in a worker."""
    said = linter.lint(task.path, task.image)
    return Linted(task.case, "failed" if said.problems else "present", said=said)


def lint_on_workers(
    linter: Linter, asked: Sequence[tuple[Path, Path | None]], workers: int
) -> Generator[LintSaid, None, None]:
    """Judge segmentations, several at a time; where the caller stops early, the workers end.

    Parameters
    ----------
    linter : Linter
        Sent once to every worker.
    asked : sequence of (Path, Path or None)
        Each segmentation and its CT.
    workers : int
        How many processes at most.

    Yields
    ------
    LintSaid
        One for each segmentation, in their order.
    """
    tasks = [LintTask(str(at), *each) for at, each in enumerate(asked)]
    waiting: dict[int, Outcome] = {}
    following = 0
    with closing(run_tasks(linter, tasks, workers, do_lint)) as done:
        for outcome in done:
            waiting[int(outcome.case)] = outcome
            while following in waiting:
                yield _said(waiting.pop(following), tasks[following])
                following += 1


def _said(outcome: Outcome, task: LintTask) -> LintSaid:
    if isinstance(outcome, Linted) and outcome.said is not None:
        return outcome.said
    return LintSaid(str(task.path), problems=outcome.problems, trace=outcome.trace)
