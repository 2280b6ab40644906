"""The JSON report of one case, a versioned artefact that other programs read."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from vesalius.adapters.cases.loaded import LoadedCase, LoadedSource
from vesalius.adapters.cases.rule_outcomes import Json, RuleOutcome, outcome_json
from vesalius.adapters.cases.trace_files import TRACE, step_rows
from vesalius.engine.anchors import AnchorFit
from vesalius.engine.execute import Result
from vesalius.engine.plan import Plan
from vesalius.engine.plan_json import plan_digest
from vesalius.engine.tally import ConflictTally, IntegerTally, LostTally, SourceTally
from vesalius.ontology.diagnostics import Diagnostic
from vesalius.ontology.scheme_types import Scheme

REPORT_SCHEMA = "report/1"


@dataclass(frozen=True)
class ReportInputs:
    """What a report is made from.

    Parameters
    ----------
    case : LoadedCase
        The files.
    plan : Plan
        What was run.
    result : Result
        What came of it.
    outcomes : sequence of RuleOutcome
        What became of each rule.
    rules : str or None
        Name of the rule pack.
    schemes : mapping of str to Scheme
        Scheme of each source, by token; gives the class names.
    diagnostics : sequence of Diagnostic
        Remarks of reading and compiling.
    """

    case: LoadedCase
    plan: Plan
    result: Result
    outcomes: Sequence[RuleOutcome]
    rules: str | None
    schemes: Mapping[str, Scheme]
    diagnostics: Sequence[Diagnostic]


def build_report(inputs: ReportInputs) -> Json:
    """Write what was done to a case as JSON values.

    Parameters
    ----------
    inputs : ReportInputs

    Returns
    -------
    dict
        Keys: schema, tool, plan, target, grid, inputs, metadata, sources, structures, conflicts,
        lost, painting_order (of structures, the last wins), rules, outcomes, steps and trace (the
        rule behind each number of the trace file), excluded_by, anchors, choices, divisions,
        remarks. Volumes are in ml, positions in mm (RAS+).
    """
    tally = inputs.result.tally
    tokens = {work.label: work.token for work in inputs.plan.work}
    tokens[0] = "background"
    voxel_ml = inputs.case.grid.voxel_ml
    return {
        "schema": REPORT_SCHEMA,
        "tool": f"vesalius {version('vesalius')}",
        "plan": plan_digest(inputs.plan),
        "target": inputs.plan.target,
        "grid": {
            "shape": list(inputs.case.grid.shape),
            "spacing_mm": list(inputs.case.grid.spacing_mm),
            "affine": inputs.case.grid.affine.tolist(),
            "voxel_ml": voxel_ml,
        },
        "inputs": _inputs(inputs.case),
        "metadata": dict(sorted(inputs.case.metadata.items())),
        "sources": [
            _source(source, tokens, inputs.schemes[source.token], voxel_ml)
            for source in tally.sources
            if source.given
        ],
        "structures": [
            {
                "structure": structure.token,
                "integer": structure.output,
                "voxels": structure.voxels,
                "ml": structure.ml,
            }
            for structure in tally.structures
            if structure.output
        ],
        "conflicts": [_conflict(conflict, tokens) for conflict in tally.conflicts],
        "lost": [_lost(lost, voxel_ml) for lost in tally.lost],
        "painting_order": [w.token for w in sorted(inputs.plan.work, key=lambda w: w.rank)],
        "rules": inputs.rules,
        "outcomes": [outcome_json(outcome, inputs.plan) for outcome in inputs.outcomes],
        "steps": step_rows(inputs.plan, inputs.outcomes),
        "trace": None if inputs.result.trace is None else TRACE,
        "excluded_by": [o.rule.id for o in inputs.outcomes if o.excludes],
        "anchors": [_anchor(anchor, tokens) for anchor in tally.anchors],
        "choices": [
            {
                "source": choice.source,
                "integer": choice.integer,
                "key": choice.key,
                "value": choice.value,
                "listed": choice.listed,
            }
            for choice in tally.choices
        ],
        "divisions": [asdict(division) for division in tally.divisions],
        "remarks": [
            {"code": d.code, "severity": d.severity, "message": d.message, "path": d.path}
            for d in inputs.diagnostics
        ],
    }


def _inputs(case: LoadedCase) -> list[Json]:
    rows: list[Json] = []
    if case.image_path is not None:
        rows.append({"role": "image", "path": case.image_path, "sha256": case.image_digest})
    rows += [_source_input(source) for source in case.sources]
    return rows


def _source_input(source: LoadedSource) -> Json:
    return {
        "role": "prediction",
        "source": source.token,
        "path": source.path,
        "sha256": source.digest,
        "placed": source.how,
    }


def _source(
    source: SourceTally, tokens: Mapping[int, str], scheme: Scheme, voxel_ml: float
) -> Json:
    entries = scheme.by_integer()
    return {
        "source": source.token,
        "scheme": scheme.name,
        "scheme_file": str(Path(scheme.path).resolve()),
        "classes": [
            {
                "integer": integer.integer,
                "name": entries[integer.integer].name if integer.integer in entries else None,
                **_integer(integer, tokens),
                "ml": integer.voxels * voxel_ml,
            }
            for integer in source.integers
        ],
    }


def _integer(tally: IntegerTally, tokens: Mapping[int, str]) -> Json:
    row: Json = {
        "voxels": tally.voxels,
        "painted": {tokens[label]: voxels for label, voxels in tally.painted},
        "won": tally.won,
    }
    optional: Json = {
        "lost_to": {tokens[label]: voxels for label, voxels in tally.lost_to},
        "dropped": tally.dropped,
        "ignored": tally.ignored,
        "lost": dict(tally.lost),
        "unlisted": tally.unlisted,
    }
    return {**row, **{key: value for key, value in optional.items() if value}}


def _conflict(conflict: ConflictTally, tokens: Mapping[int, str]) -> Json:
    return {
        "winner": tokens[conflict.winner],
        "loser": tokens[conflict.loser],
        "kind": "level" if conflict.kind == "tier" else "priority",
        "voxels": conflict.voxels,
    }


def _lost(lost: LostTally, voxel_ml: float) -> Json:
    voxels = lost.painted_voxels + lost.claimed_voxels
    return {"structure": lost.token, "voxels": voxels, "ml": voxels * voxel_ml}


def _anchor(anchor: AnchorFit, tokens: Mapping[int, str]) -> Json:
    return {
        "anchor": anchor.token,
        "status": anchor.status,
        "reason": anchor.reason,
        "points": anchor.n_points,
        "left_out": [tokens[label] for label in anchor.dropped],
        "normal": anchor.normal,
        "offset_mm": anchor.offset_mm,
        "tilt_deg": anchor.tilt_deg,
        "residual_mm": anchor.residual_mm,
    }


def read_report(path: Path) -> Json | None:
    """Read the report of a case; None where there is none that can be read."""
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return report if isinstance(report, dict) else None


def report_rows(report: Json, key: str) -> list[dict[str, Any]]:
    """Give the rows of a list in a report.

    Raises
    ------
    TypeError
        If it is no list.
    """
    rows = report[key]
    if not isinstance(rows, list):
        raise TypeError(f"the report's `{key}` is not a list")
    return rows
