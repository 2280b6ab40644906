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
    faces = [np.take(run.labels, end, axis=axis) for axis in range(3) for end in (0, -1)]
    found = set(np.unique(np.concatenate([face.ravel() for face in faces])).tolist())
    return frozenset(
        row["structure"] for row in run.report["structures"] if row["integer"] in found
    )
