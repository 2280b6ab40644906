"""A rule as written: the grammar of a rule pack, as pydantic models.

The models say what may be written where; whether it makes sense is for linking and checks. What
may stand behind `expect`, `repair` and `derive` follows from the kinds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, TypeAlias, Union

from pydantic import BaseModel, Discriminator, Field, RootModel, Tag, create_model, field_validator

from vesalius.ontology.reading.form import Form
from vesalius.rules.conditions import When
from vesalius.rules.form import WORD, form_by_key
from vesalius.rules.kinds import DERIVATIONS, EXPECTATIONS, REPAIRS
from vesalius.rules.places.relation_models import Relations, Text

SCHEMA: Final = "rules/1"
TOPIC_SCHEMA: Final = "rule-topic/1"
TESTS_SCHEMA: Final = "rule-tests/1"

_Heads = Mapping[str, tuple[str, type[BaseModel]]]
"""Key that only one form has, to the tag of the form and its class."""


def _words(name: str, words: Sequence[str], about: str) -> type[BaseModel]:
    """Make the form of a word that stands for itself."""
    base: Any = RootModel[Literal.__getitem__(tuple(words))]  # type: ignore[misc]
    made: type[BaseModel] = create_model(name, __base__=base, __doc__=about, __module__=__name__)
    return made


def _one_of(heads: _Heads, error: str, message: str, word: type[BaseModel] | None = None) -> Any:  # noqa: ANN401 - mypy has no type for a type
    """Give the type of one of several forms, told apart by their keys."""
    forms = dict(heads.values())
    if word is not None:
        forms = {WORD: word, **forms}
    tagged = tuple(Annotated[form, Tag(tag)] for tag, form in forms.items())
    choose = form_by_key({key: tag for key, (tag, _) in heads.items()})
    choice = Discriminator(choose, custom_error_type=error, custom_error_message=message)
    return Annotated[Union[tagged], choice]  # noqa: UP007 - made of a tuple


_EXPECT: Final = {kind.key: (f"expect {kind.key}", kind.form) for kind in EXPECTATIONS}
_REPAIR: Final = {
    key: (f"repair {kind.key}", kind.form)
    for more in (False, True)
    for kind in REPAIRS
    if kind.form is not None
    for key in (kind.more_keys if more else (kind.key,))
}
_DERIVE: Final = {kind.key: (f"derive {kind.key}", kind.form) for kind in DERIVATIONS}

WordExpect: Final = _words(
    "WordExpect",
    [kind.key for kind in EXPECTATIONS if kind.word is not None],
    "No part of the structures is there; or all structures are there.",
)
WordRepair: Final = _words(
    "WordRepair",
    [kind.key for kind in REPAIRS if kind.form is None],
    "Remove the parts, give them to the other side, or number them by their place.",
)


def _one_or_several(value: object) -> str:
    return "several" if isinstance(value, list) else "one"


if TYPE_CHECKING:
    Expect: TypeAlias = BaseModel | list[BaseModel]
    Repair: TypeAlias = BaseModel
    Derive: TypeAlias = Form
else:
    _Expect = _one_of(
        _EXPECT,
        "expect_form",
        f"no form of expectation has these keys; known are {', '.join(_EXPECT)}",
        WordExpect,
    )
    Expect = Annotated[
        Annotated[_Expect, Tag("one")]
        | Annotated[list[_Expect], Field(min_length=2), Tag("several")],
        Discriminator(_one_or_several),
    ]
    Repair = _one_of(
        _REPAIR,
        "repair_form",
        f"no form of repair has these keys; known are {', '.join(kind.key for kind in REPAIRS)}",
        WordRepair,
    )
    Derive = _one_of(
        _DERIVE, "derive_form", f"no form has these keys; known are {', '.join(_DERIVE)}"
    )

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
    sources: list[Text] = Field(
        default=[], description="What each source says, where `before` is made of several."
    )
    after: Text | None = None
    outcome: Outcome

    @field_validator("key", "hu", mode="before")
    @classmethod
    def _letter_keys(cls, value: object) -> object:
        return _letters(value)


class RuleForm(Form):
    """One rule: what must hold, and what becomes of what breaks it."""

    id: Text = Field(description="phase/name")
    summary: Text = Field(description="What is wrong, in one line for lists and reports.")
    cure: str = Field(default="", description="What becomes of it, or what to do about it.")
    why: str = Field(default="", description="Why it must hold.")
    source: list[str] = Field(default=[], description="Where it comes from.")
    for_: Any = Field(None, alias="for", description="Selector of the structures that are judged.")
    each: Text | None = Field(
        None,
        description="Judge the rule for each `side`, for each member of a sequence, or for each"
        " `source` by itself.",
    )
    needs: Any = Field(
        None,
        description="Selector of what a source must yield or the target list, or the rule does"
        " not act.",
    )
    when: When | None = None
    where: Relations | None = Field(None, description="The region of an `absent` expectation.")
    per: Literal["component", "voxel"] | None = Field(
        None, description="A component's centre decides (default), or each voxel."
    )
    expect: Expect | None = Field(None, description="What must hold; a list where it is several.")
    repair: Repair | None = None
    derive: Derive | None = None
    severity: Literal["error", "warning", "info"] = "error"
    safety: Literal["safe", "unsafe"] = "safe"
    exclude: bool = Field(default=False, description="A violation excludes the case.")
    on_missing: Literal["skip", "fail"] = "skip"
    after: list[str] = Field(default=[], description="Rules of the same phase that run before.")
    tests: list[TestForm] = Field(default=[], description="The rule's own tests.")


class UseForm(Form):
    """A rule of another pack, in place of a copy of it; what is not written is as there."""

    use: Text = Field(description="PACK/PHASE/NAME")
    id: Text | None = Field(None, description="phase/name; by default as in the other pack.")
    why: str | None = None
    source: list[str] | None = None
    severity: Literal["error", "warning", "info"] | None = None
    after: list[str] = Field(
        default=[], description="Rules of the same phase that run before; not taken over."
    )


class PackForm(Form):
    """The head of a rule pack; its rules are read one by one."""

    schema_: Literal["rules/1"] = Field(alias="schema")
    pack: Text
    about: Text
    phases: Annotated[list[str], Field(min_length=1)]
    turns: int = Field(
        1, ge=1, le=9, description="All phases run so often, at most, until nothing changes."
    )
    replace: bool = False
    topics: list[Text] = Field(
        default=[], description="Files beside this one that hold rules: NAME is in NAME.yaml."
    )
    rules: list[Any] = Field(default=[])


class TopicForm(Form):
    """Some rules of a pack that is a folder."""

    schema_: Literal["rule-topic/1"] = Field(alias="schema")
    rules: list[Any]


class TestFileForm(Form):
    """Tests of rules, in a file beside that of the rules."""

    __test__ = False  # no test class for pytest

    schema_: Literal["rule-tests/1"] = Field(alias="schema")
    tests: dict[str, list[Any]] = Field(description="By the id of the rule.")


class FullPackForm(PackForm):
    """A whole rule pack, for the JSON Schema."""

    rules: list[RuleForm | UseForm] = Field(default=[])


class FullTopicForm(TopicForm):
    """A whole topic, for the JSON Schema."""

    rules: list[RuleForm | UseForm]


class FullTestFileForm(TestFileForm):
    """A whole file of tests, for the JSON Schema."""

    tests: dict[str, list[TestForm]]


def meant_expectations(written: BaseModel | list[BaseModel] | None) -> tuple[Form, ...]:
    """Give the forms of what is expected, in the order written; a word stands for one."""
    if written is None:
        return ()
    return tuple(map(_expectation, written if isinstance(written, list) else [written]))


def _expectation(written: BaseModel) -> Form:
    if isinstance(written, Form):
        return written
    word = _word(written)
    return next(kind.word for kind in EXPECTATIONS if kind.key == word and kind.word is not None)


def _word(written: BaseModel) -> str:
    return str(written.model_dump())


def meant_repair(written: BaseModel) -> Form | str:
    """Give the form of a repair, or the word itself."""
    return written if isinstance(written, Form) else _word(written)
