"""`vesalius explain OUT --at`: the story of one voxel."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import nibabel as nib
import numpy as np
import pytest
from nibabel.orientations import axcodes2ornt, io_orientation, ornt_transform

from vesalius.adapters.cases.explain_voxel import explain_voxel
from vesalius.adapters.cases.report_file import with_digest
from vesalius.adapters.cases.run_folder import read_run_folder

AFFINE = np.diag([2.0, 2.0, 2.0, 1.0])


def without_trace(folder):
    """Make the output that of a run without `--trace`."""
    path = folder / "out" / "report.json"
    report = json.loads(path.read_text()) | {"trace": None}
    path.write_text(json.dumps(with_digest(report)))
    (folder / "out" / "trace.nii.gz").unlink()


PLACES = {
    "removed": "9,7,5",
    "liver": "3,4,3",
    "conflict": "5,3,3",
    "agreed": "8,3,2",
    "unsafe": "9,3,5",
    "nothing": "0,0,0",
}


def test_the_stories(explain, traced_run, same_text):
    told = [explain("--at", place) for place in PLACES.values()]
    assert {done.returncode for done in told} == {0}
    same_text("explain-traced.txt", "\n".join(done.stdout for done in told))
    without_trace(traced_run)
    told = [explain("--at", place) for place in PLACES.values()]
    assert {done.returncode for done in told} == {0}
    same_text("explain-untraced.txt", "\n".join(done.stdout for done in told))


def test_a_place_in_mm_is_its_nearest_voxel(explain):
    by_index = explain("--at", "9,7,5").stdout
    assert by_index.startswith("(9, 7, 5)  =  (18.0, 14.0, 10.0) mm   now background (0)\n")
    assert explain("--at-mm", "18.9,13.1,10.9").stdout == by_index
    assert explain("--at-mm", "-0.9,0,0").stdout == explain("--at", "0,0,0").stdout


def test_the_report_of_a_case_among_several(explain, traced_run):
    expected = explain("--at", "9,7,5").stdout
    flat = traced_run / "flat"
    flat.mkdir()
    for name, into in (
        ("labels.nii.gz", "a.nii.gz"),
        ("report.json", "a.report.json"),
        ("trace.nii.gz", "a.trace.nii.gz"),
    ):
        shutil.copy(traced_run / "out" / name, flat / into)
    assert explain("--at", "9,7,5", out="flat/a.report.json").stdout == expected


def test_a_file_that_changed_and_one_that_is_gone(explain, traced_run, same_text):
    array = np.asarray(nib.load(traced_run / "seg.nii.gz").dataobj).copy()
    array[3, 4, 3] = 1
    nib.save(nib.Nifti1Image(array, AFFINE), traced_run / "seg.nii.gz")
    (traced_run / "other.nii.gz").unlink()
    done = explain("--at", "3,4,3")
    assert done.returncode == 0
    same_text("explain-changed.txt", done.stdout)


def test_a_smaller_field_of_view_in_another_orientation(vesalius, case, organs, save, tmp_path):
    image = save("ct.nii.gz", np.zeros(organs.shape, np.int16), AFFINE)
    part = nib.load(case).slicer[7:, :, :]
    turn = ornt_transform(io_orientation(part.affine), axcodes2ornt(("S", "L", "A")))
    nib.save(part.as_reoriented(turn), tmp_path / "part.nii.gz")
    done = vesalius(
        "run", "-i", image, "-p", f"btcv={tmp_path / 'part.nii.gz'}", "-t", "amos22", "--rules",
        "none", "-o", tmp_path / "out",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    run = read_run_folder(tmp_path / "out")
    inside, outside = explain_voxel(run, (9, 3, 5)), explain_voxel(run, (6, 3, 5))
    assert inside.structures == ("kidney_right",)
    assert [(s.integer, s.claims, s.remark) for s in inside.sources] == [(2, ("kidney_right",), "")]
    assert [(s.integer, s.remark) for s in outside.sources] == [(0, "its scan does not reach here")]


def test_a_folder_of_masks(vesalius, organs, save, tmp_path):
    (tmp_path / "masks").mkdir()
    for name, integer in (("spleen", 1), ("right kidney", 2), ("liver", 6)):
        save(f"masks/{name}.nii.gz", (organs == integer).astype(np.uint8), AFFINE)
    done = vesalius(
        "run", "-p", "amos22=masks", "-t", "amos22", "--rules", "none", "-o", "out", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    done = vesalius("explain", "out", "--at", "9,3,5", cwd=tmp_path)
    assert "  source  amos22  2 `right kidney` -> kidney_right\n" in done.stdout


SPINE = """\
schema: scheme/1
scheme: spine
title: Spine and kidneys
labels:
  1: kidney
  2: drop
  3: ignore
  11: vertebrae_L1
  12: vertebrae_L2
  13: vertebrae_L3
  14: vertebrae_L4
"""


def test_a_class_that_the_midline_divides(vesalius, save, tmp_path):
    (tmp_path / "spine.yaml").write_text(SPINE)
    array = np.zeros((9, 5, 9), np.uint8)
    array[4, 1, [1, 3, 5, 7]] = [14, 13, 12, 11]
    array[1, 3, 3:6] = array[7, 3, 3:6] = 1
    array[1, 0, 0], array[2, 0, 0] = 2, 3
    path = save("seg.nii.gz", array, AFFINE)
    done = vesalius(
        "run", "-p", f"{tmp_path / 'spine.yaml'}={path}", "-t", "totalsegmentator_v2",
        "--rules", "none", "-o", tmp_path / "out",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    run = read_run_folder(tmp_path / "out")
    # x grows to the right of the patient.
    for i, name in ((1, "kidney_left"), (7, "kidney_right")):
        story = explain_voxel(run, (i, 3, 4))
        assert sorted(story.sources[0].claims) == ["kidney_left", "kidney_right"]
        assert story.structures == story.merged.winners == (name,)
        assert story.writers == ()
    remarks = [explain_voxel(run, (i, 0, 0)).sources[0].remark for i in (1, 2)]
    assert remarks == ["dropped on purpose", "not annotated, so no opinion"]


def test_what_the_target_has_no_place_for(vesalius, save, tmp_path):
    array = np.zeros((5, 5, 5), np.uint8)
    array[2, 2, 2] = 8
    path = save("seg.nii.gz", array, AFFINE)
    (tmp_path / "one.yaml").write_text(
        "schema: scheme/1\nscheme: one\ntitle: One\nlabels:\n  1: liver\n"
    )
    done = vesalius(
        "run", "-p", f"amos22={path}", "-t", tmp_path / "one.yaml", "--rules", "none",
        "-o", tmp_path / "out",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    done = vesalius("explain", tmp_path / "out", "--at", "2,2,2")
    assert "aorta" in done.stdout
    assert "has no place" in done.stdout


SHUFFLE = """\
schema: rules/1
pack: shuffle
about: Rules that pass voxels on, some of them back.
phases: [a, b, c, d, e]
rules:
  - {id: a/x, summary: x, for: liver, expect: {components: {at_most: 2}},
     repair: {keep: largest, rest: surrounding}}
  - {id: b/x, summary: x, for: spleen, per: voxel, where: {above: liver}, expect: absent,
     repair: {move_to: kidney_left}}
  - {id: c/x, summary: x, for: kidney_left, per: voxel, where: {below: pancreas}, expect: absent,
     repair: {move_to: spleen}}
  - {id: d/x, summary: x, for: [spleen, liver], per: voxel, where: {left_of: pancreas},
     expect: absent, repair: {move_to: pancreas}}
  - {id: e/x, summary: x, for: pancreas, expect: {components: {at_most: 1}},
     repair: {keep: largest, rest: background}}
"""


@pytest.mark.parametrize("seed", [0, 1])
def test_no_story_contradicts_what_happened(vesalius, save, tmp_path, seed):
    """The truth: the map without rules, the map with them, and the trace."""
    (tmp_path / "shuffle.yaml").write_text(SHUFFLE)
    rng = np.random.default_rng(seed)
    # Background, spleen, left kidney, liver, pancreas.
    organs = np.array([0, 1, 3, 6, 10], np.uint8)
    for name in ("one", "two"):
        save(f"{name}.nii.gz", organs[rng.integers(0, 5, (5, 5, 5))], AFFINE)
    for rules in ("none", "shuffle.yaml"):
        done = vesalius(
            "run", "-p", "amos22=one.nii.gz", "-p", "amos22=two.nii.gz", "-t", "amos22",
            "--rules", rules, "--trace", "--fail-on", "never", "-o", rules[0], cwd=tmp_path,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    report_path = tmp_path / "s" / "report.json"
    report = json.loads(report_path.read_text())
    for row in report["inputs"]:
        row["path"] = str(tmp_path / row["path"])
    report_path.write_text(json.dumps(with_digest(report)))
    merged = json.loads((tmp_path / "n" / "report.json").read_text())
    names = {0: "background"} | {s["integer"]: s["structure"] for s in merged["structures"]}
    plain = np.asarray(nib.load(tmp_path / "n" / "labels.nii.gz").dataobj)
    run = read_run_folder(tmp_path / "s")
    assert len(np.unique(run.trace)) >= 5
    untraced = replace(run, trace=None)
    decided = 0
    for ijk in np.ndindex(run.grid.shape):
        rule = report["steps"][int(run.trace[ijk]) - 1]["rule"] if run.trace[ijk] else None
        told = explain_voxel(run, ijk)
        winner = names[int(plain[ijk])]
        claimed = {name for source in told.sources for name in source.claims}
        assert told.merged.winners == (winner,)
        assert {name for name, _ in told.merged.losers} == claimed - {winner}
        assert [w.rule for w in told.writers if w.certain] == ([rule] if rule else [])
        blind = explain_voxel(untraced, ijk)
        certain = {w.rule for w in blind.writers if w.certain}
        assert certain <= {rule}
        assert rule is None or rule in {w.rule for w in blind.writers}
        decided += bool(certain)
    assert decided > 5


TWO_ENDS = """\
schema: rules/1
pack: ends
about: Two rules make the same of a structure, each in its own place.
phases: [a, b]
rules:
  - {id: a/top, summary: x, for: liver, where: {above: spleen}, expect: absent, repair: remove}
  - {id: b/bottom, summary: x, for: liver, where: {below: spleen}, expect: absent, repair: remove}
"""


def test_without_a_trace_the_boxes_tell_which_rule_it_was(vesalius, save, tmp_path):
    array = np.zeros((5, 5, 11), np.uint8)
    array[2, 2, 5], array[2, 2, 1:3], array[2, 2, 8:10] = 1, 6, 6
    path = save("seg.nii.gz", array, AFFINE)
    (tmp_path / "ends.yaml").write_text(TWO_ENDS)
    done = vesalius(
        "run", "-p", f"amos22={path}", "-t", "amos22", "--rules", tmp_path / "ends.yaml",
        "-o", tmp_path / "out",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    run = read_run_folder(tmp_path / "out")
    for k, rule in ((1, "b/bottom"), (8, "a/top")):
        (writer,) = explain_voxel(run, (2, 2, k)).writers
        assert (writer.rule, writer.sources, writer.target) == (rule, ("liver",), "background")
        assert writer.certain


@pytest.mark.real
def test_on_a_real_case(vesalius, data, tmp_path):
    case = data / "ts_example_ct_3mm"
    done = vesalius(
        "run", "-i", case / "ct.nii.gz", "--rules", "dap_atlas", "--trace", "-o", tmp_path / "out",
        "-p", f"totalsegmentator_v2={case / 'seg_v2_fast_force_split.nii.gz'}",
        "-p", f"totalsegmentator_v1={case / 'seg_v1_full.nii.gz'}",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    run = read_run_folder(tmp_path / "out")
    report = run.report
    # One voxel of each step that wrote something, and one that none wrote.
    for number in np.unique(run.trace).tolist():
        ijk = tuple(int(c) for c in np.argwhere(run.trace == number)[0])
        story = explain_voxel(run, ijk)
        certain = [w.rule for w in story.writers if w.certain]
        assert certain == ([report["steps"][number - 1]["rule"]] if number else [])
        assert all(source.reliable for source in story.sources)
