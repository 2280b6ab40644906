"""Which of several written forms is meant: told by a key, even where it is misspelt.

A plain union would report one typo once per form; a form that is chosen first gets one message.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import UnionType
from typing import Final

from vesalius.ontology.reading.nearest import nearest

WORD: Final = "a word"


def form_by_type(forms: Mapping[str, type | UnionType]) -> Callable[[object], str | None]:
    """Give a discriminator of forms that are a text, a list or a mapping.

    Parameters
    ----------
    forms : Mapping of str to type
        The tag of each form, to what it is written as; with the form itself, where one is written
        anew. The first that fits is taken.

    Returns
    -------
    callable
        Value to tag; None where no form fits.
    """

    def choose(value: object) -> str | None:
        return next((tag for tag, types in forms.items() if isinstance(value, types)), None)

    return choose


def form_by_key(heads: Mapping[str, str]) -> Callable[[object], str | None]:
    """Give a discriminator.

    Parameters
    ----------
    heads : Mapping of str to str
        The key that only one form has, to the tag of that form.

    Returns
    -------
    callable
        Value to tag; `WORD` for text, None where no key fits.
    """

    def choose(value: object) -> str | None:
        if isinstance(value, str):
            return WORD
        if not isinstance(value, dict):
            return None
        exact = next((tag for head, tag in heads.items() if head in value), None)
        if exact is not None:
            return exact
        near = (nearest(str(key), heads) for key in value)
        return next((heads[found[0]] for found in near if found), None)

    return choose
