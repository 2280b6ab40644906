"""The page of a kind, from what it says of itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from vesalius.ontology.reading.form import Form
from vesalius.rules import parts
from vesalius.rules.kinds import (
    DERIVATIONS,
    EXPECTATIONS,
    REPAIRS,
    Derivation,
    Expectation,
    Kind,
    Repair,
)
from vesalius.rules.page import WIDTH, in_words, paragraph

_LABEL: Final = 11
PLACES: Final[Mapping[type[Kind], str]] = {
    Expectation: "expect",
    Repair: "repair",
    Derivation: "derive",
}


def kind_keys() -> tuple[str, ...]:
    """Give the keys of all kinds, each once."""
    return tuple(dict.fromkeys(kind.key for kind in all_kinds()))


def kind_pages(key: str, width: int = WIDTH) -> tuple[str, ...]:
    """Write the page of each kind with a key as plain text.

    Parameters
    ----------
    key : str
        Such as ``components``; one key may stand behind `expect` and behind `derive`.
    width : int
        Columns of a line.

    Returns
    -------
    tuple of str
        None where no kind has this key. Lines of at most that width.
    """
    return tuple(_page(kind, width) for kind in all_kinds() if kind.key == key)


def all_kinds() -> tuple[Kind, ...]:
    """Give every kind: what is expected, repaired, derived."""
    return (*EXPECTATIONS, *REPAIRS, *DERIVATIONS)


def _mended(repair: Repair) -> str:
    return ", ".join(kind.key for kind in EXPECTATIONS if repair.key in kind.repairs)


def _page(kind: Kind, width: int) -> str:
    lines = [*paragraph(f"{kind.key}  (a form of `{PLACES[type(kind)]}`)", width), ""]
    if kind.form is not None:
        lines += [*paragraph((kind.form.__doc__ or "").strip(), width), ""]
    for name, text in kind_facts(kind):
        wrapped = paragraph(_plain(text), width - _LABEL - 1)
        lines.append(f"{name:<{_LABEL}} {wrapped[0]}")
        lines += [" " * (_LABEL + 1) + line for line in wrapped[1:]]
    keys = [] if kind.form is None else list(form_keys(kind.form))
    if keys:
        lines += ["", "Keys", ""]
        for name, text in keys:
            first, *rest = paragraph(f"{name}: {text}", width - 6)
            lines += [f"  {line}" for line in (first, *(f"    {line}" for line in rest))]
    if isinstance(kind, Expectation) and kind.more:
        lines += ["", *paragraph(kind.more, width)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def kind_facts(kind: Kind) -> Iterator[tuple[str, str]]:
    """Give what a kind says of itself: a word, and what it is here, as Markdown."""
    yield "written", kind.written
    if isinstance(kind, Derivation):
        yield "makes", kind.makes
    elif isinstance(kind, Repair):
        yield "does", kind.does
        yield "mends", _mended(kind)
    else:
        yield "holds", kind.holds
        yield "goes with", ", ".join(_goes_with(kind))
        yield "repairs", ", ".join(kind.repairs) or "none"
        if kind.sentences:
            yield "finds", ", ".join(kind.sentences)


def _goes_with(kind: Expectation) -> Iterator[str]:
    if kind.takes_for is not False:
        yield "for" if kind.takes_for is True else "for (in some forms)"
    yield "when"
    if kind.takes_where:
        yield "where"
    if kind.takes_per:
        yield "per"


def _plain(markdown: str) -> str:
    return markdown.replace("`", "")


def form_keys(form: type[BaseModel], inside: str = "") -> Iterator[tuple[str, str]]:
    """Give the keys that say more than their name; of inner forms those of the kind, and of parts.

    Places and destinations, which many kinds share, are told of in the README.
    """
    for name, field in form.model_fields.items():
        key = f"{inside}{field.alias or name}"
        about = _about(field)
        if about:
            yield key, about
        for inner in _forms(field.annotation):
            if inner.__module__ in (form.__module__, parts.__name__):
                yield from form_keys(inner, f"{key}.")


def _about(field: FieldInfo) -> str:
    said = field.description or ""
    if field.is_required():
        return said
    taken = field.get_default(call_default_factory=True)
    if taken is None or taken == [] or isinstance(taken, Form):
        return said
    figure = in_words(taken)
    if said.endswith(","):  # it goes on with the next key
        return f"{said[:-1]} (by default {figure}),"
    return f"{said} By default {figure}.".lstrip()


def _forms(annotation: object) -> Iterator[type[Form]]:
    """Give the forms that may stand at a key."""
    if isinstance(annotation, type) and issubclass(annotation, Form):
        yield annotation
    for part in get_args(annotation):
        yield from _forms(part)
