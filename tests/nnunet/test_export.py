"""Datasets for nnU-Net: what is in them, whole or not at all."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from vesalius.adapters.nnunet import export
from vesalius.adapters.nnunet.export import export_dataset
from vesalius.adapters.nnunet.label_ids import table_from_json
from vesalius.adapters.nnunet.templates import find_cases
from vesalius.ontology.load import load_scheme
from vesalius.ontology.reading.diagnostics import DiagnosticError

OURS = {0: 0, 2: 1, 5: 2, 6: 3, 9: 0, 12: 4, 200: 5}


def read(path):
    return np.asarray(nib.load(path).dataobj)


def files(folder):
    return sorted(str(p.relative_to(folder)) for p in Path(folder).rglob("*") if p.is_file())


def test_a_dataset_is_what_nnunet_wants(mini, ontology):
    done = export_dataset(mini, ontology)
    folder = Path("raw/Dataset007_mini")
    assert (done.folder, done.cases, done.written, done.rewritten) == (folder, 2, True, 2)
    assert files("raw") == [
        f"Dataset007_mini/{name}"
        for name in (
            "dataset.json",
            "imagesTr/a_0000.nii.gz",
            "imagesTr/b_0000.nii.gz",
            "labelsTr/a.nii.gz",
            "labelsTr/b.nii.gz",
            "vesalius_export.json",
            "vesalius_labels.json",
        )
    ]
    data = json.loads((folder / "dataset.json").read_text())
    assert data["channel_names"] == {"0": "CT"}
    assert data["numTraining"] == 2
    assert data["file_ending"] == ".nii.gz"
    assert sorted(data["labels"].values()) == [0, 1, 2, 3, 4, 5]
    assert data["labels"]["ignore"] == 5
    assert data["overwrite_image_reader_writer"] == "NibabelIOWithReorient"
    table = json.loads((folder / "vesalius_labels.json").read_text())
    assert table_from_json(table) == done.ids
    assert {**data["vesalius"], "orientation": None} == {**table, "orientation": None}
    for case in "ab":
        image = folder / f"imagesTr/{case}_0000.nii.gz"
        assert os.path.samefile(image, f"ct/{case}_0000.nii.gz")
        source = read(f"seg/{case}.nii.gz")
        expected = np.vectorize(OURS.get)(source)
        assert np.array_equal(read(folder / f"labelsTr/{case}.nii.gz"), expected)
        assert nib.load(folder / f"labelsTr/{case}.nii.gz").get_data_dtype() == np.uint8


def test_label_files_whose_ids_stay_are_linked(mini, ontology, change, write_scheme):
    text = (
        "schema: scheme/1\nscheme: same\ntitle: Same\nlabels:\n"
        "  1: liver\n  2: kidney_right\n  3: kidney_left\n  4: spleen\n"
    )
    for case in "ab":
        array = np.vectorize(OURS.get)(read(f"seg/{case}.nii.gz")).astype(np.uint8)
        nib.save(nib.Nifti1Image(array, np.eye(4)), f"seg/{case}.nii.gz")
    job = change(mini, scheme=write_scheme("", text))
    done = export_dataset(job, ontology)
    assert done.rewritten == 0
    assert os.path.samefile(done.folder / "labelsTr/a.nii.gz", "seg/a.nii.gz")
    copied = export_dataset(change(job, link="copy", dataset_id=8), ontology)
    assert not os.path.samefile(copied.folder / "labelsTr/a.nii.gz", "seg/a.nii.gz")
    ours, theirs = copied.folder / "imagesTr/a_0000.nii.gz", Path("ct/a_0000.nii.gz")
    assert ours.read_bytes() == theirs.read_bytes()


def test_the_same_export_again_changes_nothing_and_another_needs_leave(mini, ontology, change):
    first = export_dataset(mini, ontology)
    stamp = (first.folder / "dataset.json").stat().st_mtime_ns
    assert not export_dataset(mini, ontology).written
    assert (first.folder / "dataset.json").stat().st_mtime_ns == stamp
    Path("ct/b_0000.nii.gz").unlink()
    Path("seg/b.nii.gz").unlink()
    with pytest.raises(DiagnosticError) as raised:
        export_dataset(mini, ontology)
    assert [d.code for d in raised.value.diagnostics] == ["NNU011"]
    assert (first.folder / "labelsTr/b.nii.gz").exists()
    again = export_dataset(change(mini, overwrite=True), ontology)
    assert (again.written, again.cases) == (True, 1)
    assert not (first.folder / "labelsTr/b.nii.gz").exists()
    assert os.listdir("raw") == ["Dataset007_mini"]


def test_all_problems_at_once_and_nothing_written(mini, ontology, save):
    save("ct/c_0000.nii.gz", np.zeros((6, 5, 4), np.int16))
    save("seg/c.nii.gz", np.zeros((6, 5, 3), np.uint8))
    save("ct/d_0000.nii.gz", np.full((2, 2, 2), np.nan, np.float32))
    save("seg/d.nii.gz", np.full((2, 2, 2), 77, np.uint8))
    save("seg/e.nii.gz", np.zeros((2, 2, 2), np.uint8))
    save("ct/f_0000.nii.gz", np.zeros((2, 2, 2, 2), np.int16))
    Path("seg/f.nii.gz").write_bytes(gzip.compress(b"nothing"))
    with pytest.raises(DiagnosticError) as raised:
        export_dataset(mini, ontology)
    errors = [d.code for d in raised.value.diagnostics if d.severity == "error"]
    assert sorted(errors) == ["IO003", "IO011", "NNU003", "NNU005", "NNU006", "NNU010"]
    assert not Path("raw").exists()


@pytest.mark.parametrize(("cases", "shown"), [(3, 3), (9, 3)])
def test_a_scheme_that_fits_no_case_is_shown_by_a_few(mini, ontology, save, cases, shown):
    for number in range(cases):
        save(f"ct/n{number}_0000.nii.gz", np.zeros((2, 2, 2), np.int16))
        save(f"seg/n{number}.nii.gz", np.full((2, 2, 2), 77, np.uint8))
    with pytest.raises(DiagnosticError) as raised:
        export_dataset(mini, ontology)
    errors = [d for d in raised.value.diagnostics if d.code == "NNU006"]
    assert len(errors) == shown
    assert errors[-1].message.endswith("; so in 6 more label maps") == (cases > shown)


def test_an_interrupted_export_leaves_nothing(mini, ontology, monkeypatch):
    honest, brought = export._bring, []

    def bring(source, target, link):
        if target.name.startswith("b_"):
            raise KeyboardInterrupt
        brought.append(target.name)
        honest(source, target, link)

    monkeypatch.setattr(export, "_bring", bring)
    with pytest.raises(KeyboardInterrupt):
        export_dataset(mini, ontology)
    assert brought[0].startswith("a_")
    assert os.listdir("raw") == []


REGIONS = """\
schema: scheme/1
scheme: nested
title: Nested
labels:
  2: heart_atrium_left
  3: spleen
  5: heart
  6: heart_atrium_right
  7: ignore
names:
  7: not annotated
"""


def test_classes_inside_others_are_regions(mini, ontology, change, write_scheme):
    for case in "ab":
        array = np.array([0, 2, 3, 5, 6, 7])[np.arange(120) % 6].astype(np.uint8)
        nib.save(nib.Nifti1Image(array.reshape(6, 5, 4), np.eye(4)), f"seg/{case}.nii.gz")
    job = change(mini, scheme=write_scheme("", REGIONS), regions=True)
    done = export_dataset(job, ontology)
    data = json.loads((done.folder / "dataset.json").read_text())
    assert list(data["labels"].items()) == [
        ("background", 0),
        ("heart", [3, 1, 4]),
        ("heart_atrium_left", [1]),
        ("spleen", [2]),
        ("heart_atrium_right", [4]),
        ("ignore", 5),
    ]
    assert data["regions_class_order"] == [3, 1, 2, 4]
    plain = export_dataset(change(job, regions=False, dataset_id=8), ontology)
    assert "regions_class_order" not in json.loads((plain.folder / "dataset.json").read_text())
    for name in ("a.nii.gz", "b.nii.gz"):
        one, other = (read(d.folder / "labelsTr" / name) for d in (done, plain))
        assert np.array_equal(one, other)


def test_without_classes_inside_others_there_are_no_regions(mini, ontology, change):
    done = export_dataset(change(mini, regions=True), ontology)
    data = json.loads((done.folder / "dataset.json").read_text())
    assert data["labels"]["liver"] == 1
    assert "regions_class_order" not in data


def test_files_are_packed_where_the_images_are(mini, ontology, save):
    plain = nib.load("seg/a.nii.gz")
    nib.save(plain, "seg/a.nii")
    Path("seg/a.nii.gz").unlink()
    Path("seg/b.nii.gz").unlink()
    Path("ct/b_0000.nii.gz").unlink()
    nib.save(nib.load("ct/a_0000.nii.gz"), "ct/a_0000.nii")
    job = mini.__class__(**{**vars(mini), "labels": "seg/{case}.nii"})
    packed = export_dataset(job, ontology)
    assert sorted(os.listdir(packed.folder / "labelsTr")) == ["a.nii.gz"]
    job = job.__class__(**{**vars(job), "images": "ct/{case}_0000.nii", "dataset_id": 9})
    done = export_dataset(job, ontology)
    assert sorted(os.listdir(done.folder / "labelsTr")) == ["a.nii"]
    assert json.loads((done.folder / "dataset.json").read_text())["file_ending"] == ".nii"


@pytest.mark.parametrize(
    ("directions", "code", "axis"),
    [
        (np.eye(3), "RAS", 2),
        (np.diag([-1, -1, 1]), "LPS", 2),
        (np.eye(3)[[2, 0, 1]], "ASR", 0),
        (np.eye(3)[[1, 0, 2]], "ARS", 1),
    ],
)
def test_the_axis_across_the_patient(mini, ontology, change, save, directions, code, axis):
    affine = np.eye(4)
    affine[:3, :3] = directions
    for case in "ab":
        for name in (f"ct/{case}_0000.nii.gz", f"seg/{case}.nii.gz"):
            save(name, read(name), affine)
    done = export_dataset(change(mini, reader="SimpleITKIO"), ontology)
    found = json.loads((done.folder / "dataset.json").read_text())["vesalius"]["orientation"]
    assert found == {"images": [code], "reader": "SimpleITKIO", "left_right_axis": axis}
    turned = export_dataset(change(mini, dataset_id=8), ontology)
    found = json.loads((turned.folder / "dataset.json").read_text())["vesalius"]["orientation"]
    assert found["left_right_axis"] == 2


def test_mixed_orientations_have_no_axis_unless_turned(mini, ontology, change, save):
    affine = np.eye(4)[[1, 0, 2, 3]]
    for name in ("ct/b_0000.nii.gz", "seg/b.nii.gz"):
        save(name, read(name), affine)
    done = export_dataset(change(mini, reader="NibabelIO"), ontology)
    data = json.loads((done.folder / "dataset.json").read_text())
    assert data["vesalius"]["orientation"]["left_right_axis"] is None
    assert [d.severity for d in done.diagnostics if d.code == "NNU008"] == ["warning"]
    done = export_dataset(change(mini, dataset_id=8), ontology)
    assert [d.severity for d in done.diagnostics if d.code == "NNU008"] == ["info"]


def test_templates_find_the_same_text_in_every_place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("p1/p1_ct.nii.gz", "p1/p2_ct.nii.gz", "p[3]/p[3]_ct.nii.gz", "q/p1_ct.nii"):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).touch()
    found = find_cases("{case}/{case}_ct.nii.gz", "--images")
    assert found == {
        "p1": Path("p1/p1_ct.nii.gz"),
        "p[3]": Path("p[3]/p[3]_ct.nii.gz"),
    }


def test_the_command(mini, vesalius_nnunet):
    arguments = (
        "export", "--scheme", "./mini.yaml", "--images", mini.images, "--labels", mini.labels,
        "--dataset-id", 501,
    )  # fmt: skip
    done = vesalius_nnunet(*arguments, nnUNet_raw="out")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().endswith(
        "out/Dataset501_mini: 2 cases, 4 classes, written (2 label files renumbered)"
    )
    again = vesalius_nnunet(*arguments, "-o", "out", "--format", "json")
    assert json.loads(again.stdout)["written"] is False


def test_integers_are_never_added_to_a_shipped_scheme(mini, ontology, change):
    """The next installation would write over it."""
    shipped = load_scheme("segthor", ontology)
    with pytest.raises(DiagnosticError) as raised:
        export_dataset(change(mini, scheme=shipped), ontology)
    helps = {d.help for d in raised.value.diagnostics if d.code == "NNU006"}
    (said,) = helps
    assert said.endswith(f"into a copy of {shipped.path}, and give its path in place of `segthor`")


def test_the_raw_folder_is_asked_for_by_its_own_option(vesalius_nnunet, mini):
    done = vesalius_nnunet(
        "export", "-s", "segthor", "--dataset-id", 7, "--images", mini.images,
        "--labels", mini.labels, nnUNet_raw="",
    )  # fmt: skip
    assert "give -o FOLDER or `export nnUNet_raw=FOLDER`" in done.stderr
