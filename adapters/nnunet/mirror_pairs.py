"""Which classes change places when a patient is mirrored left to right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from vesalius.ontology.graph import Ontology
from vesalius.ontology.scheme.meaning import (
    ByPlace,
    BySide,
    Meaning,
    To,
    replaced,
    structures_of,
)


@dataclass(frozen=True)
class MirroredClasses:
    """What becomes of classes in a mirrored patient.

    Parameters
    ----------
    pairs : tuple of (int, int)
        Ids that change places; the lower one first, ascending.
    one_sided : tuple of int
        Ids that have a mirror partner which is not exactly one of the classes.
    alone : tuple of int
        Ids of one side that no structure mirrors, as the middle lobe of the right lung: on the
        other side they would be wrong.
    """

    pairs: tuple[tuple[int, int], ...]
    one_sided: tuple[int, ...]
    alone: tuple[int, ...]


def mirrored(target: Meaning, ontology: Ontology) -> Meaning:
    """Give what a class means in a mirrored patient.

    Structures become their mirror partners (those without one stay), conditions on the side of
    the midline change places, all other conditions stay.
    """
    if isinstance(target, To):
        return To(ontology.mirror(target.structure) or target.structure)
    if isinstance(target, BySide):
        target = replace(target, left=target.right, right=target.left)
    elif isinstance(target, ByPlace):
        cases = (
            replace(case, structure=ontology.mirror(case.structure) or case.structure)
            for case in target.cases
        )
        target = replace(target, cases=tuple(cases))
    return replaced(target, lambda inner: mirrored(inner, ontology))


def mirror_pairs(classes: Mapping[int, Meaning], ontology: Ontology) -> MirroredClasses:
    """Find the pairs among classes, and the classes that have none.

    Parameters
    ----------
    classes : mapping of int to Meaning
        What each id means.
    ontology : Ontology
        Knows the mirror partners.

    Returns
    -------
    MirroredClasses
    """
    pairs: list[tuple[int, int]] = []
    one_sided: list[int] = []
    alone = [number for number, target in sorted(classes.items()) if _is_alone(target, ontology)]
    for number, target in sorted(classes.items()):
        other = mirrored(target, ontology)
        if other == target:
            continue
        twins = [n for n, t in classes.items() if t == target]
        partners = [n for n, t in classes.items() if t == other]
        if len(twins) == 1 and len(partners) == 1:
            pairs.append((min(number, partners[0]), max(number, partners[0])))
        else:
            one_sided.append(number)
    return MirroredClasses(tuple(sorted(set(pairs))), tuple(one_sided), tuple(alone))


def _is_alone(target: Meaning, ontology: Ontology) -> bool:
    return any(
        ontology.is_on_one_side(name) and ontology.mirror(name) is None
        for name in structures_of(target)
    )
