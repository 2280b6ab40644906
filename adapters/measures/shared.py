"""Which structures several segmentations can tell, whatever schemes they are written in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from vesalius.ontology.graph import Ontology

ITSELF = "itself"
_LEVEL = "level"
_TWO = 2


@dataclass(frozen=True)
class Shared:
    """A structure, and what each segmentation calls it.

    Parameters
    ----------
    structure : str
        Its name.
    members : tuple of frozenset of str
        For each segmentation the structures that together are it; empty where it cannot tell.
    """

    structure: str
    members: tuple[frozenset[str], ...]

    def told_from(self, side: int) -> str:
        """Say how a segmentation tells it: `itself`, or how many finer classes make it."""
        names = self.members[side]
        return ITSELF if self.structure in names else f"{len(names)} classes"

    @property
    def tellers(self) -> tuple[int, ...]:
        """Numbers of the segmentations that can tell it."""
        return tuple(side for side, names in enumerate(self.members) if names)


def shared_structures(
    ontology: Ontology, listed: Sequence[frozenset[str]], at_least: int = _TWO
) -> tuple[Shared, ...]:
    """Find the structures that several segmentations can tell.

    A segmentation can tell a structure that its scheme lists; what it has below that, parts and
    kinds, belongs to it too. It can also tell one that it does not list by what it has below: at
    least two classes; of every sided one the partner; of every sequence, such as that of ribs, all
    usual members; and no tissue, cavity or region, which is more than what has a name in it.

    Parameters
    ----------
    ontology : Ontology
        Says what is below what.
    listed : sequence of frozenset of str
        Structures that each segmentation lists.
    at_least : int
        How many must be able to tell it.

    Returns
    -------
    tuple of Shared
        In the order of the ontology.
    """
    return _shared(ontology, tuple(listed), at_least)


@lru_cache(maxsize=64)
def _shared(
    ontology: Ontology, listed: tuple[frozenset[str], ...], at_least: int
) -> tuple[Shared, ...]:
    """Find them; the cases of a cohort ask for the same again and again."""
    candidates = ontology.in_order(frozenset().union(*listed))
    found = (
        Shared(name, tuple(_members(name, each, ontology) for each in listed))
        for name in candidates
    )
    return tuple(each for each in found if len(each.tellers) >= at_least)


def _members(name: str, listed: frozenset[str], ontology: Ontology) -> frozenset[str]:
    below = frozenset(ontology.descendants(name))
    members = listed & (below | {name})
    if name in members:
        return members
    return members if _complete(name, below, members, ontology) else frozenset()


def _complete(
    name: str, below: frozenset[str], members: frozenset[str], ontology: Ontology
) -> bool:
    """Tell whether what is below a structure makes all of it."""
    level = ontology.get(name, _LEVEL)
    # The lowest level is that of tissues and spaces.
    if len(members) < _TWO or level is None or ontology.rank_of(_LEVEL, level) == 0:
        return False
    partners = {ontology.mirror(member) for member in members} & below
    if not partners <= members:
        return False
    families = (frozenset(sequence.members) for sequence in ontology.sequences.values())
    begun = [family for family in families if family <= below and family & members]
    return all(family <= members for family in begun)
