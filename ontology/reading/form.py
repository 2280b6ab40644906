"""What is written as a mapping, as a pydantic model: the ground of all grammars of YAML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class Form(BaseModel):
    """Base of everything that is written as a mapping: a closed set of keys, no conversions."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    moved: ClassVar[Mapping[str, str]] = {}
    """Keys that were written here once, and what is written now."""
