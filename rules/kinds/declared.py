"""Ranges that structures declare themselves, shared by `volume_ml` and `hu`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import RootModel

from vesalius.ontology.graph import Ontology
from vesalius.rules.each import SIDES, Turn
from vesalius.rules.form import WORD, form_by_type
from vesalius.rules.lowering import Lowering


class Declared(RootModel[Literal["declared"]]):
    """The range that the structure itself declares."""


declared_or_range = form_by_type({WORD: str, "range": object})
"""Tells which of the two forms is meant."""


def declared(
    attribute: str, context: Lowering, of_one_side: bool = False
) -> Mapping[tuple[float, float], tuple[int, ...]]:
    """Group the labels that a rule judges by the range their structures declare.

    Parameters
    ----------
    attribute : str
        An attribute of the ontology that is a range.
    context : Lowering
        The rule.
    of_one_side : bool
        Whether what a structure declares that is both sides in one is the amount of each.

    Returns
    -------
    Mapping of (float, float) to tuple of int
    """
    ontology = context.scope.ontology
    groups: dict[tuple[float, float], list[str]] = {}
    for name in context.structures:
        found = ontology.get(name, attribute) if attribute in ontology.attributes else None
        if found is not None:
            low, high = found
            if of_one_side and _is_pair(name, attribute, ontology):
                high = 2 * high  # both are there, or one alone
            groups.setdefault((float(low), float(high)), []).append(name)
    if context.structures and not groups:
        message = f"none of these structures declares `{attribute}`"
        context.scope.report("RUL014", message, context.path("for"))
    lowered = {bounds: context.labels(names) for bounds, names in groups.items()}
    return {bounds: labels for bounds, labels in lowered.items() if labels}


def _is_pair(name: str, attribute: str, ontology: Ontology) -> bool:
    """Tell whether a structure is both sides in one, and these have what they declare from it."""
    sides = [Turn(side).of_side(name, ontology) for side in SIDES]
    if name in sides:
        return False
    return all(attribute not in ontology.structures[one].own for one in sides)
