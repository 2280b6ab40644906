"""Ordered families of structures, written out in YAML."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from vesalius.ontology.diagnostics import Diagnostic, Note, Span, suggest
from vesalius.ontology.document import Document
from vesalius.ontology.validation import check_schema, validate

SEQUENCES_SCHEMA: Final = "sequences/1"

Direction = Literal["left", "right", "posterior", "anterior", "inferior", "superior"]
# Unit vectors of the patient frame RAS+, in millimetres along x, y, z.
DIRECTIONS: Final[Mapping[str, tuple[float, float, float]]] = {
    "left": (-1.0, 0.0, 0.0),
    "right": (1.0, 0.0, 0.0),
    "posterior": (0.0, -1.0, 0.0),
    "anterior": (0.0, 1.0, 0.0),
    "inferior": (0.0, 0.0, -1.0),
    "superior": (0.0, 0.0, 1.0),
}


@dataclass(frozen=True)
class Sequence:
    """An ordered family.

    Parameters
    ----------
    name : str
        The family.
    direction : tuple of float, shape (3,)
        Unit vector in the patient frame (RAS+) along which the members follow each other.
    members : tuple of str
        The usual members, first to last.
    variants : tuple of str
        Members that few patients have.
    span : Span
        Where the name is written.
    places : tuple of (str, str)
        Per variant the member it follows.
    """

    name: str
    direction: tuple[float, float, float]
    members: tuple[str, ...]
    variants: tuple[str, ...]
    span: Span
    places: tuple[tuple[str, str], ...] = ()

    def full(self) -> tuple[str, ...]:
        """Give members and variants together, each variant in its place."""
        order = list(self.members)
        for variant, after in self.places:
            order.insert(order.index(after) + 1, variant)
        return tuple(order)


class _VariantModel(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    name: str
    after: str


class _SequenceModel(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    direction: Direction
    members: list[str] = Field(min_length=2)
    variants: list[_VariantModel] = Field(default_factory=list)


class SequencesModel(BaseModel):
    """The whole of sequences.yaml."""

    model_config = ConfigDict(extra="forbid", strict=True)

    schema_: Literal["sequences/1"] = Field(alias="schema")
    sequences: dict[str, _SequenceModel]


def parse_sequences(
    document: Document, structures: Collection[str]
) -> tuple[dict[str, Sequence], list[Diagnostic]]:
    """Read sequences.yaml against the names of the structures."""
    problems = check_schema(document, SEQUENCES_SCHEMA)
    if problems:
        return {}, problems
    model, problems = validate(SequencesModel, document)
    if model is None:
        return {}, problems
    sequences: dict[str, Sequence] = {}
    for name, entry in model.sequences.items():
        wrong = [
            *_check_known(name, entry, structures, document),
            *_check_once(name, entry, document),
            *_check_variants(name, entry, document),
        ]
        problems += wrong
        if not wrong:
            sequences[name] = _sequence(name, entry, document)
    return sequences, problems


def _sequence(name: str, entry: _SequenceModel, document: Document) -> Sequence:
    return Sequence(
        name=name,
        direction=DIRECTIONS[entry.direction],
        members=tuple(entry.members),
        variants=tuple(variant.name for variant in entry.variants),
        span=document.span(("sequences", name), key=True),
        places=tuple((variant.name, variant.after) for variant in entry.variants),
    )


def _written(name: str, entry: _SequenceModel, document: Document) -> list[tuple[str, Span]]:
    at = ("sequences", name)
    members = [
        (member, document.span((*at, "members", i))) for i, member in enumerate(entry.members)
    ]
    variants = [
        (variant.name, document.span((*at, "variants", i, "name")))
        for i, variant in enumerate(entry.variants)
    ]
    return members + variants


def _check_known(
    name: str, entry: _SequenceModel, structures: Collection[str], document: Document
) -> list[Diagnostic]:
    return [
        Diagnostic(
            "ONT017",
            "error",
            f"sequence `{name}` names an unknown structure `{member}`",
            span=span,
            help=suggest(member, structures),
        )
        for member, span in _written(name, entry, document)
        if member not in structures
    ]


def _check_once(name: str, entry: _SequenceModel, document: Document) -> list[Diagnostic]:
    first: dict[str, Span] = {}
    problems = []
    for member, span in _written(name, entry, document):
        if member in first:
            problems.append(
                Diagnostic(
                    "ONT018",
                    "error",
                    f"sequence `{name}` names `{member}` twice",
                    span=span,
                    notes=(Note("first named here", first[member]),),
                )
            )
        first.setdefault(member, span)
    return problems


def _check_variants(name: str, entry: _SequenceModel, document: Document) -> list[Diagnostic]:
    problems = []
    known = list(entry.members)
    for position, variant in enumerate(entry.variants):
        if variant.after not in known:
            problems.append(
                Diagnostic(
                    "ONT019",
                    "error",
                    f"`{variant.after}` is no member of sequence `{name}`",
                    span=document.span(("sequences", name, "variants", position, "after")),
                    help=suggest(variant.after, known) or "name the member that it follows",
                )
            )
        known.append(variant.name)
    return problems
