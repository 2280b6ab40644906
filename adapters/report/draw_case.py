"""The page of one case, drawn in this process or in a worker."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from vesalius.adapters.cohort.case_worker import Outcome
from vesalius.adapters.keeping.known import known_ontology
from vesalius.adapters.report.before import Merges
from vesalius.adapters.report.case_page import case_context, read_volumes
from vesalius.adapters.report.colours import Colours
from vesalius.adapters.report.cut import cut_structures
from vesalius.adapters.report.fill import fill_page, templates
from vesalius.adapters.report.index_page import view_command
from vesalius.adapters.report.record import CaseRecord, RunRecord
from vesalius.ontology.reading.diagnostics import DiagnosticError

if TYPE_CHECKING:
    from vesalius.ontology.project import Project


@dataclass(frozen=True, eq=False)
class PageJob:
    """What is alike for the pages of all cases.

    Parameters
    ----------
    run : RunRecord
        The run, without its cases.
    project : Project or None
        Where schemes are looked for besides those that are shipped.
    """

    run: RunRecord
    project: Project | None = None

    def check(self) -> None:
        """Accept it: there is nothing in it that could have been lost on the way."""

    @cached_property
    def colours(self) -> Colours:
        """Colours of the target."""
        return Colours(known_ontology(self.project), self.run.about["target"])

    @cached_property
    def merges(self) -> Merges:
        """What merges predictions again."""
        return Merges(self.project)

    @cached_property
    def templates(self) -> Any:  # noqa: ANN401 - the type of an extra
        """Templates of pages."""
        return templates()


@dataclass(frozen=True, eq=False)
class PageTask:
    """A case whose page is drawn.

    Parameters
    ----------
    record : CaseRecord
        It has a report.
    """

    record: CaseRecord

    @property
    def case(self) -> str:
        """Its name."""
        return self.record.name


@dataclass(frozen=True)
class DrawnCase(Outcome):
    """A page.

    Parameters
    ----------
    page : str
        Its text; empty where there is none.
    cut : frozenset of str
        Structures that the edge of the scan cuts.
    """

    page: str = ""
    cut: frozenset[str] = frozenset()


def draw_case(job: PageJob, task: PageTask) -> DrawnCase:
    """Draw the page of a case; what cannot be read is told by its outcome.

    Parameters
    ----------
    job : PageJob
        What is alike for all.
    task : PageTask
        The case.
    """
    case = task.record
    if case.report is None:
        raise ValueError(f"case `{case.name}` has no report")
    try:
        volumes = read_volumes(case.report, job.merges)
        context = case_context(case, volumes, job.colours)
    except DiagnosticError as error:
        return DrawnCase(case.name, "failed", problems=error.diagnostics)
    context["view_command"] = view_command(job.run, case)
    page = fill_page(job.templates, "case.html", context, job.run.name)
    return DrawnCase(case.name, "written", page=page, cut=cut_structures(volumes.run))
