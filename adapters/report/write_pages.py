"""Writing the pages of a run, all or none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from vesalius.adapters.cohort.case_worker import Outcome
from vesalius.adapters.cohort.worker_processes import run_tasks
from vesalius.adapters.files.atomic import Outputs
from vesalius.adapters.keeping.known import known_ontology
from vesalius.adapters.report.cohort_panels import Panels
from vesalius.adapters.report.draw_case import DrawnCase, PageJob, PageTask, draw_case
from vesalius.adapters.report.fill import MARK, fill_page, require_packages, templates
from vesalius.adapters.report.index_page import index_context
from vesalius.adapters.report.record import RunRecord
from vesalius.adapters.report.settings import SHIPPED, report_settings
from vesalius.ontology.project import Project
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError

INDEX = "index.html"
_PAGE = re.compile(r"case-\d{4,}\.html")


@dataclass(frozen=True)
class Written:
    """What was written.

    Parameters
    ----------
    index : Path
        The first page.
    pages : int
        Pages of cases.
    problems : tuple of Diagnostic
        Cases without a page, and why.
    failed : tuple of Outcome
        What came of those that have none.
    """

    index: Path
    pages: int
    problems: tuple[Diagnostic, ...]
    failed: tuple[Outcome, ...] = ()


def write_pages(
    record: RunRecord,
    folder: Path,
    project: Project | None = None,
    settings: Path = SHIPPED,
    workers: int = 1,
) -> Written:
    """Write the index of a run and a page for each case that has a result.

    A case whose files cannot be read has no page; the index says why, and the others go on.

    Parameters
    ----------
    record : RunRecord
        The run.
    folder : Path
        Where; made if need be. Pages of an earlier report that have no case any more go.
    project : Project, optional
        Where schemes are looked for besides those that are shipped.
    settings : Path
        A file like `report.yaml`: from when panels call something unusual.
    workers : int
        Processes that draw cases; one case after the other in this process for 1. The pages are
        the same.

    Raises
    ------
    DiagnosticError
        REP002 without the packages of the `report` extra; REP003 where another page is in the
        way; IO050, IO051 where it cannot be written.
    """
    require_packages()
    chosen = report_settings(settings)
    _check_folder(folder)
    names = {case.name: f"case-{n:04}.html" for n, case in enumerate(record.cases, 1)}
    cut: dict[str, frozenset[str]] = {}
    failed: dict[str, Outcome] = {}
    with Outputs(folder) as outputs:
        for drawn in _drawn(record, project, workers):
            if isinstance(drawn, DrawnCase) and drawn.page:
                outputs.write_text(folder / names[drawn.case], drawn.page)
                cut[drawn.case] = drawn.cut
            else:
                failed[drawn.case] = drawn
        shown = tuple(case for case in record.cases if case.name in cut)
        pages = {case.name: names[case.name] for case in shown}
        without = tuple(failed[case.name] for case in record.cases if case.name in failed)
        problems = (*record.problems, *chain.from_iterable(case.problems for case in without))
        context = index_context(record, pages, chosen.reasons.shown)
        panels = Panels(shown, pages, cut, known_ontology(project), chosen)
        context["panels"] = panels.context() if shown else None
        context["no_page"] = [problem.message for problem in problems]
        outputs.write_text(
            folder / INDEX, fill_page(templates(), "index.html", context, record.name)
        )
        for stale in _earlier(folder):
            if stale.name not in pages.values():
                outputs.remove(stale)
    return Written(folder / INDEX, len(pages), problems, without)


def _drawn(record: RunRecord, project: Project | None, workers: int) -> Iterator[Outcome]:
    """Draw the cases that have a report, in any order."""
    job = PageJob(replace(record, cases=(), problems=()), project)
    tasks = [PageTask(case) for case in record.cases if case.report is not None]
    if workers == 1:
        yield from (draw_case(job, task) for task in tasks)
        return
    with closing(run_tasks(job, tasks, workers, draw_case)) as drawn:
        yield from drawn


def _check_folder(folder: Path) -> None:
    index = folder / INDEX
    if index.exists() and not _is_ours(index):
        text = "this page was not written by `vesalius report` and would be replaced"
        hint = "give an empty folder with -o"
        raise DiagnosticError([Diagnostic("REP003", "error", text, path=str(index), help=hint)])


def _earlier(folder: Path) -> Iterator[Path]:
    """Find pages of cases that an earlier report left."""
    for path in sorted(folder.glob("case-*.html")):
        if _PAGE.fullmatch(path.name) and _is_ours(path):
            yield path


def _is_ours(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return MARK.encode() in file.read(2000)
    except OSError:
        return False
