"""`compare`: two label sets of the same cases, what changed and through which rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from vesalius.adapters.cases.report_file import read_whole_report
from vesalius.adapters.keeping.known import known_ontology
from vesalius.adapters.measures.measure_task import Measured, MeasureJob, MeasureTask
from vesalius.adapters.measures.overlap import count_overlaps
from vesalius.adapters.measures.pairs import Pair, read_pair
from vesalius.adapters.measures.structure_stats import rounded
from vesalius.adapters.measures.table_schema import Cell
from vesalius.ontology.reading.diagnostics import Diagnostic

NAMES = ("old", "new")
AGREES = 0.9
"""IoU above which a structure counts as the same: the paper's figure for V1 against V2."""
Moves = Mapping[str, Sequence[Mapping[str, Any]]]
"""What each rule moved, as a report says it."""


def measure_comparison(job: MeasureJob, task: MeasureTask) -> Measured:
    """Compare one case: the rows of `compare`."""
    pair = read_pair(
        [job.sessions[name] for name in NAMES],
        [task.segmentations[name] for name in NAMES],
        task.metadata,
        known_ontology(job.project),
        resample=job.options["resample"],
    )
    report = None if task.beside is None else read_whole_report(task.beside)
    changed = () if report is not None or task.beside is None else (_not_whole(task.beside),)
    rows: list[dict[str, Cell]] = [
        {"case": task.case, **row} for row in comparison_rows(pair, moves_of(report or {}))
    ]
    return Measured({"compare": rows}, (*pair.one.remarks, *pair.other.remarks, *changed))


def _not_whole(path: Path) -> Diagnostic:
    text = "the report beside the label map is not what a run wrote, so that no rules are named"
    hint = "run the case again, or take the report away"
    return Diagnostic("MEA016", "warning", text, path=str(path), help=hint)


def moves_of(report: Mapping[str, Any]) -> Moves:
    """Give what each rule moved by the report of a run; nothing where it is no such report."""
    outcomes = report.get("outcomes")
    if not isinstance(outcomes, list):
        return {}
    return {
        outcome["rule"]: outcome["moves"]
        for outcome in outcomes
        if isinstance(outcome, dict) and outcome.get("moves")
    }


def comparison_rows(pair: Pair, moves: Moves | None = None) -> Iterator[dict[str, Cell]]:
    """Give the rows of the table `compare` for one case, without the case.

    Parameters
    ----------
    pair : Pair
        The old and the new segmentation.
    moves : mapping of str to sequence, optional
        What rules moved to make the new one.
    """
    overlaps = count_overlaps(pair.one, pair.other)
    for shared in pair.shared:
        overlap = overlaps.of(shared)
        yield {
            "structure": shared.structure,
            "state": overlap.state(*NAMES),
            "old_from": shared.told_from(0),
            "new_from": shared.told_from(1),
            "old_ml": rounded(overlap.one_ml),
            "new_ml": rounded(overlap.other_ml),
            "difference_ml": rounded(overlap.other_ml - overlap.one_ml),
            "lost_ml": rounded(overlap.one_ml - overlap.common_ml),
            "gained_ml": rounded(overlap.other_ml - overlap.common_ml),
            "iou": rounded(overlap.iou),
            "dice": rounded(overlap.dice),
            "rules": _rules(shared.members[1] | {shared.structure}, moves or {}) or None,
        }


def _rules(structures: frozenset[str], moves: Moves) -> str:
    """List the rules that took voxels from a structure or gave it some, with how many ml."""
    found = []
    for rule, each in moves.items():
        touched = [move for move in each if structures & {move["from"], move["to"]}]
        if touched:
            found.append(f"{rule} ({sum(move['ml'] for move in touched):.2f} ml)")
    return "; ".join(found)


@dataclass
class Changes:
    """What changed over all cases.

    Parameters
    ----------
    ious : dict of str to list of float
        Of each structure, where it is defined.
    changed : dict of str to dict of str to (float, float)
        By structure and case the ml that were lost and gained, where any were.
    rules : dict of str to dict of str to None
        By structure the rules that touched it, without their volumes.
    cases : dict of str to float
        By case the ml that changed, lost and gained together.
    """

    ious: dict[str, list[float]] = field(default_factory=dict)
    changed: dict[str, dict[str, tuple[float, float]]] = field(default_factory=dict)
    rules: dict[str, dict[str, None]] = field(default_factory=dict)
    cases: dict[str, float] = field(default_factory=dict)

    def add(self, rows: Iterable[Mapping[str, Any]]) -> Changes:
        """Take in rows of `compare`."""
        for row in rows:
            name, case = row["structure"], row["case"]
            lost, gained = row["lost_ml"], row["gained_ml"]
            self.cases.setdefault(case, 0.0)
            if row["iou"] is not None:
                self.ious.setdefault(name, []).append(row["iou"])
            if lost or gained:
                self.changed.setdefault(name, {})[case] = (lost, gained)
                self.cases[case] += lost + gained
                words = (row.get("rules") or "").split("; ")
                told = self.rules.setdefault(name, {})
                told.update((word.partition(" (")[0], None) for word in words if word)
        return self

    def median_iou(self, structure: str) -> float:
        """Give the median IoU of a structure that some case has."""
        return median(self.ious[structure])

    @property
    def agreeing(self) -> tuple[str, ...]:
        """Structures whose median IoU is above 0.9."""
        return tuple(name for name in self.ious if self.median_iou(name) > AGREES)

    def to_json(self) -> dict[str, Any]:
        """Give all of it as JSON values."""
        return {
            "structures": len(self.ious),
            "structures_above_0.9": len(self.agreeing),
            "share_above_0.9": len(self.agreeing) / len(self.ious) if self.ious else None,
            "median_iou": {name: self.median_iou(name) for name in self.ious},
            "changed_ml_by_case": {case: rounded(ml) for case, ml in self.cases.items()},
            "changed_cases": {name: sorted(cases) for name, cases in self.changed.items()},
            "rules": {name: list(rules) for name, rules in self.rules.items()},
        }
