"""The attributes a structure may have: declared in YAML, so a value can be checked."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from vesalius.ontology.concept_codes import Code
from vesalius.ontology.reading.describe import describe
from vesalius.ontology.reading.diagnostics import Span, suggest
from vesalius.ontology.reading.listing import listing

Kind = Literal[
    "choice", "choices", "bool", "int", "number", "range", "text", "rgb", "structure", "list"
]
Edge = Literal["is_a", "part_of"]
EDGES: Final[tuple[Edge, ...]] = ("is_a", "part_of")


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
