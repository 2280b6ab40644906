"""What the page shows of a case: its label maps, its CT, and what was found where."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from vesalius.adapters.view.legend import Legend
from vesalius.adapters.view.volume_file import Steps, VolumeFile
from vesalius.engine.runs.grid import Grid

SCENE_SCHEMA = "view/1"

Json = dict[str, Any]
Making = Callable[[], "VolumeFile | str"]
"""Gives a volume, or says why there is none."""


@dataclass(frozen=True)
class MapChoice:
    """One of the label maps that can be shown.

    Parameters
    ----------
    file : str
        Its name for the page.
    title : str
        What to call it.
    legend : Legend
        Of its numbers.
    voxels : tuple of int or None
        Of each row of the legend; None where the map is only made when it is asked for.
    """

    file: str
    title: str
    legend: Legend
    voxels: tuple[int, ...] | None = None


@dataclass(frozen=True, eq=False)
class Scene:
    """A case as it is shown.

    Parameters
    ----------
    name : str
        Of the case.
    verdict : str
        What became of it, in words; empty where nothing judged it.
    reasons : tuple of str
        Why it is not simply kept.
    grid : Grid
        Of the label maps, before any plane is left out.
    steps : tuple of int
        Every n-th voxel of them is shown.
    maps : tuple of MapChoice
        The first is shown at first.
    findings : tuple of dict
        What rules say of it, the gravest first; see `placed`.
    remarks : tuple of str
        What else is to be known of what is shown.
    explain : str
        The command that tells the story of a voxel, up to the voxel; empty where there is none.
    volumes : mapping of str to callable
        Every volume by the name of its file; `IMAGE` is the CT, or another image.
    image_unit : str
        Of the values of the image; empty where they have none.
    """

    name: str
    verdict: str
    reasons: tuple[str, ...]
    grid: Grid
    steps: Steps
    maps: tuple[MapChoice, ...]
    findings: tuple[Json, ...]
    remarks: tuple[str, ...]
    explain: str
    volumes: Mapping[str, Making]
    image_unit: str = ""

    def document(self) -> Json:
        """Give all but the volumes as JSON values."""
        legends = list(dict.fromkeys(each.legend for each in self.maps))
        return {
            "schema": SCENE_SCHEMA,
            "name": self.name,
            "verdict": self.verdict,
            "reasons": list(self.reasons),
            "image": IMAGE if IMAGE in self.volumes else None,
            "image_unit": self.image_unit,
            "ijk_of_mm": np.linalg.inv(self.grid.affine).tolist(),
            "voxel_ml": self.grid.voxel_ml,
            "maps": [
                {"file": each.file, "title": each.title, "legend": legends.index(each.legend),
                 "voxels": each.voxels}
                for each in self.maps
            ],
            "legends": [_legend(legend) for legend in legends],
            "findings": list(self.findings),
            "remarks": list(self.remarks),
            "explain": self.explain,
        }  # fmt: skip


IMAGE = "image.nii"


def placed(findings: Sequence[Mapping[str, Any]], grid: Grid) -> list[Json]:
    """Say where in the patient each finding is looked at.

    Parameters
    ----------
    findings : sequence of mapping
        With `at_ijk`, the voxel at fault that is nearest to their centre, and `at_mm`.
    grid : Grid
        That their voxels are counted on.
    """
    return [
        {
            "rule": each["rule"],
            "severity": each["severity"],
            "message": each["message"],
            "note": each["note"],
            "look_mm": grid.to_mm(each["at_ijk"]).tolist() if each["at_ijk"] else each["at_mm"],
        }
        for each in findings
    ]


def thinning_remark(steps: Steps) -> Sequence[str]:
    """Say which voxels are left out; nothing where all are shown."""
    if steps == (1, 1, 1):
        return ()
    said = ", ".join(f"{n} along {axis}" for axis, n in zip("ijk", steps, strict=True) if n > 1)
    return (
        f"too large for a browser: only every n-th voxel is shown ({said}); --millions shows more",
    )


def _legend(legend: Legend) -> list[Json]:
    return [
        {"integer": row.integer, "name": row.name, "rgb": row.rgb, "group": row.group,
         "shown": row.shown}
        for row in legend.rows
    ]  # fmt: skip
