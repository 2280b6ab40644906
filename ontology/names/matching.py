"""Finding the structure that a free class name means.

Names are compared as bags of words: case, order, separators and plural endings do not count,
words for a side are taken out first and understood in every spelling that the ontology's
``side`` attribute lists as synonyms. A guess never crosses sides and never crosses numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cached_property, lru_cache
from typing import Literal

from vesalius.ontology.graph import Ontology
from vesalius.ontology.names.split_name import (
    LEAST_LETTERS,
    SplitName,
    fold,
    read_name,
    stated_number,
    taken_out_number,
)
from vesalius.ontology.reading.nearest import MOST_LETTERS, spend
from vesalius.ontology.structure import Structure

SIDE = "side"
SEX = "sex"
LEAST_SCORE = 0.85
LEAST_MARGIN = 0.04
"""A guess must be this much nearer than what comes next."""
_ALTERNATIVES = 3
# Every longer word of a guessed name needs one in the structure's that resembles it this much.
_LEAST_LIKE = 0.6
_LEAST_TO_RESEMBLE = 6
_LONGEST_PART = 4


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
    margin : float
        How much nearer it is than the first of them; 0 where several fit alike.
    """

    name: str
    structure: str | None
    how: Literal["exact", "alias", "guess"]
    score: float
    alternatives: tuple[str, ...] = ()
    margin: float = 1.0

    @property
    def decided(self) -> bool:
        """Whether one structure stands out."""
        return self.structure is not None and self.margin >= LEAST_MARGIN


@dataclass(frozen=True, eq=False)
class NameIndex:
    """Every name, title and alias of an ontology, taken apart once.

    Build it with :func:`index_names`.
    """

    ontology: Ontology
    side_words: Mapping[str, str]
    side_of: Mapping[str, str | None]
    by_bag: Mapping[tuple[tuple[str, ...], str | None], tuple[str, ...]]
    by_text: Mapping[tuple[str, str | None], tuple[str, ...]]
    split_names: tuple[tuple[str, SplitName], ...]
    words: frozenset[str]
    _read_before: dict[str, SplitName] = field(default_factory=dict, repr=False)

    @cached_property
    def alike(self) -> Mapping[tuple[str | None, tuple[str, ...]], list[tuple[str, SplitName]]]:
        """Names of concrete structures by side and numbers."""
        found: dict[tuple[str | None, tuple[str, ...]], list[tuple[str, SplitName]]] = {}
        for structure, split in self.split_names:
            if not self.ontology.structures[structure].abstract:
                found.setdefault((split.side, split.numbers), []).append((structure, split))
        return found

    def read(self, name: str) -> SplitName:
        """Take a name apart into words and a side; kept, for datasets share their names."""
        if name not in self._read_before:
            self._read_before[name] = read_name(name, self.side_words, self.words)
        return self._read_before[name]

    def meant(self, name: str) -> tuple[str, ...]:
        """Give the structures whose name, title or alias this is, in declaration order."""
        return self._of(self.read(name)) or self._counted(name)

    def _counted(self, name: str) -> tuple[str, ...]:
        """Give the members of a sequence that a word for all of them and a number mean.

        So are `Lendenwirbel 3`, `LWK3` and `Vertebra lumbalis III`. The word is that of a
        structure of which they are kinds or parts, or of one above it.
        """
        taken = taken_out_number(name)
        if taken is None:
            return ()
        rest, number = self.read(taken[0]), taken[1]
        groups = {*self._called(SplitName(rest.words, None)), *self._called(rest)}
        return tuple(
            member
            for member in self.members
            if stated_number(member) == number
            and self.side_of[member] == rest.side
            and groups & self._above(member)
        )

    @cached_property
    def members(self) -> tuple[str, ...]:
        """The members of sequences, and what a left and a right one are called together."""
        listed = (one for each in self.ontology.sequences.values() for one in each.members)
        both = ((one, *self.ontology.parents(one, ("is_a",))) for one in listed)
        return tuple(dict.fromkeys(name for names in both for name in self.concrete(names)))

    def _above(self, name: str) -> set[str]:
        parents = set(self.ontology.parents(name))
        return parents.union(*(self.ontology.parents(parent) for parent in parents))

    def _of(self, split: SplitName) -> tuple[str, ...]:
        if not split.words:
            return ()
        found = self._called(split)
        if found or split.side is None:
            return found
        # What names both sides, with a word for one: `Niere links`.
        both = self._called(SplitName(split.words, None))
        kinds = (name for one in both for name in self.ontology.children(one, ("is_a",)))
        return tuple(name for name in dict.fromkeys(kinds) if self.side_of[name] == split.side)

    def _called(self, split: SplitName) -> tuple[str, ...]:
        exact = self.by_bag.get((split.bag, split.side), ())
        return exact or self.by_text.get(("".join(split.words), split.side), ())

    def parts(self, name: str) -> tuple[str, ...]:
        """Give the concrete structures that pieces of the name mean, each once.

        The pieces are runs of up to four words, longer ones first; a word is used once.
        """
        split = self.read(name)
        found: dict[str, None] = {}
        used: set[int] = set()
        for length in range(min(_LONGEST_PART, len(split.words)), 0, -1):
            for start in range(len(split.words) - length + 1):
                places = set(range(start, start + length))
                piece = SplitName(split.words[start : start + length], split.side)
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
def index_names(ontology: Ontology) -> NameIndex:
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
        fold(word): value for value in paired for word in (value, *synonyms.get(value, ()))
    }
    side_of: dict[str, str | None] = {}
    split_names: dict[tuple[str, SplitName], None] = {}
    by_bag: dict[tuple[tuple[str, ...], str | None], dict[str, None]] = {}
    by_text: dict[tuple[str, str | None], dict[str, None]] = {}
    for name, structure in structures.items():
        declared = ontology.get(name, SIDE)
        declared = declared if declared in paired else None
        side_of[name] = str(declared) if declared else read_name(name, side_words).side
        for text in _texts(structure):
            split = read_name(text, side_words)
            # An alias may leave the side out; the structure still has it.
            split = SplitName(split.words, split.side or side_of[name])
            split_names[name, split] = None
            by_bag.setdefault((split.bag, split.side), {})[name] = None
            by_text.setdefault(("".join(split.words), split.side), {})[name] = None
    return NameIndex(
        ontology=ontology,
        side_words=side_words,
        side_of=side_of,
        by_bag={key: tuple(names) for key, names in by_bag.items()},
        by_text={key: tuple(names) for key, names in by_text.items()},
        split_names=tuple(split_names),
        words=frozenset(word for _, split in split_names for word in split.words),
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
        others = tuple(best[1 : 1 + _ALTERNATIVES])
        return Match(name, best[0], "guess", 1.0 / len(best), others, 0.0)
    scores = _resemblances(index.read(name), index)
    if not scores:
        return Match(name, None, "guess", 0.0)
    (structure, score), *rest = scores
    margin = score - rest[0][1] if rest else 1.0
    return Match(name, structure, "guess", round(score, 2), tuple(s for s, _ in rest), margin)


def _how(name: str, structure: str, index: NameIndex) -> Literal["exact", "alias"]:
    mine = index.read(name)
    found = index.ontology.structures[structure]
    own = [index.read(text) for text in (found.name, found.title)]
    same = any(o.bag == mine.bag or "".join(o.words) == "".join(mine.words) for o in own)
    return "exact" if same else "alias"


def _resemblances(split: SplitName, index: NameIndex) -> list[tuple[str, float]]:
    """Give the nearest structures of the same side with the same numbers, best first.

    Nothing, where too many names of one file resembled nothing (see `ontology.reading.nearest`).
    """
    text = " ".join(split.words)
    bag = " ".join(split.bag)
    if not LEAST_LETTERS <= len(text) <= MOST_LETTERS:
        return []
    others = index.alike.get((split.side, split.numbers), ())
    if not spend(len(others) * len(text)):
        return []
    best: dict[str, float] = {}
    matcher = SequenceMatcher(autojunk=False)
    for structure, other in others:
        if not all(_has_like(word, other.words) for word in split.words):
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
    """Tell whether a word is among others, or resembles one.

    A short word may be the beginning of one (`gl.`); of words of middling length none resembles
    another: `hepar` is no heart and `faeces` no face. Nor is the end of a longer word: of glands
    (`Drüse`) there are many.
    """
    if len(word) < LEAST_LETTERS:
        return len(word) > 1 and any(other.startswith(word) for other in others)
    return any(
        word == other
        or (
            min(len(word), len(other)) >= _LEAST_TO_RESEMBLE
            and not _is_end(word, other)
            and SequenceMatcher(None, word, other, autojunk=False).ratio() >= _LEAST_LIKE
        )
        for other in others
    )


def _is_end(one: str, other: str) -> bool:
    """Tell whether one of two words is the other with more than a letter before it."""
    short, long = sorted((one, other), key=len)
    return len(long) - len(short) > 1 and long.endswith(short)


def _texts(structure: Structure) -> tuple[str, ...]:
    return tuple(dict.fromkeys((structure.name, structure.title, *structure.aliases)))
