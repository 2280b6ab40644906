"""pydantic's findings as diagnostics: one problem, one message, at the smallest place.

Every YAML file of vesalius has the same four shape errors: an unknown key (YML010), a missing
key (YML011), a value of the wrong kind (YML012) and a wrong `schema:` line (YML013).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final, TypeVar, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from vesalius.ontology.reading.describe import describe
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError, suggest
from vesalius.ontology.reading.document import Document, YamlPath
from vesalius.ontology.reading.grammar import inside, models_at, required
from vesalius.ontology.reading.listing import listing

Model = TypeVar("Model", bound=BaseModel)

# What each of pydantic's kind errors expected, in words.
_EXPECTED: Final[Mapping[str, str]] = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "set_type": "a list",
    "dict_type": "a mapping",
    "mapping_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "dataclass_type": "a mapping",
    "none_required": "nothing",
}

# How to write what a union of forms expects, by the name of its error.
_ADVICE: Final[Mapping[str, str]] = {
    "target_form": (
        "write a name (`vesalius ls structures`), `drop`, `ignore`, or a mapping with male, "
        "female, unknown; left, right, unknown; or where, otherwise, unknown"
    ),
}


def validate(
    model: type[Model], document: Document, at: YamlPath = ()
) -> tuple[Model | None, list[Diagnostic]]:
    """Validate a piece of a document.

    Parameters
    ----------
    model : type of pydantic.BaseModel
        What the piece must be.
    document : Document
        The file.
    at : tuple of str or int
        Where the piece stands in the file.

    Returns
    -------
    Model or None
        The model; None where the piece is not valid.
    list of Diagnostic
        What is wrong; empty where the model is given.
    """
    try:
        return model.model_validate(value_at(document, at)), []
    except ValidationError as error:
        return None, diagnose(error, model, document, at)


def validated(model: type[Model], document: Document, at: YamlPath = ()) -> Model:
    """Validate a piece of a document that nothing goes on without; see :func:`validate`.

    Raises
    ------
    DiagnosticError
        With everything that is wrong.
    """
    found, problems = validate(model, document, at)
    if found is None:
        raise DiagnosticError(problems)
    return found


def diagnose(
    error: ValidationError, model: type[BaseModel], document: Document, at: YamlPath = ()
) -> list[Diagnostic]:
    """Turn pydantic's errors into diagnostics, at most one per place."""
    grouped: dict[YamlPath, list[ErrorDetails]] = {}
    for details in error.errors(include_url=False):
        grouped.setdefault(_document_path(document, at, details), []).append(details)
    # A union reports its other branches at the parent: the deepest place is what was meant.
    deepest = [
        path
        for path, group in grouped.items()
        if not (
            any(other != path and other[: len(path)] == path for other in grouped)
            and all(e["type"] in _EXPECTED and e["loc"][-1] != "[key]" for e in group)
        )
    ]
    found = [_one(path, grouped[path], model, document, len(at)) for path in deepest]
    return without_guessed(found)


def check_schema(document: Document, expected: str) -> list[Diagnostic]:
    """Check the `schema:` line of a file, such as ``structures/1``."""
    data = document.data
    help_text = f"start the file with `schema: {expected}`"
    if data is None:
        return [
            Diagnostic("YML013", "error", "the file is empty", path=document.path, help=help_text)
        ]
    if not isinstance(data, dict):
        message = f"the file must hold keys and values, found {describe(data)}"
        return [Diagnostic("YML013", "error", message, span=document.span(()), help=help_text)]
    if "schema" not in data:
        message = "the `schema:` line is missing"
        return [Diagnostic("YML013", "error", message, span=document.span(()), help=help_text)]
    if data["schema"] != expected:
        message = f"expected the schema `{expected}`, found {describe(data['schema'])}"
        span = document.span(("schema",))
        return [Diagnostic("YML013", "error", message, span=span, help=f"write `{expected}`")]
    return []


def unknown_key(
    document: Document, path: YamlPath, known: Iterable[str], code: str = "YML010"
) -> Diagnostic:
    """Report a key that is not known, with the nearest one that is."""
    names = list(known)
    key = str(path[-1])
    advice = suggest(key, names)
    if advice is None and names:
        advice = f"known keys: {listing(names)}"
    span = document.span(path, key=True)
    return Diagnostic(code, "error", f"unknown key `{key}`", span=span, help=advice)


def without_guessed(problems: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Leave out a missing key where a misspelt one was reported as that key."""
    found = list(problems)
    guessed = {d.help for d in found if d.message.startswith("unknown key ")}
    return [
        d
        for d in found
        if not (d.code == "YML011" and f"did you mean {d.message.split()[1]}?" in guessed)
    ]


def value_at(document: Document, path: YamlPath) -> Any:  # noqa: ANN401 - any YAML value
    """Give the value at a path that exists."""
    value: Any = document.data
    for step in path:
        value = value[step]
    return value


def _document_path(document: Document, at: YamlPath, details: ErrorDetails) -> YamlPath:
    """Follow pydantic's location through the data, leaving out its union tags."""
    path, value = list(at), value_at(document, at)
    *inner, last = details["loc"] or ("",)
    missing = details["type"] == "missing"
    for step in [*inner] if missing else [*inner, last]:
        for candidate in (step, _as_int(step)):
            if _holds(value, candidate):
                path.append(candidate)
                value = value[candidate]
                break
    key = _discriminator(details)
    if details["type"] == "union_tag_invalid" and _holds(value, key):
        path.append(key)
    return (*path, last) if missing else tuple(path)


def _discriminator(details: ErrorDetails) -> str:
    """Give the key that tells the members of a union apart; empty where a function does."""
    name = str(details.get("ctx", {}).get("discriminator", ""))
    return name.strip("'") if name.startswith("'") else ""


def _as_int(step: int | str) -> int | str:
    return int(step) if isinstance(step, str) and step.lstrip("-").isdigit() else step


def _holds(value: object, step: int | str) -> bool:
    if isinstance(value, dict):
        return step in value
    return isinstance(value, list) and isinstance(step, int) and 0 <= step < len(value)


def _one(
    path: YamlPath,
    group: list[ErrorDetails],
    model: type[BaseModel],
    document: Document,
    skip: int,
) -> Diagnostic:
    first = next((e for e in group if e["type"] == "extra_forbidden"), group[0])
    if first["type"] == "extra_forbidden":
        places = models_at(model, value_at(document, path[:skip]), path[skip:-1])
        fields = [f.alias or name for place in places for name, f in place.model_fields.items()]
        found = unknown_key(document, path, fields)
        # A form may say what became of its keys: `moved`.
        moved = [m[path[-1]] for place in places if path[-1] in (m := getattr(place, "moved", {}))]
        if moved:
            return replace(found, help=moved[0])
        return _of_another_form(path, places, model, document, skip) or found
    if first["type"] == "missing":
        message = f"key `{path[-1]}` is missing"
        span = document.span(path[:-1], key=True)
        return Diagnostic("YML011", "error", message, span=span, help=f"add `{path[-1]}:`")
    if first["type"] == "union_tag_not_found" and (key := _discriminator(first)):
        message = f"key `{key}` is missing"
        span = document.span((*path, key), key=True)
        return Diagnostic("YML011", "error", message, span=span, help=f"add `{key}:`")
    if first["loc"][-1:] == ("[key]",):
        return _wrong_key(path, first, document)
    message, advice = _wrong_value(path, group, document)
    return Diagnostic("YML012", "error", message, span=document.span(path), help=advice)


def _of_another_form(
    path: YamlPath,
    places: list[type[BaseModel]],
    model: type[BaseModel],
    document: Document,
    skip: int,
) -> Diagnostic | None:
    """Report a key that is known, but not to the form that is meant by a key beside it."""
    key, beside = path[-1], value_at(document, path[:-1])
    knows = [any(key in (n, f.alias) for n, f in p.model_fields.items()) for p in places]
    heads: dict[bool, list[str]] = {True: [], False: []}
    for place, known in zip(places, knows, strict=True):
        heads[known] += [head for head in beside if head in required(place)]
    if not heads[True] or not heads[False]:
        return None
    one, other = heads[False][0], heads[True][0]
    advice = f"write `{one}` or `{other}`"
    holder = next((at for at in reversed(path[:-1]) if isinstance(at, str)), "")
    above = path[skip : len(path) - 2]
    if isinstance(path[-2], int):
        advice = f"write two entries, one with `{one}` and one with `{other}`"
    elif any(
        get_origin(found) is list
        for parent in models_at(model, value_at(document, path[:skip]), above)
        for found in inside(parent, path[-2])
    ):
        advice = f"write a list: `{holder}: [{{{one}: ...}}, {{{other}: ...}}]`"
    message = f"`{key}` does not go with `{one}`"
    return Diagnostic("YML010", "error", message, span=document.span(path, key=True), help=advice)


def _wrong_key(path: YamlPath, error: ErrorDetails, document: Document) -> Diagnostic:
    choices = _choices(error.get("ctx", {}), error["type"])
    if choices:
        return unknown_key(document, path, choices)
    expected = _EXPECTED.get(error["type"], "another kind of key")
    message = f"the key `{path[-1]}` must be {expected}"
    advice = f'put it in quotes: "{path[-1]}"' if expected == "text" else None
    span = document.span(path, key=True)
    return Diagnostic("YML012", "error", message, span=span, help=advice)


def _wrong_value(
    path: YamlPath, group: list[ErrorDetails], document: Document
) -> tuple[str, str | None]:
    value = value_at(document, path)
    name = _name_of(path, document)
    kinds = list(dict.fromkeys(_EXPECTED[e["type"]] for e in group if e["type"] in _EXPECTED))
    choices = list(
        dict.fromkeys(word for e in group for word in _choices(e.get("ctx", {}), e["type"]))
    )
    if choices:
        expected = " or ".join([*kinds, f"one of {listing(choices)}"])
        advice = suggest(str(value), choices) if isinstance(value, str) else None
        return f"{name} expects {expected}; found {describe(value)}", advice
    if kinds:
        advice = None
        if kinds == ["true or false"] and str(value).lower() in {"yes", "no", "on", "off"}:
            advice = "`yes`, `no`, `on` and `off` are text here; write true or false"
        if kinds == ["text"] and isinstance(value, int | float):
            advice = f'put it in quotes: "{value}"'
        if kinds == ["a mapping"]:
            advice = _mapping_advice(value)
        return f"{name} expects {' or '.join(kinds)}; found {describe(value)}", advice
    return _reworded(name, group[0]), _ADVICE.get(group[0]["type"])


def _name_of(path: YamlPath, document: Document) -> str:
    """Name a place by its key; an integer that is a key, by the section it stands in too."""
    key = next((step for step in reversed(path) if isinstance(step, str)), None)
    if key is None:
        return "the file"
    if isinstance(path[-1], int) and isinstance(value_at(document, path[:-1]), dict):
        return f"{path[-1]} of `{key}`"
    return f"`{key}`"


def _mapping_advice(value: object) -> str | None:
    if isinstance(value, list):
        return "write lines of the form `KEY: VALUE`, without dashes"
    if isinstance(value, str):
        return "write lines of the form `KEY: VALUE`, with a space after the colon"
    return None


def _reworded(name: str, error: ErrorDetails) -> str:
    """Put pydantic's sentence about a value into the words used here."""
    context, words = error.get("ctx", {}), error["msg"].removeprefix("Value error, ")
    if error["type"] == "string_too_short":
        return f"{name} is too short; found {describe(error['input'])}"
    if error["type"] in ("too_short", "too_long"):
        limit, found = context.get("min_length", context.get("max_length")), error["input"]
        bound = "at least" if error["type"] == "too_short" else "at most"
        return f"{name} needs {bound} {limit} entries; found {len(found)}"
    if error["type"] == "union_tag_not_found":
        return f"{name} has none of the known forms; found {describe(error['input'])}"
    for start, instead in (("Input should be ", "must be "), ("String should ", "should ")):
        if words.startswith(start):
            return f"{name} {instead}{words.removeprefix(start)}"
    found = f"; found {describe(error['input'])}" if error["type"] in _ADVICE else ""
    return f"{name}: {words[:1].lower()}{words[1:]}{found}"


def _choices(context: Mapping[str, Any], kind: str) -> list[str]:
    """Give the words a literal or a tag allows; pydantic gives them as one quoted text."""
    if kind not in {"literal_error", "enum", "union_tag_invalid"}:
        return []
    text = str(context.get("expected") or context.get("expected_tags") or "")
    return [part.strip().strip("'") for part in text.replace(" or ", ", ").split(",")]
