"""Which classes change places when a patient is mirrored left to right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from vesalius.ontology.ontology import Ontology
from vesalius.ontology.scheme_types import ByPlace, BySex, BySide, Target, To


def mirrored(target: Target, ontology: Ontology) -> Target:
    """Give what a class means in a mirrored patient.

    Structures become their mirror partners (those without one stay), conditions on the side of
    the midline change places, all other conditions stay.
    """
    if isinstance(target, To):
        return To(ontology.mirror(target.structure) or target.structure)
    if isinstance(target, BySex):
        return BySex(
            mirrored(target.male, ontology),
            mirrored(target.female, ontology),
            mirrored(target.unknown, ontology),
        )
    if isinstance(target, BySide):
        return BySide(
            left=mirrored(target.right, ontology),
            right=mirrored(target.left, ontology),
            unknown=mirrored(target.unknown, ontology),
        )
    if isinstance(target, ByPlace):
        return ByPlace(
            tuple(
                replace(
                    case,
                    structure=ontology.mirror(case.structure) or case.structure,
                    then=mirrored(case.then, ontology),
                )
                for case in target.cases
            ),
            mirrored(target.otherwise, ontology),
            mirrored(target.unknown, ontology),
        )
    return target


def mirror_pairs(
    classes: Mapping[int, Target], ontology: Ontology
) -> tuple[tuple[tuple[int, int], ...], tuple[int, ...]]:
    """Find the pairs among classes.

    Parameters
    ----------
    classes : mapping of int to Target
        What each id means.
    ontology : Ontology
        Knows the mirror partners.

    Returns
    -------
    pairs : tuple of (int, int)
        The lower id first, ascending.
    one_sided : tuple of int
        Ids that have a mirror partner which is not exactly one of the classes.
    """
    pairs: list[tuple[int, int]] = []
    one_sided: list[int] = []
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
    return tuple(sorted(set(pairs))), tuple(one_sided)
