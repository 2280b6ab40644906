"""What was made of the same objects is not made again.

Most rules look at nothing that a case shows, and what is said of them is one object for all cases
of a process (:mod:`vesalius.engine.none_there`). So is what a report says of them, once it is kept
under the objects that it is made of.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class KeptObjects(Generic[T]):
    """Values by the objects that they are made of: by which they are, not by what they equal.

    Parameters
    ----------
    most : int
        So many are kept; where there are more, all are forgotten.
    """

    def __init__(self, most: int = 2048) -> None:
        self._most = most
        # The objects are kept too, so that no other one gets their ids.
        self._kept: dict[tuple[int, ...], tuple[tuple[object, ...], T]] = {}

    def find(self, parts: tuple[object, ...]) -> T | None:
        """Give what was made of some objects before; None where it was not."""
        found = self._kept.get(tuple(map(id, parts)))
        return None if found is None else found[1]

    def get(self, parts: tuple[object, ...], make: Callable[[], T]) -> T:
        """Give what is made of some objects, from before where it was made of the same.

        Parameters
        ----------
        parts : tuple
            All that it is made of; none of them is ever changed.
        make : callable
            Makes it.
        """
        key = tuple(map(id, parts))
        found = self._kept.get(key)
        if found is None:
            if len(self._kept) >= self._most:
                self._kept = {}
            found = self._kept[key] = parts, make()
        return found[1]
