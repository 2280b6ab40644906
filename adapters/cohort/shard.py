"""A part of a cohort: the cases whose names have a digest that falls to it."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from vesalius.adapters.cohort.cohort_diagnostics import error
from vesalius.ontology.reading.diagnostics import DiagnosticError

_WRITTEN = re.compile(r"([0-9]{1,6})/([0-9]{1,6})")


@dataclass(frozen=True)
class Shard:
    """One of so many parts.

    Parameters
    ----------
    number : int
        Which, from 1.
    count : int
        How many there are.
    """

    number: int
    count: int

    @property
    def name(self) -> str:
        """A name for files, such as ``003-of-200``; names of one count sort by number."""
        return f"{self.number:0{len(str(self.count))}}-of-{self.count}"

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"

    @staticmethod
    def of(case: str, count: int) -> Shard:
        """Give the one of so many shards that a case belongs to, on every machine the same.

        One name has several spellings in Unicode, and some file systems change one into another:
        the composed one counts.
        """
        name = unicodedata.normalize("NFC", case).encode("utf-8", "surrogateescape")
        digest = int.from_bytes(hashlib.sha256(name).digest()[:8], "big")
        return Shard(digest % count + 1, count)

    def holds(self, case: str) -> bool:
        """Tell whether a case belongs to it."""
        return Shard.of(case, self.count) == self


def parse_shard(text: str) -> Shard:
    """Read a shard as it is written on the command line.

    Raises
    ------
    ValueError
        If it is none; the text says what would be.
    """
    match = _WRITTEN.fullmatch(text)
    if match is None:
        raise ValueError(f"`{text}` is no shard; the third of 200 is written 3/200")
    number, count = int(match[1]), int(match[2])
    if count == 0:
        raise ValueError(f"`{text}` is no shard: there is at least one")
    if not 1 <= number <= count:
        raise ValueError(
            f"there is no shard {text}: the first is 1/{count}, the last {count}/{count}"
        )
    return Shard(number, count)


def check_counts(shards: Iterable[Shard], output: Path) -> None:
    """Refuse shards of different numbers in one output folder: they share cases.

    Raises
    ------
    DiagnosticError
        COH017.
    """
    counts = sorted({shard.count for shard in shards})
    if len(counts) > 1:
        text = f"one cohort is cut into {' and into '.join(f'{n:,}' for n in counts)} shards here"
        hint = (
            f"keep to one number, or remove `{output / 'shards'}`: it holds only what shards say; "
            "cases that are done are not repeated"
        )
        raise DiagnosticError([error("COH017", text, None, hint, str(output))])
