"""Every known scheme, ranked by how well it fits; those that read a file alike stand together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from vesalius.adapters.identify.fit import LEAST_CHECKED, SchemeFit, fit_of
from vesalius.adapters.identify.ontology_looks import OntologyLooks
from vesalius.adapters.identify.seen import Seen
from vesalius.adapters.keeping.known import known_schemes
from vesalius.ontology.graph import Ontology
from vesalius.ontology.reading.problem import Diagnostic
from vesalius.ontology.scheme.scheme import Scheme

CLEAR_LEAD: Final = 0.1
"""By how much the labels that two readings read differently must look more like the better one, on
average. One kind of evidence more, without a contradiction of the other reading, gives less."""
LEAST_LABELS: Final = 1.0
"""So much that lead must come to over all labels: one label that wholly fits against one that fits
in nothing. A single organ of odd size gives less."""


def leads_clearly(best: SchemeFit, other: SchemeFit) -> bool:
    """Tell whether one scheme fits clearly better than another.

    Given class names decide where all of them are those of one and not of the other; else what the
    labels look like decides. How many classes a file lacks never does: scans are cropped.
    """
    if best.named == 1.0 and other.named is not None and other.named < 1.0:
        return True
    differs = [mine != theirs for mine, theirs in zip(best.reading, other.reading, strict=True)]
    lead = (best.agreement - other.agreement)[differs]
    if best.checked < LEAST_CHECKED or not lead.size:
        return False
    return bool(lead.sum() >= LEAST_LABELS and lead.mean() >= CLEAR_LEAD)


@dataclass(frozen=True, eq=False)
class Reading:
    """Schemes that give every label of a file the same meaning.

    Parameters
    ----------
    fits : tuple of SchemeFit
        The best first; at least one.
    """

    fits: tuple[SchemeFit, ...]

    @property
    def best(self) -> SchemeFit:
        """The one that fits best."""
        return self.fits[0]

    @property
    def schemes(self) -> tuple[str, ...]:
        """Their names, the best first."""
        return tuple(fit.scheme for fit in self.fits)

    @property
    def score(self) -> float:
        """That of the best."""
        return self.best.score


@dataclass(frozen=True, eq=False)
class Identification:
    """The schemes that fit a segmentation.

    Parameters
    ----------
    path : str
        What was looked at.
    labels : int
        How many it has.
    readings : tuple of Reading
        The best first; those in which no label is listed are left out.
    remarks : tuple of Diagnostic
        What reading the file had to say, and schemes that cannot be read.
    """

    path: str
    labels: int
    readings: tuple[Reading, ...]
    remarks: tuple[Diagnostic, ...] = ()

    @property
    def best(self) -> str | None:
        """The scheme that fits best, clearly or not; None where none lists a label."""
        return self.readings[0].best.scheme if self.readings else None

    @property
    def clear(self) -> str | None:
        """The scheme that fits clearly best and lists every label; None where there is none."""
        if not self.readings or None in self.readings[0].best.reading:
            return None
        best, *others = (reading.best for reading in self.readings)
        return best.scheme if all(leads_clearly(best, other) for other in others) else None

    @property
    def rivals(self) -> tuple[str, ...]:
        """Schemes of other readings that the best does not lead clearly, the best first."""
        fits = [reading.best for reading in self.readings]
        best, others = fits[:1], fits[1:]
        return tuple(other.scheme for other in others if not leads_clearly(best[0], other))

    def fit(self, scheme: str) -> SchemeFit | None:
        """Give how well a scheme fits, by its name."""
        fits = (fit for reading in self.readings for fit in reading.fits)
        return next((fit for fit in fits if fit.scheme == scheme), None)

    def table(self) -> list[dict[str, Any]]:
        """Give one row per scheme: `rank` of its reading, `scheme`, `score`, `reasons`."""
        return [
            {
                "rank": rank,
                "scheme": fit.scheme,
                "score": round(fit.score, 3),
                "reasons": "; ".join(reason.text() for reason in fit.reasons),
            }
            for rank, reading in enumerate(self.readings, 1)
            for fit in reading.fits
        ]


def rank(
    seen: Seen, schemes: Iterable[Scheme], ontology: Ontology, remarks: Iterable[Diagnostic] = ()
) -> Identification:
    """Rank schemes by how well they fit what was seen.

    Parameters
    ----------
    seen : Seen
        At least one label.
    schemes : iterable of Scheme
        In any order.
    ontology : Ontology
        What structures look like.
    remarks : iterable of Diagnostic
        About the schemes.
    """
    looks = OntologyLooks(ontology)
    fits = [fit_of(seen, scheme, looks) for scheme in schemes]
    together: dict[tuple[object, ...], list[SchemeFit]] = {}
    for fit in sorted(fits, key=_place):
        if any(meaning is not None for meaning in fit.reading):
            together.setdefault(fit.reading, []).append(fit)
    return Identification(
        path=seen.path,
        labels=len(seen),
        readings=tuple(Reading(tuple(each)) for each in together.values()),
        remarks=(*seen.remarks, *remarks),
    )


def better_than(
    seen: Seen, scheme: Scheme, ontology: Ontology
) -> tuple[Identification | None, SchemeFit | None]:
    """Rank all known schemes, where the best of them leads one clearly.

    Parameters
    ----------
    seen : Seen
        At least one label.
    scheme : Scheme
        What it was read with.
    ontology : Ontology
        What structures look like; its project's schemes are ranked too.

    Returns
    -------
    Identification or None
        None where no scheme leads clearly.
    SchemeFit or None
        The best.
    """
    found = rank(seen, known_schemes(ontology.project).schemes, ontology)
    if not found.readings:
        return None, None
    best, given = found.readings[0].best, fit_of(seen, scheme, OntologyLooks(ontology))
    return (found, best) if leads_clearly(best, given) else (None, None)


def _place(fit: SchemeFit) -> tuple[float, float, bool, str]:
    return (-fit.score, fit.size_gap, fit.follows, fit.scheme)
