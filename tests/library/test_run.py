"""The runner: what it says of good and of bad tests, rules and engines."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vesalius.adapters.rule_tests import run_test as runner
from vesalius.adapters.rule_tests.collect import select_tests
from vesalius.adapters.rule_tests.orient import ORIENTATIONS
from vesalius.adapters.rule_tests.results import MEANINGS, render_result, summary, to_json
from vesalius.adapters.rule_tests.scene import AIR_HU, LETTER_HU, build_scene

KEY = "key: {g: gonads, 6: vertebrae_C6}"
ACTS = f"""
- name: acts
  {KEY}
  before: |
    g . .
    . 6 .
    . . g
  after: |
    . . .
    . 6 .
    . . g
  outcome: changed
"""
LEAVES = f"""
- name: leaves
  {KEY}
  before: |
    . 6 .
    g . g
  outcome: holds
"""


@pytest.fixture
def one(pack, ontology, anchors, bench):
    """Write a rule with a test; give the compiled rule and the test."""

    def one(test, **options):
        (item,) = select_tests([str(pack("p", rule=test, **options))], ontology, anchors)
        return bench(item), item.test

    return one


def result_of(one, test, **options):
    made, written = one(test, **options)
    return runner.run_test(made, written)


def test_passes_in_98_variants(one):
    result = result_of(one, ACTS)
    assert (result.word, result.got, result.details, result.picture) == (
        "passed",
        "changed",
        (),
        (),
    )
    # The first orientation lies in both memory orders.
    assert result.variants == (48 + 1) * 2
    assert result.name == "areas/rule::acts"


def test_no_two_orientations_lie_alike_in_memory():
    volume = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    laid = {
        (orientation.axes, runner.memory_order(orientation)): set() for orientation in ORIENTATIONS
    }
    for orientation in ORIENTATIONS:
        order = runner.memory_order(orientation)
        laid[orientation.axes, order].add(orientation.apply(volume).tobytes(order))
    assert len(laid) == 6 * 2
    assert all(len(found) == 4 for found in laid.values())
    assert len(set.union(*laid.values())) == 48


def test_one_orientation(one):
    made, test = one(ACTS)
    assert runner.run_test(made, test, ORIENTATIONS[:1]).variants == 4


def test_a_rule_that_keeps_still(one):
    result = result_of(one, LEAVES)
    assert (result.word, result.got) == ("passed", "holds")


def test_skipped_with_its_reason(one):
    result = result_of(one, "- name: x\n  key: {g: gonads}\n  before: . g .\n  outcome: skipped")
    assert (result.word, result.got) == ("passed", "skipped")
    assert "missing" in result.reason


def test_noisy(one):
    test = ACTS.replace("changed", "holds")
    result = result_of(one, test[: test.index("  after")] + "  outcome: holds\n")
    assert (result.word, result.got) == ("noisy", "changed")
    assert result.details == ("expected holds, got changed", "1 voxel is not as drawn")
    assert result.picture == (
        "before    expected    got",
        "g . .     g . .       . . .",
        "                      ^",
        ". 6 .     . 6 .       . 6 .",
        ". . g     . . g       . . g",
    )


def test_missing(one):
    result = result_of(one, LEAVES.replace("holds", "violated"))
    assert (result.word, result.details) == ("missing", ("expected violated, got holds",))
    assert result.picture == ()


def test_wrong_voxels(one):
    result = result_of(one, ACTS, repair="{move_to: liver}")
    assert (result.word, result.got) == ("wrong", "changed")
    assert result.picture == (
        "before    expected    got",
        "g . .     . . .       A . .",
        "                      ^",
        ". 6 .     . 6 .       . 6 .",
        ". . g     . . g       . . g",
        "A = liver",
    )


def test_wide_pictures_are_drawn_below_each_other(one):
    wide = (
        ACTS.replace(" .\n", " .x40\n").replace(" g\n", " . gx39\n").replace("g . .x40", "g . .x40")
    )
    result = result_of(one, wide, repair="{move_to: liver}")
    assert [line for line in result.picture if line.endswith(":")] == [
        "before:",
        "expected:",
        "got:",
    ]


def test_a_letter_is_kept_where_it_was_drawn(one):
    """Two letters of one structure, and slices, in the picture of a failure."""
    test = f"""
- name: two letters
  {KEY.replace("g: gonads", "g: gonads, h: gonads, x: gonads")}
  before: |
    g . h
    . 6 .
    . . .
    ---
    . . .
    . . .
    x . h
  after: |
    . . h
    . 6 .
    . . .
    ---
    . . .
    . . .
    h . h
  outcome: changed
"""
    result = result_of(one, test)
    assert result.details == ("1 voxel is not as drawn",)
    assert result.picture == (
        "before    expected    got",
        "g . h     . . h       . . .",
        "                          ^",
        ". 6 .     . 6 .       . 6 .",
        ". . .     . . .       . . .",
        "---       ---         ---",
        ". . .     . . .       . . .",
        ". . .     . . .       . . .",
        "x . h     h . h       h . h",
    )


def test_reads_that_are_not_declared(one):
    made, test = one(ACTS)
    blind = replace(made, steps=tuple(replace(s, reads=()) for s in made.steps))
    result = runner.run_test(blind, test)
    assert result.word == "wrong"
    assert any(d.startswith("with the declared labels alone: ") for d in result.details)


def test_a_change_that_does_not_hold(one, monkeypatch):
    honest = runner.run_steps
    told = []

    def restless(steps, anchors, work, *more):
        ruled = honest(steps, anchors, work, *more)
        told.append(ruled.outcomes)
        return replace(ruled, outcomes=told[0]) if len(told) == 2 else ruled

    monkeypatch.setattr(runner, "run_steps", restless)
    result = result_of(one, ACTS)
    assert (result.word, result.details) == (
        "wrong",
        ("not idempotent: run again it is changed (1 voxel moved)",),
    )


def test_an_engine_that_looks_at_memory_order(one, monkeypatch):
    honest = runner.run_steps

    def crooked(steps, anchors, work, *more):
        ruled = honest(steps, anchors, work, *more)
        return ruled if work.axes[0] != 0 else replace(ruled, labels=work)

    monkeypatch.setattr(runner, "run_steps", crooked)
    result = result_of(one, ACTS)
    assert (result.word, result.picture) == ("unstable", ())
    (detail,) = result.details
    # In Fortran order the fastest axis is the first one.
    assert detail.startswith("unlike RAS C, in ")
    assert detail.endswith(" and 21 more: 1 voxel is different")


def test_outcomes_that_differ_in_what_they_tell(one, monkeypatch):
    honest = runner.run_steps

    def crooked(steps, anchors, work, *more):
        ruled = honest(steps, anchors, work, *more)
        shifted = tuple(
            replace(
                o, findings=tuple(replace(f, voxels=f.voxels + work.axes[0]) for f in o.findings)
            )
            for o in ruled.outcomes
        )
        return replace(ruled, outcomes=shifted)

    monkeypatch.setattr(runner, "run_steps", crooked)
    result = result_of(one, ACTS)
    assert result.word == "unstable"
    assert all("other findings" in detail for detail in result.details)


def test_types_that_encode_differently_are_run_apart(one, monkeypatch):
    honest = runner.encode

    def narrow_minded(array, affine):
        return honest(np.zeros_like(array) if array.dtype == np.uint8 else array, affine)

    monkeypatch.setattr(runner, "encode", narrow_minded)
    result = result_of(one, ACTS)
    assert not result.passed
    assert result.variants == 98


def test_a_picture_is_a_case_with_an_image(one):
    made, test = one(
        """
- name: x
  view: axial
  spacing_mm: [1, 2, 5]
  case: {sex: male}
  key: {g: gonads, 6: vertebrae_C6}
  hu: {".": -50, g: 300}
  before: |
    g . 6
    . . .
  outcome: holds
"""
    )
    scene = build_scene(test, made.labels)
    g, six = made.labels["gonads"], made.labels["vertebrae_C6"]
    # From the feet: the left cell is furthest right (+x), the upper row is anterior (+y).
    assert scene.before[..., 1].tolist() == [[0, six], [0, 0], [0, g]]
    assert scene.image[..., 1].tolist() == [[-50, LETTER_HU], [-50, -50], [-50, 300]]
    assert scene.before.shape == scene.image.shape == (3, 2, 3)
    assert not scene.before[..., [0, 2]].any()
    assert (scene.image[..., [0, 2]] == AIR_HU).all()
    assert np.diag(scene.affine).tolist() == [1, 2, 5, 1]
    assert scene.metadata == {"sex": "male"}


def test_render_and_json(one):
    good, bad = result_of(one, ACTS), result_of(one, LEAVES.replace("holds", "violated"))
    assert render_result(good) == "passed: areas/rule::acts\n"
    text = render_result(bad)
    assert text.startswith("missing: areas/rule::leaves\n  --> ")
    assert text.endswith("p.yaml:13:15\n  expected violated, got holds\n")
    assert summary([good, bad]) == "1 passed, 1 missing"
    data = to_json([good, bad])
    assert data["schema"] == "rule-tests/1"
    assert data["summary"] == {**dict.fromkeys(MEANINGS, 0), "passed": 1, "missing": 1}
    assert [r["word"] for r in data["results"]] == ["passed", "missing"]
    assert data["results"][1]["line"] == 13
