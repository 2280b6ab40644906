"""lint, repair, merge, convert: every way to give labels, and the command line, agree."""

from __future__ import annotations

import json
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

import vesalius

WAYS = ("text", "path", "image", "image in memory", "array", "array in C order", "int64")


@pytest.fixture
def repaired(organs) -> np.ndarray:
    """`organs` of a man without the second piece of the liver, as the small pack wants it."""
    expected = organs.copy()
    expected[9:11, 7:9, 5:6] = 0
    return expected


MAN = {"sex": "male"}


@pytest.mark.parametrize("way", WAYS)
def test_repair_of_everything_that_can_be_given(ways, way, pack, organs, affine, repaired):
    before = organs.copy()
    result = vesalius.repair(ways[way], "amos22", rules=pack, case=MAN)
    assert np.array_equal(result.array, repaired)
    assert np.array_equal(result.affine, affine)
    assert np.array_equal(organs, before)
    (change,) = result.changes
    assert (change.rule, change.structure, change.becomes) == (
        "pieces/liver", "liver", "background",
    )  # fmt: skip
    assert (change.voxels, change.box_ijk) == (4, ((9, 7, 5), (11, 9, 6)))
    assert result.changed_voxels == 4


@pytest.mark.parametrize("way", WAYS)
def test_lint_of_everything_that_can_be_given(ways, way, pack):
    result = vesalius.lint(ways[way], "amos22", rules=pack)
    found = {(f.rule, f.severity, f.structures, f.voxels) for f in result.findings}
    assert found == {
        ("pieces/liver", "error", ("liver",), 4),
        ("amount/spleen", "warning", ("spleen",), 12),
        ("sides/no-right-kidney", "info", ("kidney_right",), 4),
    }
    assert not result.ok


@pytest.mark.parametrize("way", WAYS)
def test_convert_of_everything_that_can_be_given(ways, way, organs):
    result = vesalius.convert(ways[way], "amos22", "btcv")
    # BTCV: 1 spleen, 2 right kidney, 6 liver, as AMOS; it has no prostate.
    assert np.array_equal(result.array, np.where(organs == 15, 0, organs))
    assert result.outcomes == ()


def test_merge_takes_files_images_and_arrays_together(organs, affine, file):
    spleen = np.where(organs == 1, 1, 0).astype(np.uint8)
    rest = np.where(organs == 1, 0, organs).astype(np.uint8)
    result = vesalius.merge(
        {"btcv": (spleen, affine), "amos22": nib.Nifti1Image(rest, affine)},
        target="amos22", rules=None, case={"sex": "male"},
    )  # fmt: skip
    assert np.array_equal(result.array, organs)
    both = vesalius.merge({"amos22": [file, (rest, affine)]}, target="amos22", rules=None)
    # Without a sex it stays the class that is a prostate or a uterus.
    assert np.array_equal(both.array, organs)
    assert [source["source"] for source in both.report["sources"]] == ["amos22", "amos22#2"]


@pytest.mark.parametrize("sex", ["male", "female", "unknown", None])
def test_what_is_known_of_the_patient(file, pack, organs, sex):
    case = None if sex is None else {"sex": sex}
    result = vesalius.merge({"amos22": file}, target="dap_atlas", rules=None, case=case)
    named = {row["structure"] for row in result.table()}
    assert ("prostate" in named, "uterus" in named) == (sex == "male", sex == "female")
    assert result.report["metadata"] == ({"sex": sex} if sex in ("male", "female") else {})


def test_unsafe_repairs_are_made_where_they_are_asked_for(file, pack, repaired):
    swapped = np.where(repaired == 2, 3, repaired)
    for unsafe in (True, "sides/no-right-kidney", ["sides/*"]):
        result = vesalius.repair(file, "amos22", rules=pack, unsafe=unsafe, case=MAN)
        assert np.array_equal(result.array, swapped)
    assert np.array_equal(vesalius.repair(file, "amos22", rules=pack, case=MAN).array, repaired)
    for unsafe in ("pieces/*", []):
        result = vesalius.repair(file, "amos22", rules=pack, unsafe=unsafe, case=MAN)
        assert np.array_equal(result.array, repaired)


def test_some_rules_only(file, pack):
    for select in ("amount/*", ["amount/spleen"]):
        result = vesalius.lint(file, "amos22", rules=pack, select=select)
        assert [finding.rule for finding in result.findings] == ["amount/spleen"]


def test_the_image_decides_the_grid(organs, affine, file):
    ct = np.full((*organs.shape[:2], 12), -1000, np.int16)
    shifted = affine.copy()
    shifted[2, 3] -= 2 * 2.5
    for image in ((ct, shifted), nib.Nifti1Image(ct, shifted)):
        result = vesalius.merge(
            {"amos22": file}, image=image, target="amos22", rules=None, resample=False,
            case={"sex": "male"},
        )  # fmt: skip
        assert np.array_equal(result.affine, shifted)
        assert np.array_equal(result.array[..., 2:10], organs)
        assert not result.array[..., :2].any()
        assert not result.array[..., 10:].any()


def test_where_labels_lie_that_are_on_no_voxels_of_the_image(organs, affine, file):
    """Each function that takes an image can be told the same of the place of labels."""
    moved = affine.copy()
    moved[:3, 3] += 0.6 * affine[:3, 0]
    ct = (np.full(organs.shape, -1000, np.int16), moved)

    def judged(**asked):
        return vesalius.lint(file, "amos22", image=ct, rules=None, **asked).ok

    def repaired(**asked):
        return vesalius.repair(file, "amos22", image=ct, rules=None, **asked).array

    for give in (judged, repaired):
        with pytest.raises(vesalius.DiagnosticError) as error:
            give()
        assert "IO" in error.value.diagnostics[0].code
    assert np.array_equal(repaired(trust_image_geometry=True), organs)
    assert np.array_equal(repaired(resample=True)[:-1], organs[1:])
    assert judged(resample=True)
    assert judged(trust_image_geometry=True)


def test_a_result_can_be_given_again(file, pack, repaired):
    once = vesalius.repair(file, "amos22", rules=pack, case=MAN)
    again = vesalius.repair(once, "amos22", rules=pack, case=MAN)
    assert np.array_equal(again.array, repaired)
    assert again.changes == ()


def test_repair_writes_what_the_command_writes(file, pack, command, tmp_path):
    done = command(
        "run", "-p", f"amos22={file}", "-t", "amos22", "--rules", pack, "-o", tmp_path / "command",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    vesalius.repair(file, "amos22", rules=pack).save_folder(tmp_path / "function")
    written = sorted(path.name for path in (tmp_path / "command").iterdir())
    assert written == ["labels.ctbl", "labels.nii.gz", "labels.txt", "report.json"]
    for name in written:
        theirs = (tmp_path / "command" / name).read_bytes()
        assert (tmp_path / "function" / name).read_bytes() == theirs


def test_convert_writes_what_the_command_writes(file, command, tmp_path):
    done = command(
        "convert", file, "--from", "amos22", "--to", "btcv", "-o", tmp_path / "command.nii.gz"
    )
    assert done.returncode == 0, done.stderr
    vesalius.convert(file, "amos22", "btcv").save(tmp_path / "function.nii.gz")
    theirs = (tmp_path / "command.nii.gz").read_bytes()
    assert (tmp_path / "function.nii.gz").read_bytes() == theirs


def test_lint_reports_what_the_command_reports(file, pack, command):
    done = command("lint", file, "--scheme", "amos22", "--rules", pack, "--format", "json")
    result = vesalius.lint(file, "amos22", rules=pack)
    assert json.loads(json.dumps(result.report)) == json.loads(done.stdout)


@pytest.mark.parametrize("way", ["path", "image"])
def test_no_result_is_written_onto_its_input(organs, affine, pack, tmp_path, way):
    path: Path = tmp_path / "seg.nii.gz"
    nib.save(nib.Nifti1Image(organs, affine), path)
    before = path.read_bytes()
    result = vesalius.repair(path if way == "path" else nib.load(path), "amos22", rules=pack)
    with pytest.raises(vesalius.DiagnosticError, match="IO052"):
        result.save(path)
    assert path.read_bytes() == before


def test_a_finding_says_what_is_done_with_its_own_structures(organs, affine, tmp_path):
    rules = tmp_path / "strays.yaml"
    rules.write_text(
        "schema: rules/1\npack: strays\nabout: Strays.\nphases: [pieces]\nrules:\n"
        "  - id: pieces/strays\n    summary: There is a stray.\n    for: [liver, spleen]\n"
        "    expect: {components: {at_most: 1}}\n    repair: {keep: largest, rest: background}\n"
    )
    array = organs.copy()
    array[0, 0, 0] = 1
    found = vesalius.lint((array, affine), "amos22", rules=rules).findings
    own = [(f.structures, [(c.structure, c.becomes, c.voxels) for c in f.repair]) for f in found]
    assert sorted(own) == [
        (("liver",), [("liver", "background", 4)]),
        (("spleen",), [("spleen", "background", 1)]),
    ]
