"""Free words to structures: case, order, separators, plurals and side words do not matter."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from vesalius.ontology.attribute import Attribute

Key = tuple[str, ...]

_WORD = re.compile(r"[^\W\d_]+|\d+")
_MIN_PLURAL = 4


@dataclass(frozen=True)
class WordIndex:
    """Names, titles and aliases by their normalised words.

    Parameters
    ----------
    by_key : mapping of tuple of str to tuple of str
        Structures per normalised key, in declaration order.
    synonyms : mapping of str to str
        One spelling per word of an attribute with synonyms.
    """

    by_key: Mapping[Key, tuple[str, ...]]
    synonyms: Mapping[str, str]

    def find(self, word: str) -> tuple[str, ...]:
        """Give the structures that a word names; several where it is ambiguous."""
        return self.by_key.get(normalise(word, self.synonyms), ())


def normalise(text: str, synonyms: Mapping[str, str]) -> Key:
    """Give the words of a name in one form and a fixed order.

    Letters and digits are told apart and compared as numbers ("L05" is "l 5"); words
    of three letters or fewer keep their endings; the words of an attribute's value come last.

    >>> normalise("Kidneys (R)", {"r": "right"})
    ('kidney', 'right')
    """
    words: list[str] = []
    values: list[str] = []
    for raw in _WORD.findall(text.casefold()):
        if raw in synonyms:
            values.append(synonyms[raw])
        elif raw.isdecimal():
            words.append(str(int(raw)))
        else:
            words.append(_singular(raw))
    return (*words, *sorted(values))


def _singular(word: str) -> str:
    if len(word) < _MIN_PLURAL or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith("ae"):
        return word[:-1]
    return word.removesuffix("s")


def value_synonyms(attributes: Iterable[Attribute]) -> dict[str, str]:
    """Give the one spelling of every word that an attribute with synonyms knows."""
    known: dict[str, str] = {}
    for attribute in attributes:
        for value, words in attribute.synonyms.items():
            for word in (value, *words):
                known[word.casefold()] = value
    return known


def index_words(
    names: Iterable[tuple[str, Iterable[str]]], attributes: Iterable[Attribute]
) -> WordIndex:
    """Index structures by their words: pairs of a structure and everything it is called."""
    synonyms = value_synonyms(attributes)
    by_key: dict[Key, list[str]] = {}
    for structure, called in names:
        for key in dict.fromkeys(normalise(word, synonyms) for word in called):
            by_key.setdefault(key, []).append(structure)
    return WordIndex({key: tuple(found) for key, found in by_key.items()}, synonyms)
