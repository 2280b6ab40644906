"""What the page of a case shows: its verdict, slices before and after, findings in their place."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vesalius.adapters.cases.case_image import CaseImage
from vesalius.adapters.cases.explain_voxel import explain_voxels
from vesalius.adapters.cases.fail_on import SEVERITIES
from vesalius.adapters.cases.run_folder import RunFolder, read_run_folder
from vesalius.adapters.cases.story_text import content_text, now_text, story_rows
from vesalius.adapters.files.label_tables import LabelRow, with_colours
from vesalius.adapters.report.before import Before, Merges, image_of, merged_again
from vesalius.adapters.report.colours import Colours
from vesalius.adapters.report.findings import findings_of
from vesalius.adapters.report.index_page import SAID
from vesalius.adapters.report.record import CaseRecord
from vesalius.adapters.report.slices import (
    PLANES,
    SIDES,
    Ijk,
    PatientView,
    Slab,
    colour_table,
    paint,
    png_uri,
    thinned,
)
from vesalius.ontology.project import Project

LARGE_PIXELS, SMALL_PIXELS = 320, 240
"""Most voxels along the longer edge of a picture; of larger slices every n-th is left out."""
LARGE_TALL, SMALL_TALL = 420, 300
"""Height in the page of the tallest picture; the other planes have the same scale."""
SHOWN_FINDINGS = 12
"""So many places of findings have pictures; the others say where they are."""


@dataclass(frozen=True, eq=False)
class CaseVolumes:
    """What is cut into slices.

    Parameters
    ----------
    run : RunFolder
        The result and its report.
    before : Before
        The map before rules.
    image : CaseImage or None
        The CT.
    no_image : str
        Why there is none.
    project : Project or None
        Where schemes are looked for besides those that are shipped.
    """

    run: RunFolder
    before: Before
    image: CaseImage | None
    no_image: str
    project: Project | None = None


def read_volumes(report: Path, merges: Merges) -> CaseVolumes:
    """Read the result of a case, its CT, and what its rules began with.

    Raises
    ------
    DiagnosticError
        EXP001, EXP004 or IO0xx where the result cannot be read.
    """
    run = read_run_folder(report)
    image, no_image = image_of(run)
    before = merged_again(run, merges, has_image=image is not None)
    return CaseVolumes(run, before, image, no_image, merges.project)


def case_context(case: CaseRecord, volumes: CaseVolumes, colours: Colours) -> dict[str, Any]:
    """Give what the template of a case is filled with.

    Parameters
    ----------
    case : CaseRecord
        The case.
    volumes : CaseVolumes
        Its label maps and CT.
    colours : Colours
        Of the target.
    """
    report = volumes.run.report
    findings = findings_of(report)
    drawn = _Drawn(volumes, colours.rows(report["structures"]))
    places = list(dict.fromkeys(tuple(f["at_ijk"]) for f in findings if f["at_ijk"]))
    shown = {place: f"place-{n}" for n, place in enumerate(places[:SHOWN_FINDINGS], 1)}
    for finding in findings:
        at = finding["at_ijk"]
        finding["view"] = shown.get(tuple(at)) if at else None
        finding["explain"] = _explain(case, at) if at else ""
    return {
        "case": case,
        "said": SAID[case.word],
        "counts": [(severity, case.found(severity)) for severity in SEVERITIES],
        "main": drawn.main(),
        "legend": drawn.legend(),
        "no_image": volumes.no_image,
        "no_before": volumes.before.why,
        "no_scheme": colours.why,
        "changed": drawn.counts(),
        "findings": findings,
        "places": [
            {**drawn.at(place, shown[place], findings), "story": story}
            for place, story in zip(shown, _stories(volumes, list(shown)), strict=True)
        ],
        "left_out": max(0, len(places) - SHOWN_FINDINGS),
        "changes": _changes(report),
        "skipped": [(rule, cell.reason) for rule, cell in case.rules.items() if cell.reason],
        "not_judged": case.not_judged,
        "inputs": report["inputs"],
        "structures": report["structures"],
        "remarks": report["remarks"],
        "tool": report["tool"],
    }


def _stories(volumes: CaseVolumes, places: Sequence[Ijk]) -> list[dict[str, Any]]:
    """Tell which source and which rules made each of some voxels, as `vesalius explain` does."""
    return [
        {
            "now": now_text(story),
            "rows": story_rows(story),
            "content": content_text(story) if story.content else "",
        }
        for story in explain_voxels(volumes.run, places, volumes.project)
    ]


def _changes(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{**move, "rule": row["rule"]} for row in report["outcomes"] for move in row["moves"]]


def _explain(case: CaseRecord, at: Sequence[int]) -> str:
    where = ",".join(str(n) for n in at)
    return shlex.join(["vesalius", "explain", str(case.report), "--at", where])


class _Drawn:
    """Draws the slices of one case."""

    def __init__(self, volumes: CaseVolumes, rows: Sequence[LabelRow]) -> None:
        self._after = volumes.run.labels
        self._before = volumes.before.labels
        self._image = volumes.image
        self._view = PatientView(volumes.run.grid)
        self._rows = rows
        largest = int(self._after.max())
        if self._before is not None:
            largest = max(largest, int(self._before.max()))
        self._colours = colour_table(rows, largest)
        self._middle = self._view.fullest(self._of_interest())

    def _of_interest(self) -> NDArray[np.bool_]:
        if self._before is not None:
            changed = (self._before != self._after) & (self._before != 0)
            if changed.any():
                return np.asarray(changed)
        return np.asarray(self._after != 0)

    def counts(self) -> dict[str, int] | None:
        """Count voxels that differ between the two maps; None where one is not known."""
        if self._before is None:
            return None
        differ = self._before != self._after
        filled = int((differ & (self._before == 0)).sum())
        return {"changed": int(differ.sum()) - filled, "filled": filled}

    def main(self) -> list[dict[str, Any]]:
        """Draw the three planes through the middle of what changed: before, after, changed."""
        return [
            {
                "plane": plane,
                "sides": SIDES[plane],
                **self._size(plane, LARGE_TALL),
                "before": self._one(plane, self._middle, "before", LARGE_PIXELS),
                "after": self._one(plane, self._middle, "after", LARGE_PIXELS),
                "changed": self._one(plane, self._middle, "changed", LARGE_PIXELS),
            }
            for plane in PLANES
        ]

    def at(self, place: Ijk, name: str, findings: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """Draw the three planes through the place of a finding."""
        x, y, z = self._view.grid.to_mm(place)
        return {
            "id": name,
            "ijk": place,
            "mm": f"{x:.0f}, {y:.0f}, {z:.0f}",
            "findings": [f for f in findings if f["view"] == name],
            "planes": [
                {
                    "plane": plane,
                    "sides": SIDES[plane],
                    **self._size(plane, SMALL_TALL),
                    "cross": self._view.place(plane, place),
                    "picture": self._one(plane, place, "after", SMALL_PIXELS),
                }
                for plane in PLANES
            ],
        }

    def legend(self) -> list[tuple[str, str]]:
        """Name the structures of the three main slices, with their colours."""
        seen: set[int] = set()
        for labels in (self._before, self._after):
            if labels is not None:
                for plane in PLANES:
                    cut = self._view.cut(labels.__getitem__, plane, self._middle)
                    seen |= {int(value) for value in np.unique(cut)}
        return [
            (name, "#{:02x}{:02x}{:02x}".format(*rgb))
            for integer, name, rgb in with_colours(self._rows)
            if integer in seen
        ]

    def _size(self, plane: str, tall: int) -> dict[str, object]:
        """Give the shape of a plane's picture, and its width in the page in pixels."""
        width_mm, height_mm = self._view.size_mm(plane)
        tallest_mm = max(self._view.size_mm(each)[1] for each in PLANES)
        return {
            "ratio": f"{width_mm:.4g} / {height_mm:.4g}",
            "width": round(width_mm * tall / tallest_mm),
        }

    def _one(self, plane: str, at: Ijk, what: str, longest: int) -> str | None:
        def cut(values: Callable[[Slab], NDArray[Any]]) -> NDArray[Any]:
            return thinned(self._view.cut(values, plane, at), longest)

        before = self._before
        if before is None and what != "after":
            return None
        labels = cut(
            (before if before is not None and what == "before" else self._after).__getitem__
        )
        marks = None
        if before is not None and what == "changed":
            was = cut(before.__getitem__)
            marks = ((was != labels) & (was != 0), (was != labels) & (was == 0))
        hu = None if self._image is None else cut(self._values)
        return png_uri(paint(labels, self._colours, hu, marks))

    def _values(self, slab: Slab) -> NDArray[Any]:
        if self._image is None:
            raise ValueError("there is no image")
        return self._image.values(slab)
