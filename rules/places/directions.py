"""Patient directions by name, as unit vectors in RAS+ millimetres."""

from __future__ import annotations

from types import MappingProxyType
from typing import Literal

Vector = tuple[float, float, float]
Direction = Literal["left", "right", "posterior", "anterior", "inferior", "superior"]

DIRECTIONS: MappingProxyType[str, Vector] = MappingProxyType(
    {
        "left": (-1.0, 0.0, 0.0),
        "right": (1.0, 0.0, 0.0),
        "posterior": (0.0, -1.0, 0.0),
        "anterior": (0.0, 1.0, 0.0),
        "inferior": (0.0, 0.0, -1.0),
        "superior": (0.0, 0.0, 1.0),
    }
)
