"""Painting order: which structure keeps a voxel that several sources claim.

Coarse to fine by the ontology's `level`; inside a level by the declared `priority`; then an
auxiliary structure below one the target lists, a larger one below its parts, and last the order
of the target's integers. The order is total, so the order of the inputs never matters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from vesalius.ontology.graph import Ontology


@dataclass(frozen=True)
class Painted:
    """One work structure in painting order.

    Parameters
    ----------
    name : str
        The structure.
    tier : int
        Rank of its level; that of its ancestors where theirs is finer.
    priority : int
        Declared order inside the tier.
    integer : int
        Integer in the output, 0 for an auxiliary structure.
    """

    name: str
    tier: int
    priority: int
    integer: int


def painting_order(
    names: Iterable[str], integers: Mapping[str, int], ontology: Ontology
) -> tuple[Painted, ...]:
    """Sort work structures from the first painted to the last.

    Parameters
    ----------
    names : iterable of str
        Work structures.
    integers : Mapping of str to int
        Output integers of those the target lists.
    ontology : Ontology
        Gives level, priority and ancestry.

    Returns
    -------
    tuple of Painted
    """
    painted = [_painted(name, integers, ontology) for name in set(names)]
    return tuple(sorted(painted, key=lambda p: _key(p, ontology)))


def _painted(name: str, integers: Mapping[str, int], ontology: Ontology) -> Painted:
    line = [name, *(a for a in ontology.ancestors(name) if not ontology.structures[a].abstract)]
    tier = max(_tier(member, ontology) for member in line)
    return Painted(
        name=name,
        tier=tier,
        priority=max(_priority(m, ontology) for m in line if _tier(m, ontology) == tier),
        integer=integers.get(name, 0),
    )


def _key(painted: Painted, ontology: Ontology) -> tuple[int, int, bool, int, int, str]:
    depth = len(ontology.ancestors(painted.name))
    return (
        painted.tier,
        painted.priority,
        painted.integer > 0,
        depth,
        painted.integer,
        painted.name,
    )


def _tier(name: str, ontology: Ontology) -> int:
    level = ontology.get(name, "level")
    return 0 if level is None else ontology.rank_of("level", level)


def _priority(name: str, ontology: Ontology) -> int:
    value = ontology.get(name, "priority", 0)
    return value if isinstance(value, int) else 0
