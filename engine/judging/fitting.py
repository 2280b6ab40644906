"""Anchors fitted to a map of which much is known."""

from __future__ import annotations

from vesalius.engine.judging.labelwise import Labelwise
from vesalius.engine.merge.anchors import AnchorFit, fit_anchor, fit_anchors
from vesalius.engine.merge.main_pieces import PIECE_CONNECTIVITY
from vesalius.engine.plan.plan import Anchor


def fit_to_map(anchor: Anchor, known: Labelwise) -> AnchorFit:
    """Fit an anchor to a map, by what is known of the pieces of its labels where it is known.

    Parameters
    ----------
    anchor : PlaneAnchor, LevelAnchor or BoxAnchor
        As the plan lists it.
    known : Labelwise
        The map.
    """
    pieces = anchor.labels, PIECE_CONNECTIVITY
    if not known.knows_most(*pieces):
        return fit_anchors((anchor,), known.part(anchor.labels))[0]
    found = known.main_measures(*pieces, 1.0)
    return fit_anchor(anchor, found, lambda: known.main_runs(*pieces, 1.0))
