"""One segmentation judged by rules, in whatever process, and what is told of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from vesalius.adapters.cases.rule_findings import Json, RuleFinding
from vesalius.adapters.cases.rule_outcomes import RuleOutcome
from vesalius.one_case import chosen_scheme
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError
from vesalius.session import Session

if TYPE_CHECKING:
    from vesalius.ontology.project import Project


@dataclass(frozen=True)
class LintRequest:
    """What segmentations are judged by.

    Parameters
    ----------
    scheme : str
        What their integers mean, as the user names it.
    rules : tuple of str
        The rule packs.
    select : tuple of str
        Rules of it that are asked for; all where empty.
    image : Path or None
        Their CT, or the folder of those of all cases.
    sex : str
        Of the patient.
    project : Project or None
        What it adds is known too.
    resample, trust_image_geometry : bool
        Whether they may be resampled onto the CT, or are taken onto it voxel for voxel.
    """

    scheme: str
    rules: tuple[str, ...]
    select: tuple[str, ...]
    image: Path | None
    sex: str
    project: Project | None = None
    resample: bool = False
    trust_image_geometry: bool = False


@dataclass(frozen=True)
class LintSaid:
    """What is told of one segmentation; small enough to come from another process.

    Parameters
    ----------
    path : str
        Its file or folder.
    scheme : str or None
        The scheme it was read by; None where it did not come so far.
    told : tuple of Diagnostic
        How the scheme was found.
    problems : tuple of Diagnostic
        Why it could not be judged.
    trace : str
        Where the program broke, for its authors.
    outcomes, findings, excluded_by, remarks
        As in the result of lint.
    counts : mapping of str to int
        Findings by severity.
    document : dict or None
        All of it as JSON values, where that was asked for.
    rows : list of dict
        The findings as a table, where that was asked for.
    """

    path: str
    scheme: str | None = None
    told: tuple[Diagnostic, ...] = ()
    problems: tuple[Diagnostic, ...] = ()
    trace: str = ""
    outcomes: tuple[RuleOutcome, ...] = ()
    findings: tuple[RuleFinding, ...] = ()
    excluded_by: tuple[str, ...] = ()
    remarks: tuple[Diagnostic, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    document: Json | None = None
    rows: tuple[Json, ...] = ()


class Linter:
    """Judges segmentations; a scheme is compiled when it is first asked for.

    Parameters
    ----------
    request : LintRequest
        By what.
    form : str
        How it is shown: documents and rows are made where they are needed.
    """

    def __init__(self, request: LintRequest, form: str) -> None:
        self.request = request
        self._form = form
        self.sessions: dict[str, Session] = {}

    def check(self) -> None:
        """Nothing to check: what is sent is what is judged with."""

    def session(self, scheme: str) -> Session:
        """Give the session of a scheme.

        Raises
        ------
        DiagnosticError
            With every problem of the scheme and the rules.
        """
        if scheme not in self.sessions:
            asked = self.request
            self.sessions[scheme] = Session(
                target=scheme, rules=asked.rules, project=asked.project, select=asked.select
            )
        return self.sessions[scheme]

    def lint(self, path: Path, image: Path | None) -> LintSaid:
        """Judge a segmentation; what is wrong with its files is in what is told."""
        asked, scheme = self.request, None
        told: tuple[Diagnostic, ...] = ()
        try:
            chosen, told = chosen_scheme(asked.scheme, path, asked.project)
            session = self.session(str(chosen))
            scheme = str(chosen)
            lint = session.lint(
                path,
                image,
                {"sex": asked.sex},
                resample=asked.resample,
                trust_image_geometry=asked.trust_image_geometry,
            )
        except DiagnosticError as error:
            return LintSaid(str(path), scheme, told, error.diagnostics)
        csv = self._form == "csv"
        return LintSaid(
            path=lint.path,
            scheme=scheme,
            told=told,
            outcomes=lint.outcomes,
            findings=lint.findings,
            excluded_by=lint.excluded_by,
            remarks=lint.remarks,
            counts=dict(lint.judged.summary.findings),
            document=lint.report if self._form == "json" else None,
            rows=tuple({"path": lint.path, **row} for row in lint.table()) if csv else (),
        )
