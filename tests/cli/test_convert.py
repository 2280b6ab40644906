"""Conversion: exact where the target has the class, a report where it has not."""

from __future__ import annotations

import json

import nibabel as nib
import numpy as np


def test_a_class_keeps_its_voxels_under_its_new_integer(vesalius, small, tmp_path):
    out = tmp_path / "out.nii.gz"
    done = vesalius("convert", small, "--from", "amos22", "--to", "totalsegmentator_v2", "-o", out)
    assert done.returncode == 0, done.stderr
    before = np.asarray(nib.load(small).dataobj)
    table = np.zeros(16, int)
    table[[1, 6]] = 1, 5  # spleen, liver
    assert np.array_equal(np.asarray(nib.load(out).dataobj), table[before])


def test_what_the_target_lacks_is_reported(vesalius, small, tmp_path):
    out = tmp_path / "out.nii.gz"
    done = vesalius(
        "convert", small, "--from", "amos22", "--to", "segthor", "-o", out, "--format", "json"
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert {row["structure"]: row["voxels"] for row in report["lost"]} == {"spleen": 8, "liver": 8}
    assert not np.asarray(nib.load(out).dataobj).any()


def test_there_and_back_is_the_identity_where_both_have_the_class(vesalius, small, tmp_path):
    there, back = tmp_path / "there.nii.gz", tmp_path / "back.nii.gz"
    vesalius("convert", small, "--from", "amos22", "--to", "dap_atlas", "-o", there)
    done = vesalius("convert", there, "--from", "dap_atlas", "--to", "amos22", "-o", back)
    assert done.returncode == 0, done.stderr
    assert np.array_equal(nib.load(back).dataobj, nib.load(small).dataobj)


def test_ribs_turn_round_between_the_two_dap_numberings(vesalius, save, tmp_path):
    array = np.arange(67, 91, dtype=np.uint8).reshape(4, 3, 2)
    out = tmp_path / "out.nii.gz"
    done = vesalius(
        "convert", save("r.nii.gz", array), "--from", "dap_atlas_released", "--to", "dap_atlas",
        "-o", out,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    # Costa k is rib 13 - k: 67 (costa 1 left) becomes 89 (rib 12 left), 68 becomes 90.
    expected = {67 + 2 * (k - 1) + s: 67 + 2 * (12 - k) + s for k in range(1, 13) for s in (0, 1)}
    got = np.asarray(nib.load(out).dataobj)
    assert np.array_equal(got, np.vectorize(expected.get)(array))


def test_sex_decides_a_shared_class(vesalius, save, tmp_path):
    array = np.zeros((3, 3, 3), np.uint8)
    array[1] = 15  # AMOS: prostate or uterus
    seg = save("p.nii.gz", array)
    for sex, integer in (("male", 19), ("female", 21), ("unknown", 0)):
        out = tmp_path / f"{sex}.nii.gz"
        done = vesalius(
            "convert", seg, "--from", "amos22", "--to", "dap_atlas", "--sex", sex, "-o", out
        )
        assert done.returncode == 0, done.stderr
        assert set(np.unique(nib.load(out).dataobj)) == {0, integer}, sex


def test_a_target_beyond_255_is_written_as_uint16(vesalius, save, tmp_path):
    scheme = tmp_path / "wide.yaml"
    scheme.write_text(
        "schema: scheme/1\nscheme: wide\ntitle: Wide\nlabels:\n  300: spleen\n  2: liver\n"
    )
    array = np.array([[[1, 6]]], np.uint8)
    out = tmp_path / "out.nii.gz"
    done = vesalius(
        "convert", save("s.nii.gz", array), "--from", "amos22", "--to", scheme, "-o", out
    )
    assert done.returncode == 0, done.stderr
    image = nib.load(out)
    assert image.get_data_dtype() == np.uint16
    assert np.array_equal(np.asarray(image.dataobj), [[[300, 2]]])


def test_a_folder_of_files_goes_into_a_folder(vesalius, small, tmp_path):
    given, out = tmp_path / "given", tmp_path / "out"
    given.mkdir()
    for name in ("a", "c"):
        (given / f"{name}.nii.gz").write_bytes(small.read_bytes())
    (given / "b.nii.gz").write_bytes(small.read_bytes()[:60])
    schemes = ("--from", "amos22", "--to", "totalsegmentator_v2")
    done = vesalius("convert", given, *schemes, "-o", out)
    # The bad one is told of, and stops no other.
    assert done.returncode == 4
    assert "b.nii.gz" in done.stderr
    assert sorted(path.name for path in out.iterdir()) == ["a.nii.gz", "c.nii.gz"]
    assert done.stdout.count(" in ") == 2
    alone = tmp_path / "alone.nii.gz"
    vesalius("convert", small, *schemes, "-o", alone)
    assert all(path.read_bytes() == alone.read_bytes() for path in out.iterdir())
    again = vesalius("convert", *sorted(given.iterdir()), *schemes, "-o", out, "--format", "json")
    reports = json.loads(again.stdout)
    assert [bool(report.get("problems")) for report in reports] == [False, True, False]
    (tmp_path / "there").mkdir()
    one = vesalius("convert", given / "a.nii.gz", *schemes, "-o", tmp_path / "there")
    assert (one.returncode, (tmp_path / "there/a.nii.gz").is_file()) == (0, True)


def test_several_are_not_written_into_one_file(vesalius, small, tmp_path):
    schemes = ("--from", "amos22", "--to", "dap_atlas", "-o")
    (tmp_path / "other").mkdir()
    twin = tmp_path / "other" / small.name
    twin.write_bytes(small.read_bytes())
    for given, out, said in (
        ([small, twin], tmp_path / "out.nii.gz", "-o names a file"),
        ([small, twin], tmp_path / "out", "would both be written to"),
        ([small], tmp_path, "would be written over"),
    ):
        done = vesalius("convert", *given, *schemes, out)
        assert (done.returncode, said in done.stderr) == (2, True), done.stderr
    assert small.read_bytes() == twin.read_bytes()
    assert not (tmp_path / "out").exists()
