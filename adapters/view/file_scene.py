"""The scene of one segmentation: its labels as they are in the file, and what rules say of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from vesalius.adapters.cases.fail_on import SEVERITIES
from vesalius.adapters.cases.inputs import PredictionFile
from vesalius.adapters.cases.prediction_line import read_prediction
from vesalius.adapters.keeping.known import known_ontology, known_scheme
from vesalius.adapters.report.index_page import SAID
from vesalius.adapters.view.legend import scheme_legend
from vesalius.adapters.view.scene import (
    IMAGE,
    Json,
    Making,
    MapChoice,
    Scene,
    placed,
    thinning_remark,
)
from vesalius.adapters.view.shown_image import image_of_file
from vesalius.adapters.view.volume_file import MOST_VOXELS, label_file, steps_of
from vesalius.ontology.project import Project
from vesalius.ontology.reading.diagnostics import Diagnostic
from vesalius.session import Session


@dataclass(frozen=True)
class FileRequest:
    """A segmentation that is to be shown.

    Parameters
    ----------
    segmentation : Path
        A multi-label file, or a folder with one mask per class.
    scheme : str
        What its integers mean.
    image : Path or None
        Its CT, or another image.
    rules : tuple of str
        Rule packs that judge it; none where empty.
    sex : str
        Of the patient, for rules.
    project : Project or None
        What it adds is known too.
    most_voxels : int
        That are shown; of a larger volume every n-th plane.
    """

    segmentation: Path
    scheme: str
    image: Path | None = None
    rules: tuple[str, ...] = ()
    sex: str = "unknown"
    project: Project | None = None
    most_voxels: int = MOST_VOXELS


def scene_of_file(request: FileRequest) -> tuple[Scene, tuple[Diagnostic, ...]]:
    """Give the scene of a segmentation, and what reading it had to say.

    Raises
    ------
    DiagnosticError
        SCH0xx of the scheme, IO0xx of the files, RUL0xx of the rules.
    """
    ontology = known_ontology(request.project)
    scheme = known_scheme(request.scheme, request.project)
    volume = read_prediction(PredictionFile(scheme.name, request.segmentation), scheme)
    legend = scheme_legend(scheme, ontology)
    steps = steps_of(volume.grid, request.most_voxels)
    file = "labels.nii"
    choice = MapChoice(file, request.segmentation.name, legend, tuple(legend.voxels(volume.array)))
    volumes: dict[str, Making] = {
        file: lambda: label_file(volume.array, volume.grid, legend, steps)
    }
    told = list(volume.diagnostics)
    image = None
    if request.image is not None:
        image, said = image_of_file(request.image, request.most_voxels)
        told += said
        volumes[IMAGE] = image.making
    judged = _judged(request)
    scene = Scene(
        name=request.segmentation.name,
        verdict=judged.verdict,
        reasons=judged.reasons,
        grid=volume.grid,
        steps=steps,
        maps=(choice,),
        findings=judged.findings,
        remarks=(
            *(each.message for each in told),
            *(() if image is None else image.remarks),
            *thinning_remark(steps),
        ),
        explain="",
        volumes=volumes,
        image_unit="" if image is None else image.unit,
    )
    return scene, (*told, *judged.remarks)


@dataclass(frozen=True)
class _Judged:
    """What rules say of a segmentation; all empty where none was asked."""

    verdict: str = ""
    reasons: tuple[str, ...] = ()
    findings: tuple[Json, ...] = ()
    remarks: tuple[Diagnostic, ...] = ()


def _judged(request: FileRequest) -> _Judged:
    if not request.rules:
        return _Judged()
    session = Session(target=request.scheme, rules=request.rules, project=request.project)
    lint = session.lint(request.segmentation, request.image, {"sex": request.sex})
    ordered = sorted(lint.findings, key=lambda finding: SEVERITIES.index(finding.severity))
    found: list[Json] = [
        {**each.to_json(), "rule": each.rule, "severity": each.severity} for each in ordered
    ]
    # Voxels of findings are counted on the grid of the CT where there is one.
    findings = tuple(placed(found, lint.judged.case.grid))
    return _Judged(SAID[lint.verdict.word], lint.verdict.reasons, findings, lint.remarks)
