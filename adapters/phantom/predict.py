"""What a perfect model of a source scheme would say about a phantom.

A class claims the voxels of its structure and of all that lies below it in the ontology, except
where a more specific class of the same scheme claims them. So what a class claims depends on the
true structure alone, and a prediction is a table look-up, cropped to the source's regions.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vesalius.adapters.phantom.phantom import Phantom
from vesalius.ontology.graph import Ontology
from vesalius.ontology.scheme.meaning import of_sex, structures_of
from vesalius.ontology.scheme.scheme import Scheme, SchemeEntry


@dataclass(frozen=True)
class Claim:
    """The class that claims a true structure.

    Parameters
    ----------
    integer : int
        The class in the file.
    structure : str
        The structure of the class: the true one or one above it.
    """

    integer: int
    structure: str


def claims(phantom: Phantom, scheme: Scheme, ontology: Ontology) -> dict[str, Claim]:
    """Give the class of each structure of a phantom that a scheme has a class for.

    Where several integers share a structure, the two sides of a pair take the lowest integers in
    the order the ontology declares them, and anything else takes the lowest.
    """
    integers: dict[str, list[int]] = {}
    for entry in sorted(scheme.entries, key=_integer):
        for structure in structures_of(of_sex(entry.target, phantom.sex)):
            integers.setdefault(structure, []).append(entry.integer)
    found = {}
    for structure in phantom.structures:
        claimed = _most_specific(structure, integers, ontology)
        if claimed is not None:
            integer = _by_side(structure, integers[claimed], ontology)
            found[structure] = Claim(integer, claimed)
    return found


def clean_prediction(phantom: Phantom, scheme: Scheme, ontology: Ontology) -> NDArray[np.uint16]:
    """Give the label map of a perfect model.

    Parameters
    ----------
    phantom : Phantom
        The truth.
    scheme : Scheme
        The source's classes and regions. Above and below its regions the map is background.
    ontology : Ontology
        Says what lies below a class.

    Returns
    -------
    ndarray of uint16, shape phantom.grid.shape
        Integers of the scheme.
    """
    table = np.full(len(phantom.structures) + 1, scheme.background, dtype=np.uint16)
    for structure, claim in claims(phantom, scheme, ontology).items():
        table[phantom.structures.index(structure) + 1] = claim.integer
    prediction = table[phantom.truth]
    prediction[~field_of_view(phantom, scheme)] = scheme.background
    return prediction


def covered(
    phantom: Phantom,
    scheme: Scheme,
    ontology: Ontology,
    target: Collection[str] | None = None,
) -> NDArray[np.bool_]:
    """Tell which voxels a source alone determines.

    Parameters
    ----------
    phantom, scheme, ontology
        As for `clean_prediction`.
    target : collection of str or None
        Structures that the answer may consist of; the phantom's own where None.

    Returns
    -------
    ndarray of bool, shape phantom.grid.shape
        True where the class is the true structure, or a pair that only the side tells apart.
    """
    wanted = frozenset(phantom.structures if target is None else target)
    table = np.zeros(len(phantom.structures) + 1, dtype=np.bool_)
    for structure, claim in claims(phantom, scheme, ontology).items():
        number = phantom.structures.index(structure) + 1
        table[number] = _determines(claim.structure, structure, wanted, ontology)
    return np.asarray(table[phantom.truth] & field_of_view(phantom, scheme))


def field_of_view(phantom: Phantom, scheme: Scheme) -> NDArray[np.bool_]:
    """Tell which voxels lie in one of a scheme's regions; all where it names none.

    Returns
    -------
    ndarray of bool
        Broadcast to phantom.grid.shape, not writeable.

    Raises
    ------
    ValueError
        If the phantom has no band for a region.
    """
    shape = phantom.grid.shape
    if not scheme.regions:
        return np.broadcast_to(np.True_, shape)
    unknown = [region for region in scheme.regions if region not in phantom.bands_mm]
    if unknown:
        raise ValueError(f"the phantom has no band for the region {', '.join(unknown)}")
    steps = phantom.grid.affine[2]
    z: NDArray[np.float64] = np.full((1, 1, 1), steps[3])
    for axis, count in enumerate(shape):
        # An axis that does not climb stays thin.
        if steps[axis] != 0.0:
            thin = [1, 1, 1]
            thin[axis] = count
            z = z + steps[axis] * np.arange(count).reshape(thin)
    inside = np.zeros(z.shape, dtype=np.bool_)
    for region in scheme.regions:
        low, high = phantom.bands_mm[region]
        inside |= (z >= low) & (z <= high)
    return np.broadcast_to(inside, shape)


def _integer(entry: SchemeEntry) -> int:
    return entry.integer


def _most_specific(structure: str, classes: Collection[str], ontology: Ontology) -> str | None:
    """Give the nearest class at or above a structure that has no other class below it there."""
    if structure in classes:
        return structure
    above = [name for name in ontology.ancestors(structure) if name in classes]
    covered_by = {far for name in above for far in ontology.ancestors(name)}
    return next((name for name in above if name not in covered_by), None)


def _by_side(structure: str, integers: list[int], ontology: Ontology) -> int:
    partner = ontology.mirror(structure)
    if partner is None or len(integers) == 1:
        return integers[0]
    return integers[ontology.in_order((structure, partner)).index(structure)]


def _determines(claimed: str, true: str, wanted: frozenset[str], ontology: Ontology) -> bool:
    if true not in wanted:
        return False
    if claimed == true:
        return True
    below = {name for name in ontology.descendants(claimed) if name in wanted}
    partner = ontology.mirror(true)
    return claimed not in wanted and partner is not None and below <= {true, partner}
