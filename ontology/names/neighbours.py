"""What the other classes of a list say of a name that alone is not whole.

A list of lobes of the lungs says `left upper lobe` and nowhere `lung`. Such a name is a piece of
the names of structures; the words that are missing are the same for its neighbours, and only
those that all of them share are believed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from vesalius.ontology.names.matching import NameIndex
from vesalius.ontology.names.split_name import SplitName

_MOST_MISSING = 2
_LEAST_NEIGHBOURS = 3
_LEAST_SHARE = 0.5
"""Of the names that lack words: a list of many things does not say which one a name is of."""

Missing = tuple[str, ...]


def decide_by_neighbours(names: Iterable[str], index: NameIndex) -> dict[str, str]:
    """Find the structures of names that lack the same words.

    Parameters
    ----------
    names : iterable of str
        The names of one list that mean no structure by themselves.
    index : NameIndex
        Of the ontology.

    Returns
    -------
    dict of str to str
        The structure of each name that the list decides; the others are left out.
    """
    open_names = {name: _candidates(index.read(name), index) for name in dict.fromkeys(names)}
    support = Counter(missing for found in open_names.values() for missing in found)
    judged = sum(bool(found) for found in open_names.values())
    decided: dict[str, str] = {}
    for name, found in open_names.items():
        ranked = sorted(((support[missing], missing) for missing in found), reverse=True)
        if not ranked or ranked[0][0] < max(_LEAST_NEIGHBOURS, _LEAST_SHARE * judged):
            continue
        if len(ranked) > 1 and ranked[1][0] == ranked[0][0]:
            continue
        structures = found[ranked[0][1]]
        if len(structures) == 1:
            decided[name] = structures[0]
    return decided


def without_common_start(names: Mapping[int, str], index: NameIndex) -> dict[int, str]:
    """Take off the first word where all names of a list begin with it and it means nothing.

    So `OAR_Brainstem`, `OAR_Parotid_L` and their neighbours are read without `OAR`.
    """
    starts = {re.match(r"[^\W_]*", name)[0] for name in names.values()}  # type: ignore[index]
    start = starts.pop() if len(starts) == 1 else ""
    known = start.casefold() in index.words or start.casefold() in index.side_words
    if not start or known or len(names) < _LEAST_NEIGHBOURS:
        return dict(names)
    shorter = {i: name[len(start) :].strip(" _-.:/") for i, name in names.items()}
    return shorter if all(shorter.values()) else dict(names)


def _candidates(split: SplitName, index: NameIndex) -> Mapping[Missing, tuple[str, ...]]:
    """Give the structures whose names hold all words and a few more, by those words."""
    found: dict[Missing, dict[str, None]] = {}
    mine = Counter(split.words)
    if not mine:
        return {}
    for structure, other in index.alike.get((split.side, split.numbers), ()):
        theirs = Counter(other.words)
        more = theirs - mine
        if not mine - theirs and 0 < more.total() <= _MOST_MISSING:
            found.setdefault(tuple(sorted(more.elements())), {})[structure] = None
    return {missing: tuple(names) for missing, names in found.items()}
