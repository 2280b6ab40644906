"""Why nothing can be said of something: in words, and by the structures that are to blame."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Reason:
    """Why something cannot be judged.

    Parameters
    ----------
    text : str
        In words.
    absent : tuple of str
        Names of the structures that would have to be there and are not.
    cut : tuple of str
        Names of the structures that the border of the scan cuts.
    unmade : tuple of str
        Names of the structures that parts should become and that nothing yields.
    """

    text: str
    absent: tuple[str, ...] = ()
    cut: tuple[str, ...] = ()
    unmade: tuple[str, ...] = ()

    @property
    def names_some(self) -> bool:
        """Whether it names the structures that are to blame."""
        return bool(self.absent or self.cut or self.unmade)


def in_words(reasons: Iterable[Reason]) -> str:
    """Put reasons together as one text, each once."""
    return "; ".join(texts_of(reasons))


def texts_of(reasons: Iterable[Reason]) -> tuple[str, ...]:
    """Give the text of each reason, none twice."""
    return tuple(dict.fromkeys(reason.text for reason in reasons))
