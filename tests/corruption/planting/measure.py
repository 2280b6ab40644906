"""Running a pack on a planted mistake, and what it restored and harmed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from planting.patient import Labels, Patient
from shipped_packs import shipped_pack
from vesalius.engine.execute import Case, Result, execute
from vesalius.engine.judging.context import ArrayImage
from vesalius.engine.run_steps import Options
from vesalius.engine.runs.grid import Grid
from vesalius.engine.runs.labelmap import decode, encode
from vesalius.ontology.graph import Ontology
from vesalius.ontology.scheme.scheme import Scheme
from vesalius.rules.compile.compiler import Compiled, compile_plan
from vesalius.rules.places import load_anchors


def compile_pack(name: str, scheme: Scheme, ontology: Ontology) -> Compiled:
    """Compile a pack for a segmentation that is already in the target's scheme."""
    anchors = load_anchors(ontology)
    sources = {scheme.name: scheme}
    return compile_plan(ontology, scheme, sources, anchors, shipped_pack(name))


def run_pack(
    compiled: Compiled,
    scheme: Scheme,
    labels: np.ndarray,
    ct: np.ndarray,
    grid: Grid,
    sex: str,
    options: Options | None = None,
) -> tuple[Labels, Result]:
    """Run the plan on label and image arrays."""
    source = encode(labels, grid.affine)
    case = Case(grid, source.axes, {scheme.name: source}, {"sex": sex}, ArrayImage(ct))
    result = execute(compiled.plan, case, options)
    return decode(result.labels, np.uint16), result


@dataclass(frozen=True, eq=False)
class Measured:
    """What became of a planted mistake.

    Parameters
    ----------
    corrupted, restored, cleared, harmed : int
        Voxels that were planted; of those, voxels that are as in the truth again, and voxels
        that have at least lost the planted label; voxels that were right before and are wrong.
    rules : mapping of str to str
        Outcome of each rule that found something, or failed.
    found : frozenset of str
        Structures that rules found something wrong with, or changed.
    result : ndarray of uint16
        The label map afterwards.
    turns : int
        How often all rules ran.
    settled : bool
        Whether the last time changed nothing, or the pack runs its rules once only.
    left, harm : Counter of (str, str, str)
        Voxels not restored, and harmed, by (truth, planted, result).
    """

    corrupted: int
    restored: int
    cleared: int
    harmed: int
    rules: Mapping[str, str]
    found: frozenset[str]
    result: Labels
    turns: int
    settled: bool
    left: Counter[tuple[str, str, str]]
    harm: Counter[tuple[str, str, str]]

    @property
    def share(self) -> float:
        return self.restored / self.corrupted

    @property
    def cleared_share(self) -> float:
        return self.cleared / self.corrupted

    def tells(self) -> str:
        """Say what went wrong, for the message of a failed test."""
        left = ", ".join(f"{n} {'>'.join(k)}" for k, n in self.left.most_common(6))
        harm = ", ".join(f"{n} {'>'.join(k)}" for k, n in self.harm.most_common(6))
        return (
            f"{self.corrupted} corrupted, {self.share:.2%} restored, "
            f"{self.cleared_share:.2%} cleared, {self.harmed} harmed; "
            f"left: {left or 'nothing'}; harm: {harm or 'none'}; {dict(self.rules)}"
        )


def measure(patient: Patient, planted: Labels, compiled: Compiled) -> Measured:
    """Run the pack on a planted mistake and compare with the truth."""
    result, run = run_pack(compiled, patient.scheme, planted, patient.ct, patient.grid, patient.sex)
    truth = patient.truth
    wrong = planted != truth
    assert wrong.any(), "nothing was planted"
    after = result != truth
    harm = ~wrong & after
    tokens = {work.label: work.token for work in compiled.plan.work} | {0: "background"}
    rules: dict[str, str] = {}
    found: set[str] = set()
    for outcome in run.outcomes:
        if outcome.status not in ("holds", "skipped"):
            rules[outcome.rule] = outcome.status
        for finding in outcome.findings:
            found.update(tokens[label] for label in finding.labels)
    return Measured(
        corrupted=int(wrong.sum()),
        restored=int((wrong & ~after).sum()),
        cleared=int((wrong & (result != planted)).sum()),
        harmed=int(harm.sum()),
        rules=rules,
        found=frozenset(found),
        result=result,
        turns=run.turns,
        settled=run.settled or compiled.plan.turns == 1,
        left=_triples(patient, planted, result, wrong & after),
        harm=_triples(patient, planted, result, harm),
    )


def _triples(
    patient: Patient, planted: Labels, result: Labels, mask: np.ndarray
) -> Counter[tuple[str, str, str]]:
    names = {**patient.name_of, 0: "background"}
    found: Counter[tuple[str, str, str]] = Counter()
    stack = np.stack([patient.truth[mask], planted[mask], result[mask]], axis=1)
    for row, count in zip(*np.unique(stack, axis=0, return_counts=True), strict=True):
        found[names[int(row[0])], names[int(row[1])], names[int(row[2])]] = int(count)
    return found
