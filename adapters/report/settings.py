"""From when the panels of a report call something unusual, as `report.yaml` declares it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from vesalius.ontology.reading.document import load_document
from vesalius.ontology.reading.form import Form
from vesalius.ontology.reading.validation import validated

SHIPPED = Path(__file__).with_name("report.yaml")


class FieldOfView(Form):
    """Whether a region is in view, so that what it lacks is missing."""

    in_view_share: float = Field(gt=0, le=1)
    least_others: int = Field(ge=1)


class Outliers(Form):
    """What lies far off the other cases."""

    least_cases: int = Field(ge=3)
    deviations: float = Field(gt=0)


class Sources(Form):
    """Where sources differ."""

    shown: int = Field(ge=1)


class Reasons(Form):
    """Why a case is not simply kept."""

    shown: int = Field(ge=1)


class ReportSettings(Form):
    """All of it."""

    schema_: Annotated[Literal["report/1"], Field(alias="schema")]
    field_of_view: FieldOfView
    outliers: Outliers
    sources: Sources
    # A file of before this section says nothing of it.
    reasons: Reasons = Reasons(shown=3)


def report_settings(path: Path = SHIPPED) -> ReportSettings:
    """Read the settings of a report.

    Parameters
    ----------
    path : Path
        A YAML file; by default the one that is shipped.

    Raises
    ------
    DiagnosticError
        With every problem of the file.
    """
    return validated(ReportSettings, load_document(path))
