"""The grammar of a cohort file, as pydantic models; also its JSON Schema for editors."""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal

from pydantic import Discriminator, Field, RootModel, Tag, field_validator, model_validator
from pydantic_core import PydanticCustomError

from vesalius.ontology.reading.form import Form
from vesalius.rules.form import form_by_key, form_by_type

COHORT_SCHEMA: Final = "cohort/1"

Text = Annotated[str, Field(min_length=1)]
Number = int | float


class TextList(RootModel[list[Text]]):
    """Texts, at least one."""

    root: list[Text] = Field(min_length=1)


class CasesFrom(Form):
    """Cases that are found instead of listed."""

    from_: Text = Field(
        alias="from", description="`image`, `metadata`, or the name of a prediction."
    )


Cases = Annotated[
    Annotated[TextList, Tag("list")] | Annotated[CasesFrom, Tag("from")],
    Discriminator(form_by_type({"list": list | TextList, "from": dict | CasesFrom})),
]


class Range(Form):
    """Limits; both count as inside."""

    at_least: Number | None = Field(None, description="The lowest value that is kept.")
    at_most: Number | None = Field(None, description="The highest value that is kept.")

    @model_validator(mode="after")
    def _some_limit(self) -> Range:
        if self.at_least is None and self.at_most is None:
            kind, message = "no_limit", "needs `at_least`, `at_most` or both"
            raise PydanticCustomError(kind, message)
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            kind, message = "empty_range", "keeps nothing: `at_least` is above `at_most`"
            raise PydanticCustomError(kind, message)
        return self

    def holds(self, value: float) -> bool:
        """Tell whether a value lies inside."""
        return (self.at_least is None or value >= self.at_least) and (
            self.at_most is None or value <= self.at_most
        )

    def words(self) -> str:
        """Say the limits."""
        if self.at_most is None:
            return f"at least {self.at_least}"
        if self.at_least is None:
            return f"at most {self.at_most}"
        return f"{self.at_least} to {self.at_most}"


class Values(RootModel[list[str | int]]):
    """Values of which one must be there."""

    root: list[str | int] = Field(min_length=1)


Wanted = Annotated[
    Annotated[Values, Tag("values")] | Annotated[Range, Tag("range")],
    Discriminator(form_by_type({"values": list | Values, "range": dict | Range})),
]


class SlicesRule(Form):
    """Number of voxels along the patient's superior-inferior direction (paper rule R1)."""

    slices: Range = Field(description="Read from the header of the image only.")


class MetadataRule(Form):
    """Values of the metadata table; every column named must fit."""

    metadata: dict[str, Wanted] = Field(
        min_length=1, description="Column to a list of values, or to limits of a number."
    )


class ExcludeRule(Form):
    """Cases left out by name."""

    exclude: list[Text] = Field(min_length=1, description="Names of cases.")


_by_key = form_by_key({key: key for key in ("slices", "metadata", "exclude")})


def _rule_form(value: object) -> str | None:
    if isinstance(value, Form):  # of a rule that was read, which has one field
        return next(iter(type(value).model_fields))
    return _by_key(value) if isinstance(value, dict) else None


Rule = Annotated[
    Annotated[SlicesRule, Tag("slices")]
    | Annotated[MetadataRule, Tag("metadata")]
    | Annotated[ExcludeRule, Tag("exclude")],
    Discriminator(_rule_form),
]


class PredictionModel(Form):
    """A prediction whose scheme is not its name."""

    scheme: Text = Field(description="Name of a scheme, or its YAML beside the cohort file.")
    path: Text = Field(description="Template of its file or folder.")


class TemplateForm(RootModel[Text]):
    """The template alone; the key is the scheme."""


Prediction = Annotated[
    Annotated[TemplateForm, Tag("template")] | Annotated[PredictionModel, Tag("prediction")],
    Discriminator(
        form_by_type({"template": str | TemplateForm, "prediction": dict | PredictionModel})
    ),
]


class MetadataModel(Form):
    """The table of cases."""

    table: Text = Field(description="A CSV or TSV file, relative to `root`.")
    case: Text = Field("case", description="The column that holds the names of the cases.")
    sex: Text | None = Field(None, description="The column that holds the sex.")
    values: dict[str, dict[str | int, str]] = Field(
        default_factory=dict,
        description="What a value of a column (or of `sex`) means: `sex: {M: male, F: female}`.",
    )


class RulesModel(Form):
    """Rule packs, and how they are run."""

    pack: Text | list[Text] = Field(
        description="A pack by name, or its YAML beside the cohort file; several run in this order."
    )
    select: list[Text] = Field(
        default_factory=list, description="Only these rules; patterns such as `sides/*` work."
    )
    unsafe: bool = Field(False, description="Make unsafe repairs too.")
    trace: bool = Field(False, description="Note which rule wrote each voxel.")

    @property
    def packs(self) -> tuple[str, ...]:
        """The packs, one or several."""
        return (self.pack,) if isinstance(self.pack, str) else tuple(self.pack)


class PackName(RootModel[Text]):
    """A rule pack alone, or `none`."""


Rules = Annotated[
    Annotated[PackName, Tag("pack")] | Annotated[RulesModel, Tag("rules")],
    Discriminator(form_by_type({"pack": str | PackName, "rules": dict | RulesModel})),
]


class CohortModel(Form):
    """The whole of a cohort file."""

    schema_: Annotated[Literal["cohort/1"], Field(alias="schema")]
    cohort: Text = Field(description="Name of the study.")
    about: str = Field("", description="A line or two for the reader.")
    root: Text = Field(".", description="Where the templates start, relative to this file.")
    image: Text | None = Field(
        None,
        description="Template of the CT; the output has its grid. A piece in brackets, `[_ct]`, may"
        " be lacking; `*` is any text.",
    )
    predictions: dict[str, Prediction] = Field(
        min_length=1, description="Scheme (or a name) to the template of its file or folder."
    )
    target: Text = Field("dap_atlas", description="Scheme of the output.")
    rules: Rules = Field(
        PackName("recommended"), description="A rule pack by name or YAML path, or `none`."
    )
    merge: Literal["union", "vote", "priority"] = Field(
        "union",
        description="Of a structure that several predictions can tell: what any says, what most"
        " say, or what the first of `prefer` says.",
    )
    prefer: list[Text] = Field(
        default_factory=list, description="For `merge: priority`, predictions, the best first."
    )
    metadata: MetadataModel | None = None
    cases: Cases = Field(description="A list of names, or `{from: image}` / `{from: metadata}`.")
    select: list[Rule] = Field(default_factory=list, description="All must hold.")
    output: Text = Field(
        "{case}/", description="A folder (ends in /) or a file (.nii.gz), below the output folder."
    )
    excluded: Literal["folder", "skip"] = Field(
        "folder",
        description="A case that a rule excludes is written below `excluded/`, or not at all.",
    )
    resample: bool = Field(False, description="Allow nearest-neighbour resampling to the image.")
    trust_image_geometry: bool = Field(
        False,
        description="Take predictions of the image's shape voxel for voxel, whatever their own"
        " header says.",
    )

    @field_validator("cohort")
    @classmethod
    def _one_word(cls, value: str) -> str:
        if not re.fullmatch(r"\w[\w.-]*", value):
            kind, message = "name", "is one word of letters, digits, `_`, `-` and `.`"
            raise PydanticCustomError(kind, message)
        return value

    @field_validator("cases", mode="before")
    @classmethod
    def _list_or_origin(cls, value: object) -> object:
        if not isinstance(value, list | dict):
            message = "needs a list of names, or where they come from, such as `{from: image}`"
            raise PydanticCustomError("cases_form", message)
        return value

    @field_validator("rules", mode="before")
    @classmethod
    def _pack_or_choice(cls, value: object) -> object:
        if not isinstance(value, str | dict | PackName | RulesModel):
            message = "needs a pack, or `{pack: [recommended, my_rules.yaml]}` for several"
            raise PydanticCustomError("rules_form", message)
        return value

    @field_validator("predictions", mode="before")
    @classmethod
    def _template_or_more(cls, value: object) -> object:
        for name, each in value.items() if isinstance(value, dict) else ():
            if not isinstance(each, str | dict | TemplateForm | PredictionModel):
                message = "`{name}` needs a template of its file, such as `preds/{case}.nii.gz`"
                raise PydanticCustomError("prediction_form", message, {"name": name})
        return value

    @field_validator("output")
    @classmethod
    def _folder_or_volume(cls, value: str) -> str:
        if not value.endswith(("/", ".nii.gz")):
            kind, message = "output_kind", "must end in `/` (a folder per case) or `.nii.gz`"
            raise PydanticCustomError(kind, message)
        return value
