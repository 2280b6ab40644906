"""Reading a case: predictions and CT, from files or memory, onto one grid, as runs."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from vesalius.adapters.cases.case_image import ReadImage, read_case_image
from vesalius.adapters.cases.inputs import CaseInputs, Prediction
from vesalius.adapters.cases.loaded import LoadedCase, LoadedSource
from vesalius.adapters.cases.prediction_line import Looks, Target, read_source
from vesalius.adapters.files.class_table import ClassTable
from vesalius.adapters.files.mask_names import class_stems
from vesalius.adapters.files.told import Told
from vesalius.engine.plan.plan import Plan
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError
from vesalius.ontology.reading.real_path import real_path


def load_case(
    case: CaseInputs, plan: Plan, schemes: Mapping[str, ClassTable], looks: Looks | None = None
) -> LoadedCase:
    """Read a case.

    Parameters
    ----------
    case : CaseInputs
        What to read.
    plan : Plan
        Its tables say which integers are known.
    schemes : mapping of str to Scheme
        Scheme of each source, by token.
    looks : callable, optional
        Says what labels look like that their scheme does not list.

    Returns
    -------
    LoadedCase

    Raises
    ------
    DiagnosticError
        With every problem of every file: IO0xx, RUN001 integers the scheme does not list, RUN002
        no common grid.

    Notes
    -----
    The image is read to its end: into memory where the plan has steps, which may ask for its
    values, else only to see that it is sound. Values that cannot be Hounsfield units are kept from
    the steps.
    """
    target: Target | None = None
    image: Told[ReadImage] = Told(None)
    if case.image is not None:
        # Before any other work: a damaged image is the end of the case, whether or not a rule
        # asks for its voxels.
        place, image = read_case_image(case.image, keep=bool(plan.steps))
        if place is not None:
            target = Target(place.grid, place.name, place.nifti, is_image=True)
    tables = {table.token: table for table in plan.sources}
    read: list[Told[LoadedSource]] = []
    for prediction in sorted(case.predictions, key=lambda p: p.token):
        token = prediction.token
        source, target = read_source(
            prediction,
            schemes[token],
            tables[token],
            target,
            resample=case.resample,
            trust=case.trust_image_geometry,
            shared=_shared(prediction, case.predictions, schemes),
            looks=looks,
        )
        read.append(source)
    told = (image, *read)
    remarks = [remark for one in told for remark in one.remarks]
    problems = [problem for one in told for problem in one.problems]
    if problems:
        raise DiagnosticError([*remarks, *problems])
    sources = tuple(source.value for source in read if source.value is not None)
    if target is None or not sources:
        raise ValueError("a case needs at least one prediction")
    remarks += _given_twice(sources, schemes)
    axes = sources[0].labels.axes
    values = None if image.value is None else image.value.values
    doubted = None if image.value is None else image.value.doubted
    return LoadedCase(
        grid=target.grid,
        axes=axes,
        header=target.header,
        image_path=None if image.value is None else image.value.name,
        image_digest=None if image.value is None else image.value.digest,
        image=None if values is None else values.laid_for(axes),
        doubted_image=None if doubted is None else doubted.laid_for(axes),
        sources={source.token: source.labels for source in sources},
        predictions=sources,
        names={prediction.token: prediction.name for prediction in case.predictions},
        inputs=case.paths,
        metadata=dict(case.metadata),
        diagnostics=tuple(dict.fromkeys(remarks)),
    )


def _shared(
    prediction: Prediction, predictions: Sequence[Prediction], schemes: Mapping[str, ClassTable]
) -> frozenset[str]:
    """Give the masks of a folder that are read with the schemes of other predictions of it."""
    if not isinstance(prediction.given, Path) or not os.path.isdir(prediction.given):
        return frozenset()
    folder = real_path(prediction.given)
    others = {
        schemes[other.token].name: schemes[other.token]
        for other in predictions
        if isinstance(other.given, Path) and real_path(other.given) == folder
    }
    return frozenset(stem for scheme in others.values() for stem in class_stems(folder, scheme))


def _given_twice(
    sources: Sequence[LoadedSource], schemes: Mapping[str, ClassTable]
) -> list[Diagnostic]:
    """Warn of predictions whose files, or whose voxels in memory, are the same."""
    found = []
    first: dict[str, LoadedSource] = {}
    for source in sources:
        other = first.setdefault(source.digest, source)
        # Models that found nothing may well have written the same.
        if other is source or not len(source.labels):
            continue
        in_memory = source.noun in ("image", "array")
        noun = "labels" if in_memory else "file"
        text = f"`{source.token}` and `{other.token}` are the same {noun}"
        if schemes[source.token].name == schemes[other.token].name:
            text += "; the second adds nothing"
        else:
            text += ", read with two schemes; one of them is wrong"
        hint = "were other labels meant?" if in_memory else "was another file meant?"
        found.append(Diagnostic("RUN004", "warning", text, path=source.path, help=hint))
    return found
