"""Running a plan on a case: claims, anchors, divisions, merge, steps, result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from vesalius.engine.judging.context import Image, Source
from vesalius.engine.judging.verdict import Outcome
from vesalius.engine.merge.anchors import AnchorFit, fit_anchors
from vesalius.engine.merge.claims import (
    ChoiceTally,
    Claims,
    UnlistedIntegers,
    claim,
    unlisted_integers,
)
from vesalius.engine.merge.divide import DivideTally, divide
from vesalius.engine.merge.merge import Merged, merge, merge_labels, relabelled
from vesalius.engine.merge.policy import policy_filter
from vesalius.engine.merge.tally import (
    Tally,
    tally_conflicts,
    tally_lost,
    tally_sources,
    tally_structures,
)
from vesalius.engine.plan.check import actions_within, require_valid
from vesalius.engine.plan.plan import Divide, Paint, Plan, SourceTable
from vesalius.engine.run_steps import Options, judge_again
from vesalius.engine.runs.build import empty
from vesalius.engine.runs.grid import Grid
from vesalius.engine.runs.labelmap import Axes, LabelMap
from vesalius.engine.runs.sweeps import relabel, with_axes
from vesalius.engine.undo import run_and_undo

__all__ = [
    "Case",
    "GridMismatch",
    "Result",
    "UnknownSource",
    "UnlistedIntegers",
    "execute",
    "unlisted_integers",
]

GRID_TOLERANCE_MM = 1e-3
"""Corners of two grids further apart than this make them different grids."""


@dataclass(frozen=True)
class Case:
    """What is known about one patient.

    Parameters
    ----------
    grid : Grid
        Shape and affine of the result.
    axes : tuple of int
        Memory order of the result, array axes from fastest to slowest.
    sources : mapping of str to LabelMap
        Predictions by the token of their source, in the integers of their files. A source of
        the plan may be absent. Their memory order may differ from `axes`.
    metadata : mapping of str to str
        Values that choices and steps ask for.
    image : Image or None
        Hounsfield values on the same grid, for steps that ask for them.
    names : mapping of str to str
        What findings call a source, by its token; its token where nothing is given.
    """

    grid: Grid
    axes: Axes
    sources: Mapping[str, LabelMap]
    metadata: Mapping[str, str]
    image: Image | None = None
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """What a plan made of a case.

    Parameters
    ----------
    labels : LabelMap
        In the integers of the target.
    work : LabelMap
        In work labels, also those that the target cannot express.
    merged : LabelMap
        In work labels, before the steps.
    tally : Tally
        What was counted on the way.
    outcomes : tuple of Outcome
        One per step, in order.
    trace : LabelMap or None
        By voxel the number of the step that wrote it last, where a trace was asked for.
    final : tuple of Outcome
        One per step of the plan that reads the result, judged on the result; without such a plan
        the outcomes.
    turns : int
        How often the steps were run.
    settled : bool
        Whether the last time changed nothing.
    """

    labels: LabelMap
    work: LabelMap
    merged: LabelMap
    tally: Tally
    outcomes: tuple[Outcome, ...]
    trace: LabelMap | None
    final: tuple[Outcome, ...] = ()
    turns: int = 1
    settled: bool = True


class GridMismatch(ValueError):
    """A source does not lie on the case's grid.

    Parameters
    ----------
    source : str
        Token of the source.
    offset_mm : float
        How far the grids are apart at a corner; infinite where the shapes differ.
    """

    def __init__(self, source: str, offset_mm: float) -> None:
        self.source = source
        self.offset_mm = offset_mm
        super().__init__(
            f"source {source!r} has another shape than the case"
            if offset_mm == float("inf")
            else f"source {source!r} lies {offset_mm:.3g} mm off the grid of the case"
        )


class UnknownSource(ValueError):
    """A case has a source that the plan does not know; `source` is its token."""

    def __init__(self, source: str, known: Sequence[str]) -> None:
        self.source = source
        super().__init__(f"the plan has no source {source!r}, only: {', '.join(known)}")


def execute(
    plan: Plan, case: Case, options: Options | None = None, reading: Plan | None = None
) -> Result:
    """Run a plan on a case.

    The result depends on what each source says at each place in the patient: not on the order
    of the sources, nor on the order or direction of the array axes. Nothing is changed in
    place.

    Parameters
    ----------
    plan : Plan
        A valid plan.
    case : Case
        Its sources all lie on its grid.
    options : Options, optional
        How steps are run; by default safe repairs are made and no trace is kept.
    reading : Plan, optional
        Reads the result as its one source, in the same work labels, and judges it once more. Its
        anchors for steps begin with those of the plan.

    Returns
    -------
    Result

    Raises
    ------
    UnlistedIntegers
        If a source with a closed table has an integer that the table does not list.
    GridMismatch
        If a source does not lie on the case's grid.
    UnknownSource
        If the case has a source that the plan does not know.
    ValueError
        If the plan is not valid.
    """
    require_valid(plan)
    like = empty(case.grid, case.axes)
    claims, choices = _claim(plan, case)
    anchors = _fit(plan, claims, like)
    claims, divisions = _divide(plan, claims, anchors)
    counted = policy_filter(plan, [source.token for source in claims], case.metadata)
    merged = merge(claims, plan.work, like, counted=counted)
    tokens = {entry.label: entry.token for entry in plan.work}
    options = replace(options or Options(), tokens=tokens, turns=plan.turns)
    specs = plan.rule_anchors if reading is None else reading.rule_anchors
    sources = _sources(plan, case, claims, merged)
    ruled = run_and_undo(
        plan.steps, specs, merged.work, case.metadata, case.image, options, sources
    )
    structures = tally_structures(ruled.labels, plan.work)
    tally = Tally(
        sources=tally_sources(plan, claims, merged.cells),
        choices=choices,
        anchors=anchors,
        divisions=divisions,
        conflicts=tally_conflicts(merged, plan.work),
        structures=structures,
        lost=tally_lost(structures),
    )
    labels = relabelled(ruled.labels, [entry.output for entry in plan.work])
    final = ruled.outcomes
    if reading is not None:
        (table,) = reading.sources
        again, _ = read(reading, replace(case, sources={table.token: labels}))
        final = judge_again(reading.steps, ruled, again, options)
    return Result(
        labels=labels,
        work=ruled.labels,
        merged=merged.work,
        tally=tally,
        outcomes=ruled.outcomes,
        trace=ruled.trace,
        final=final,
        turns=ruled.turns,
        settled=ruled.settled,
    )


def read(plan: Plan, case: Case) -> tuple[LabelMap, tuple[DivideTally, ...]]:
    """Read the sources of a case in work labels: no steps are run and nothing else is counted.

    Returns
    -------
    work : LabelMap
        Their merge, in which every claim counts.
    divisions : tuple of DivideTally
        What anchors divided.

    Raises
    ------
    UnlistedIntegers, GridMismatch, UnknownSource, ValueError
        As of `execute`.
    """
    require_valid(plan)
    like = empty(case.grid, case.axes)
    claims, _ = _claim(plan, case)
    claims, divisions = _divide(plan, claims, _fit(plan, claims, like))
    return merge_labels(claims, plan.work, like), divisions


def _sources(
    plan: Plan, case: Case, claims: Sequence[Claims], merged: Merged
) -> tuple[Source, ...]:
    """Give what each source says by itself, where steps ask for it."""
    if not any(step.each_source for step in plan.steps):
        return ()
    names = [case.names.get(source.token, source.token) for source in claims]
    divided = {table.token: _divided(table) for table in plan.sources}
    if len(claims) == 1:
        return (Source(names[0], merged.work, divided[claims[0].token]),)
    painted = (relabel(source.runs, source.work_labels()) for source in claims)
    return tuple(map(Source, names, painted, (divided[source.token] for source in claims)))


def _divided(table: SourceTable) -> frozenset[int]:
    """Give the labels that a plane chooses between."""
    within = (list(actions_within(action)) for _, action in table.actions)
    return frozenset(
        action.label
        for actions in within
        if any(isinstance(action, Divide) for action in actions)
        for action in actions
        if isinstance(action, Paint)
    )


def _claim(plan: Plan, case: Case) -> tuple[list[Claims], tuple[ChoiceTally, ...]]:
    """Give every voxel of every source its cell, with the metadata's choices made."""
    known = [table.token for table in plan.sources]
    for token in sorted(case.sources):
        if token not in known:
            raise UnknownSource(token, known)
    claims: list[Claims] = []
    choices: list[ChoiceTally] = []
    for table in plan.sources:
        if table.token in case.sources:
            labelmap = _on_grid(case, table.token)
            claimed, chosen = claim(table, labelmap, case.metadata)
            claims.append(claimed)
            choices.extend(chosen)
    return claims, tuple(choices)


def _on_grid(case: Case, token: str) -> LabelMap:
    """Return a source in the memory order of the case, with the case's own grid."""
    labelmap = case.sources[token]
    offset_mm = case.grid.offset_mm(labelmap.grid)
    if offset_mm > GRID_TOLERANCE_MM:
        raise GridMismatch(token, offset_mm)
    return replace(with_axes(labelmap, case.axes), grid=case.grid)


def _fit(plan: Plan, claims: Sequence[Claims], like: LabelMap) -> tuple[AnchorFit, ...]:
    """Fit the anchors to the merge of what is claimed without a condition."""
    if not plan.anchors:
        return ()
    return fit_anchors(plan.anchors, merge_labels(claims, plan.work, like))


def _divide(
    plan: Plan, claims: Sequence[Claims], anchors: Sequence[AnchorFit]
) -> tuple[list[Claims], tuple[DivideTally, ...]]:
    """Decide by the anchors."""
    divided: list[Claims] = []
    divisions: list[DivideTally] = []
    for source in claims:
        after, made = divide(source, anchors, plan.connectivity, plan.whole_share)
        divided.append(after)
        divisions.extend(made)
    return divided, tuple(divisions)
