"""Where sources of a run named one voxel differently: a voxel of each conflict to look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vesalius.adapters.cases.run_folder import RunFolder
from vesalius.adapters.cases.source_voxel import Ijk, source_arrays
from vesalius.adapters.files.label_values import Labels
from vesalius.ontology.project import Project


@dataclass(frozen=True)
class ConflictPlace:
    """Two structures that were claimed at the same voxels.

    Parameters
    ----------
    winner, loser : str
        Which of them was written, and which not.
    voxels : int
        How many voxels.
    at_ijk : tuple of int, or None
        The one of them that is nearest to their middle; None where no voxel of them is still the
        winner's, or where the files of the sources are gone.
    """

    winner: str
    loser: str
    voxels: int
    at_ijk: Ijk | None


def conflict_places(
    run: RunFolder, most: int, project: Project | None = None
) -> list[ConflictPlace]:
    """Find a voxel of each of the largest conflicts between structures of one level.

    Parameters
    ----------
    run : RunFolder
        The result; its report has the conflicts and the files of the sources.
    most : int
        How many conflicts.
    project : Project, optional
        Where schemes are looked for besides those that are shipped.

    Returns
    -------
    list of ConflictPlace
        The largest first.
    """
    rows = [row for row in run.report["conflicts"] if row["kind"] == "priority"]
    rows = sorted(rows, key=lambda row: -row["voxels"])[:most]
    if not rows:
        return []
    integers = {row["structure"]: row["integer"] for row in run.report["structures"]}
    arrays = source_arrays(run, project)
    return [
        ConflictPlace(
            row["winner"], row["loser"], row["voxels"],
            _place(run, integers.get(row["winner"]), row, arrays),
        )
        for row in rows
    ]  # fmt: skip


def _place(
    run: RunFolder, integer: int | None, row: Mapping[str, Any], arrays: Mapping[str, Labels]
) -> Ijk | None:
    if integer is None:
        return None
    places = np.argwhere(run.labels == integer)
    both = _claimed(run, row["winner"], places, arrays) & _claimed(
        run, row["loser"], places, arrays
    )
    places = places[both]
    if not len(places):
        return None
    nearest = np.argmin(((places - places.mean(axis=0)) ** 2).sum(axis=1))
    i, j, k = (int(at) for at in places[nearest])
    return i, j, k


def _claimed(
    run: RunFolder, structure: str, places: NDArray[np.intp], arrays: Mapping[str, Labels]
) -> NDArray[np.bool_]:
    """Tell at which voxels some source has a class that was painted as a structure."""
    found = np.zeros(len(places), bool)
    for source in run.report["sources"]:
        array = arrays.get(source["source"])
        if array is None:
            continue
        painting = [c["integer"] for c in source["classes"] if structure in c["painted"]]
        found |= np.isin(array[tuple(places.T)], painting)
    return found
