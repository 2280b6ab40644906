"""Classes that lie inside other classes of the same dataset, as regions that overlap.

A label map gives a voxel one integer, so the whole of a structure is what its own integer and
those of the structures inside it cover together. nnU-Net can learn such wholes (its region-based
training): `labels` then lists ids for each class, and `regions_class_order` says which id a
prediction writes for it, later ones over earlier ones.
"""

from __future__ import annotations

from collections.abc import Mapping

from vesalius.ontology.graph import Ontology
from vesalius.ontology.scheme.meaning import Meaning, To

Regions = dict[int, tuple[int, ...]]


def regions(classes: Mapping[int, Meaning], ontology: Ontology) -> Regions:
    """Find what every class covers.

    Parameters
    ----------
    classes : mapping of int to Meaning
        What each id means.
    ontology : Ontology
        Says which structures are parts or kinds of which.

    Returns
    -------
    dict of int to tuple of int
        Id of each class to all ids that its region covers, its own first; classes before those
        inside them, else ascending.
    """
    structures = {n: t.structure for n, t in sorted(classes.items()) if isinstance(t, To)}
    inside: Regions = {number: (number,) for number in sorted(classes)}
    for number, structure in structures.items():
        below = set(ontology.descendants(structure))
        inside[number] = (number, *(n for n, name in structures.items() if name in below))
    # What covers more is never inside what covers less.
    return dict(sorted(inside.items(), key=lambda item: (-len(item[1]), item[0])))


def overlap(found: Regions) -> bool:
    """Tell whether any class lies inside another."""
    return any(len(covered) > 1 for covered in found.values())
