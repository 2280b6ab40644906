"""The label map of a case before its rules: the merge, made again from the files of the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias, cast

import numpy as np

from vesalius.adapters.cases.case_image import CaseImage, read_case_image
from vesalius.adapters.cases.file_names import RUN_FROM, place_of
from vesalius.adapters.cases.inputs import CaseInputs, Prediction
from vesalius.adapters.cases.run_folder import Report, RunFolder
from vesalius.adapters.cases.run_inputs import image_row, input_place
from vesalius.adapters.files.given import Given
from vesalius.adapters.files.label_values import Labels
from vesalius.adapters.prepared.asked import SchemeRef
from vesalius.inputs import as_given, case_metadata
from vesalius.ontology.project import Project
from vesalius.ontology.reading.diagnostics import DiagnosticError
from vesalius.results import MapResult
from vesalius.session import Session

_REPEATABLE = (("union", ()), ("vote", ()))
"""Ways to merge of a report that does not say which; the counts show it."""
NO_HU = "the CT has no Hounsfield units"
"""Why the image of a run has no place below slices in a window of Hounsfield units."""
Way: TypeAlias = tuple[str, tuple[str, ...]]
"""How predictions are merged, and which source is preferred."""


@dataclass(frozen=True, eq=False)
class Before:
    """A label map before rules, or why there is none.

    Parameters
    ----------
    labels : ndarray of uint8 or uint16, shape (i, j, k), or None
        Integers of the target.
    why : str
        Why it cannot be shown; empty where it can.
    """

    labels: Labels | None
    why: str = ""


@dataclass(frozen=True, eq=False)
class Merges:
    """Sessions that merge without rules, each made once for all cases of its sources.

    Parameters
    ----------
    project : Project or None
        Where schemes are looked for besides those that are shipped.
    """

    project: Project | None = None
    _made: dict[tuple[object, ...], Session] = field(default_factory=dict)

    def session(self, schemes: Mapping[str, SchemeRef], target: str, way: Way) -> Session:
        """Give the session of these sources, by token, in a way to merge."""
        key = (tuple(schemes.items()), target, way)
        if key not in self._made:
            self._made[key] = Session(
                schemes, target, rules=None, project=self.project, merge=way[0], prefer=way[1]
            )
        return self._made[key]


def merged_again(run: RunFolder, merges: Merges, has_image: bool = False) -> Before:
    """Merge the predictions of a run again, without rules.

    A run does not write what its rules began with. The merge is the same if every class of every
    source wins as many voxels as the report says, and no more of them differ from the result than
    rules changed.

    Parameters
    ----------
    run : RunFolder
        The result.
    merges : Merges
        How.
    has_image : bool
        Whether the CT was seen to be that of the run, so that it need not be read again.
    """
    report = run.report
    moved = report["summary"]["voxels_changed"]
    if not moved:
        return Before(run.labels)
    try:
        for way in _ways(report):
            result = _merge(run, merges, way, has_image)
            made = cast("Report", result.report)
            if _digests(made, has_image) != _digests(report, has_image):
                return Before(None, "a prediction has changed since the run")
            if _won(made) == _won(report) and _differ(result.array, run.labels) <= moved:
                return Before(result.array)
    except DiagnosticError as error:
        first = error.diagnostics[0]
        return Before(None, f"{first.message} ({first.path})" if first.path else first.message)
    return Before(None, "merging the predictions again gives another map than the run had")


def image_path(run: RunFolder) -> Path | None:
    """Say where the image of a run lies; None where it had none."""
    row = image_row(run.report)
    return None if row is None else input_place(row, run.folder, run.report)


def image_of(run: RunFolder) -> tuple[CaseImage | None, str]:
    """Read the CT of a run; where it cannot be shown, say why."""
    row = image_row(run.report)
    if row is None:
        return None, "the run had no CT"
    path = input_place(row, run.folder, run.report)
    _, told = read_case_image(path, keep=True)
    if told.value is None:
        return None, f"the CT cannot be read any more ({path})"
    if told.value.digest != row["sha256"]:
        return None, f"the CT has changed since the run ({path})"
    if told.value.values is None or told.value.values.shape != run.grid.shape:
        return None, NO_HU
    return told.value.values, ""


def _ways(report: Report) -> Sequence[Way]:
    asked = report.get("asked")
    return _REPEATABLE if asked is None else [(asked["merge"], tuple(asked["prefer"]))]


def _merge(run: RunFolder, merges: Merges, way: Way, has_image: bool) -> MapResult:
    report = run.report
    schemes: dict[str, SchemeRef] = {}
    for row in report["sources"]:
        file = place_of(row["scheme_file"], run.folder, report.get(RUN_FROM))
        schemes[row["source"]] = file if file.is_file() else row["scheme"]
    session = merges.session(schemes, report["target"], way)
    paths = {
        row.get("source"): input_place(row, run.folder, run.report) for row in report["inputs"]
    }
    resample = any(row.get("placed") == "resampled" for row in report["inputs"])
    request = CaseInputs(
        predictions=tuple(Prediction(token, as_given(paths[token], token)) for token in schemes),
        image=_grid_alone(run) if has_image else paths.get(None),
        metadata=case_metadata(report["metadata"]),
        resample=resample,
        trust_image_geometry=any(row.get("placed") == "trusted" for row in report["inputs"]),
    )
    return session.run(request, doubting=False)


def _grid_alone(run: RunFolder) -> Given:
    """Give an image that has the grid of a run and no values: without rules none are asked for."""
    return as_given((np.zeros(run.grid.shape, np.uint8), run.grid.affine), "the CT")


def _differ(one: Labels, other: Labels) -> int:
    """Count the voxels in which two maps differ."""
    return int(np.count_nonzero(one != other))


def _digests(report: Report, has_image: bool) -> dict[str, str]:
    rows = (row for row in report["inputs"] if not has_image or row["role"] != "image")
    return {row.get("source", ""): row["sha256"] for row in rows}


def _won(report: Report) -> dict[str, dict[int, int]]:
    """Count what each class of each source won."""
    return {
        row["source"]: {each["integer"]: each["won"] for each in row["classes"]}
        for row in report["sources"]
    }
