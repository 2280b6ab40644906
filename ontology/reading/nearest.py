"""The valid words nearest to a misspelt one, looked for with an effort that has an end.

A file of 65,000 unknown names would ask for each of them among all that are known. So every file
that is read allows a certain effort; when it is spent, that is said once, and no more are sought.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Final

MOST_LETTERS: Final = 256
"""Longer words are compared with nothing: no name is as long as a file name may be."""
MOST_EFFORT: Final = 10_000_000
"""Allowed for each file that is read: a few seconds, or some 300 words among all structures."""
_LEAST: Final = 16
"""What a comparison costs at least; else it is the product of the lengths by `_LETTERS`."""
_LETTERS: Final = 8
_TOO_MANY: Final = "too many names are unknown to look for the nearest of each; mend the first ones"


class _Effort:
    """What is left for the names of the file that was read last."""

    left = MOST_EFFORT
    told = False


def renew_effort() -> None:
    """Allow the whole effort again, as another file is read."""
    _Effort.left, _Effort.told = MOST_EFFORT, False


def spend(effort: int) -> bool:
    """Take from what is left, and tell whether there was enough.

    Parameters
    ----------
    effort : int
        Pairs of letters to be compared, by eight; a comparison costs 16 at least.
    """
    if effort > _Effort.left:
        _Effort.left = 0
        return False
    _Effort.left -= effort
    return True


def is_spent() -> bool:
    """Tell whether names of the file that was read last were passed over."""
    return not _Effort.left


def nearest(word: str, candidates: Iterable[str], n: int = 1, cutoff: float = 0.6) -> list[str]:
    """Give the candidates that are nearest to a word, best first, as difflib compares them.

    What differs in capitals alone is the word itself.

    Parameters
    ----------
    word : str
        As written; where it is longer than `MOST_LETTERS`, nothing is near.
    candidates : iterable of str
        What it could have been.
    n : int
        How many to give at most.
    cutoff : float
        How near they must be, from 0 to 1.
    """
    if len(word) > MOST_LETTERS or is_spent():
        return []
    fitting = list(_of_like_length(word, candidates, cutoff))
    same = [each for each in fitting if each != word and each.casefold() == word.casefold()]
    if same:
        return same[:n]
    if not spend(sum(max(_LEAST, len(word) * len(other) // _LETTERS) for other in fitting)):
        return []
    return get_close_matches(word, fitting, n, cutoff)


def suggest(word: str, candidates: Iterable[str]) -> str | None:
    """Give a help text naming the candidate nearest to a misspelt word, or None.

    Where too many were asked for, the first text after that says so.
    """
    close = nearest(word, candidates)
    if close:
        return f"did you mean `{close[0]}`?"
    if is_spent() and not _Effort.told:
        _Effort.told = True
        return _TOO_MANY
    return None


def suggest_file(path: Path) -> str | None:
    """Give a help text for a file that is not there: the one in its folder with the nearest name.

    Where the folder is not there either, the text says so.
    """
    try:
        names = sorted(os.listdir(path.parent))
    except OSError:
        return f"the folder `{path.parent}` does not exist either"
    return suggest(path.name, [name for name in names if name != path.name])


def _of_like_length(word: str, candidates: Iterable[str], cutoff: float) -> Iterator[str]:
    """Leave out what cannot be near for its length alone."""
    for other in candidates:
        letters = len(word) + len(other)
        if not letters or 2 * min(len(word), len(other)) >= cutoff * letters:
            yield other
