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
from vesalius.adapters.code_pages import code_page

AFFINE = np.diag([2.0, 2.0, 2.0, 1.0])


@pytest.fixture
def folder(vesalius, case, pack, organs, save, tmp_path):
    """Run AMOS and BTCV predictions into AMOS by the small pack, with a trace, in `tmp_path`.

    BTCV agrees on the spleen, calls a corner of the liver spleen, and has no kidney.
    """
    shutil.copy(pack, tmp_path / "small.yaml")
    other = np.where(organs == 1, 1, 0).astype(np.uint8)
    other[5, 2:4, 2:4] = 1
    save("other.nii.gz", other, AFFINE)
    done = vesalius(
        "run", "-p", "amos22=seg.nii.gz", "-p", "btcv=other.nii.gz", "-t", "amos22",
        "--rules", "small.yaml", "--unsafe", "--trace", "-o", "out", cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return tmp_path


@pytest.fixture
def explain(vesalius, folder):
    def go(*arguments: object, out: object = "out"):
        return vesalius("explain", out, *arguments, cwd=folder)

    return go


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


def test_the_stories(explain, folder, same_text):
    told = [explain("--at", place) for place in PLACES.values()]
    assert {done.returncode for done in told} == {0}
    same_text("explain-traced.txt", "\n".join(done.stdout for done in told))
    without_trace(folder)
    told = [explain("--at", place) for place in PLACES.values()]
    assert {done.returncode for done in told} == {0}
    same_text("explain-untraced.txt", "\n".join(done.stdout for done in told))


def test_a_place_in_mm_is_its_nearest_voxel(explain):
    by_index = explain("--at", "9,7,5").stdout
    assert by_index.startswith("(9, 7, 5)  =  (18.0, 14.0, 10.0) mm   now background (0)\n")
    assert explain("--at-mm", "18.9,13.1,10.9").stdout == by_index
    assert explain("--at-mm", "-0.9,0,0").stdout == explain("--at", "0,0,0").stdout


def test_the_report_of_a_case_among_several(explain, folder):
    expected = explain("--at", "9,7,5").stdout
    flat = folder / "flat"
    flat.mkdir()
    for name, into in (
        ("labels.nii.gz", "a.nii.gz"),
        ("report.json", "a.report.json"),
        ("trace.nii.gz", "a.trace.nii.gz"),
    ):
        shutil.copy(folder / "out" / name, flat / into)
    assert explain("--at", "9,7,5", out="flat/a.report.json").stdout == expected


def test_a_file_that_changed_and_one_that_is_gone(explain, folder, same_text):
    array = np.asarray(nib.load(folder / "seg.nii.gz").dataobj).copy()
    array[3, 4, 3] = 1
    nib.save(nib.Nifti1Image(array, AFFINE), folder / "seg.nii.gz")
    (folder / "other.nii.gz").unlink()
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


@pytest.fixture
def trouble(folder):
    """Make each kind of trouble; gives the arguments that meet it."""

    def no_folder():
        return ("missing", "--at", "1,2,3")

    def no_report():
        (folder / "empty").mkdir()
        return ("empty", "--at", "1,2,3")

    def a_segmentation():
        return ("seg.nii.gz", "--at", "1,2,3")

    def damaged():
        path = folder / "out" / "report.json"
        path.write_text(path.read_text()[:100])
        return ("out", "--at", "1,2,3")

    def other_schema():
        (folder / "out" / "report.json").write_text('{"schema": "lint/1"}')
        return ("out", "--at", "1,2,3")

    def old_report():
        (folder / "out" / "report.json").write_text('{"schema": "report/2", "grid": {}}')
        return ("out", "--at", "1,2,3")

    def deep_report():
        (folder / "out" / "report.json").write_text("[" * 200_000)
        return ("out", "--at", "1,2,3")

    def changed_report():
        path = folder / "out" / "report.json"
        path.write_text(path.read_text().replace("liver", "spleen"))
        return ("out", "--at", "1,2,3")

    def index_outside():
        return ("out", "--at", "12,0,0")

    def negative_index():
        return ("out", "--at", "-1,0,0")

    def mm_outside():
        return ("out", "--at-mm", "-81.5,12,230")

    def two_numbers():
        return ("out", "--at", "12,40")

    def words():
        return ("out", "--at-mm", "left,up,front")

    def fractions():
        return ("out", "--at", "1.5,2,3")

    def not_finite():
        return ("out", "--at-mm", "nan,0,0")

    def edited():
        path = folder / "out" / "labels.nii.gz"
        image = nib.load(path)
        array = np.asarray(image.dataobj).copy()
        array[3, 4, 3] = 7
        nib.save(nib.Nifti1Image(array, image.affine, image.header), path)
        return ("out", "--at", "3,4,3")

    def moved():
        path = folder / "out" / "labels.nii.gz"
        nib.save(nib.Nifti1Image(np.asarray(nib.load(path).dataobj), np.eye(4)), path)
        return ("out", "--at", "3,4,3")

    def other_trace():
        path = folder / "out" / "trace.nii.gz"
        nib.save(nib.Nifti1Image(np.full((12, 10, 8), 9, np.uint16), AFFINE), path)
        return ("out", "--at", "3,4,3")

    return {f"{code}-{maker.__name__}": maker for code, makers in {
        "EXP001": (no_folder, no_report, a_segmentation, damaged, other_schema, old_report,
                   deep_report, changed_report),
        "EXP002": (index_outside, negative_index, mm_outside),
        "EXP003": (two_numbers, words, fractions, not_finite),
        "EXP004": (edited, moved, other_trace),
    }.items() for maker in makers}  # fmt: skip


CODES = ("EXP001", "EXP002", "EXP003", "EXP004")


@pytest.mark.parametrize("code", CODES)
def test_trouble_is_one_diagnostic(vesalius, folder, trouble, same_text, code):
    kept = folder / "kept"
    shutil.copytree(folder / "out", kept)
    for name, maker in trouble.items():
        if not name.startswith(code):
            continue
        done = vesalius("explain", *maker(), cwd=folder)
        assert done.returncode == 2, name
        assert done.stdout == ""
        assert done.stderr.count("error[") == 1
        assert f"error[{code}]" in done.stderr
        same_text(f"{name}.txt", done.stderr)
        shutil.rmtree(folder / "out")
        shutil.copytree(kept, folder / "out")


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_a_page(code):
    lines = code_page(code).splitlines()
    assert {"What it means", "Example", "How to mend"} <= set(lines)
    assert len(lines) <= 16


def test_usage(explain):
    both = explain("--at", "1,2,3", "--at-mm", "1,2,3")
    assert both.returncode == 2
    assert "not both" in both.stderr
    neither = explain()
    assert neither.returncode == 2
    assert "Give --at I,J,K or --at-mm X,Y,Z" in neither.stderr


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
