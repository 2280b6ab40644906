"""The grammar of a rule pack, as pydantic models.

The models say what may be written where; whether it makes sense is for linking and checks.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import Field, field_validator

from vesalius.rules.expect_models import Expect
from vesalius.rules.form_key import Form
from vesalius.rules.place_models import Relations, Text, When
from vesalius.rules.repair_models import Derive, Repair

SCHEMA: Final = "rules/1"

Outcome = Literal["changed", "holds", "violated", "skipped", "failed"]
View = Literal["coronal", "axial", "sagittal"]


def _letters(value: object) -> object:
    # YAML reads the letter 6 as a number.
    if isinstance(value, dict):
        return {str(key) if isinstance(key, int) else key: part for key, part in value.items()}
    return value


class TestForm(Form):
    """A small case drawn by hand: before, after and outcome."""

    __test__ = False  # no test class for pytest

    name: Text
    view: View = "coronal"
    spacing_mm: Annotated[list[float], Field(min_length=3, max_length=3)] | None = Field(
        None, description="Size of a voxel along patient x, y, z."
    )
    case: dict[str, str] = Field(default={}, description="Metadata of the case.")
    key: dict[str, str] = Field(description="What each letter of the pictures is.")
    hu: dict[str, float] | None = Field(
        None, description="Hounsfield value per letter; gives the case an image."
    )
    before: Text
    after: Text | None = None
    outcome: Outcome

    @field_validator("key", "hu", mode="before")
    @classmethod
    def _letter_keys(cls, value: object) -> object:
        return _letters(value)


class RuleForm(Form):
    """One rule: what must hold, and what becomes of what breaks it."""

    id: Text = Field(description="phase/name")
    summary: Text = Field(description="One line for lists and reports.")
    why: str = Field(default="", description="Why it must hold.")
    source: list[str] = Field(default=[], description="Where it comes from.")
    for_: Any = Field(None, alias="for", description="Selector of the structures that are judged.")
    when: When | None = None
    where: Relations | None = Field(None, description="The region of an `absent` expectation.")
    per: Literal["component", "voxel"] | None = Field(
        None, description="A component's centre decides (default), or each voxel."
    )
    expect: Expect | None = None
    repair: Repair | None = None
    derive: Derive | None = None
    severity: Literal["error", "warning", "info"] = "error"
    safety: Literal["safe", "unsafe"] = "safe"
    exclude: bool = Field(default=False, description="A violation excludes the case.")
    on_missing: Literal["skip", "fail"] = "skip"
    after: list[str] = Field(default=[], description="Rules of the same phase that run before.")
    tests: list[TestForm] = Field(default=[], description="The rule's own tests.")


class PackForm(Form):
    """The head of a rule pack; its rules are read one by one."""

    schema_: Literal["rules/1"] = Field(alias="schema")
    pack: Text
    about: Text
    phases: Annotated[list[str], Field(min_length=1)]
    rules: list[Any]


class FullPackForm(PackForm):
    """A whole rule pack, for the JSON Schema."""

    rules: list[RuleForm]
