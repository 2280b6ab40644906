"""The value of an unquoted YAML scalar by the YAML 1.2 core schema."""

from __future__ import annotations

import re
from collections.abc import Callable

_INFINITIES = (".inf", ".Inf", ".INF")
_CONSTANTS: dict[str, float | bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
    **{sign + word: float(sign + "inf") for sign in ("", "+", "-") for word in _INFINITIES},
}
_NUMBERS: tuple[tuple[re.Pattern[str], Callable[[str], int | float]], ...] = (
    (re.compile(r"[-+]?[0-9]+"), int),
    (re.compile(r"0o[0-7]+"), lambda text: int(text[2:], 8)),
    (re.compile(r"0x[0-9a-fA-F]+"), lambda text: int(text[2:], 16)),
    (re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"), float),
)


_WHOLE = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")


def is_whole_number(text: str) -> bool:
    """Tell whether a plain scalar is a whole number, without working it out."""
    return _WHOLE.fullmatch(text) is not None


def core_value(text: str) -> str | int | float | bool | None:
    """Give the value of a plain scalar.

    >>> core_value("on"), core_value("010"), core_value("0o10"), core_value("~")
    ('on', 10, 8, None)
    """
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text[0] not in "-+.0123456789":
        return text
    for pattern, convert in _NUMBERS:
        if pattern.fullmatch(text):
            return convert(text)
    return text
