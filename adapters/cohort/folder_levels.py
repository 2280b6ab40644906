"""A level of folders more, where one folder would hold more than file systems and people like.

Which cases get it follows from the names of all cases and from the template alone, so that shards
on different machines agree. Readers need to know nothing of it: the record of a cohort names the
files of every case.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from vesalius.adapters.cohort.path_template import FieldError, PathTemplate

MOST_ENTRIES: Final = 10_000
"""So many entries one folder holds at the most; beyond, listing it takes seconds on a cluster."""
FILES_OF_CASE: Final = 3
"""Label map, report and trace, where a case has no folder of its own."""


def crowded_folders(template: PathTemplate, cases: Iterable[Mapping[str, str]]) -> frozenset[Path]:
    """Find the folders, below that of the output, that would hold too many entries.

    Parameters
    ----------
    template : PathTemplate
        Of the output.
    cases : iterable of mapping of str to str
        What its fields are filled with, for every case of the cohort; one that cannot be filled
        has no place.
    """
    own = template.text.endswith("/")
    counts: Counter[Path] = Counter()
    for fields in cases:
        try:
            counts[Path(template.fill(fields)).parent] += 1 if own else FILES_OF_CASE
        except FieldError:
            continue
    return frozenset(folder for folder, entries in counts.items() if entries > MOST_ENTRIES)


def level_of(case: str) -> str:
    """Name the folder between: two hexadecimal digits of the digest of the case's name.

    One name has several spellings in Unicode: the composed one counts.
    """
    name = unicodedata.normalize("NFC", case).encode("utf-8", "surrogateescape")
    return hashlib.sha256(name).hexdigest()[:2]


def with_level(path: Path, case: str) -> Path:
    """Put the level before the last part of a path."""
    return path.parent / level_of(case) / path.name
