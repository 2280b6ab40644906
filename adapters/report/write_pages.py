"""Writing the pages of a run, all or none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from vesalius.adapters.files.atomic import Outputs
from vesalius.adapters.keeping.known import known_ontology
from vesalius.adapters.report.before import Merges
from vesalius.adapters.report.case_page import case_context, read_volumes
from vesalius.adapters.report.cohort_panels import Panels
from vesalius.adapters.report.colours import Colours
from vesalius.adapters.report.cut import cut_structures
from vesalius.adapters.report.fill import MARK, fill_page, require_packages, templates
from vesalius.adapters.report.index_page import index_context, view_command
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
    """

    index: Path
    pages: int
    problems: tuple[Diagnostic, ...]


def write_pages(
    record: RunRecord,
    folder: Path,
    project: Project | None = None,
    settings: Path = SHIPPED,
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

    Raises
    ------
    DiagnosticError
        REP002 without the packages of the `report` extra; REP003 where another page is in the
        way; IO050, IO051 where it cannot be written.
    """
    require_packages()
    chosen = report_settings(settings)
    _check_folder(folder)
    environment = templates()
    ontology = known_ontology(project)
    colours = Colours(ontology, record.about["target"])
    merges = Merges(project)
    pages: dict[str, str] = {}
    cut: dict[str, frozenset[str]] = {}
    problems = list(record.problems)
    with Outputs(folder) as outputs:
        for number, case in enumerate(record.cases, 1):
            if case.report is None:
                continue
            name = f"case-{number:04}.html"
            try:
                volumes = read_volumes(case.report, merges)
                context = case_context(case, volumes, colours)
                context["view_command"] = view_command(record, case)
            except DiagnosticError as error:
                problems += error.diagnostics
                continue
            outputs.write_text(
                folder / name, fill_page(environment, "case.html", context, record.name)
            )
            pages[case.name] = name
            cut[case.name] = cut_structures(volumes.run)
        context = index_context(record, pages, chosen.reasons.shown)
        shown = tuple(case for case in record.cases if case.name in pages)
        panels = Panels(shown, pages, cut, ontology, chosen)
        context["panels"] = panels.context() if shown else None
        context["no_page"] = [problem.message for problem in problems]
        outputs.write_text(
            folder / INDEX, fill_page(environment, "index.html", context, record.name)
        )
        for stale in _earlier(folder):
            if stale.name not in pages.values():
                outputs.remove(stale)
    return Written(folder / INDEX, len(pages), tuple(problems))


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
