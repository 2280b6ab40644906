"""Reading sequences.yaml: its grammar, and what sequences say of structures and of each other."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final, Literal

from pydantic import Field

from vesalius.ontology.reading.diagnostics import Diagnostic, Note, Span, suggest
from vesalius.ontology.reading.document import Document
from vesalius.ontology.reading.form import Form
from vesalius.ontology.reading.validation import check_schema, validate
from vesalius.ontology.sequence import DIRECTIONS, Direction, Sequence, Side

SEQUENCES_SCHEMA: Final = "sequences/1"


class _VariantModel(Form):
    name: str
    after: str


class _SequenceModel(Form):
    direction: Direction
    members: list[str] = Field(min_length=2)
    variants: list[_VariantModel] = Field(default_factory=list)
    side: Side | None = Field(None, description="Where there is a sequence for each side.")
    both_sides: str | None = Field(
        None, description="What the left and the right sequence are called together."
    )
    first_beside: str | None = Field(
        None,
        description="The member of another sequence that the first one lies beside; the second"
        " lies beside the next, and so on.",
    )


class SequencesModel(Form):
    """The whole of sequences.yaml."""

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
    problems += _check_together(sequences, document)
    return sequences, problems


def _sequence(name: str, entry: _SequenceModel, document: Document) -> Sequence:
    return Sequence(
        name=name,
        direction=DIRECTIONS[entry.direction],
        members=tuple(entry.members),
        variants=tuple(variant.name for variant in entry.variants),
        span=document.span(("sequences", name), key=True),
        places=tuple((variant.name, variant.after) for variant in entry.variants),
        side=entry.side,
        both_sides=entry.both_sides,
        first_beside=entry.first_beside,
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


def _check_together(sequences: Mapping[str, Sequence], document: Document) -> list[Diagnostic]:
    """Check what sequences say of each other."""
    problems = []
    for name, sequence in sequences.items():
        wrong = (
            ("both_sides", _pair_fault(sequence, sequences)),
            ("first_beside", _beside_fault(sequence, sequences)),
        )
        problems += [
            Diagnostic("ONT021", "error", message, span=document.span(("sequences", name, key)))
            for key, message in wrong
            if message is not None
        ]
    return problems


def _pair_fault(sequence: Sequence, sequences: Mapping[str, Sequence]) -> str | None:
    together = sequence.both_sides
    if together is None:
        return None
    if together in sequences:
        return f"`{together}` is a sequence of one side or of none"
    pair = [other for other in sequences.values() if other.both_sides == together]
    if sorted(str(other.side) for other in pair) != ["left", "right"]:
        return f"`{together}` is not one sequence with `side: left` and one with `side: right`"
    if len({len(other.members) for other in pair}) > 1:
        return f"the two sequences of `{together}` have not the same number of members"
    return None


def _beside_fault(sequence: Sequence, sequences: Mapping[str, Sequence]) -> str | None:
    first = sequence.first_beside
    others = [other for other in sequences.values() if other is not sequence]
    if first is None or any(first in other.members for other in others):
        return None
    return f"`{first}` is no member of another sequence"
