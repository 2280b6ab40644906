"""The attributes a structure may have: declared in YAML, so a value can be checked."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from vesalius.ontology.concept_codes import Code
from vesalius.ontology.reading.diagnostics import Diagnostic, Span, suggest
from vesalius.ontology.reading.document import Document
from vesalius.ontology.reading.listing import listing
from vesalius.ontology.reading.validation import check_schema, describe, validate
from vesalius.ontology.replacing import KEY

ATTRIBUTES_SCHEMA: Final = "attributes/1"

Kind = Literal[
    "choice", "choices", "bool", "int", "number", "range", "text", "rgb", "structure", "list"
]
Edge = Literal["is_a", "part_of"]
EDGES: Final[tuple[Edge, ...]] = ("is_a", "part_of")

# Keys of a structure or a selector that are no attributes.
RESERVED: Final = frozenset(
    {
        *("title", "is_a", "part_of", "abstract", "aliases", "words", "codes"),
        *("notes", "replace"),
        *("name", "below", "code", "not", "any", "all"),
    }
)


@dataclass(frozen=True)
class Attribute:
    """One declared attribute.

    Parameters
    ----------
    name, about : str
        The key, and what it means.
    kind : str
        Of its values: choice, choices, bool, int, number, range, text, rgb, structure, list.
    values : tuple of str
        Allowed words of a choice, in rank order; of a list too, where it has any.
    ranks : mapping of str to int
        Rank per word; words written as an inner list share theirs.
    ordered : bool
        Whether the ranks mean anything.
    inherited_along : tuple of str
        The edges along which a structure takes the value of its parents.
    default : object
        The value where none is written or inherited.
    synonyms : mapping of str to tuple of str
        Other words for a value, used where names are read.
    opposites : tuple of str
        Two values that mirror each other, or nothing.
    flips : str or None
        For a `structure`: the attribute whose value the partner has opposite. Such a pointer
        is symmetric: the partner points back.
    codes : mapping of str to Code
        Modifier per value, for concept codes that structures inherit.
    concepts : mapping of str to Code
        What a terminology calls a value; nothing inherits it.
    replaces : Span or None
        Where it says that it stands instead of a shipped one.
    span : Span
        Where it is declared.
    """

    name: str
    about: str
    kind: Kind
    span: Span
    values: tuple[str, ...] = ()
    ranks: Mapping[str, int] = field(default_factory=dict)
    ordered: bool = False
    inherited_along: tuple[Edge, ...] = ()
    default: object = None
    synonyms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    opposites: tuple[str, ...] = ()
    flips: str | None = None
    codes: Mapping[str, Code] = field(default_factory=dict)
    concepts: Mapping[str, Code] = field(default_factory=dict)
    replaces: Span | None = None

    def opposite(self, value: object) -> str | None:
        """Give the value that mirrors another, or None."""
        if len(self.opposites) == 2 and value in self.opposites:
            return self.opposites[1 - self.opposites.index(str(value))]
        return None

    def problem(self, value: object) -> tuple[str, str | None] | None:
        """Say what is wrong with a value, and what would be right; None where it is fine."""
        if self.kind in ("choice", "choices"):
            return self._choice_problem(value)
        if _FITS[self.kind](value):
            return self._word_problem(value) if self.kind == "list" and self.values else None
        advice = None
        if self.kind == "bool" and str(value).lower() in {"yes", "no", "on", "off"}:
            advice = "`yes`, `no`, `on` and `off` are text here; write true or false"
        return f"`{self.name}` expects {_EXPECTED[self.kind]}; found {describe(value)}", advice

    def _choice_problem(self, value: object) -> tuple[str, str | None] | None:
        many = self.kind == "choices"
        for word in value if many and isinstance(value, list) else [value]:
            if word in self.values and isinstance(word, str):
                continue
            close = suggest(str(word), self.values) if isinstance(word, str) else None
            allowed = f"values: {listing(self.values)}"
            if not isinstance(word, str):
                kind = "one word or a list of words" if many else "one word"
                return f"`{self.name}` expects {kind}; found {describe(word)}", allowed
            return f"`{self.name}` has no value `{word}`", close or allowed
        return None

    def _word_problem(self, value: object) -> tuple[str, str | None] | None:
        for word in value if isinstance(value, list) else ():
            if word not in self.values:
                advice = suggest(str(word), self.values) or f"values: {listing(self.values)}"
                return f"`{self.name}` has no value `{word}`", advice
        return None

    def clean(self, value: object) -> object:
        """Give a valid value its one form: lists become tuples, a lone choice too."""
        if self.kind == "choices":
            return tuple(value) if isinstance(value, list) else (value,)
        return tuple(value) if isinstance(value, list) else value


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_range(value: object) -> bool:
    if not isinstance(value, list) or len(value) != 2 or not all(map(_is_number, value)):
        return False
    return bool(value[0] <= value[1])


def _is_rgb(value: object) -> bool:
    if not isinstance(value, list) or len(value) != 3:
        return False
    return all(_is_int(part) and 0 <= part <= 255 for part in value)


def _is_list(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(part, str | int | float) for part in value)


_FITS: Final = {
    "bool": lambda value: isinstance(value, bool),
    "int": _is_int,
    "number": _is_number,
    "range": _is_range,
    "text": lambda value: isinstance(value, str),
    "rgb": _is_rgb,
    "structure": lambda value: isinstance(value, str),
    "list": _is_list,
}
_EXPECTED: Final = {
    "bool": "true or false",
    "int": "a whole number",
    "number": "a finite number",
    "range": "two numbers, the lower first, such as [10, 20]",
    "text": "text",
    "rgb": "three whole numbers 0 to 255, such as [255, 200, 0]",
    "structure": "the name of a structure",
    "list": "a list",
}


class _ConceptModel(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    code: str
    meaning: str


class _AttributeModel(BaseModel):
    """One entry of attributes.yaml."""

    model_config = ConfigDict(extra="forbid", strict=True)

    about: str = ""
    type: Kind
    values: list[str | list[str]] = Field(default_factory=list)
    ordered: bool = False
    inherited_along: list[Edge] = Field(default_factory=list)
    default: Any = None
    synonyms: dict[str, list[str]] = Field(default_factory=dict)
    opposites: list[str] = Field(default_factory=list)
    flips: str | None = None
    codes: dict[str, _ConceptModel] = Field(default_factory=dict)
    concepts: dict[str, _ConceptModel] = Field(default_factory=dict)
    replace: bool = False


class AttributesModel(BaseModel):
    """The whole of attributes.yaml."""

    model_config = ConfigDict(extra="forbid", strict=True)

    schema_: Literal["attributes/1"] = Field(alias="schema")
    attributes: dict[str, _AttributeModel]


def parse_attributes(
    document: Document, shipped: Mapping[str, Attribute] | None = None
) -> tuple[dict[str, Attribute], list[Diagnostic]]:
    """Read attributes.yaml: the attributes by name, and everything that is wrong.

    Parameters
    ----------
    document : Document
        The file.
    shipped : mapping of str to Attribute, optional
        Attributes of other files, which these may speak of.
    """
    problems = check_schema(document, ATTRIBUTES_SCHEMA)
    if problems:
        return {}, problems
    model, problems = validate(AttributesModel, document)
    if model is None:
        return {}, problems
    attributes = {name: _attribute(name, m, document) for name, m in model.attributes.items()}
    for attribute in attributes.values():
        problems += _check(attribute, {**(shipped or {}), **attributes}, document)
    return attributes, problems


def _attribute(name: str, model: _AttributeModel, document: Document) -> Attribute:
    groups = [value if isinstance(value, list) else [value] for value in model.values]
    ranks = {word: rank for rank, group in enumerate(groups) for word in group}
    attribute = Attribute(
        name=name,
        about=model.about,
        kind=model.type,
        span=document.span(("attributes", name), key=True),
        values=tuple(word for group in groups for word in group),
        ranks=ranks,
        ordered=model.ordered,
        inherited_along=tuple(model.inherited_along),
        default=model.default,
        synonyms={value: tuple(words) for value, words in model.synonyms.items()},
        opposites=tuple(model.opposites),
        flips=model.flips,
        codes=_codes(model.codes),
        concepts=_codes(model.concepts),
        replaces=document.span(("attributes", name, KEY)) if model.replace else None,
    )
    if model.default is None or attribute.problem(model.default):
        return attribute
    return replace(attribute, default=attribute.clean(model.default))


def _codes(models: Mapping[str, _ConceptModel]) -> dict[str, Code]:
    return {value: Code("sct", code.code, code.meaning, "exact") for value, code in models.items()}


_Finding = tuple[str, str | None, str | None]


def _check(
    attribute: Attribute, attributes: Mapping[str, Attribute], document: Document
) -> list[Diagnostic]:
    """Check what the shape alone does not say (ONT001)."""
    findings = [
        *_check_values(attribute),
        *_check_words(attribute),
        *_check_flips(attribute, attributes),
        *_check_default(attribute),
    ]
    at = ("attributes", attribute.name)
    return [
        Diagnostic(
            "ONT001",
            "error",
            message,
            span=document.span((*at, key)) if key else document.span(at, key=True),
            help=advice,
        )
        for message, key, advice in findings
    ]


def _check_values(attribute: Attribute) -> Iterator[_Finding]:
    name, kind = attribute.name, attribute.kind
    if name in RESERVED:
        yield f"`{name}` is a word of the grammar and cannot be an attribute", None, None
    chosen = kind in ("choice", "choices")
    if chosen and not attribute.values:
        yield f"attribute `{name}` of type {kind} needs `values`", None, None
    if not chosen and kind != "list" and attribute.values:
        yield f"attribute `{name}` of type {kind} cannot have `values`", "values", None
    for value in dict.fromkeys(v for v in attribute.values if attribute.values.count(v) > 1):
        yield f"attribute `{name}` lists the value `{value}` twice", "values", None


def _check_words(attribute: Attribute) -> Iterator[_Finding]:
    lists: tuple[tuple[str, Iterable[str]], ...] = (
        ("synonyms", attribute.synonyms),
        ("opposites", attribute.opposites),
        ("codes", attribute.codes),
        ("concepts", attribute.concepts),
    )
    for key, words in lists:
        for word in words:
            if word not in attribute.values:
                advice = suggest(word, attribute.values)
                yield f"`{key}` of `{attribute.name}` names no value: `{word}`", key, advice
    if len(attribute.opposites) not in (0, 2):
        yield f"`opposites` of `{attribute.name}` must be two values", "opposites", None


def _check_flips(attribute: Attribute, attributes: Mapping[str, Attribute]) -> Iterator[_Finding]:
    if attribute.flips is None:
        return
    other = attributes.get(attribute.flips)
    if attribute.kind != "structure":
        yield f"`flips` needs type structure, not {attribute.kind}", "flips", None
    elif other is None:
        advice = suggest(attribute.flips, attributes)
        yield f"`flips` names no attribute: `{attribute.flips}`", "flips", advice
    elif not other.opposites:
        yield f"attribute `{other.name}` has no `opposites` to flip", "flips", None


def _check_default(attribute: Attribute) -> Iterator[_Finding]:
    default = attribute.default
    written = list(default) if isinstance(default, tuple) else default
    problem = None if default is None else attribute.problem(written)
    if problem:
        yield f"default: {problem[0]}", "default", problem[1]
