"""The grammar of a scheme file, as pydantic models; also its JSON Schema for editors.

The models say what may be written where. Whether it makes sense is for the checks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import (
    ConfigDict,
    Discriminator,
    Field,
    RootModel,
    Tag,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from vesalius.ontology.graph import Ontology
from vesalius.ontology.reading.form import Form as ClosedForm
from vesalius.ontology.reading.nearest import nearest

SCHEME_SCHEMA = "scheme/1"
LARGEST_INTEGER = 65535
SCHEME_NAME_PATTERN = "^[a-z0-9][a-z0-9_]*$"


class WordForm(RootModel[str]):
    """A structure, `drop` or `ignore`."""

    model_config = ConfigDict(strict=True, frozen=True)


class SexForm(ClosedForm):
    """One class that means another structure for each sex of the case."""

    male: Form = Field(description="What the class is in a male case.")
    female: Form = Field(description="What the class is in a female case.")
    unknown: Form | None = Field(
        default=None, description="What the class is where the case does not say."
    )


class SideForm(ClosedForm):
    """One class that is split by the midline."""

    left: Form = Field(description="What lies on the patient's left.")
    right: Form = Field(description="What lies on the patient's right.")
    unknown: Form | None = Field(
        default=None, description="What the class is where the midline is not known."
    )


class PlaceCase(ClosedForm):
    """One place: above or below a structure, and what the class is there."""

    above: str | None = Field(default=None, description="A structure; the piece lies above it.")
    below: str | None = Field(default=None, description="A structure; the piece lies below it.")
    is_: Form = Field(alias="is", description="What the class is there.")

    @model_validator(mode="after")
    def _one_relation(self) -> PlaceCase:
        if (self.above is None) == (self.below is None):
            kind, message = "one_relation", "a place has either `above` or `below`"
            raise PydanticCustomError(kind, message)
        return self


class PlaceForm(ClosedForm):
    """One class that means another structure in another place."""

    where: list[PlaceCase] = Field(min_length=1, description="The first case that holds decides.")
    otherwise: Form = Field(description="What the class is where no case holds.")
    unknown: Form | None = Field(
        default=None, description="What the class is where a structure to compare with is absent."
    )


_FORMS: dict[str, type[ClosedForm]] = {"sex": SexForm, "side": SideForm, "place": PlaceForm}
_OWN_KEYS = {
    tag: tuple(key for key in model.model_fields if key != "unknown")
    for tag, model in _FORMS.items()
}


def form_of(value: object) -> str | None:
    """Say which form a written target has, by its keys; a misspelt key still tells.

    Returns
    -------
    str or None
        ``word``, ``sex``, ``side`` or ``place``; None where nothing fits.
    """
    if isinstance(value, str | WordForm):
        return "word"
    for tag, model in _FORMS.items():
        if isinstance(value, model):
            return tag
    if not isinstance(value, dict):
        return None
    # Only what is misspelt is compared letter by letter.
    for is_like in (_is_key, _is_nearly_key):
        score = {tag: sum(is_like(str(k), keys) for k in value) for tag, keys in _OWN_KEYS.items()}
        best = max(score, key=lambda tag: score[tag])
        if score[best]:
            return best
    return None


def _is_key(key: str, keys: Iterable[str]) -> bool:
    return key in keys


def _is_nearly_key(key: str, keys: Iterable[str]) -> bool:
    return bool(nearest(key, keys))


Form = Annotated[
    Annotated[WordForm, Tag("word")]
    | Annotated[SexForm, Tag("sex")]
    | Annotated[SideForm, Tag("side")]
    | Annotated[PlaceForm, Tag("place")],
    Discriminator(
        form_of,
        custom_error_type="target_form",
        custom_error_message=(
            "a class goes to a structure, to `drop` or `ignore`, or to a mapping by sex, side or "
            "place"
        ),
    ),
]


class SchemeFile(ClosedForm):
    """The integer table of one dataset or model."""

    schema_: Literal["scheme/1"] = Field(alias="schema", description="The format of this file.")
    scheme: str = Field(
        json_schema_extra={"pattern": SCHEME_NAME_PATTERN},
        description="Short name, equal to the file's stem.",
    )
    title: str = Field(min_length=1, description="The name of the dataset or model.")
    about: str = Field(default="", description="What it is, where from, what is uncertain.")
    source: str = Field(default="", description="Where the table was read.")
    evidence: str = Field(
        default="", description="How sure the table is: public label list, inferred, third party."
    )
    aliases: list[str] = Field(
        default=[], description="Other names that it is found by, such as that of the model's task."
    )
    closed: bool = Field(
        default=True, description="An integer that is not listed is an error (true) or ignored."
    )
    regions: list[str] = Field(
        default=[], description="Body regions where the model may be believed; none: everywhere."
    )
    join: list[str] = Field(
        default=[], description="Structures that several integers share on purpose."
    )
    reversed: list[str] = Field(
        default=[], description="Sequences whose class names are numbered against anatomy."
    )
    numbering_of: str | None = Field(
        default=None, description="The packaged scheme whose numbering is followed on purpose."
    )
    despite_name: dict[int, str] = Field(
        default={}, description="Integers whose class name misleads, each with the reason."
    )
    background: int = Field(
        default=0, ge=0, le=LARGEST_INTEGER, description="The integer of nothing."
    )
    folder: str = Field(
        default="{name}.nii.gz", description="File name per class; {name} is the class name."
    )
    names: dict[int, str] = Field(
        default={}, description="The dataset's class names where they differ from the structure."
    )
    labels: dict[int, Form] = Field(
        json_schema_extra={"minProperties": 1}, description="Where each integer goes."
    )
    replace: bool = Field(
        default=False,
        description="In a project: this stands instead of the shipped scheme of its name.",
    )

    @field_validator("scheme")
    @classmethod
    def _plain_name(cls, name: str) -> str:
        if re.fullmatch(SCHEME_NAME_PATTERN, name) is None:
            kind, message = "scheme_name", "a name has lower-case letters, digits and `_` only"
            raise PydanticCustomError(kind, message)
        return name


for _model in (SexForm, SideForm, PlaceCase, PlaceForm, SchemeFile):
    _model.model_rebuild()


def scheme_json_schema(ontology: Ontology) -> dict[str, Any]:
    """Give the JSON Schema of scheme files, for editors that complete and check YAML.

    Parameters
    ----------
    ontology : Ontology
        Its structures, regions and sequences are the words an editor offers and accepts.
    """
    schema = SchemeFile.model_json_schema(by_alias=True)
    concrete = [s.name for s in ontology.structures.values() if not s.abstract]
    schema["$defs"]["Structure"] = {"type": "string", "enum": concrete}
    structure = {"$ref": "#/$defs/Structure"}
    word = schema["$defs"]["WordForm"]
    del word["type"]
    word["anyOf"] = [structure, {"enum": ["drop", "ignore"]}]
    schema["properties"]["join"]["items"] = structure
    schema["properties"]["reversed"]["items"] = {"enum": list(ontology.sequences)}
    regions = ontology.attributes.get("region")
    if regions is not None:
        schema["properties"]["regions"]["items"] = {"enum": list(regions.values)}
    for form in (SexForm, SideForm, PlaceForm):
        # The model leaves it open so that a missing one gets a message of its own (SCH020).
        schema["$defs"][form.__name__]["required"].append("unknown")
    integer_keys = {"pattern": r"^[0-9]{1,5}$"}
    for key in ("labels", "names", "despite_name"):
        schema["properties"][key]["propertyNames"] = integer_keys
    # Nothing is 0, where the file does not say otherwise (SCH005).
    schema["if"] = {"not": {"required": ["background"]}}
    schema["then"] = {"properties": {"labels": {"propertyNames": {"not": {"const": "0"}}}}}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
