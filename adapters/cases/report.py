"""The JSON report of one case, a versioned artefact that other programs read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from vesalius.adapters.cases.briefs import Prepared, SchemeBrief, tokens_of
from vesalius.adapters.cases.case_verdict import CaseSummary, CaseVerdict
from vesalius.adapters.cases.file_names import name_of, without_folders
from vesalius.adapters.cases.loaded import LoadedCase, LoadedSource
from vesalius.adapters.cases.not_judged import not_judged
from vesalius.adapters.cases.outcome_rows import OUTCOMES, outcome_rows
from vesalius.adapters.cases.rule_findings import Json
from vesalius.adapters.cases.rule_outcomes import RuleOutcome
from vesalius.adapters.cases.trace_files import TRACE, step_rows
from vesalius.adapters.keeping.program_version import tool_version
from vesalius.engine.execute import Result
from vesalius.engine.merge.anchors import AnchorFit
from vesalius.engine.merge.tally import ConflictTally, IntegerTally, LostTally, SourceTally

REPORT_SCHEMA = "report/2"


def build_report(
    case: LoadedCase,
    prepared: Prepared,
    made: Result,
    outcomes: Sequence[RuleOutcome],
    verdict: CaseVerdict,
    summary: CaseSummary,
    asked: Json,
) -> Json:
    """Write what was done to a case as JSON values.

    Parameters
    ----------
    case : LoadedCase
        The files.
    prepared : Prepared
        The plan that was run, its rules, schemes and remarks.
    made : Result
        What came of it.
    outcomes : sequence of RuleOutcome
        What became of each rule.
    verdict : CaseVerdict
        What becomes of the case.
    summary : CaseSummary
        What remains and what was changed.
    asked : dict
        How rules and merge were chosen: what a repetition needs.

    Returns
    -------
    dict
        Keys: schema, tool, verdict, summary, plan, target, grid, inputs, metadata, sources,
        structures, conflicts, lost, painting_order (of structures, the last wins), rules, asked,
        outcomes, turns (how often all rules ran, and whether the last time changed nothing), steps
        and trace (the rule behind each number of the trace file; none without one), not_judged,
        excluded_by, anchors, choices, divisions, remarks. Volumes are in ml, positions in mm
        (RAS+).
    """
    plan, tally = prepared.plan, made.tally
    tokens = tokens_of(plan)
    voxel_ml = case.grid.voxel_ml
    return {
        "schema": REPORT_SCHEMA,
        "tool": tool_version(),
        "verdict": verdict.to_json(),
        "summary": summary.to_json(),
        "plan": prepared.digest,
        "target": plan.target,
        "grid": {
            "shape": list(case.grid.shape),
            "spacing_mm": list(case.grid.spacing_mm),
            "affine": case.grid.affine.tolist(),
            "voxel_ml": voxel_ml,
        },
        "inputs": _inputs(case),
        "metadata": dict(sorted(case.metadata.items())),
        "sources": [
            _source(source, tokens, prepared.schemes[source.token], voxel_ml)
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
        "painting_order": [w.token for w in sorted(plan.work, key=lambda w: w.rank)],
        "rules": None if prepared.pack is None else prepared.pack.name,
        "asked": asked,
        OUTCOMES: outcome_rows(outcomes, prepared),
        "turns": {"made": made.turns, "at_most": plan.turns, "settled": made.settled},
        "steps": [] if made.trace is None else step_rows(plan, outcomes),
        "trace": None if made.trace is None else TRACE,
        "not_judged": list(not_judged(outcomes)),
        "excluded_by": [o.rule.id for o in outcomes if o.excludes_case],
        "anchors": [anchor_row(anchor, tokens) for anchor in tally.anchors],
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
            {
                "code": d.code,
                "severity": d.severity,
                "message": without_folders(d.message),
                "path": None if d.path is None else without_folders(d.path),
            }
            for d in (*prepared.diagnostics, *case.diagnostics)
        ],
    }


def _inputs(case: LoadedCase) -> list[Json]:
    rows: list[Json] = []
    if case.image_path is not None:
        rows.append({"role": "image", "path": case.image_path, "sha256": case.image_digest})
    rows += [_source_input(source) for source in case.predictions]
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
    source: SourceTally, tokens: Mapping[int, str], scheme: SchemeBrief, voxel_ml: float
) -> Json:
    entries = scheme.by_integer()
    return {
        "source": source.token,
        "scheme": scheme.name,
        "scheme_file": name_of(scheme.path),
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
    return {"structure": lost.token, "voxels": lost.voxels, "ml": lost.voxels * voxel_ml}


def anchor_row(anchor: AnchorFit, tokens: Mapping[int, str]) -> Json:
    """Say what became of an anchor, with the digits that are the same on every machine."""
    return {
        "anchor": anchor.token,
        "status": anchor.status,
        "reason": anchor.reason,
        "points": anchor.n_points,
        "left_out": [tokens[label] for label in anchor.dropped],
        "normal": anchor.normal and [_settled(part, 9) for part in anchor.normal],
        "offset_mm": _settled(anchor.offset_mm),
        "tilt_deg": _settled(anchor.tilt_deg),
        "residual_mm": _settled(anchor.residual_mm),
    }


def _settled(figure: float | None, digits: int = 6) -> float | None:
    # The others are those of numpy's linear algebra, and of the processor that it was tuned to.
    return None if figure is None else round(float(figure), digits) + 0.0


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
