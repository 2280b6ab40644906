"""Running one test of one rule: in every orientation, memory order and type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from vesalius.adapters.cases.rule_outcomes import ended, reason_of
from vesalius.adapters.files.io_diagnostics import plural
from vesalius.adapters.rule_tests.drawing import compare
from vesalius.adapters.rule_tests.orient import ORIENTATIONS, Orientation
from vesalius.adapters.rule_tests.results import QUIET, TestResult, Word
from vesalius.adapters.rule_tests.scene import Scene, build_scene
from vesalius.engine.judging.context import ArrayImage, Source
from vesalius.engine.judging.verdict import Finding, Outcome, Status
from vesalius.engine.plan.plan import Anchor
from vesalius.engine.plan.step import Step
from vesalius.engine.run_steps import Options, run_steps
from vesalius.engine.runs.labelmap import LabelMap, decode, encode
from vesalius.ontology.reading.listing import listing
from vesalius.rules.rule import RuleTest

Order: TypeAlias = Literal["C", "F"]
_SHOWN = 4


@dataclass(frozen=True, eq=False)
class Bench:
    """A rule as the engine runs it.

    Parameters
    ----------
    rule : str
        Its id.
    steps : tuple of Step
        What it was compiled into; empty where it cannot act.
    anchors : tuple of Anchor
        What the steps refer to.
    labels : Mapping of str to int
        Label of each structure.
    idle : str
        Why there are no steps.
    """

    rule: str
    steps: tuple[Step, ...]
    anchors: tuple[Anchor, ...]
    labels: Mapping[str, int]
    idle: str = ""

    @cached_property
    def names(self) -> dict[int, str]:
        """Structure of each label."""
        return {label: name for name, label in self.labels.items()}


class Told(NamedTuple):
    """All that an outcome tells, with voxel indices along patient axes."""

    status: Status
    reason: str
    exclusion: bool
    vacuity: bool
    findings: tuple[Any, ...]
    remaining_findings: tuple[Any, ...]
    moves: tuple[Any, ...]


@dataclass(frozen=True, eq=False)
class Ran:
    """What a run made of a scene, in patient space.

    Parameters
    ----------
    status : {"changed", "holds", "violated", "skipped", "failed"}
        The rule's outcome.
    reason : str
        Why.
    told : tuple of Told
        What each outcome tells.
    labels : ndarray of int, shape (x, y, z)
        The result.
    """

    status: Status
    reason: str
    told: tuple[Told, ...]
    labels: NDArray[Any]


@dataclass(frozen=True, eq=False)
class _Variant:
    """A scene as one array: its runs, its image, and how it lies in the patient."""

    name: str
    orientation: Orientation
    labels: LabelMap
    image: ArrayImage | None
    sources: tuple[Source, ...]
    dtypes: tuple[str, ...]


def run_test(
    bench: Bench, test: RuleTest, orientations: Sequence[Orientation] = ORIENTATIONS
) -> TestResult:
    """Run a test.

    The rule's steps run alone on the case that is drawn, with unsafe repairs asked for: in each
    orientation, in the memory order of `memory_order` (the first in both), and from uint8 and
    uint16. All must give the drawn result and tell the same of it; what was changed must hold when
    it is run again; and the steps must read and write no label that they do not declare.

    Parameters
    ----------
    bench : Bench
        The rule, compiled.
    test : RuleTest
        One of its tests.
    orientations : sequence of Orientation
        The first one's result is compared with the picture, all others with the first.

    Returns
    -------
    TestResult

    Raises
    ------
    DiagnosticError
        PIC0xx, with every problem of the pictures.
    """
    scene = build_scene(test, bench.labels)
    variants = iter(_variants(scene, orientations))
    first = next(variants)
    base = _run(bench, scene, first)
    details = _against_picture(base, test, scene)
    word = _word(base, test, details)
    more = [*_again(bench, scene, first, base), *_declared(bench, scene, first, base)]
    counted = len(first.dtypes)
    odd = []
    for variant in variants:
        counted += len(variant.dtypes)
        odd += _difference(base, _run(bench, scene, variant), variant)
    if word == "passed" and (more or odd):
        word = "wrong" if more else "unstable"
    return TestResult(
        rule=bench.rule,
        test=test.name,
        word=word,
        expected=test.outcome,
        got=base.status,
        reason=base.reason,
        details=(*details, *more, *_shortened(odd, first)),
        picture=compare(scene, base.labels, bench.names),
        span=test.span,
        variants=counted,
    )


# The runs ---------------------------------------------------------------------------------------


def memory_order(orientation: Orientation) -> Order:
    """Choose C or Fortran order, so that all 48 orientations lie differently in memory.

    An orientation in C order lies in memory as the one with its axes in reverse does in Fortran
    order. Those two have as many flips, so they get the same order here, and no way to lie in
    memory is run twice; yet each order of the axes comes in both memory orders.
    """
    return "C" if sum(orientation.flips) % 2 == 0 else "F"


def _variants(scene: Scene, orientations: Sequence[Orientation]) -> Iterator[_Variant]:
    """Lay the scene into arrays; both types give the same runs, so that one run serves both."""
    ways: list[tuple[Orientation, Order]] = [(orientations[0], "C"), (orientations[0], "F")]
    ways += [(orientation, memory_order(orientation)) for orientation in orientations[1:]]
    wide = scene.before
    narrow = wide.astype(np.uint8) if wide.max() <= np.iinfo(np.uint8).max else None
    for orientation, order in ways:
        affine = scene.affine @ orientation.matrix(wide.shape)
        image = None if scene.image is None else ArrayImage(orientation.apply(scene.image))
        name = f"{orientation.name} {order}"
        lay = partial(_runs, orientation=orientation, order=order, affine=affine)
        runs, sources = lay(wide), scene.said_by_sources(lay)
        same = False
        if narrow is not None:
            of_narrow = lay(narrow)
            same = runs.same_as(of_narrow)
            if not same:
                yield _Variant(f"{name} uint8", orientation, of_narrow, image, sources, ("uint8",))
        dtypes = ("uint8", "uint16") if same else ("uint16",)
        yield _Variant(name, orientation, runs, image, sources, dtypes)


def _runs(
    array: NDArray[Any], orientation: Orientation, order: Order, affine: NDArray[np.float64]
) -> LabelMap:
    turned = orientation.apply(array)
    laid = np.ascontiguousarray(turned) if order == "C" else np.asfortranarray(turned)
    return encode(laid, affine)


def _run(bench: Bench, scene: Scene, variant: _Variant, *, check_reads: bool = False) -> Ran:
    options = Options(unsafe=True, check_reads=check_reads, tokens=bench.names)
    ruled = run_steps(
        bench.steps, bench.anchors, variant.labels, scene.metadata, variant.image, options,
        variant.sources,
    )  # fmt: skip
    labels = variant.orientation.undo(decode(ruled.labels))
    return _ran(bench, ruled.outcomes, labels, variant.orientation)


def _ran(
    bench: Bench, outcomes: Sequence[Outcome], labels: NDArray[Any], orientation: Orientation
) -> Ran:
    if not outcomes:
        return Ran("skipped", bench.idle, (), labels)
    status, _, _ = ended(outcomes)
    told = tuple(_told(outcome, orientation, labels.shape) for outcome in outcomes)
    return Ran(status, reason_of(outcomes, status), told, labels)


def _told(outcome: Outcome, orientation: Orientation, shape: tuple[int, ...]) -> Told:
    def finding(found: Finding) -> tuple[Any, ...]:
        at = None if found.at_ijk is None else orientation.patient_index(found.at_ijk, shape)
        figures = (found.voxels, found.ml, found.at_mm, found.values, found.note)
        return (found.kind, found.labels, *figures, at)

    moves = []
    for move in outcome.moves:
        low, high = move.box_ijk
        last = (high[0] - 1, high[1] - 1, high[2] - 1)
        corners = sorted(orientation.patient_index(corner, shape) for corner in (low, last))
        box = tuple(zip(*map(sorted, zip(*corners, strict=True)), strict=True))
        moves.append((move.source, move.target, move.voxels, move.ml, box))
    return Told(
        outcome.status,
        outcome.reason,
        outcome.excludes,
        outcome.vacuous,
        tuple(map(finding, outcome.findings)),
        tuple(map(finding, outcome.remaining)),
        tuple(moves),
    )


# What can be wrong ------------------------------------------------------------------------------


def _against_picture(base: Ran, test: RuleTest, scene: Scene) -> list[str]:
    found = []
    why = f" ({base.reason})" if base.reason else ""
    if base.status != test.outcome:
        found.append(f"expected {test.outcome}, got {base.status}{why}")
    wrong = int((base.labels != scene.after).sum())
    if wrong:
        found.append(f"{_voxels(wrong)} not as drawn")
    return found


def _word(base: Ran, test: RuleTest, details: Sequence[str]) -> Word:
    if not details:
        return "passed"
    if test.outcome in QUIET and base.status not in QUIET:
        return "noisy"
    if base.status in QUIET and test.outcome not in QUIET:
        return "missing"
    return "wrong"


def _again(bench: Bench, scene: Scene, first: _Variant, base: Ran) -> list[str]:
    """Run what was changed again: it must hold."""
    if base.status != "changed":
        return []
    array = first.orientation.apply(base.labels)
    variant = _Variant(
        first.name, first.orientation, encode(array, first.labels.grid.affine), first.image, (), ()
    )
    again = _run(bench, scene, variant)
    changed = [told for told in again.told if told.status == "changed"]
    if changed or again.status == "failed":
        return [f"not idempotent: run again it is {again.status} ({_moved(changed)})"]
    return []


def _declared(bench: Bench, scene: Scene, first: _Variant, base: Ran) -> list[str]:
    """Run with only the labels that each step declares to read."""
    alone = _run(bench, scene, first, check_reads=True)
    if alone.status == base.status and np.array_equal(alone.labels, base.labels):
        return []
    return [f"with the declared labels alone: {alone.status} ({alone.reason})"]


def _difference(base: Ran, other: Ran, variant: _Variant) -> list[tuple[str, str]]:
    """Say how a variant differs from the first, as (variant, what)."""
    if other.status != base.status:
        why = f" ({other.reason})" if other.reason else ""
        return [(variant.name, f"{other.status}{why}")]
    wrong = int((other.labels != base.labels).sum())
    if wrong:
        return [(variant.name, f"{_voxels(wrong)} different")]
    if other.told != base.told:
        return [(variant.name, _told_apart(base.told, other.told))]
    return []


def _told_apart(base: Sequence[Told], other: Sequence[Told]) -> str:
    for one, two in zip(base, other, strict=True):
        for part, a, b in zip(Told._fields, one, two, strict=True):
            if a != b:
                return f"other {part.replace('_', ' ')}: {b} for {a}"
    return "another order"


def _shortened(odd: Sequence[tuple[str, str]], first: _Variant) -> list[str]:
    """Group variants that differ in the same way from the first."""
    by_what: dict[str, list[str]] = {}
    for name, what in odd:
        by_what.setdefault(what, []).append(name)
    lines = []
    for what, names in by_what.items():
        lines.append(f"unlike {first.name}, in {listing(names, _SHOWN)}: {what}")
    return lines


def _voxels(count: int) -> str:
    return f"{count} voxel is" if count == 1 else f"{count} voxels are"


def _moved(told: Sequence[Told]) -> str:
    voxels = sum(voxels for outcome in told for _, _, voxels, _, _ in outcome.moves)
    return f"{plural(voxels, 'voxel')} moved"
