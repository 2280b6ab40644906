"""The scene of a case that was run: its label map after and before the rules, and its findings."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from functools import cached_property

import numpy as np

from vesalius.adapters.cases.run_folder import RunFolder, read_run_folder
from vesalius.adapters.files.io_diagnostics import listing
from vesalius.adapters.files.label_values import Labels
from vesalius.adapters.keeping.known import known_ontology, known_scheme
from vesalius.adapters.report.before import Before, Merges, merged_again
from vesalius.adapters.report.colours import Colours
from vesalius.adapters.report.findings import findings_of
from vesalius.adapters.report.index_page import SAID
from vesalius.adapters.report.record import CaseRecord, RunRecord
from vesalius.adapters.report.slices import CHANGED_RGB, FILLED_RGB
from vesalius.adapters.view.legend import Legend, LegendRow, report_legend, scheme_legend
from vesalius.adapters.view.scene import (
    IMAGE,
    Json,
    Making,
    MapChoice,
    Scene,
    placed,
    thinning_remark,
)
from vesalius.adapters.view.shown_image import image_of_run
from vesalius.adapters.view.volume_file import (
    MOST_VOXELS,
    Steps,
    VolumeFile,
    label_file,
    steps_of,
)
from vesalius.ontology.project import Project
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError, suggest

CHANGED_LEGEND = Legend(
    (
        LegendRow(1, "had another structure before, or has none now", CHANGED_RGB, "changed"),
        LegendRow(2, "had no structure before", FILLED_RGB, "changed"),
    )
)
_SHOWN_NAMES = 5


def case_of(record: RunRecord, name: str | None) -> CaseRecord:
    """Find a case that has a result.

    Parameters
    ----------
    record : RunRecord
        The output of a run.
    name : str or None
        Of the case; None where there is only one.

    Raises
    ------
    DiagnosticError
        VIE001 where it is not there, has no result, or is not named.
    """
    shown = [case for case in record.cases if case.report is not None]
    if name is None and len(shown) == 1:
        return shown[0]
    names = [case.name for case in record.cases]
    if name is None:
        first = listing([case.name for case in shown], _SHOWN_NAMES)
        text = "which case?" if shown else "no case of this run has a result"
        hint = f"name one, the worst first: {first}" if shown else "`vesalius report` says why"
    elif name not in names:
        text = f"there is no case `{name}`"
        hint = suggest(name, names) or f"there is {listing(names, _SHOWN_NAMES)}"
    else:
        case = next(case for case in record.cases if case.name == name)
        if case.report is not None:
            return case
        text = f"case `{name}` has no result ({SAID[case.word]})"
        hint = "; ".join(case.why[:1]) or "run it first"
    raise DiagnosticError([Diagnostic("VIE001", "error", text, path=str(record.folder), help=hint)])


def scene_of_run(
    record: RunRecord,
    case: CaseRecord,
    project: Project | None = None,
    most_voxels: int = MOST_VOXELS,
) -> Scene:
    """Give the scene of a case of a run.

    Parameters
    ----------
    record : RunRecord
        The output of a run.
    case : CaseRecord
        A case of it, from `case_of`.
    project : Project, optional
        Where schemes are looked for besides those that are shipped.
    most_voxels : int
        That are shown; of a larger volume every n-th plane.

    Raises
    ------
    DiagnosticError
        EXP001, EXP004 or IO0xx where the result cannot be read.
    """
    if case.report is None:
        raise ValueError(f"{case.name} has no result")
    run = read_run_folder(case.report)
    legend, remarks = _legend(record, run, project)
    steps = steps_of(run.grid, most_voxels)
    image, no_image = image_of_run(run, steps)
    volumes: dict[str, Making] = {}
    if image is not None:
        volumes[IMAGE] = image.making
        remarks += image.remarks
    else:
        remarks.append(f"without the CT: {no_image}")
    maps = _Maps(run, legend, steps, Merges(project))
    return Scene(
        name=case.name,
        verdict=SAID[case.word],
        reasons=case.why,
        grid=run.grid,
        steps=steps,
        maps=maps.choices(),
        findings=tuple(placed(findings_of(run.report), run.grid)),
        remarks=(*remarks, *thinning_remark(steps)),
        explain=shlex.join(["vesalius", "explain", str(case.report), "--at"]),
        volumes={**volumes, **maps.volumes()},
        image_unit="" if image is None else image.unit,
    )


def _legend(record: RunRecord, run: RunFolder, project: Project | None) -> tuple[Legend, list[str]]:
    ontology = known_ontology(project)
    target = record.about["target"]
    try:
        return scheme_legend(known_scheme(target, project), ontology), []
    except DiagnosticError as error:
        structures: Sequence[Json] = run.report["structures"]
        rows = Colours(ontology, target).rows(structures)
        names = {row["integer"]: row["structure"] for row in structures}
        why = f"not the colours of the ontology: {error.diagnostics[0].message}"
        return report_legend(rows, names, ontology), [why]


class _Maps:
    """The label maps of a run; what its rules began with is made when somebody asks for it."""

    def __init__(self, run: RunFolder, legend: Legend, steps: Steps, merges: Merges) -> None:
        self._run = run
        self._legend = legend
        self._steps = steps
        self._merges = merges

    def choices(self) -> tuple[MapChoice, ...]:
        """List them, what was written first."""
        voxels = tuple(self._legend.voxels(self._run.labels))
        after = MapChoice("after.nii", "after the rules", self._legend, voxels)
        if not self._run.report["summary"]["voxels_changed"]:
            return (after,)
        return (
            after,
            MapChoice("before.nii", "before the rules", self._legend),
            MapChoice("changed.nii", "changed voxels alone", CHANGED_LEGEND),
        )

    def volumes(self) -> dict[str, Making]:
        """Give what makes each of them."""
        making: dict[str, Making] = {
            "after.nii": lambda: self._file(self._run.labels, self._legend),
            "before.nii": lambda: self._before.why or self._file(self._labels, self._legend),
            "changed.nii": lambda: self._before.why or self._file(self._marks(), CHANGED_LEGEND),
        }
        return {each.file: making[each.file] for each in self.choices()}

    @cached_property
    def _before(self) -> Before:
        return merged_again(self._run, self._merges)

    @property
    def _labels(self) -> Labels:
        if self._before.labels is None:
            raise ValueError(self._before.why)
        return self._before.labels

    def _marks(self) -> Labels:
        before, after = self._labels, self._run.labels
        differ = before != after
        marks: Labels = differ.astype(np.uint8)
        marks[differ & (before == 0)] = 2
        return marks

    def _file(self, labels: Labels, legend: Legend) -> VolumeFile:
        return label_file(labels, self._run.grid, legend, self._steps)
