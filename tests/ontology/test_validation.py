"""pydantic's errors become one message per problem, in the right place."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, field_validator

from vesalius.ontology.reading.describe import describe
from vesalius.ontology.reading.document import parse_document
from vesalius.ontology.reading.listing import listing
from vesalius.ontology.reading.validation import validate


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Leaf(Strict):
    size_mm: float
    mode: Literal["cut", "keep"] = "cut"


class ByName(Strict):
    kind: Literal["name"]
    name: str


class BySize(Strict):
    kind: Literal["size"]
    size: int = Field(gt=0, le=9)


def shape(value):
    return {str: "text", dict: "leaf"}.get(type(value))


class Whole(Strict):
    title: str = "t"
    leaves: dict[str, Leaf] = Field(default_factory=dict)
    either: str | list[str] = ""
    tagged: list[Annotated[ByName | BySize, Field(discriminator="kind")]] = []
    formed: Annotated[
        Annotated[str, Tag("text")] | Annotated[Leaf, Tag("leaf")], Discriminator(shape)
    ] = ""
    pair: list[int] = Field(default_factory=lambda: [1, 2], min_length=2, max_length=2)
    code: str = Field("ab", pattern="^[a-z]+$", min_length=1)
    even: int = 0

    @field_validator("even")
    @classmethod
    def is_even(cls, value):
        if value % 2:
            raise ValueError("Must be even")
        return value


@pytest.mark.parametrize(
    ("text", "code", "place", "message", "advice"),
    [
        ("titel: a", "YML010", (1, 1), "unknown key `titel`", "did you mean `title`?"),
        ("leaves: {a: {size_mm: 1, moed: cut}}", "YML010", (1, 26), "unknown key `moed`",
         "did you mean `mode`?"),
        # The misspelt key is the missing one: one problem.
        ("leaves: {a: {size_m: 1}}", "YML010", (1, 14), "unknown key `size_m`",
         "did you mean `size_mm`?"),
        ("leaves: {a: {mode: cut}}", "YML011", (1, 10), "key `size_mm` is missing",
         "add `size_mm:`"),
        ("leaves: {a: {size_mm: x}}", "YML012", (1, 23),
         "`size_mm` expects a number; found the text `x`", None),
        ("leaves: {a: {size_mm: 1, mode: cutt}}", "YML012", (1, 32),
         "`mode` expects one of cut, keep; found the text `cutt`", "did you mean `cut`?"),
        ("leaves: {5: {size_mm: 1}}", "YML012", (1, 10), "the key `5` must be text",
         'put it in quotes: "5"'),
        ("leaves: [a]", "YML012", (1, 9), "`leaves` expects a mapping; found the list `[a]`",
         "write lines of the form `KEY: VALUE`, without dashes"),
        ("leaves: a=1", "YML012", (1, 9), "`leaves` expects a mapping; found the text `a=1`",
         "write lines of the form `KEY: VALUE`, with a space after the colon"),
        ("either: 3", "YML012", (1, 9), "`either` expects text or a list; found the number `3`",
         None),
        ("either: [a, 3]", "YML012", (1, 13), "`either` expects text; found the number `3`",
         'put it in quotes: "3"'),
        ("title: 1.5", "YML012", (1, 8), "`title` expects text; found the number `1.5`",
         'put it in quotes: "1.5"'),
        ("tagged: [{kind: size, size: x}]", "YML012", (1, 29),
         "`size` expects a whole number; found the text `x`", None),
        ("tagged: [{kind: siz, size: 1}]", "YML012", (1, 17),
         "`kind` expects one of name, size; found the text `siz`", "did you mean `size`?"),
        ("tagged: [{size: 1}]", "YML011", (1, 10), "key `kind` is missing", "add `kind:`"),
        ("formed: 3", "YML012", (1, 9),
         "`formed` has none of the known forms; found the number `3`", None),
        ("tagged: [{kind: name, nam: x}]", "YML010", (1, 23), "unknown key `nam`",
         "did you mean `name`?"),
        ("tagged: [{kind: size, size: 0}]", "YML012", (1, 29),
         "`size` must be greater than 0", None),
        ("formed: {size_mm: 1, mod: cut}", "YML010", (1, 22), "unknown key `mod`",
         "did you mean `mode`?"),
        ("formed: {size_mm: [1]}", "YML012", (1, 19),
         "`size_mm` expects a number; found the list `[1]`", None),
        ("pair: [1]", "YML012", (1, 7), "`pair` needs at least 2 entries; found 1", None),
        ("pair: [1, 2, 3]", "YML012", (1, 7), "`pair` needs at most 2 entries; found 3", None),
        ('code: ""', "YML012", (1, 7), "`code` is too short; found an empty text", None),
        ("code: A1", "YML012", (1, 7), "`code` should match pattern '^[a-z]+$'", None),
        ("even: 3", "YML012", (1, 7), "`even`: must be even", None),
        ("even: true", "YML012", (1, 7), "`even` expects a whole number; found `true`", None),
        ("even: 2.5", "YML012", (1, 7), "`even` expects a whole number; found the number `2.5`",
         None),
        ("- a", "YML012", (1, 1), "the file expects a mapping; found the list `[a]`",
         "write lines of the form `KEY: VALUE`, without dashes"),
    ],
)  # fmt: skip
def test_one_problem_one_message(text, code, place, message, advice):
    model, found = validate(Whole, parse_document(text, "t.yaml"))
    assert model is None
    assert [(d.code, (d.span.line, d.span.column), d.message, d.help) for d in found] == [
        (code, place, message, advice)
    ]


def test_every_problem_at_once():
    text = "titel: 1\nleaves:\n  a: {size_mm: x, mode: y}\n  b: {}\n  5: {size_mm: x}\npair: x\n"
    _, found = validate(Whole, parse_document(text, "t.yaml"))
    assert sorted((d.code, d.span.line) for d in found) == [
        ("YML010", 1),
        ("YML011", 4),
        ("YML012", 3),
        ("YML012", 3),
        ("YML012", 5),
        ("YML012", 5),
        ("YML012", 6),
    ]


def test_a_piece_of_a_document():
    doc = parse_document("more:\n  - {size_mm: 1, mode: keep}\n  - {size_mm: 2, moder: x}\n", "t")
    model, found = validate(Leaf, doc, ("more", 0))
    assert (model, found) == (Leaf(size_mm=1.0, mode="keep"), [])
    _, found = validate(Leaf, doc, ("more", 1))
    assert [(d.code, d.span.line, d.help) for d in found] == [("YML010", 3, "did you mean `mode`?")]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "nothing"), (True, "`true`"), (3, "the number `3`"), ("", "an empty text"),
        ("a" * 50, f"the text `{'a' * 39}…`"), ([], "an empty list"), ({}, "an empty mapping"),
        ([True, 1.5, "x"], "the list `[true, 1.5, x]`"), ([[1]], "a list"), ({1: 2}, "a mapping"),
        (list(range(50)), "a list"),
    ],
)  # fmt: skip
def test_describe(value, words):
    assert describe(value) == words


def test_listing():
    assert listing("abc") == "a, b, c"
    assert listing(range(14)) == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 2 more"
