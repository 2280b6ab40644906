"""Structures as one file writes them: its grammar, and reading it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from vesalius.ontology.attribute import EDGES, Attribute, Edge
from vesalius.ontology.concept_codes import Code, CodeMatch, System
from vesalius.ontology.reading.diagnostics import Diagnostic, Span
from vesalius.ontology.reading.document import Document, YamlPath
from vesalius.ontology.reading.form import Form
from vesalius.ontology.reading.validation import (
    check_schema,
    unknown_key,
    validate,
    value_at,
    without_guessed,
)
from vesalius.ontology.replacing import KEY

STRUCTURES_SCHEMA: Final = "structures/1"
NO_STRUCTURE: Final = "none"
NAME_PATTERN: Final = "[A-Za-z][A-Za-z0-9_]*"
STRUCTURE_KEYS: Final = (
    "title",
    "is_a",
    "part_of",
    "abstract",
    "aliases",
    "words",
    "codes",
    "notes",
)
_NAME: Final = re.compile(NAME_PATTERN)


@dataclass(frozen=True, eq=False)
class WrittenStructure:
    """A structure as one file writes it; parents and values are not linked yet."""

    name: str
    title: str
    abstract: bool
    parents: Mapping[Edge, tuple[str, ...]]
    aliases: tuple[str, ...]
    words: Mapping[str, tuple[str, ...]]
    own: Mapping[str, object]
    codes: Mapping[System, Code]
    notes: str
    document: Document
    replaces: Span | None = None

    def at(self, *below: str | int, key: bool = False) -> Span:
        """Give the span of something inside the structure."""
        return self.document.span(("structures", self.name, *below), key=key)

    @property
    def span(self) -> Span:
        """Where the name is written."""
        return self.at(key=True)

    def at_parent(self, edge: Edge, position: int) -> Span:
        """Give the span of one parent, written alone or in a list."""
        written = value_at(self.document, ("structures", self.name, edge))
        return self.at(edge, position) if isinstance(written, list) else self.at(edge)


class _ConceptModel(Form):
    code: str
    meaning: str = ""


class CodeModel(_ConceptModel):
    """One entry of `codes:`."""

    match: CodeMatch
    modifier: _ConceptModel | None = None
    region: _ConceptModel | None = None
    note: str = ""


class StructureModel(Form):
    """The keys of a structure that are no attributes."""

    model_config = ConfigDict(extra="ignore", strict=True)

    title: str = Field(min_length=1)
    is_a: str | list[str] = Field(default_factory=list)
    part_of: str | list[str] = Field(default_factory=list)
    abstract: bool = False
    aliases: list[str] = Field(default_factory=list)
    words: dict[str, list[str]] = Field(default_factory=dict)
    codes: dict[System, CodeModel] = Field(default_factory=dict)
    notes: str = ""
    replace: bool = False


class _StructuresModel(BaseModel):
    """The outer keys of a structures file."""

    schema_: Literal["structures/1"] = Field(alias="schema")
    structures: dict[Any, dict[Any, Any]]


def parse_structures(
    document: Document, attributes: Mapping[str, Attribute]
) -> tuple[list[WrittenStructure], list[Diagnostic]]:
    """Read one structures file: what could be read, and everything that is wrong."""
    problems = check_schema(document, STRUCTURES_SCHEMA)
    if problems:
        return [], problems
    _, problems = validate(_StructuresModel, document)
    data = document.data
    entries = data.get("structures") if isinstance(data, dict) else None
    found: list[WrittenStructure] = []
    for name, entry in entries.items() if isinstance(entries, dict) else ():
        problems += _check_name(name, document)
        if isinstance(entry, dict) and isinstance(name, str):
            structure, wrong = _parse_one(name, entry, attributes, document)
            problems += wrong
            if structure is not None:
                found.append(structure)
    return found, problems


def _parse_one(
    name: str, entry: Mapping[Any, Any], attributes: Mapping[str, Attribute], document: Document
) -> tuple[WrittenStructure | None, list[Diagnostic]]:
    at = ("structures", name)
    model, problems = validate(StructureModel, document, at)
    own: dict[str, object] = {}
    for key, value in entry.items():
        if key in STRUCTURE_KEYS or key == KEY:
            continue
        if key not in attributes:
            problems.append(
                unknown_key(document, (*at, key), [*STRUCTURE_KEYS, *attributes, KEY], "ONT007")
            )
            continue
        wrong = _check_value(attributes[key], value, (*at, key), document)
        problems += wrong
        if not wrong:
            own[key] = _own_value(attributes[key], value)
    if model is None:
        return None, without_guessed(problems)
    parents: dict[Edge, tuple[str, ...]] = {
        edge: _as_tuple(model.is_a if edge == "is_a" else model.part_of) for edge in EDGES
    }
    structure = WrittenStructure(
        name=name,
        title=model.title,
        abstract=model.abstract,
        parents=parents,
        aliases=tuple(model.aliases),
        words={language: tuple(words) for language, words in model.words.items()},
        own=own,
        codes={system: _code(system, code) for system, code in model.codes.items()},
        notes=model.notes,
        document=document,
        replaces=document.span((*at, KEY)) if model.replace else None,
    )
    return structure, problems


def _check_name(name: object, document: Document) -> list[Diagnostic]:
    if isinstance(name, str) and _NAME.fullmatch(name) and name != NO_STRUCTURE:
        return []
    if not isinstance(name, str | int):
        return []
    return [
        Diagnostic(
            "ONT003",
            "error",
            f"`{name}` cannot be the name of a structure",
            span=document.span(("structures", name), key=True),
            help="start with a letter; use letters, digits and underscores only"
            if name != NO_STRUCTURE
            else f"`{NO_STRUCTURE}` is the word for having none",
        )
    ]


def _check_value(
    attribute: Attribute, value: object, path: YamlPath, document: Document
) -> list[Diagnostic]:
    """Check a value; of several choices each alone, so that the wrong one is pointed at."""
    pieces: list[tuple[object, YamlPath]] = [(value, path)]
    if attribute.kind == "choices" and isinstance(value, list):
        pieces = [(part, (*path, position)) for position, part in enumerate(value)]
    return [
        Diagnostic("ONT008", "error", wrong[0], span=document.span(place), help=wrong[1])
        for part, place in pieces
        if (wrong := attribute.problem(part))
    ]


def _own_value(attribute: Attribute, value: object) -> object:
    if attribute.kind == "structure" and value == NO_STRUCTURE:
        return None
    return attribute.clean(value)


def _as_tuple(names: str | list[str]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


def _code(system: System, model: CodeModel) -> Code:
    return Code(
        system,
        model.code,
        model.meaning,
        model.match,
        _concept(system, model.modifier),
        model.note,
        region=_concept(system, model.region),
    )


def _concept(system: System, model: _ConceptModel | None) -> Code | None:
    return None if model is None else Code(system, model.code, model.meaning, "exact")
