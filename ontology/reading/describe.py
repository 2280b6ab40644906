"""Values as a user wrote them, in a few words."""

from __future__ import annotations

from typing import Any, Final

_MAX_SHOWN: Final = 40


def describe(value: object) -> str:
    """Name a value as the user wrote it, in a few words."""
    if isinstance(value, list):
        return _describe_list(value)
    if isinstance(value, dict):
        return "a mapping" if value else "an empty mapping"
    if isinstance(value, str) and value:
        shown = value if len(value) <= _MAX_SHOWN else value[: _MAX_SHOWN - 1] + "…"
        return f"the text `{shown}`"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, int | float):
        return f"the number `{value}`"
    return "nothing" if value is None else "an empty text"


def _describe_list(value: list[Any]) -> str:
    if not value:
        return "an empty list"
    shown = ", ".join(str(p).lower() if isinstance(p, bool) else str(p) for p in value)
    simple = all(isinstance(part, str | int | float) for part in value)
    return f"the list `[{shown}]`" if simple and len(shown) <= _MAX_SHOWN else "a list"
