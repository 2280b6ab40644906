"""What the page is told of a case of a run, and of a single segmentation."""

from __future__ import annotations

import json

import nibabel as nib
import numpy as np
import pytest

from calling import call_vesalius
from serving import scene_of
from small_cohort import AFFINE, HOSTILE, LIVER, SPLEEN, organs, save
from vesalius.adapters.view.file_scene import FileRequest, scene_of_file
from vesalius.adapters.view.legend import OTHER, scheme_legend
from vesalius.ontology.load import load_ontology, load_scheme


def volume(scene, name: str) -> np.ndarray:
    made = scene.volumes[name]()
    assert not isinstance(made, str), made
    return np.asarray(nib.Nifti1Image.from_bytes(b"".join(made.blocks())).dataobj)


def row_of(document, map_at: int, number: int) -> dict:
    return document["legends"][document["maps"][map_at]["legend"]][number - 1]


@pytest.fixture(scope="module")
def two(ran):
    return scene_of(ran / "out", "two")


def test_a_case_has_its_verdict_its_maps_and_its_ct(two, ran):
    document = json.loads(json.dumps(two.document()))
    assert document["schema"] == "view/1"
    assert (document["name"], document["verdict"]) == ("two", "to review")
    assert "spleen" in document["reasons"][0]
    assert [each["title"] for each in document["maps"]] == [
        "after the rules", "before the rules", "changed voxels alone",
    ]  # fmt: skip
    assert document["image"] == "image.nii"
    assert np.array_equal(volume(two, "image.nii"), nib.load(ran / "images/two.nii.gz").dataobj)
    assert np.allclose(document["ijk_of_mm"], np.linalg.inv(AFFINE))
    assert document["voxel_ml"] == pytest.approx(0.002)


@pytest.mark.parametrize(
    ("file", "at", "from_"), [("after.nii", 0, "out"), ("before.nii", 1, "preds")]
)
def test_each_map_is_the_file_in_the_numbers_of_its_legend(two, ran, file, at, from_):
    path = ran / ("out/two/labels.nii.gz" if from_ == "out" else "preds/two.nii.gz")
    truth = np.asarray(nib.load(path).dataobj)
    document = two.document()
    shown = volume(two, file)
    for number in np.unique(shown):
        row = row_of(document, at, int(number)) if number else {"integer": 0}
        assert np.array_equal(shown == number, truth == row["integer"])


def test_changed_voxels_are_those_that_differ(two):
    marks = volume(two, "changed.nii")
    assert np.argwhere(marks).tolist() == [[3, 9, 5]]
    assert row_of(two.document(), 2, int(marks[3, 9, 5]))["name"].startswith("had another")


def test_a_finding_leads_to_the_voxel_at_fault(two):
    (finding,) = two.document()["findings"]
    assert (finding["rule"], finding["severity"]) == ("all/one-spleen", "error")
    assert finding["look_mm"] == (AFFINE @ [0, 11, 9, 1])[:3].tolist()


def test_where_nothing_changed_there_is_one_map(ran):
    scene = scene_of(ran / "out", "good")
    assert [each["title"] for each in scene.document()["maps"]] == ["after the rules"]
    assert set(scene.volumes) == {"image.nii", "after.nii"}


def test_a_single_case_and_a_hostile_name_are_shown_too(ran):
    assert scene_of(ran / "out" / HOSTILE).name == HOSTILE.rpartition("/")[2]
    assert scene_of(ran / "out", HOSTILE).document()["name"] == HOSTILE


def test_voxels_of_a_structure_are_counted(two, ran):
    document = two.document()
    truth = np.asarray(nib.load(ran / "out/two/labels.nii.gz").dataobj)
    counts = document["maps"][0]["voxels"]
    rows = document["legends"][0]
    assert len(counts) == len(rows)
    found = {row["integer"]: n for row, n in zip(rows, counts, strict=True) if n}
    assert found == {value: int((truth == value).sum()) for value in (SPLEEN, LIVER)}


def test_what_cannot_be_shown_says_why(copied):
    (copied / "preds/two.nii.gz").unlink()
    scene = scene_of(copied / "out", "two")
    for each in ("before.nii", "changed.nii"):
        assert scene.volumes[each]() == "there is no such file (preds/two.nii.gz)"
    (copied / "images/two.nii.gz").unlink()
    scene = scene_of(copied / "out", "two")
    assert "image.nii" not in scene.volumes
    assert scene.document()["image"] is None
    assert scene.remarks[0].startswith("without the CT: the CT cannot be read any more")
    assert volume(scene, "after.nii").any()


def test_colours_and_systems_are_those_of_the_ontology():
    ontology = load_ontology()
    scheme = load_scheme("dap_atlas", ontology)
    rows = {row.name: row for row in scheme_legend(scheme, ontology).rows}
    by_structure = {
        entry.target.structure: rows[entry.name]
        for entry in scheme.entries
        if hasattr(entry.target, "structure")
    }
    for structure, row in by_structure.items():
        assert row.group == ontology.get(structure, "system", OTHER)
        assert row.shown == (ontology.get(structure, "level") != "tissue"), structure
        if ontology.get(structure, "color"):
            assert row.rgb == tuple(ontology.get(structure, "color"))
    assert {row.shown for row in by_structure.values()} == {True, False}


@pytest.fixture
def file(tmp_path):
    array = organs()
    array[0, 0, 0] = 200
    save(tmp_path / "seg.nii.gz", array)
    image = np.full((7, 12, 10), -1000, np.int16)
    save(tmp_path / "ct.nii.gz", image)
    return tmp_path / "seg.nii.gz"


def test_a_segmentation_is_shown_as_it_is(file):
    scene, told = scene_of_file(FileRequest(file, "amos22", file.with_name("ct.nii.gz")))
    document = scene.document()
    shown, truth = volume(scene, "labels.nii"), np.asarray(nib.load(file).dataobj)
    names = {n: row_of(document, 0, int(n))["integer"] for n in np.unique(shown) if n}
    assert sorted(names.values(), key=str) == [SPLEEN, LIVER, None]
    for number, integer in names.items():
        assert np.array_equal(shown == number, truth == (200 if integer is None else integer))
    assert (document["verdict"], document["findings"]) == ("", [])
    assert told == ()
    assert volume(scene, "image.nii").min() == -1000


def test_rules_judge_a_segmentation_where_that_is_asked_for(tmp_path, ran):
    save(tmp_path / "seg.nii.gz", organs())
    request = FileRequest(tmp_path / "seg.nii.gz", "amos22", rules=(str(ran / "rules.yaml"),))
    scene, _ = scene_of_file(request)
    (finding,) = scene.findings
    assert finding["rule"] == "all/one-liver"
    assert finding["look_mm"] == (AFFINE @ [3, 9, 5, 1])[:3].tolist()
    assert scene.verdict == "kept"


def test_an_mr_image_is_shown_in_its_own_values_and_that_is_said(file):
    values = np.arange(840, dtype=np.float32).reshape(7, 12, 10) / 8
    values[0, 0, 0] = np.nan
    save(file.with_name("mr.nii.gz"), values)
    scene, told = scene_of_file(FileRequest(file, "amos22", file.with_name("mr.nii.gz")))
    assert [each.code for each in told if each.code == "IO019"] == ["IO019"]
    assert scene.document()["image_unit"] == ""
    shown = volume(scene, "image.nii")
    low, high = np.nanpercentile(values, (1, 99))
    assert shown.dtype == np.float32
    assert np.array_equal(np.where(np.isnan(values), np.float32(low), values), shown)
    header = nib.Nifti1Image.from_bytes(b"".join(scene.volumes["image.nii"]().blocks())).header
    assert (header["cal_min"], header["cal_max"]) == pytest.approx((low, high))
    assert any(
        f"no CT: {low:g} is shown black and {high:g} white" in said for said in scene.remarks
    )


def test_the_mr_image_of_a_run_is_shown_too(tmp_path):
    values = np.random.default_rng(1).gamma(4.0, 60.0, (7, 12, 10)).astype(np.int16)
    save(tmp_path / "mr.nii.gz", values)
    save(tmp_path / "seg.nii.gz", organs())
    ended = call_vesalius(
        "run", "-i", "mr.nii.gz", "-p", "amos22=seg.nii.gz", "-t", "amos22", "--rules", "none",
        "-o", "out", cwd=tmp_path,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    scene = scene_of(tmp_path / "out")
    assert np.array_equal(volume(scene, "image.nii"), values)
    assert any("the image is no CT" in said for said in scene.remarks)


def test_a_target_that_is_not_known_any_more_leaves_the_names(tmp_path):
    scheme = tmp_path / "mine.yaml"
    scheme.write_text(
        "schema: scheme/1\nscheme: mine\ntitle: Mine\nevidence: inferred\n"
        "labels: {1: liver, 2: spleen}\n"
    )
    save(tmp_path / "seg.nii.gz", organs())
    ended = call_vesalius(
        "run", "-p", "amos22=seg.nii.gz", "-t", "mine.yaml", "--rules", "none", "-o", "out",
        cwd=tmp_path,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    scene = scene_of(tmp_path / "out")
    assert "not the colours of the ontology" in scene.remarks[0]
    rows = scene.document()["legends"][0]
    assert [(row["integer"], row["name"], row["group"]) for row in rows] == [
        (1, "liver", "digestive"), (2, "spleen", "lymphatic"), (None, "not in the scheme", OTHER),
    ]  # fmt: skip


def test_a_large_volume_is_thinned_and_that_is_said(file):
    request = FileRequest(file, "amos22", file.with_name("ct.nii.gz"), most_voxels=450)
    scene, _ = scene_of_file(request)
    truth = np.asarray(nib.load(file).dataobj)
    # 7 x 12 x 10 voxels of 2 x 1 x 1 mm: the second axis has the densest planes.
    assert volume(scene, "labels.nii").shape == volume(scene, "image.nii").shape == (7, 6, 10)
    assert np.array_equal(volume(scene, "labels.nii") > 0, truth[:, ::2] > 0)
    said = "too large for a browser: only every n-th voxel is shown (2 along j)"
    assert scene.remarks == (f"{said}; --millions shows more",)


def test_a_folder_of_masks_is_shown_too(tmp_path):
    truth = organs()
    for name, integer in (("spleen", SPLEEN), ("liver", LIVER)):
        save(tmp_path / f"masks/{name}.nii.gz", (truth == integer).astype(np.uint8))
    scene, _ = scene_of_file(FileRequest(tmp_path / "masks", "amos22"))
    document = scene.document()
    shown = volume(scene, "labels.nii")
    integers = {int(n): row_of(document, 0, int(n))["integer"] for n in np.unique(shown) if n}
    assert sorted(integers.values()) == [SPLEEN, LIVER]
    for number, integer in integers.items():
        assert np.array_equal(shown == number, truth == integer)
