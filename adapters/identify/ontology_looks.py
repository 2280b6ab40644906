"""How structures look, out of what the ontology says of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from vesalius.adapters.identify.expected import Expected, KnownLooks
from vesalius.ontology.graph import Ontology
from vesalius.ontology.sequence import DIRECTIONS

MIDLINE = "midline"
"""The value of `side` of what crosses the midline."""
PAIR = "two"
"""The value of `components` of a class that holds both sides; its volume is written of one."""


@dataclass(frozen=True, eq=False)
class OntologyLooks:
    """How all structures of an ontology look."""

    ontology: Ontology

    def expected(self, structure: str) -> Expected:
        """Give what a structure looks like."""
        return expected_of(structure, self.ontology)

    def direction(self, sequence: str) -> tuple[float, ...]:
        """Give the direction of an ordered family, RAS+."""
        return tuple(float(x) for x in self.ontology.sequences[sequence].direction)


def known_looks(structures: Iterable[str], ontology: Ontology) -> KnownLooks:
    """Write out how some structures look.

    Parameters
    ----------
    structures : iterable of str
        Names.
    ontology : Ontology
        What is known of them.
    """
    looks = OntologyLooks(ontology)
    known = {name: looks.expected(name) for name in sorted(set(structures))}
    families = {each.sequence[0] for each in known.values() if each.sequence is not None}
    return KnownLooks(known, {name: looks.direction(name) for name in sorted(families)})


@lru_cache(maxsize=4096)
def expected_of(structure: str, ontology: Ontology) -> Expected:
    """Gather what the ontology says of a structure."""
    side = str(ontology.get(structure, "side"))
    volume = ontology.get(structure, "volume_ml")
    if volume is not None and ontology.get(structure, "components") == PAIR:
        volume = (volume[0], 2 * volume[1])
    return Expected(
        volume_ml=volume,
        usual_size_mm=ontology.get(structure, "usual_size_mm"),
        side=int(DIRECTIONS[side][0]) if side in DIRECTIONS else 0,
        midline=side == MIDLINE,
        partner=ontology.mirror(structure),
        levels=_levels(ontology.get(structure, "vertebral_level"), ontology),
        sequence=_place(structure, ontology),
    )


def _levels(written: Sequence[str] | None, ontology: Ontology) -> tuple[int, int] | None:
    if written is None:
        return None
    ranks = ontology.attributes["vertebral_level"].ranks
    upper, lower = (ranks.get(word) for word in written)
    return None if upper is None or lower is None else (upper, lower)


def _place(structure: str, ontology: Ontology) -> tuple[str, int] | None:
    for name, sequence in ontology.sequences.items():
        order = sequence.full()
        if structure in order:
            return name, order.index(structure)
    return None
