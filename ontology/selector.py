"""Selectors from YAML and from the command line.

In YAML keys are ANDed and lists ORed, ``not`` subtracts, ``any`` and ``all`` hold selectors; a
bare name is a structure. On the command line ``side:left,region:a|b,!system:c;name``: ``,`` is
AND, ``|`` OR of values, ``!`` NOT, ``;`` OR of groups.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, get_args

from vesalius.ontology.attribute import Attribute
from vesalius.ontology.graph import Ontology
from vesalius.ontology.reading.describe import describe
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError, Span, suggest
from vesalius.ontology.reading.document import Document, YamlPath
from vesalius.ontology.reading.listing import listing
from vesalius.ontology.reading.plain_scalars import core_value
from vesalius.ontology.selector_form import (
    AllOf,
    Among,
    AnyOf,
    Coded,
    Has,
    Named,
    Not,
    Related,
    Relation,
    Selector,
)

RELATIONS: Final[tuple[Relation, ...]] = get_args(Relation)
SELECTOR_KEYS: Final = ("name", *RELATIONS, "code", "abstract", "not", "any", "all")
# Kinds of attribute whose values cannot be compared with a word.
_NOT_SELECTABLE: Final = ("range", "rgb")


def parse_selector(
    data: object, ontology: Ontology, document: Document | None = None, at: YamlPath = ()
) -> Selector:
    """Read a selector as YAML gives it.

    Parameters
    ----------
    data : mapping, list or str
        The selector.
    ontology : Ontology
        What its keys, values and names are checked against.
    document : Document or None
        The file it is written in, for the places of the problems.
    at : tuple of str or int
        Where in the file.

    Raises
    ------
    DiagnosticError
        Every problem: SEL001 unknown key, SEL002 unknown value, SEL003 unknown structure,
        SEL004 not a selector.
    """
    reader = _Reader(ontology, document)
    selector = reader.read(data, at)
    if selector is None or reader.problems:
        raise DiagnosticError(reader.problems)
    return selector


def parse_selector_text(text: str, ontology: Ontology) -> Selector:
    """Read a selector as it is typed on the command line.

    Raises
    ------
    DiagnosticError
        As :func:`parse_selector`.
    """
    try:
        if _BRACKETS & set(text):
            message = "brackets mean nothing on the command line"
            raise DiagnosticError([Diagnostic("SEL004", "error", message, help=_HOW_TO_TYPE)])
        groups = [_group(group, ontology) for group in text.split(";")]
        return parse_selector(groups[0] if len(groups) == 1 else groups, ontology)
    except DiagnosticError as error:
        raise DiagnosticError(
            replace(problem, message=f"{problem.message} (in the selector `{text}`)")
            for problem in error.diagnostics
        ) from None


def select(
    selector: Selector | Mapping[str, Any] | list[Any] | str, ontology: Ontology
) -> tuple[str, ...]:
    """Give the structures that a selector picks, in declaration order.

    Parameters
    ----------
    selector : Selector, mapping, list or str
        Parsed, or as YAML gives it; a text is read as on the command line.
    ontology : Ontology
        What it picks from.

    Raises
    ------
    DiagnosticError
        As :func:`parse_selector`.
    """
    if isinstance(selector, str):
        selector = parse_selector_text(selector, ontology)
    elif not isinstance(selector, Selector):
        selector = parse_selector(selector, ontology)
    return ontology.in_order(selector.pick(ontology))


@dataclass
class _Reader:
    """Reads one selector and collects what is wrong; None stands for a part that is."""

    ontology: Ontology
    document: Document | None
    problems: list[Diagnostic] = field(default_factory=list)

    def read(self, data: object, at: YamlPath) -> Selector | None:
        """Read a name, a list or a mapping."""
        if isinstance(data, str):
            return self._named(data, at)
        if isinstance(data, list) and data:
            return self._joined(AnyOf, [self.read(d, (*at, i)) for i, d in enumerate(data)])
        if isinstance(data, Mapping) and data:
            return self._mapping(data, at)
        advice = "write a name, a list of names, or keys such as {side: …}"
        if isinstance(data, list | Mapping):
            self._wrong("SEL004", "the selector is empty", at, advice)
        else:
            self._wrong("SEL004", f"a selector expects names or keys; found {describe(data)}", at)
        return None

    def _mapping(self, data: Mapping[Any, object], at: YamlPath) -> Selector | None:
        parts = [
            self._key(key, value, (*at, key)) for key, value in data.items() if key != "abstract"
        ]
        joined = self._joined(AllOf, parts)
        if "abstract" not in data:
            return joined
        flags = _as_list(data["abstract"])
        if not flags or not all(isinstance(flag, bool) for flag in flags):
            found = describe(data["abstract"])
            message = f"`abstract` expects true or false; found {found}"
            self._wrong("SEL004", message, (*at, "abstract"))
            return None
        return joined and Among(frozenset(map(bool, flags)), joined)

    def _key(self, key: object, value: object, at: YamlPath) -> Selector | None:
        if key == "not":
            part = self.read(value, at)
            return part and Not(part)
        if key in ("any", "all"):
            if not isinstance(value, list) or not value:
                message = f"`{key}` expects a list of selectors; found {describe(value)}"
                self._wrong("SEL004", message, at)
                return None
            parts = [self.read(part, (*at, i)) for i, part in enumerate(value)]
            return self._joined(AnyOf if key == "any" else AllOf, parts)
        if key not in SELECTOR_KEYS and key not in self.ontology.attributes:
            self._unknown_key(str(key), at)
            return None
        values = _as_list(value)
        if not values:
            self._wrong("SEL004", f"`{key}` has no value", at)
            return None
        places = [(*at, i) if isinstance(value, list) else at for i in range(len(values))]
        pairs = zip(values, places, strict=True)
        return self._joined(AnyOf, [self._one(str(key), v, place) for v, place in pairs])

    def _one(self, key: str, value: object, at: YamlPath) -> Selector | None:
        for relation in RELATIONS:
            if key == relation:
                name = self._structure(value, at)
                return None if name is None else Related(relation, name)
        if key == "name":
            return self._named(value, at)
        if key == "code":
            if isinstance(value, str) and value:
                return Coded(value)
            self._wrong("SEL004", f"`code` expects text; found {describe(value)}", at, _QUOTE)
            return None
        return self._has(self.ontology.attributes[key], value, at)

    def _has(self, attribute: Attribute, value: object, at: YamlPath) -> Selector | None:
        name = attribute.name
        if attribute.kind in _NOT_SELECTABLE:
            usable = [a.name for a in self.ontology.attributes.values()]
            usable = [a for a in usable if self.ontology.attributes[a].kind not in _NOT_SELECTABLE]
            advice = f"select by {listing([*usable, *SELECTOR_KEYS])}"
            self._wrong("SEL004", f"structures cannot be selected by `{name}`", at, advice)
            return None
        if attribute.kind == "structure":
            target = self._structure(value, at)
            return None if target is None else Has(name, target)
        written = [value] if attribute.kind == "list" else value
        wrong = attribute.problem(written)
        if wrong:
            self._wrong("SEL002", wrong[0], at, wrong[1])
            return None
        return Has(name, tuple(value) if isinstance(value, list) else value)

    def _named(self, value: object, at: YamlPath) -> Selector | None:
        name = self._structure(value, at)
        return None if name is None else Named(name)

    def _structure(self, value: object, at: YamlPath) -> str | None:
        names = self.ontology.structures
        if not isinstance(value, str):
            message = f"expected the name of a structure; found {describe(value)}"
            self._wrong("SEL004", message, at)
            return None
        if value in names:
            return value
        meant = self.ontology.resolve(value)
        advice = f"did you mean `{meant[0]}`?" if meant else suggest(value, names)
        if ":" in value and self.document is not None:
            advice = "in YAML a selector is written with keys, such as {side: …}"
        self._wrong("SEL003", f"unknown structure `{value}`", at, advice)
        return None

    def _unknown_key(self, key: str, at: YamlPath) -> None:
        known = [*SELECTOR_KEYS, *self.ontology.attributes]
        advice = suggest(key, known) or f"keys: {listing(known)}"
        self._wrong("SEL001", f"a selector has no key `{key}`", at, advice, key=True)

    def _joined(self, kind: type[AllOf | AnyOf], parts: list[Selector | None]) -> Selector | None:
        good = tuple(part for part in parts if part is not None)
        if len(good) != len(parts):
            return None
        return good[0] if len(good) == 1 else kind(good)

    def _wrong(
        self, code: str, message: str, at: YamlPath, advice: str | None = None, key: bool = False
    ) -> None:
        span: Span | None = None
        if self.document is not None:
            span = self.document.span(at, key=key)
        self.problems.append(Diagnostic(code, "error", message, span=span, help=advice))


_QUOTE: Final = "put the code in quotes"
_HOW_TO_TYPE: Final = "write key:value|value or a name; `,` AND, `|` OR, `!` NOT, `;` OR of groups"
_LONGEST_NUMBER = 200
_YAML_ONLY: Final = ("not", "any", "all")
_BRACKETS: Final = frozenset("[](){}")


def _as_list(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else [value]


def _group(text: str, ontology: Ontology) -> dict[str, object]:
    """Turn one group of the command line's form into YAML's form."""
    group: dict[str, object] = {}
    others: list[object] = []
    refused: list[object] = []
    for term in text.split(","):
        word = term.strip()
        negated = word.startswith("!")
        part = _term(word.removeprefix("!"), ontology)
        if negated:
            refused.append(part)
        elif isinstance(part, dict) and group.keys().isdisjoint(part):
            group.update(part)
        else:
            others.append(part)
    if others:
        group["all"] = others
    if refused:
        group["not"] = refused
    return group


def _term(text: str, ontology: Ontology) -> dict[str, object] | list[object]:
    """Read ``key:value|value`` or ``name|name``."""
    key, colon, tail = text.partition(":")
    values = [word.strip() for word in (tail if colon else text).split("|")]
    if not all(values) or (colon and not key.strip()):
        message = "a part of the selector is empty"
        raise DiagnosticError([Diagnostic("SEL004", "error", message, help=_HOW_TO_TYPE)])
    if not colon:
        return list(values)
    name = key.strip()
    if name in _YAML_ONLY:
        message = f"`{name}:` is for YAML only"
        raise DiagnosticError([Diagnostic("SEL004", "error", message, help=_HOW_TO_TYPE)])
    attribute = ontology.attributes.get(name)
    typed = name == "abstract" or (attribute and attribute.kind in ("bool", "int", "number"))
    return {name: [_value(value) if typed else value for value in values]}


def _value(text: str) -> object:
    """Read a value as YAML does; what is too long for a number stays text."""
    return core_value(text) if len(text) <= _LONGEST_NUMBER else text
