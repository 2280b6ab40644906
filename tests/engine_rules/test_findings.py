"""Parts and findings, against brute force over voxels."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from oracle.dense import paint
from vesalius.engine.judging.faults import connected_faults, grouped_faults, main_labels
from vesalius.engine.judging.findings import findings_by_label, findings_by_part, in_ml, position
from vesalius.engine.runs.grid import Grid
from vesalius.engine.runs.labelmap import encode


def drawn(seed):
    """Return a random array, its affine and its map."""
    rng = np.random.default_rng(seed)
    array = rng.integers(0, 4, tuple(rng.integers(1, 6, 3))).astype(np.uint8)
    affine = np.eye(4)
    affine[:3, :3] = np.linalg.qr(rng.normal(size=(3, 3)))[0] * rng.uniform(0.5, 3, 3)
    if rng.integers(2):
        affine[0, 1] += 0.4  # sheared as well
    affine[:3, 3] = rng.uniform(-50, 50, 3)
    order = "CF"[rng.integers(2)]
    return np.asarray(array, order=order), affine, encode(np.asarray(array, order=order), affine)


SEEDS = st.integers(0, 2**32 - 1)


@given(SEEDS, st.sampled_from([6, 18, 26]))
def test_a_finding_per_part_points_at_the_part(seed, connectivity):
    array, affine, work = drawn(seed)
    faults = connected_faults(work, connectivity)
    if faults is None:
        assert not array.any()
        return
    number = paint(work, faults.part, -1)
    findings = findings_by_part(faults, "kind", [(("n", float(n)),) for n in range(len(faults))])
    assert len(findings) == len(faults) == number.max() + 1
    for n, finding in enumerate(findings):
        voxels = np.argwhere(number == n)
        points = voxels @ affine[:3, :3].T + affine[:3, 3]
        assert (finding.kind, finding.values) == ("kind", (("n", float(n)),))
        assert finding.labels == (int(array[tuple(voxels[0])]),)
        assert finding.voxels == len(voxels) == faults.voxels[n]
        assert finding.ml == pytest.approx(
            len(voxels) * abs(np.linalg.det(affine)) / 1000, abs=2e-9
        )
        assert finding.at_mm == pytest.approx(points.mean(axis=0), abs=2e-6)
        away = np.linalg.norm(points - points.mean(axis=0), axis=1)
        assert number[finding.at_ijk] == n
        own = affine[:3, :3] @ finding.at_ijk + affine[:3, 3]
        assert np.linalg.norm(own - points.mean(axis=0)) <= away.min() + 2e-6


@given(SEEDS)
def test_a_finding_per_label_counts_its_parts(seed):
    array, _, work = drawn(seed)
    faults = connected_faults(work)
    findings = findings_by_label(faults, "kind")
    assert [f.labels for f in findings] == [(int(v),) for v in np.unique(array[array > 0])]
    for finding in findings:
        (label,) = finding.labels
        assert finding.voxels == np.sum(array == label)
        assert finding.values == (("parts", float(np.sum(faults.label == label))),)
        assert array[finding.at_ijk] == label


@given(SEEDS)
def test_some_of_the_parts_are_the_same_parts(seed):
    _, _, work = drawn(seed)
    faults = connected_faults(work)
    if faults is None:
        return
    chosen = np.random.default_rng(seed).random(len(faults)) < 0.5
    some = faults.only(chosen)
    kept = np.flatnonzero(chosen)
    number = paint(work, faults.part, -1)
    again = paint(some.runs, some.part, -1)
    for new, old in enumerate(kept):
        assert np.array_equal(again == new, number == old)
    assert some.all_runs.same_as(work)
    assert some.only(np.ones(len(some), dtype=bool)).all_runs.same_as(work)
    assert np.array_equal(some.label, faults.label[kept])
    assert np.array_equal(some.voxels, faults.voxels[kept])
    assert np.array_equal(some.centre_mm, faults.centre_mm[kept])
    assert np.array_equal(some.measures.box_lo, faults.measures.box_lo[kept])
    assert np.array_equal(some.measures.box_hi, faults.measures.box_hi[kept])


@given(SEEDS, st.integers(1, 4))
def test_the_main_label_has_most_voxels(seed, n):
    array, _, work = drawn(seed)
    part = np.random.default_rng(seed).integers(0, n, len(work)).astype(np.int32)
    number = paint(work, part, -1)
    found = main_labels(work, part, n)
    for at in range(n):
        counts = np.bincount(array[number == at], minlength=4)
        # argmax takes the first, so the smaller of equal ones; a part is not empty.
        assert not counts.any() or found[at] == counts.argmax()


def test_parts_with_a_target():
    work = encode(np.array([1, 2, 2, 0, 3], dtype=np.uint8).reshape(5, 1, 1), np.eye(4))
    faults = grouped_faults(work, [0, 0, 1], 2, target=[5, 6])
    assert faults.label.tolist() == [2, 3]
    assert faults.target.tolist() == [5, 6]
    assert faults.only([False, True]).target.tolist() == [6]
    (pooled, lone) = findings_by_part(faults, "kind")
    assert (pooled.labels, pooled.voxels, pooled.values) == ((1, 2), 3, ())
    assert (lone.labels, lone.at_mm) == ((3,), (4.0, 0.0, 0.0))


def test_nothing_at_fault():
    work = encode(np.zeros((2, 2, 2), dtype=np.uint8), np.eye(4))
    assert connected_faults(work) is None
    assert grouped_faults(work, [], 0) is None
    assert findings_by_part(None, "kind") == findings_by_label(None, "kind") == ()


def test_figures_are_rounded_off_the_halves():
    grid = Grid((1, 1, 1), np.diag([0.5, 0.5, 0.4937501, 1.0]))
    assert in_ml(grid, 8) == 0.000987500
    assert in_ml(grid, 0) == 0.0
    assert position([0.1 + 0.2, -1e-9, -5.0]) == (0.3, 0.0, -5.0)
    assert str(position([-1e-9] * 3)) == "(0.0, 0.0, 0.0)"
