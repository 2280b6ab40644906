"""Which structures of a label map the edge of its scan cuts."""

from __future__ import annotations

import numpy as np

from vesalius.adapters.cases.run_folder import RunFolder


def cut_structures(run: RunFolder) -> frozenset[str]:
    """Name the structures that have a voxel in an outermost layer of the label map.

    Parameters
    ----------
    run : RunFolder
        What a run wrote for a case.
    """
    turned = (np.moveaxis(run.labels, axis, 0) for axis in range(3))
    faces = [layers[end].ravel() for layers in turned for end in (0, -1)]
    found = set(np.flatnonzero(np.bincount(np.concatenate(faces))).tolist())
    return frozenset(
        row["structure"] for row in run.report["structures"] if row["integer"] in found
    )
