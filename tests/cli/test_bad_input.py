"""Bad input, each with one clear message, the right exit code and nothing written."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest


@pytest.fixture
def attempt(vesalius, tmp_path):
    """Run on a prediction; give the process and make sure that nothing was written."""

    def run(path: Path, *more: object, scheme: str = "amos22"):
        out = tmp_path / "out"
        done = vesalius("run", "--rules", "none", "-p", f"{scheme}={path}", "-o", out, *more)
        assert not out.exists()
        assert "Traceback" not in done.stderr
        assert done.stdout == ""
        return done

    return run


def one_error(done: subprocess.CompletedProcess[str], code: str, exit_code: int) -> None:
    errors = [line for line in done.stderr.splitlines() if line.startswith("error")]
    assert len(errors) == 1, done.stderr
    assert errors[0].startswith(f"error[{code}]"), done.stderr
    assert done.returncode == exit_code


def test_truncated_gzip(attempt, small):
    small.write_bytes(small.read_bytes()[:-20])
    one_error(attempt(small), "IO005", 4)


def test_wrong_magic(attempt, tmp_path):
    path = tmp_path / "seg.nii.gz"
    path.write_bytes(gzip.compress(b"this is no image" * 60))
    one_error(attempt(path), "IO003", 4)


def test_not_gzip_at_all(attempt, tmp_path):
    path = tmp_path / "seg.nii.gz"
    path.write_bytes(b"hello" * 200)
    done = attempt(path)
    assert done.returncode == 4
    assert done.stderr.count("error[") == 1


def test_four_dimensions(attempt, save):
    one_error(attempt(save("seg.nii.gz", np.ones((3, 3, 3, 2), np.uint8))), "IO011", 4)


@pytest.mark.parametrize("bad", ["nan", "singular"])
def test_affine_without_a_place(attempt, small, bad):
    image = nib.load(small)
    header = image.header.copy()
    rows = np.eye(4)
    rows[0, 0] = np.nan if bad == "nan" else 0.0
    for row, name in zip(rows, ("srow_x", "srow_y", "srow_z"), strict=False):
        header[name] = row
    header["sform_code"], header["qform_code"], header["vox_offset"] = 1, 0, 352
    raw = header.binaryblock + b"\0\0\0\0" + np.asarray(image.dataobj).tobytes(order="F")
    small.write_bytes(gzip.compress(raw))
    one_error(attempt(small), "IO012", 4)


def test_labels_with_fractions(attempt, save):
    array = np.zeros((4, 4, 4), np.float32)
    array[1, 2, 3] = 1.5
    done = attempt(save("seg.nii.gz", array))
    one_error(done, "IO020", 4)
    assert "1.5" in done.stderr


def test_negative_labels(attempt, save):
    array = np.zeros((4, 4, 4), np.int16)
    array[1, 2, 3] = -3
    done = attempt(save("seg.nii.gz", array))
    one_error(done, "IO022", 4)
    assert "-3" in done.stderr


def test_image_and_labels_on_other_grids(attempt, save, small):
    shear = np.diag([1.3, 1.0, 1.0, 1.0])
    ct = save("ct.nii.gz", np.zeros((6, 5, 4), np.int16), shear)
    done = attempt(small, "--image", ct)
    one_error(done, "IO040", 4)
    assert "--resample" in done.stderr


@pytest.mark.parametrize("rules", ["none", "recommended"])
@pytest.mark.parametrize("suffix", [".nii.gz", ".nii"])
def test_a_truncated_image_whoever_needs_its_voxels(attempt, save, rules, suffix):
    # Large enough that its header can be read.
    noise = np.random.default_rng(0).integers(-1000, 1000, (60, 50, 40)).astype(np.int16)
    seg = save("seg.nii.gz", (noise > 900).astype(np.uint8))
    ct = save(f"ct{suffix}", noise)
    ct.write_bytes(ct.read_bytes()[:-20])
    done = attempt(seg, "-i", ct, "--rules", rules)
    one_error(done, "IO005" if suffix == ".nii.gz" else "IO007", 4)
    assert str(ct) in done.stderr


def test_a_truncated_image_is_no_finding_of_lint(vesalius, save, small):
    ct = save("ct.nii.gz", np.arange(120, dtype=np.int16).reshape(6, 5, 4))
    ct.write_bytes(ct.read_bytes()[:-20])
    done = vesalius("lint", small, "--scheme", "amos22", "-i", ct)
    one_error(done, "IO005", 4)
    assert done.stdout == ""


def as_a_user() -> list[str]:
    """What takes the rights away that root has over the files of others."""
    if os.geteuid() != 0:
        return []
    words = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
    try:
        works = subprocess.run([*words, "true"], check=False, capture_output=True).returncode == 0
    except FileNotFoundError:
        works = False
    return words if works else pytest.skip("root reads everything, and no setpriv here")


@pytest.mark.parametrize("locked", ["file", "folder", "image"])
def test_unreadable(small, save, tmp_path, locked):
    prediction, image = small, save("ct.nii.gz", np.zeros((6, 5, 4), np.int16))
    folder = tmp_path / "locked"
    folder.mkdir()
    if locked == "folder":
        prediction = folder / "seg.nii.gz"
        prediction.write_bytes(small.read_bytes())
    place = {"file": prediction, "folder": folder, "image": image}[locked]
    script, out = Path(sys.executable).parent / "vesalius", tmp_path / "out"
    command = [
        *as_a_user(), script, "run", "--rules", "none", "-p", f"amos22={prediction}",
        "-i", image, "-o", out,
    ]  # fmt: skip
    place.chmod(0)
    try:
        done = subprocess.run(
            [str(word) for word in command], capture_output=True, text=True, check=False
        )
    finally:
        place.chmod(0o755)
    one_error(done, "IO002", 4)
    assert "no permission to read this file" in done.stderr
    assert done.stdout == ""
    assert not out.exists()


def test_a_name_that_is_no_text(vesalius, small, tmp_path):
    """Names of files are bytes; those of another encoding must not stop a run."""
    odd = os.fsdecode(os.fsencode(tmp_path) + b"/s\xffg \xc3\xbc.nii.gz")
    try:
        Path(odd).write_bytes(small.read_bytes())
    except OSError:
        pytest.skip("this file system wants text")
    done = vesalius("run", "--rules", "none", "-p", f"amos22={odd}", "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "out/report.json").read_bytes())
    assert report["inputs"][0]["path"] == odd


def test_a_hidden_file_among_masks_is_no_mask(vesalius, small, tmp_path):
    masks = tmp_path / "masks"
    masks.mkdir()
    seg = nib.load(small)
    array = (np.asarray(seg.dataobj) == 6).astype(np.uint8)
    nib.save(nib.Nifti1Image(array, seg.affine), masks / "liver.nii.gz")
    # What the Finder of macOS leaves on other file systems; it sorts before all masks.
    (masks / "._liver.nii.gz").write_bytes(b"no NIfTI")
    done = vesalius("run", "--rules", "none", "-p", f"amos22={masks}", "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    labels = np.asarray(nib.load(tmp_path / "out/labels.nii.gz").dataobj)
    assert np.array_equal(labels > 0, array > 0)


def test_unknown_scheme(attempt, small):
    done = attempt(small, scheme="amos2")
    one_error(done, "SCH001", 2)
    assert "amos22" in done.stderr


def test_unknown_integer(attempt, save):
    array = np.zeros((4, 4, 4), np.uint8)
    array[0, 0, :3] = 99
    done = attempt(save("seg.nii.gz", array))
    one_error(done, "RUN001", 4)
    assert "99 (3 voxels)" in done.stderr


def test_empty_folder(attempt, tmp_path):
    folder = tmp_path / "masks"
    folder.mkdir()
    one_error(attempt(folder), "IO030", 3)


def test_missing_file(attempt, tmp_path):
    one_error(attempt(tmp_path / "nothing.nii.gz"), "IO001", 3)


def test_a_folder_where_a_file_should_be(attempt, tmp_path, small):
    folder = tmp_path / "ct.nii.gz"
    folder.mkdir()
    done = attempt(small, "--image", folder)
    assert done.stderr.count("error[IO002]") == 1
    assert done.returncode == 4


def test_output_equal_to_input(vesalius, small):
    before = small.read_bytes()
    done = vesalius("convert", small, "--from", "amos22", "--to", "btcv", "-o", small)
    one_error(done, "IO052", 2)
    assert small.read_bytes() == before
    assert [p.name for p in small.parent.iterdir()] == [small.name]


def test_two_predictions_on_two_grids_without_an_image(attempt, small, save):
    other = save("other.nii.gz", np.ones((9, 9, 9), np.uint8))
    done = attempt(small, "-p", f"btcv={other}")
    one_error(done, "RUN002", 4)


def test_every_bad_file_is_named_at_once(attempt, small, save, tmp_path):
    array = np.zeros((6, 5, 4), np.uint8)
    array[0] = 77
    other = save("other.nii.gz", array)
    broken = tmp_path / "broken.nii.gz"
    broken.write_bytes(small.read_bytes()[:-20])
    done = attempt(broken, "-p", f"btcv={other}")
    assert "IO005" in done.stderr
    assert "RUN001" in done.stderr
    assert done.returncode == 4


def test_prediction_without_a_scheme(attempt, small, vesalius, tmp_path):
    done = vesalius("run", "--rules", "none", "-p", str(small), "-o", tmp_path / "out")
    assert done.returncode == 2
    assert "SCHEME=PATH" in done.stderr


def test_multi_member_gzip_is_read_in_full(vesalius, small, tmp_path):
    raw = gzip.decompress(small.read_bytes())
    half = len(raw) // 2
    members = gzip.compress(raw[:half]) + gzip.compress(raw[half:])
    double = tmp_path / "double.nii.gz"
    double.write_bytes(members)
    for path, out in ((small, "one"), (double, "two")):
        done = vesalius(
            "run", "--rules", "none", "-p", f"amos22={path}", "-t", "btcv", "-o", tmp_path / out
        )
        assert done.returncode == 0, done.stderr
    one, two = (nib.load(tmp_path / out / "labels.nii.gz") for out in ("one", "two"))
    assert np.array_equal(one.dataobj, two.dataobj)
    assert np.count_nonzero(one.dataobj) == 16


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small file system needs root")
def test_disk_full(vesalius, save, tmp_path):
    rng = np.random.default_rng(0)
    seg = save("seg.nii.gz", rng.integers(0, 14, (64, 64, 64)).astype(np.uint8))
    full = tmp_path / "full"
    full.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", full], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("mount is not allowed here")
    try:
        done = vesalius(
            "run", "--rules", "none", "-p", f"btcv={seg}", "-t", "btcv", "-o", full / "out"
        )
        one_error(done, "IO051", 4)
        assert list(full.iterdir()) == []
    finally:
        subprocess.run(["umount", full], check=True)


def test_an_empty_prediction_is_a_remark_and_no_failure(vesalius, save, tmp_path):
    seg = save("seg.nii.gz", np.zeros((4, 4, 4), np.uint8))
    done = vesalius(
        "run", "--rules", "none", "-p", f"amos22={seg}", "-o", tmp_path / "out", cwd=tmp_path
    )
    assert done.returncode == 0
    assert (
        "warning[RUN003]: has no labelled voxel; `amos22` says nothing about this case\n"
        f"  --> {seg}\n"
    ) in done.stderr
    assert not np.asarray(nib.load(tmp_path / "out/labels.nii.gz").dataobj).any()
