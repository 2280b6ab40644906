"""Words in a row, for messages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_MAX_LISTED: Final = 12


def listing(words: Iterable[object]) -> str:
    """Join words with commas; only the first dozen of many."""
    shown = [str(word) for word in words]
    rest = len(shown) - _MAX_LISTED
    return ", ".join(shown[:_MAX_LISTED]) + (f" and {rest} more" if rest > 0 else "")
