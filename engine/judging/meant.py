"""Parts at fault without those that a rule does not mean."""

from __future__ import annotations

import numpy as np

from vesalius.engine.judging.context import Context
from vesalius.engine.judging.faults import Faults, connected_faults, take_runs
from vesalius.engine.judging.near_labels import parts_near
from vesalius.engine.plan.meant import EVERY_PART, Meant


def meant_faults(faults: Faults | None, meant: Meant, context: Context) -> Faults | None:
    """Leave out the parts that are not meant.

    Parameters
    ----------
    faults : Faults or None
        Connected parts of one label each.
    meant : Meant
        Which of them are.
    context : Context
        The map.

    Returns
    -------
    Faults or None
        None where nothing is left.
    """
    if faults is None or meant == EVERY_PART:
        return faults
    whole = context.components(sorted(set(faults.label.tolist())))
    largest = np.zeros(int(faults.label.max()) + 1)
    largest[whole.label[whole.rank == 0]] = whole.voxels[whole.rank == 0]
    share = faults.voxels / largest[faults.label]
    kept = ~context.below_ml(faults.voxels, meant.ignore_below_ml)
    kept &= (share >= meant.at_least_share) & (share <= meant.at_most_share)
    if meant.skip_cut:
        kept &= ~faults.measures.at_border
    if meant.near is not None:
        kept &= parts_near(faults.runs, faults.part, len(faults), meant.near, context)
    if meant.spare_near is not None:
        kept &= ~parts_near(faults.runs, faults.part, len(faults), meant.spare_near, context)
    return faults if kept.all() else connected_faults(take_runs(faults.runs, kept[faults.part]))
