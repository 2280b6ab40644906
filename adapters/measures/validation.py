"""`validate`: predictions against a truth, structure by structure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from vesalius.adapters.keeping.known import known_ontology
from vesalius.adapters.measures.measure_task import Measured, MeasureJob, MeasureTask
from vesalius.adapters.measures.overlap import count_overlaps
from vesalius.adapters.measures.pairs import Pair, read_pair
from vesalius.adapters.measures.structure_map import StructureMap
from vesalius.adapters.measures.structure_stats import rounded
from vesalius.adapters.measures.structure_surfaces import surfaces_of
from vesalius.adapters.measures.surface_figures import SurfaceFigures
from vesalius.adapters.measures.table_schema import Cell

NAMES = ("pred", "truth")


def measure_validation(job: MeasureJob, task: MeasureTask) -> Measured:
    """Measure one case: the rows of `validate`."""
    ontology = known_ontology(job.project)
    pair = read_pair(
        [job.sessions[name] for name in NAMES],
        [task.segmentations[name] for name in NAMES],
        task.metadata,
        ontology,
        resample=job.options["resample"],
    )
    rows: list[dict[str, Cell]] = [
        {"case": task.case, **row} for row in validation_rows(pair, job.options)
    ]
    return Measured({"validate": rows}, (*pair.one.remarks, *pair.other.remarks))


def validation_rows(pair: Pair, options: Any) -> Iterator[dict[str, Cell]]:  # noqa: ANN401
    """Give the rows of the table `validate` for one case, without the case.

    Parameters
    ----------
    pair : Pair
        Prediction and truth.
    options : mapping
        ``surfaces`` (bool) and ``tolerance_mm`` (float).
    """
    overlaps = count_overlaps(pair.one, pair.other)
    found = [(shared, overlaps.of(shared)) for shared in pair.shared]
    figures: dict[str, SurfaceFigures] = {}
    if options["surfaces"]:
        both = [shared for shared, overlap in found if overlap.one and overlap.other]
        figures = surfaces_of(pair, both, options["tolerance_mm"])
    for shared, overlap in found:
        state = overlap.state(*NAMES)
        row: dict[str, Cell] = {
            "structure": shared.structure,
            "state": state,
            "pred_from": shared.told_from(0),
            "truth_from": shared.told_from(1),
            "truth_integers": _integers(pair.other, shared.members[1]),
            "pred_voxels": overlap.one,
            "truth_voxels": overlap.other,
            "common_voxels": overlap.common,
            "grid_voxels": pair.other.labels.grid.size,
            "pred_ml": rounded(overlap.one_ml),
            "truth_ml": rounded(overlap.other_ml),
            "difference_ml": rounded(overlap.one_ml - overlap.other_ml),
            "common_ml": rounded(overlap.common_ml),
            "dice": rounded(overlap.dice),
            "iou": rounded(overlap.iou),
        }
        if options["surfaces"] and state != "neither":
            row["tolerance_mm"] = float(options["tolerance_mm"])
            row["surface_overlap"] = 0.0
            if state == "both":
                surface = figures[shared.structure]
                row |= {
                    "surface_overlap": rounded(surface.overlap),
                    "mean_surface_distance_mm": rounded(surface.mean_mm),
                    "pooled_surface_distance_mm": rounded(surface.pooled_mm),
                    "surface_distance_p95_mm": rounded(surface.p95_mm),
                }
        yield row


def _integers(found: StructureMap, structures: frozenset[str]) -> str:
    """List the integers of the scheme that make a structure."""
    integers = {found.integers[found.label_of[n]] for n in structures if n in found.label_of}
    return ",".join(str(integer) for integer in sorted(integers) if integer)
