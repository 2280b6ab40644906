"""A scheme as those need it who read what is written in it: a shipped one, or a brief of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol


class ClassEntry(Protocol):
    """One integer of a scheme."""

    @property
    def integer(self) -> int:
        """The value in the file."""

    @property
    def name(self) -> str:
        """The dataset's own class name."""

    @property
    def structures(self) -> tuple[str, ...]:
        """Every structure that it can become."""


class ClassTable(Protocol):
    """The integers of a scheme."""

    @property
    def name(self) -> str:
        """The scheme's name."""

    @property
    def path(self) -> str:
        """The YAML file."""

    @property
    def folder(self) -> str:
        """How a folder of one file per class names its files."""

    @property
    def background(self) -> int:
        """The integer of "nothing here"."""

    @property
    def entries(self) -> Sequence[ClassEntry]:
        """The classes, in the order of the file."""

    def by_integer(self) -> Mapping[int, ClassEntry]:
        """Give the entries by their integer."""
