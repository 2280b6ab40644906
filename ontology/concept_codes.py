"""Codes of the public terminologies, and what a structure may take from its parents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

CodeMatch = Literal["exact", "broader", "narrower", "closest", "composed"]
System = Literal["sct", "uberon", "fma", "ta2"]
SYSTEMS: Final[tuple[System, ...]] = ("sct", "uberon", "fma", "ta2")


@dataclass(frozen=True)
class Code:
    """A concept of a terminology.

    Parameters
    ----------
    system : {"sct", "uberon", "fma", "ta2"}
        SNOMED CT, UBERON, Foundational Model of Anatomy, Terminologia Anatomica 2.
    code : str
        The code as the system writes it.
    meaning : str
        The system's words for it; may be empty.
    match : {"exact", "broader", "narrower", "closest", "composed"}
        How the concept relates to the structure. "composed": only together with the modifier.
    modifier : Code or None
        A second concept that narrows the first, as in a DICOM segment description.
    region : Code or None
        The body region the concept is meant in: in DICOM an anatomic region of the segment, which
        is no modifier of its type.
    note : str
        Where the code is uncertain, why.
    inherited_from : str or None
        The structure on which it is written, where that is another one.
    """

    system: System
    code: str
    meaning: str
    match: CodeMatch
    modifier: Code | None = None
    note: str = ""
    inherited_from: str | None = None
    region: Code | None = None

    @property
    def remarks(self) -> str:
        """How it relates to the structure, in words: match, modifier, region, note."""
        words: list[str] = [self.match]
        words += [f"with {self.modifier.code} {self.modifier.meaning}"] if self.modifier else []
        words += [f"in {self.region.code} {self.region.meaning}"] if self.region else []
        return ", ".join([*words, self.note] if self.note else words)

    @property
    def key(self) -> tuple[str, str, str | None]:
        """What makes two codes the same concept: system, code, modifier or region."""
        narrower = self.modifier or self.region
        return self.system, self.code, narrower.code if narrower else None
