"""Words in a row, for messages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_MAX_LISTED: Final = 12


def listing(words: Iterable[object], limit: int = _MAX_LISTED) -> str:
    """Join words with commas; of many the first ones, and how many more there are."""
    shown = [str(word) for word in words]
    rest = len(shown) - limit
    return ", ".join(shown[:limit]) + (f" and {rest:,} more" if rest > 0 else "")
