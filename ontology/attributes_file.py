"""Reading attributes.yaml: its grammar, and what its shape alone does not say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final, Literal

from pydantic import Field

from vesalius.ontology.attribute import Attribute, Edge, Kind
from vesalius.ontology.concept_codes import Code
from vesalius.ontology.reading.diagnostics import Diagnostic, suggest
from vesalius.ontology.reading.document import Document
from vesalius.ontology.reading.form import Form
from vesalius.ontology.reading.validation import check_schema, validate
from vesalius.ontology.replacing import KEY

ATTRIBUTES_SCHEMA: Final = "attributes/1"

# Keys of a structure or a selector that are no attributes.
RESERVED: Final = frozenset(
    {
        *("title", "is_a", "part_of", "abstract", "aliases", "words", "codes"),
        *("notes", "replace"),
        *("name", "below", "code", "not", "any", "all"),
    }
)


class _ConceptModel(Form):
    code: str
    meaning: str


class _AttributeModel(Form):
    """One entry of attributes.yaml."""

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


class AttributesModel(Form):
    """The whole of attributes.yaml."""

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
