"""Batches, failures and resumption of predictions; nnU-Net's predictor is played."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from vesalius.adapters.nnunet import prediction
from vesalius.adapters.nnunet.label_ids import label_ids
from vesalius.adapters.nnunet.prediction import PredictJob, predict

AFFINE = np.diag([0.8, 0.8, 2.5, 1.0])


class Played:
    """Predicts id 1 + (what the image holds) everywhere; fails on images that hold 9."""

    def __init__(self):
        self.dataset_json = {"file_ending": ".nii.gz"}
        self.batches = []
        self.die_in = None

    def predict_from_files(self, lists, outputs, **_):
        images = [nib.load(image) for (image,) in lists]
        self.batches.append([Path(image).name.split(".")[0] for (image,) in lists])
        if len(self.batches) - 1 == self.die_in:
            raise KeyboardInterrupt
        for image, output in zip(images, outputs, strict=True):
            value = int(np.asarray(image.dataobj)[0, 0, 0])
            if value == 9:
                raise RuntimeError("Background workers died")
            array = np.full(image.shape, 1 + value, np.uint8)
            nib.save(nib.Nifti1Image(array, image.affine), f"{output}.nii.gz")


@pytest.fixture
def nnunet(monkeypatch):
    played = Played()
    monkeypatch.setattr(prediction, "_predictor", lambda *_: played)
    monkeypatch.setattr(prediction, "check_device", lambda _: None)
    return played


@pytest.fixture
def job(tmp_path, monkeypatch, save, write_scheme, ontology):
    """Seven cases; ids 1 2 3 4 are the integers 2 5 6 12."""
    monkeypatch.chdir(tmp_path)
    model = Path("model")
    (model / "fold_0").mkdir(parents=True)
    (model / "fold_0/checkpoint_final.pth").write_bytes(b"weights")
    table = label_ids(write_scheme(""), ontology).to_json()
    (model / "dataset.json").write_text(json.dumps({"vesalius": table}))
    (model / "plans.json").write_text("{}")
    images = {}
    for number, value in enumerate([0, 1, 2, 9, 3, 0, 1]):
        path = save(f"ct/c{number}.nii.gz", np.full((4, 3, 2), value, np.int16), AFFINE)
        images[f"c{number}"] = path
    return PredictJob(model, images, "out/{case}.nii.gz", batch=3)


def values(folder="out"):
    return {
        path.name.split(".")[0]: np.unique(np.asarray(nib.load(path).dataobj)).tolist()
        for path in sorted(Path(folder).glob("*.nii.gz"))
    }


EXPECTED = {"c0": [2], "c1": [5], "c2": [6], "c4": [12], "c5": [2], "c6": [5]}


def test_one_bad_case_costs_no_other(job, nnunet):
    said = []
    done = predict(job, said.append)
    assert done.done == ("c0", "c1", "c2", "c4", "c5", "c6")
    assert [(d.code, d.path) for d in done.failed] == [("NNU023", "ct/c3.nii.gz")]
    assert values() == EXPECTED
    assert nnunet.batches == [
        ["c0", "c1", "c2"], ["c3", "c4", "c5"], ["c3"], ["c4"], ["c5"], ["c6"],
    ]  # fmt: skip
    assert said == [f"predicting {a} to {b} of 7" for a, b in ((1, 3), (4, 6), (7, 7))]
    assert sorted(p.name for p in Path("out").iterdir())[0] == ".vesalius-nnunet"
    assert len(list(Path("out").iterdir())) == 7


def test_the_prediction_has_its_images_header(job, nnunet):
    predict(job)
    image, out = (nib.load(f"{d}/c0.nii.gz") for d in ("ct", "out"))
    assert np.array_equal(out.affine, image.affine)
    assert out.header["pixdim"][1:4].tolist() == image.header["pixdim"][1:4].tolist()
    assert out.get_data_dtype() == np.uint8


def test_killed_and_continued(job, nnunet, change):
    nnunet.die_in = 1
    with pytest.raises(KeyboardInterrupt):
        predict(job)
    assert sorted(values()) == ["c0", "c1", "c2"]
    assert not list(Path("out").glob("*.part"))
    nnunet.die_in = None
    done = predict(change(job, resume=True))
    assert (done.kept, done.done) == (("c0", "c1", "c2"), ("c4", "c5", "c6"))
    assert values() == EXPECTED


def test_what_makes_a_prediction_stale(job, nnunet, change, save):
    job = change(job, images={"c0": job.images["c0"], "c1": job.images["c1"]}, resume=True)
    predict(job)
    assert predict(job).kept == ("c0", "c1")
    save("ct/c0.nii.gz", np.full((4, 3, 2), 3, np.int16), AFFINE)
    assert predict(job).done == ("c0",)
    assert predict(change(job, step=0.7)).done == ("c0", "c1")
    assert predict(change(job, step=0.7)).kept == ("c0", "c1")
    (job.model / "fold_0/checkpoint_final.pth").write_bytes(b"other weights")
    assert predict(change(job, step=0.7)).done == ("c0", "c1")
    shutil.rmtree("out/.vesalius-nnunet")
    assert predict(change(job, step=0.7)).done == ("c0", "c1")
    assert predict(change(job, step=0.7, resume=False)).done == ("c0", "c1")


def test_parts_share_the_cases(job, nnunet, change):
    done = [predict(change(job, num_parts=3, part_id=part)) for part in range(3)]
    assert [d.done for d in done] == [("c0", "c6"), ("c1", "c4"), ("c2", "c5")]
    assert values() == EXPECTED


def test_an_output_may_not_be_its_image(job, nnunet, change):
    job = change(job, images={"c0": job.images["c0"]}, output="ct/{case}.nii.gz")
    before = Path("ct/c0.nii.gz").read_bytes()
    done = predict(job)
    assert [d.code for d in done.failed] == ["IO052"]
    assert Path("ct/c0.nii.gz").read_bytes() == before


def test_folds_are_found_and_named(job, nnunet, change):
    for fold in ("1", "all"):
        (job.model / f"fold_{fold}").mkdir()
        (job.model / f"fold_{fold}/checkpoint_final.pth").touch()
    key = prediction._key(job, prediction.trained_folds(job.model, job.checkpoint, None))
    assert key["folds"] == ["0", "1"]
    assert prediction.trained_folds(job.model, job.checkpoint, ["all"]) == ("all",)
