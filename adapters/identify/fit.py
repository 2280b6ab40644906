"""How well a scheme fits what was seen: one figure from 0 to 1, and the reasons for it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from vesalius.adapters.files.class_table import ClassEntry, ClassTable
from vesalius.adapters.files.embedded_names import disagreements
from vesalius.adapters.files.mask_names import class_stems
from vesalius.adapters.identify.evidence import KINDS, Shares, Supposed, common_scale, size_gaps
from vesalius.adapters.identify.expected import Looks
from vesalius.adapters.identify.seen import Seen
from vesalius.ontology.reading.diagnostics import DiagnosticError
from vesalius.ontology.scheme.meaning import Meaning
from vesalius.ontology.scheme.scheme import Scheme

PRIOR: Final = 0.7
"""What a listed label counts for before anything was asked of it, with the weight of one kind of
evidence: a label of which little is known neither proves a scheme nor disproves it."""
CLASSES_WEIGHT: Final = 0.2
"""What it costs when none of a scheme's classes were in the file. Scans are cropped and patients
lack organs, so it is less than what wrong labels cost; it decides between schemes of which one
has the file's classes and many more."""
NAMES_WEIGHT: Final = 2.0
"""Weight of given class names against all that the labels look like: the program that wrote the
file says what it meant, which is stronger than any look; yet names may be those of another file."""
LEAST_CHECKED: Final = 5
"""So many labels must have been checked: what fewer look like, other organs look like too."""
AGAINST_SHOWN: Final = 3


@dataclass(frozen=True)
class Evidence:
    """One kind of evidence.

    Parameters
    ----------
    kind : str
        What was asked: labels, classes, names, volumes, sizes, sides, heights or orders.
    held, asked : int
        Of how many labels (of classes, for classes) it holds, and was asked. A label for which it
        holds in part does not count as held.
    against : tuple of str
        Some of those for which it does not hold: integers, with the structures they would be.
    """

    kind: str
    held: int
    asked: int
    against: tuple[str, ...] = ()

    def text(self) -> str:
        """Say it in words."""
        said = f"{self.kind} {self.held} of {self.asked}"
        return f"{said} (not {', '.join(self.against)})" if self.against else said


@dataclass(frozen=True, eq=False)
class SchemeFit:
    """How well one scheme fits.

    Parameters
    ----------
    scheme : str
        Its name.
    score : float
        0 to 1; what fits best has most.
    reasons : tuple of Evidence
        What it is made of.
    reading : tuple of Meaning or None
        What each label means in it: schemes with one reading do the same with the file.
    checked : int
        Labels of which the ontology could say anything.
    agreement : ndarray of float, shape (labels,)
        How well each label looks like what it would be; 0 where it is not listed.
    named : float or None
        Share of the given class names that are the scheme's; None where none are given.
    scale : float or None
        The factor by which all structures differ from their usual size; None where by no one.
    size_gap : float
        Mean distance from the usual sizes; decides between equal scores.
    follows : bool
        Whether it follows the numbering of another scheme on purpose; that one stands before it.
    """

    scheme: str
    score: float
    reasons: tuple[Evidence, ...]
    reading: tuple[Meaning | None, ...]
    checked: int
    agreement: Shares
    named: float | None
    scale: float | None
    size_gap: float
    follows: bool


def entries_of(seen: Seen, scheme: ClassTable) -> tuple[ClassEntry | None, ...]:
    """Give the class of each label in a scheme, of a folder by the names of its masks."""
    known = scheme.by_integer()
    if not seen.stem:
        return tuple(known.get(integer) for integer in seen.integer)
    try:
        stems = class_stems(Path(seen.path), scheme)
    except DiagnosticError:  # such a scheme cannot be read from masks
        return (None,) * len(seen)
    return tuple(known.get(stems.get(seen.stem[integer], -1)) for integer in seen.integer)


def reasons_of(seen: Seen, scheme: ClassTable, looks: Looks) -> tuple[Evidence, ...]:
    """Say of all that labels look like for how many it is what a scheme says they are.

    Parameters
    ----------
    seen : Seen
        At least one label.
    scheme : ClassTable
        The supposition.
    looks : Looks
        What structures look like.
    """
    supposed = _supposed(seen, entries_of(seen, scheme), looks)
    return tuple(_looks(supposed, {kind: ask(supposed) for kind, ask in KINDS.items()}))


def scale_of(seen: Seen, scheme: ClassTable, looks: Looks) -> float | None:
    """Give the factor by which all structures differ from their usual size; None where no one."""
    return common_scale(_supposed(seen, entries_of(seen, scheme), looks))


def fit_of(seen: Seen, scheme: Scheme, looks: Looks) -> SchemeFit:
    """Judge how well a scheme fits.

    Parameters
    ----------
    seen : Seen
        At least one label.
    scheme : Scheme
        The supposition.
    looks : Looks
        What structures look like.
    """
    entries, known = entries_of(seen, scheme), scheme.by_integer()
    supposed = _supposed(seen, entries, looks)
    shares = {kind: ask(supposed) for kind, ask in KINDS.items()}
    table = np.stack(list(shares.values()))
    asked = ~np.isnan(table)
    count = asked.sum(axis=0)
    agreement = (np.where(asked, table, 0.0).sum(axis=0) + PRIOR) / (count + 1)
    agreement[[entry is None for entry in entries]] = 0.0
    wrong = disagreements(seen.names, scheme)
    named = 1 - len(wrong) / len(seen.names) if seen.names else None
    likeness = float(agreement.mean())
    if named is not None:
        likeness = (likeness + NAMES_WEIGHT * named) / (1 + NAMES_WEIGHT)
    classes = {entry.integer for entry in entries if entry is not None}
    share = len(classes) / len(scheme.entries)
    gaps = size_gaps(supposed)
    return SchemeFit(
        scheme=scheme.name,
        score=max(0.0, likeness - CLASSES_WEIGHT * (1 - share)),
        reasons=(
            _labels(supposed, entries),
            Evidence("classes", len(classes), len(scheme.entries)),
            *_names(seen, wrong),
            *_looks(supposed, shares),
        ),
        reading=tuple(None if entry is None else known[entry.integer].target for entry in entries),
        checked=int((count > 0).sum()),
        agreement=agreement,
        named=named,
        scale=common_scale(supposed),
        size_gap=math.inf if np.isnan(gaps).all() else float(np.nanmean(gaps)),
        follows=scheme.numbering_of is not None,
    )


def _supposed(seen: Seen, entries: Sequence[ClassEntry | None], looks: Looks) -> Supposed:
    return Supposed(seen, tuple(entry.structures if entry else () for entry in entries), looks)


def _labels(supposed: Supposed, entries: Sequence[ClassEntry | None]) -> Evidence:
    unlisted = [_label(supposed, row) for row, entry in enumerate(entries) if entry is None]
    listed = len(entries) - len(unlisted)
    return Evidence("labels", listed, len(entries), tuple(unlisted[:AGAINST_SHOWN]))


def _names(seen: Seen, wrong: Sequence[str]) -> tuple[Evidence, ...]:
    if not seen.names:
        return ()
    right = len(seen.names) - len(wrong)
    return (Evidence("names", right, len(seen.names), tuple(wrong[:AGAINST_SHOWN])),)


def _looks(supposed: Supposed, shares: Mapping[str, Shares]) -> Iterator[Evidence]:
    for kind, each in shares.items():
        asked = int((~np.isnan(each)).sum())
        against = np.flatnonzero(each < 1)
        if asked:
            shown = tuple(_label(supposed, row) for row in against[:AGAINST_SHOWN].tolist())
            yield Evidence(kind, asked - against.size, asked, shown)


def _label(supposed: Supposed, row: int) -> str:
    integer, meant = supposed.seen.integer[row], supposed.structures[row]
    called = supposed.seen.stem.get(integer, str(integer))
    return f"{called} as {' or '.join(meant)}" if meant else called
