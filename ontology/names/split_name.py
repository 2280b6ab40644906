"""Taking a class name apart: its words, the side it says, the number it ends with."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

LEAST_LETTERS = 4
"""Abbreviations of two or three letters resemble too many others to guess from."""
# A word: letters with the digits behind them (`c1`), or digits with an ending (`12th`).
_WORD = re.compile(r"[^\W\d_]+\d*|\d+(?:st|nd|rd|th)?", re.IGNORECASE)
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_ORDINAL = re.compile(r"(\d+)(?:st|nd|rd|th)")
_LETTERS_OR_DIGITS = re.compile(r"[^\W\d_]+|\d+")
_ROMAN = {
    "I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6, "VII": 7, "VIII": 8, "IX": 9, "X": 10,
    "XI": 11, "XII": 12, "XIII": 13,
}  # fmt: skip
_DIGITS = re.compile(r"\d+")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})


@dataclass(frozen=True)
class SplitName:
    """A name taken apart.

    Parameters
    ----------
    words : tuple of str
        Normalised words in writing order, without words for a side.
    side : str or None
        The side the name says; None where it says none, or both.
    """

    words: tuple[str, ...]
    side: str | None

    @property
    def bag(self) -> tuple[str, ...]:
        """Give the words in an order that does not depend on the writing."""
        return tuple(sorted(self.words))

    @property
    def numbers(self) -> tuple[str, ...]:
        """Give the words that hold a digit, sorted."""
        return tuple(sorted(w for w in self.words if _DIGITS.search(w)))


def read_name(
    name: str, side_words: Mapping[str, str], known: frozenset[str] = frozenset()
) -> SplitName:
    """Take a name apart.

    Parameters
    ----------
    name : str
        A class name.
    side_words : mapping of str to str
        The side of each word for one, folded.
    known : frozenset of str
        Words that may be written together with one.
    """
    words: list[str] = []
    sides: set[str] = set()
    split = [part for word in _split(name) for part in _unglued(word, side_words, known)]
    for place, word in enumerate(split):
        side = side_words.get(word)
        # A single letter says a side beside other words only: `L` and `L 5` say none.
        alone = len(word) == 1 and place == 0 and all(w.isdecimal() for w in split[1:2])
        if side is not None and not alone:
            sides.add(side)
        else:
            words.append(_normal(word))
    return SplitName(tuple(words), sides.pop() if len(sides) == 1 else None)


def _unglued(word: str, side_words: Mapping[str, str], known: frozenset[str]) -> tuple[str, ...]:
    """Take a side off a known word that was written together with it, as in `leftlung`."""
    if _normal(word) in known or word in side_words:
        return (word,)
    for side in (s for s in side_words if len(s) >= LEAST_LETTERS):
        for rest in (word.removeprefix(side), word.removesuffix(side)):
            if rest != word and _normal(rest) in known:
                return side, rest
    # A letter in front only, as in `lkidney`: at the end it may be an ending.
    first, rest = word[:1], word[1:]
    if first in side_words and len(rest) >= LEAST_LETTERS and _normal(rest) in known:
        return first, rest
    return (word,)


def _split(name: str) -> Iterator[str]:
    for word in _WORD.findall(_HUMP.sub(" ", name)):
        ordinal = _ORDINAL.fullmatch(word.lower())
        yield ordinal[1] if ordinal else fold(word)


def fold(word: str) -> str:
    """Write a word in small letters without accents: `Dünndarm` is `Duenndarm`, `côlon` `colon`."""
    if word.isascii():
        return word.casefold()
    plain = unicodedata.normalize("NFC", word.casefold()).translate(_UMLAUTS)
    apart = unicodedata.normalize("NFKD", plain)
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _normal(word: str) -> str:
    """Drop leading zeros and a plural ending."""
    if word.isdecimal():
        return str(int(word))
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def taken_out_number(name: str) -> tuple[str, int] | None:
    """Give a name without the one number in it, and that number; None where it has another count.

    The number is written in digits or, in capitals, as the Romans did; a single letter counts
    at the end alone.
    """
    pieces = _LETTERS_OR_DIGITS.findall(_HUMP.sub(" ", name))
    counted = [_counting(piece, at == len(pieces) - 1) for at, piece in enumerate(pieces)]
    found = [number for number in counted if number is not None]
    if len(found) != 1:
        return None
    rest = (piece for piece, number in zip(pieces, counted, strict=True) if number is None)
    return " ".join(rest), found[0]


def stated_number(name: str) -> int | None:
    """Give the last number in a name, such as 12 in ``12th left``; None where there is none."""
    numbers = _DIGITS.findall(name)
    return int(numbers[-1]) if numbers else None


def _counting(piece: str, last: bool) -> int | None:
    """Give the number that a piece of a name is; a single letter counts at the end alone."""
    if piece.isdecimal():
        return int(piece)
    return _ROMAN.get(piece) if last or len(piece) > 1 else None
