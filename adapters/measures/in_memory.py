"""What the Python functions measure: a few cases, of paths, images and arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from vesalius.adapters.cases.map_result import MapResult
from vesalius.adapters.keeping.known import known_ontology
from vesalius.adapters.measures.comparison import comparison_rows, moves_of
from vesalius.adapters.measures.concordance import (
    concordance_rows,
    image_place,
    read_sources,
)
from vesalius.adapters.measures.consensus import require_method
from vesalius.adapters.measures.measured_table import MeasuredTable, measured_table
from vesalius.adapters.measures.pairs import Pair, read_pair, require_shared
from vesalius.adapters.measures.stats import read_image
from vesalius.adapters.measures.structure_map import read_structures
from vesalius.adapters.measures.structure_stats import structure_stats
from vesalius.adapters.measures.table_schema import Row
from vesalius.adapters.prepared.asked import SchemeRef
from vesalius.inputs import Image, ProjectRef, Segmentation, as_given, as_project, case_metadata
from vesalius.ontology.reading.diagnostics import Diagnostic
from vesalius.rules.compile.source_tokens import source_tokens
from vesalius.session import Session

ONLY = "case"
"""Name of a case that is given without one."""


def stats_table(
    x: Segmentation | Mapping[str, Segmentation],
    scheme: SchemeRef,
    image: Image | Mapping[str, Image] | None,
    case: Mapping[str, object] | None,
    *,
    resample: bool,
    project: ProjectRef = None,
) -> MeasuredTable:
    """Measure segmentations; see :func:`vesalius.stats`."""
    known = as_project(project)
    session = Session(target=scheme, rules=None, project=known)
    titles = {s.name: s.title for s in known_ontology(known).structures.values()}
    images = {} if image is None else by_case(image)
    metadata = case_metadata(case)
    rows: list[Row] = []
    remarks: list[Diagnostic] = []
    for name, each in by_case(x).items():
        values, where = None, None
        if name in images:
            values, where, told = read_image(as_given(images[name], "the CT"))
            remarks += told
        given = as_given(each, name)
        found, _ = read_structures(session, given, metadata, where, resample=resample)
        remarks += found.remarks
        head = {"case": name, "source": session.target.name}
        rows += [head | row for row in structure_stats(found, titles, values)]
    return measured_table("stats", rows, remarks)


def pair_table(
    name: str,
    given: Sequence[Segmentation | Mapping[str, Segmentation]],
    schemes: Sequence[SchemeRef],
    case: Mapping[str, object] | None,
    rows_of: Callable[[str, Pair], Iterable[Row]],
    *,
    resample: bool,
    project: ProjectRef = None,
) -> MeasuredTable:
    """Compare two label sets; see :func:`vesalius.validate` and :func:`vesalius.compare`.

    Parameters
    ----------
    name : str
        Of the table.
    given : sequence of segmentations, or of mappings
        Two; cases of one of them alone are no part of the table.
    schemes : sequence of str or path
        What their integers mean.
    case : mapping, optional
        What is known of the patients.
    rows_of : callable
        Gives the rows of a case, of its name and its pair.
    resample : bool
        Whether the first may be resampled onto the grid of the second.
    project : Project or path, optional
        What it adds is known too.
    """
    known = as_project(project)
    ontology = known_ontology(known)
    sessions = [Session(target=scheme, rules=None, project=known) for scheme in schemes]
    targets = [session.target for session in sessions]
    require_shared(ontology, [t.structures() for t in targets], [t.name for t in targets])
    metadata = case_metadata(case)
    one, other = (by_case(each) for each in given)
    rows: list[Row] = []
    remarks: list[Diagnostic] = []
    for found in (found for found in other if found in one):
        both = [as_given(one[found], found), as_given(other[found], found)]
        pair = read_pair(sessions, both, metadata, ontology, resample=resample)
        remarks += (*pair.one.remarks, *pair.other.remarks)
        rows += [{"case": found, **row} for row in rows_of(found, pair)]
    for found in sorted(set(one) ^ set(other)):
        text = f"case `{found}` is given on one side only and is not measured"
        remarks.append(Diagnostic("MEA004", "warning", text))
    return measured_table(name, rows, remarks)


def comparison_table(
    old: Segmentation | Mapping[str, Segmentation],
    new: Segmentation | Mapping[str, Segmentation],
    schemes: Sequence[SchemeRef],
    case: Mapping[str, object] | None,
    *,
    resample: bool,
    project: ProjectRef = None,
) -> MeasuredTable:
    """Compare two label sets; see :func:`vesalius.compare`."""
    reports = {
        name: each.report for name, each in by_case(new).items() if isinstance(each, MapResult)
    }
    return pair_table(
        "compare",
        (old, new),
        schemes,
        case,
        lambda name, pair: comparison_rows(pair, moves_of(reports.get(name, {}))),
        resample=resample,
        project=project,
    )


def concordance_table(
    given: Sequence[tuple[SchemeRef, Segmentation]],
    image: Image | None,
    case: Mapping[str, object] | None,
    consensus: str,
    *,
    resample: bool,
    project: ProjectRef = None,
) -> MeasuredTable:
    """Compare predictions with their consensus; see :func:`vesalius.concordance`."""
    require_method(consensus)
    known = as_project(project)
    ontology = known_ontology(known)
    sessions = [Session(target=scheme, rules=None, project=known) for scheme, _ in given]
    names = source_tokens([session.target.name for session in sessions])
    targets = [session.target for session in sessions]
    if len(targets) > 1:
        require_shared(ontology, [t.structures() for t in targets], [t.name for t in targets])
    where = None if image is None else image_place(as_given(image, "the CT"))
    segmentations = [as_given(x, name) for name, (_, x) in zip(names, given, strict=True)]
    maps, _ = read_sources(sessions, segmentations, case_metadata(case), where, resample=resample)
    rows = [{"case": ONLY, **row} for row in concordance_rows(names, maps, ontology, consensus)]
    return measured_table("concordance", rows, [r for each in maps for r in each.remarks])


def by_case(x: object) -> dict[str, Any]:
    """Give what is given by the name of its case; a single one is of a case of no name."""
    if isinstance(x, Mapping):
        return {str(name): each for name, each in x.items()}
    return {ONLY: x}
