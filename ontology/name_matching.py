"""Finding the structure that a free class name means.

Names are compared as bags of words: case, order, separators and plural endings do not count,
words for a side are taken out first and understood in every spelling that the ontology's
``side`` attribute lists as synonyms. A guess never crosses sides and never crosses numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Literal

from vesalius.ontology.ontology import Ontology
from vesalius.ontology.structures import Structure

SIDE = "side"
SEX = "sex"
LEAST_SCORE = 0.8
_ALTERNATIVES = 3
# Every longer word of a guessed name needs one in the structure's that resembles it this much.
_LEAST_LIKE = 0.6
# Abbreviations of two or three letters resemble too many others to guess from.
_LEAST_LETTERS = 4
_LONGEST_PART = 4
# A word: letters with the digits behind them (`c1`), or digits with an ending (`12th`).
_WORD = re.compile(r"[^\W\d_]+\d*|\d+(?:st|nd|rd|th)?", re.IGNORECASE)
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_ORDINAL = re.compile(r"(\d+)(?:st|nd|rd|th)")
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True)
class Reading:
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


@dataclass(frozen=True)
class Match:
    """What a class name was found to mean.

    Parameters
    ----------
    name : str
        The class name as given.
    structure : str or None
        The structure; None where nothing is near enough.
    how : {"exact", "alias", "guess"}
        By the structure's own name or title, by one of its aliases, or by resemblance.
    score : float
        1 for exact and alias, else the resemblance from 0 to 1.
    alternatives : tuple of str
        Other structures that fit nearly as well, best first.
    """

    name: str
    structure: str | None
    how: Literal["exact", "alias", "guess"]
    score: float
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class NameIndex:
    """Every name, title and alias of an ontology, taken apart once.

    Build it with :func:`build_index`.
    """

    ontology: Ontology
    side_words: Mapping[str, str]
    side_of: Mapping[str, str | None]
    by_bag: Mapping[tuple[tuple[str, ...], str | None], tuple[str, ...]]
    by_text: Mapping[tuple[str, str | None], tuple[str, ...]]
    readings: tuple[tuple[str, Reading], ...]
    words: frozenset[str]

    def read(self, name: str) -> Reading:
        """Take a name apart into words and a side."""
        return _read(name, self.side_words, self.words)

    def meant(self, name: str) -> tuple[str, ...]:
        """Give the structures whose name, title or alias this is, in declaration order."""
        return self._of(self.read(name))

    def _of(self, reading: Reading) -> tuple[str, ...]:
        if not reading.words:
            return ()
        exact = self.by_bag.get((reading.bag, reading.side), ())
        return exact or self.by_text.get(("".join(reading.words), reading.side), ())

    def parts(self, name: str) -> tuple[str, ...]:
        """Give the concrete structures that pieces of the name mean, each once.

        The pieces are runs of up to four words, longer ones first; a word is used once.
        """
        reading = self.read(name)
        found: dict[str, None] = {}
        used: set[int] = set()
        for length in range(min(_LONGEST_PART, len(reading.words)), 0, -1):
            for start in range(len(reading.words) - length + 1):
                places = set(range(start, start + length))
                piece = Reading(reading.words[start : start + length], reading.side)
                hits = self.concrete(self._of(piece))
                if hits and not places & used:
                    used |= places
                    found.update(dict.fromkeys(hits))
        return tuple(found)

    def by_sex(self, name: str) -> dict[str, str]:
        """Give the structures inside a name that only one sex has, the first for each sex."""
        attribute = self.ontology.attributes.get(SEX)
        if attribute is None:
            return {}
        found: dict[str, str] = {}
        for structure in self.parts(name):
            found.setdefault(str(self.ontology.get(structure, SEX, attribute.default)), structure)
        special = (v for v in attribute.values if v != attribute.default)
        return {value: found[value] for value in special if value in found}

    def concrete(self, names: Iterable[str]) -> tuple[str, ...]:
        """Keep the structures that can be in a volume."""
        return tuple(n for n in names if not self.ontology.structures[n].abstract)


@lru_cache(maxsize=4)
def build_index(ontology: Ontology) -> NameIndex:
    """Take apart every name of an ontology; kept, for many schemes are read with one ontology.

    Parameters
    ----------
    ontology : Ontology
        Sides come from its ``side`` attribute: the two opposite values and their synonyms.
    """
    structures = ontology.structures
    attribute = ontology.attributes.get(SIDE)
    paired = attribute.opposites if attribute else ()
    synonyms = attribute.synonyms if attribute else {}
    side_words = {
        _fold(word): value for value in paired for word in (value, *synonyms.get(value, ()))
    }
    side_of: dict[str, str | None] = {}
    readings: dict[tuple[str, Reading], None] = {}
    by_bag: dict[tuple[tuple[str, ...], str | None], dict[str, None]] = {}
    by_text: dict[tuple[str, str | None], dict[str, None]] = {}
    for name, structure in structures.items():
        declared = ontology.get(name, SIDE)
        declared = declared if declared in paired else None
        side_of[name] = str(declared) if declared else _read(name, side_words).side
        for text in _texts(structure):
            reading = _read(text, side_words)
            # An alias may leave the side out; the structure still has it.
            reading = Reading(reading.words, reading.side or side_of[name])
            readings[name, reading] = None
            by_bag.setdefault((reading.bag, reading.side), {})[name] = None
            by_text.setdefault(("".join(reading.words), reading.side), {})[name] = None
    return NameIndex(
        ontology=ontology,
        side_words=side_words,
        side_of=side_of,
        by_bag={key: tuple(names) for key, names in by_bag.items()},
        by_text={key: tuple(names) for key, names in by_text.items()},
        readings=tuple(readings),
        words=frozenset(word for _, reading in readings for word in reading.words),
    )


def match_name(name: str, index: NameIndex) -> Match:
    """Find the structure a class name means.

    Parameters
    ----------
    name : str
        A class name of a dataset.
    index : NameIndex
        Of the ontology to search.

    Returns
    -------
    Match
        Only concrete structures are given. Where several fit exactly, the first declared is a
        guess and the others are its alternatives.
    """
    exact = index.concrete(index.ontology.resolve(name)) or index.concrete(index.meant(name))
    if len(exact) == 1:
        return Match(name, exact[0], _how(name, exact[0], index), 1.0)
    if exact:
        best = sorted(exact, key=lambda s: _how(name, s, index) != "exact")
        return Match(name, best[0], "guess", 1.0 / len(best), tuple(best[1 : 1 + _ALTERNATIVES]))
    scores = _resemblances(index.read(name), index)
    if not scores:
        return Match(name, None, "guess", 0.0)
    (structure, score), *rest = scores
    return Match(name, structure, "guess", round(score, 2), tuple(s for s, _ in rest))


def match_names(names: Iterable[str], ontology: Ontology) -> tuple[Match, ...]:
    """Find the structures of several class names; see :func:`match_name`."""
    index = build_index(ontology)
    return tuple(match_name(name, index) for name in names)


def stated_number(name: str) -> int | None:
    """Give the last number in a name, such as 12 in ``12th left``; None where there is none."""
    numbers = _DIGITS.findall(name)
    return int(numbers[-1]) if numbers else None


def _how(name: str, structure: str, index: NameIndex) -> Literal["exact", "alias"]:
    mine = index.read(name)
    found = index.ontology.structures[structure]
    own = [index.read(text) for text in (found.name, found.title)]
    same = any(o.bag == mine.bag or "".join(o.words) == "".join(mine.words) for o in own)
    return "exact" if same else "alias"


def _resemblances(reading: Reading, index: NameIndex) -> list[tuple[str, float]]:
    """Give the nearest structures of the same side with the same numbers, best first."""
    text = " ".join(reading.words)
    bag = " ".join(reading.bag)
    if len(text) < _LEAST_LETTERS:
        return []
    best: dict[str, float] = {}
    matcher = SequenceMatcher(autojunk=False)
    for structure, other in index.readings:
        if other.side != reading.side or other.numbers != reading.numbers:
            continue
        if index.ontology.structures[structure].abstract:
            continue
        if not all(_has_like(word, other.words) for word in reading.words):
            continue
        for mine, theirs in ((text, " ".join(other.words)), (bag, " ".join(other.bag))):
            matcher.set_seqs(mine, theirs)
            if matcher.real_quick_ratio() < LEAST_SCORE or matcher.quick_ratio() < LEAST_SCORE:
                continue
            score = matcher.ratio()
            if score >= LEAST_SCORE:
                best[structure] = max(best.get(structure, 0.0), score)
    # sorted() is stable: equal scores stay in declaration order.
    return sorted(best.items(), key=lambda item: -item[1])[: 1 + _ALTERNATIVES]


def _has_like(word: str, others: Iterable[str]) -> bool:
    """Tell whether a word is among others, or resembles one; short words may be endings."""
    return len(word) < _LEAST_LETTERS or any(
        SequenceMatcher(None, word, other, autojunk=False).ratio() >= _LEAST_LIKE
        for other in others
    )


def _read(name: str, side_words: Mapping[str, str], known: frozenset[str] = frozenset()) -> Reading:
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
    return Reading(tuple(words), sides.pop() if len(sides) == 1 else None)


def _unglued(word: str, side_words: Mapping[str, str], known: frozenset[str]) -> tuple[str, ...]:
    """Take a side off a known word that was written together with it, as in `leftlung`."""
    if _normal(word) in known or word in side_words:
        return (word,)
    for side in (s for s in side_words if len(s) >= _LEAST_LETTERS):
        for rest in (word.removeprefix(side), word.removesuffix(side)):
            if rest != word and _normal(rest) in known:
                return side, rest
    return (word,)


def _split(name: str) -> Iterator[str]:
    for word in _WORD.findall(_HUMP.sub(" ", name)):
        ordinal = _ORDINAL.fullmatch(word.lower())
        yield ordinal[1] if ordinal else _fold(word)


def _fold(word: str) -> str:
    return word.casefold()


def _normal(word: str) -> str:
    """Drop leading zeros and a plural ending."""
    if word.isdecimal():
        return str(int(word))
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _texts(structure: Structure) -> tuple[str, ...]:
    return tuple(dict.fromkeys((structure.name, structure.title, *structure.aliases)))
