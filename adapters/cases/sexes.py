"""The sexes that may be known of a patient, and the words that tables have for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SEX: Final = "sex"
"""What it is called among what is known of a patient."""
SEXES: Final = ("male", "female", "unknown")
_WORDS: Final = {
    "male": ("male", "m", "man", "mann", "männlich", "maennlich", "homme", "hombre"),
    "female": ("female", "f", "w", "woman", "frau", "weiblich", "femme", "mujer"),
}
SEX_OF_WORD: Final[Mapping[str, str]] = {
    word: sex for sex, words in _WORDS.items() for word in words
}
"""By a word in small letters: DICOM's letters, and words of some languages."""
