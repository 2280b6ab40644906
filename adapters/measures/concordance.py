"""`concordance`: several models on the same scans, and no truth."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from vesalius.adapters.cases.prediction_line import Target
from vesalius.adapters.files.atomic import Outputs
from vesalius.adapters.files.given import Given
from vesalius.adapters.files.nifti_header import read_header
from vesalius.adapters.files.nifti_write import add_labels
from vesalius.adapters.keeping.known import known_ontology
from vesalius.adapters.measures.consensus import Agreement, agreement
from vesalius.adapters.measures.measure_task import Measured, MeasureJob, MeasureTask
from vesalius.adapters.measures.overlap import Overlap, on_one_line
from vesalius.adapters.measures.pairs import grid_told
from vesalius.adapters.measures.shared import Shared, shared_structures
from vesalius.adapters.measures.structure_map import StructureMap, read_structures
from vesalius.adapters.measures.structure_stats import rounded
from vesalius.adapters.measures.suspicion import findings_part, read_weights
from vesalius.adapters.measures.table_schema import Cell
from vesalius.engine.runs.crop import bounds, crop, slices
from vesalius.engine.runs.labelmap import decode
from vesalius.ontology.graph import Ontology
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError
from vesalius.results import RuleFinding
from vesalius.session import Session

SIDES = ("source", "consensus")
Findings = Mapping[str, Sequence[RuleFinding]]
"""What rules found in each source."""


def measure_concordance(job: MeasureJob, task: MeasureTask) -> Measured:
    """Measure one case: the rows of `concordance`, and its part of `suspicion`."""
    ontology = known_ontology(job.project)
    where = None if task.image is None else image_place(task.image)
    resample = job.options["resample"]
    sources = tuple(name for name in job.sessions if name in task.segmentations)
    maps, where = read_sources(
        [job.sessions[name] for name in sources],
        [task.segmentations[name] for name in sources],
        task.metadata,
        where,
        resample=resample,
    )
    findings: dict[str, Sequence[RuleFinding]] = {}
    for name, judge in job.judges.items():
        if name in task.segmentations:
            lint = judge.lint(task.segmentations[name], task.image, task.metadata,
                              resample=resample)  # fmt: skip
            findings[name] = lint.findings
    found = _Case(sources, maps, ontology, job.options["consensus"])
    rows: list[dict[str, Cell]] = []
    parts: list[dict[str, Cell]] = []
    disagreement = np.zeros(where.grid.shape, dtype=np.uint8) if task.map is not None else None
    for shared, agreed in found.agreements():
        rows += [{"case": task.case, **row} for row in found.rows(shared, agreed)]
        given = findings if job.judges else None
        parts.append({"case": task.case, **found.suspicion(shared, agreed, given)})
        if disagreement is not None:
            _add_disagreement(disagreement, agreed)
    if disagreement is not None and task.map is not None:
        with Outputs(task.map.parent, task.inputs.values()) as outputs:
            add_labels(outputs, task.map, disagreement, where.grid, where.header)
    remarks = [remark for each in maps for remark in each.remarks]
    return Measured({"concordance": rows, "suspicion": parts}, tuple(dict.fromkeys(remarks)))


def read_sources(
    sessions: Sequence[Session],
    given: Sequence[Given],
    metadata: Mapping[str, str],
    where: Target | None,
    *,
    resample: bool,
) -> tuple[list[StructureMap], Target]:
    """Read the segmentations of one case onto one grid: that of the CT, or of the first.

    Raises
    ------
    DiagnosticError
        With every problem of every file; MEA012 where there are fewer than two.
    """
    if len(given) < 2:
        text = "one segmentation agrees with nothing: concordance needs two or more of a case"
        raise DiagnosticError([Diagnostic("MEA012", "error", text)])
    maps: list[StructureMap] = []
    problems: list[Diagnostic] = []
    for session, each in zip(sessions, given, strict=True):
        try:
            found, where = read_structures(session, each, metadata, where, resample=resample)
            maps.append(found)
        except DiagnosticError as failed:
            told = failed.diagnostics
            if where is not None and not where.is_image:
                told = tuple(grid_told(d, where) for d in told)
            problems += told
    if problems or where is None:
        raise DiagnosticError(problems)
    return on_one_line(maps), where


def concordance_rows(
    sources: Sequence[str], maps: Sequence[StructureMap], ontology: Ontology, method: str
) -> Iterator[dict[str, Cell]]:
    """Give the rows of the table `concordance` for one case, without the case."""
    found = _Case(tuple(sources), maps, ontology, method)
    for shared, agreed in found.agreements():
        yield from found.rows(shared, agreed)


class _Case:
    """The segmentations of one case, structure by structure."""

    def __init__(
        self,
        sources: tuple[str, ...],
        maps: Sequence[StructureMap],
        ontology: Ontology,
        method: str,
    ) -> None:
        self._sources = sources
        self._maps = maps
        self._shared = shared_structures(ontology, [each.listed for each in maps])
        self._method = method

    def agreements(self) -> Iterator[tuple[Shared, Agreement]]:
        for shared in self._shared:
            masks = [self._maps[side].only(shared.members[side]) for side in shared.tellers]
            yield shared, agreement(masks, self._method)

    def rows(self, shared: Shared, agreed: Agreement) -> Iterator[dict[str, Cell]]:
        for at, side in enumerate(shared.tellers):
            overlap = self._overlap(agreed, at)
            yield {
                "structure": shared.structure,
                "source": self._sources[side],
                "told_from": shared.told_from(side),
                "sources": len(shared.tellers),
                "state": overlap.state(*SIDES),
                "source_ml": rounded(overlap.one_ml),
                "consensus_ml": rounded(overlap.other_ml),
                "difference_ml": rounded(overlap.one_ml - overlap.other_ml),
                "dice": rounded(overlap.dice),
                "iou": rounded(overlap.iou),
                "others_dice": rounded(agreed.mean_dice(of=at)),
                "among_others_dice": rounded(agreed.mean_dice(without=at)),
            }

    def suspicion(
        self, shared: Shared, agreed: Agreement, findings: Findings | None
    ) -> dict[str, Cell]:
        """Give what of the suspicion is known from the case alone."""
        pairs = agreed.mean_dice()
        each = [(self._overlap(agreed, at).dice, side) for at, side in enumerate(shared.tellers)]
        lowest = min(((dice, side) for dice, side in each if dice is not None), default=None)
        told = self._findings(shared, findings or {})
        grid = agreed.consensus.grid
        box = bounds(agreed.consensus)
        cut = box is not None and (0 in box[0] or any(np.equal(box[1], grid.shape)))
        weights = read_weights()
        severities = [severity for severity, _ in told]
        return {
            "structure": shared.structure,
            "disagreement_part": None if pairs is None else rounded(1 - pairs),
            "findings_part": None
            if findings is None
            else rounded(findings_part(severities, weights)),
            "sources": len(shared.tellers),
            "furthest_source": None if lowest is None else self._sources[lowest[1]],
            "furthest_dice": None if lowest is None else rounded(lowest[0]),
            "consensus_ml": rounded(agreed.consensus.voxels * grid.voxel_ml),
            "findings": "; ".join(words for _, words in told) or None,
            "cut": cut,
        }

    def _overlap(self, agreed: Agreement, at: int) -> Overlap:
        return Overlap(
            one=int(agreed.voxels[at]),
            other=agreed.consensus.voxels,
            common=int(agreed.with_consensus[at]),
            voxel_ml=agreed.consensus.grid.voxel_ml,
        )

    def _findings(self, shared: Shared, findings: Findings) -> list[tuple[str, str]]:
        """Give severity and words of what rules found in a structure; each rule once a source."""
        told: dict[str, str] = {}
        for side in shared.tellers:
            names = shared.members[side] | {shared.structure}
            for finding in findings.get(self._sources[side], ()):
                if names & set(finding.structures):
                    told.setdefault(f"{finding.rule} in {self._sources[side]}", finding.severity)
        return [(severity, words) for words, severity in told.items()]


def map_path(folder: Path, case: str) -> Path:
    """Give the file of the map of disagreement of a case."""
    digest = hashlib.sha256(case.encode("utf-8", "surrogatepass")).hexdigest()
    safe = case if case == Path(case).name else digest
    return folder / f"{safe}.nii.gz"


def image_place(image: Given) -> Target:
    """Give the grid of a CT, by its header alone."""
    header = read_header(image)
    return Target(header.grid, header.name, header.nifti, is_image=True)


def _add_disagreement(volume: np.ndarray[Any, np.dtype[np.uint8]], agreed: Agreement) -> None:
    """Raise a map to how many sources differ from most, where that is more."""
    against = agreed.votes.against()
    box = bounds(against)
    if box is not None:
        part = volume[slices(box)]
        np.maximum(part, decode(crop(against, box), np.uint8), out=part)
