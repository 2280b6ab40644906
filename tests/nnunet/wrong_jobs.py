"""Every problem of the nnU-Net commands: makers of them, by the code they get."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import nibabel as nib
import numpy as np

from vesalius.adapters.nnunet import datasets, installation, prediction_task, trainer_names
from vesalius.adapters.nnunet.checkpoints import is_readable
from vesalius.adapters.nnunet.export import export_dataset
from vesalius.adapters.nnunet.installation import Folders
from vesalius.adapters.nnunet.label_ids import label_ids
from vesalius.adapters.nnunet.plans_patch import patched, read_patch
from vesalius.adapters.nnunet.prediction import PredictJob, predict
from vesalius.adapters.nnunet.templates import find_cases
from vesalius.adapters.nnunet.trainer_settings import START_FROM
from vesalius.adapters.nnunet.training import TrainJob, train_fold
from vesalius.ontology.reading.diagnostics import DiagnosticError

FOLDERS = Folders(Path("raw"), Path("preprocessed"), Path("results"))
FINE_TUNING = "nnUNetTrainer_1000epochs_NoMirroring_constLR1en3"
HALF = "schema: scheme/1\nscheme: half\ntitle: Half\nlabels:\n  2: kidney_right\n  5: liver\n"


class Case:
    """What the makers of problems need."""

    def __init__(self, mini, ontology, save, change, write_scheme, monkeypatch):
        self.mini, self.ontology, self.save, self.monkeypatch = mini, ontology, save, monkeypatch
        self.change, self.write_scheme = change, write_scheme

    def export(self, **changes):
        return export_dataset(self.change(self.mini, **changes), self.ontology).diagnostics

    def only(self, image, labels, **changes):
        """Export one case of this image and these labels."""
        for folder in ("ct", "seg"):
            for path in Path(folder).iterdir():
                path.unlink()
        self.save("ct/a_0000.nii.gz", image)
        self.save("seg/a.nii.gz", labels)
        return self.export(**changes)

    def dataset(self, **data):
        folder = Path("preprocessed/Dataset007_mini")
        folder.mkdir(parents=True)
        (folder / "dataset.json").write_text(json.dumps(data))
        plans = {
            "transpose_forward": [0, 1, 2],
            "configurations": {"3d_fullres": {"patch_size": [32, 32, 32]}},
        }
        (folder / "nnUNetPlans.json").write_text(json.dumps(plans))

    def train(self, **options):
        for name in ("check_trainer", "check_device", "activate"):
            self.monkeypatch.setattr(f"vesalius.adapters.nnunet.training.{name}", lambda _: None)
        return train_fold(TrainJob(FOLDERS, 7, 0, **options))

    def model(self, **data):
        folder = Path("results/Dataset007_mini/nnUNetTrainer__nnUNetPlans__3d_fullres")
        (folder / "fold_0").mkdir(parents=True)
        (folder / "fold_0/checkpoint_final.pth").touch()
        (folder / "dataset.json").write_text(json.dumps(data))
        (folder / "plans.json").write_text("{}")
        return folder


def box(value, dtype=np.uint8):
    return np.full((3, 3, 3), value, dtype)


def not_installed(c):
    c.monkeypatch.setattr(installation, "is_installed", lambda: False)
    installation.require_nnunet("vesalius nnunet train")


def no_placeholder(c):
    find_cases("ct/*_0000.nii.gz", "--images")


def other_placeholder(c):
    find_cases("ct/{cse}_0000.nii.gz", "--images")


def other_ending(c):
    find_cases("ct/{case}.mha", "--images")


def missing_partners(c):
    Path("seg/a.nii.gz").unlink()
    Path("ct/b_0000.nii.gz").unlink()
    c.export()


def channel_left_out(c):
    c.export(images="ct/{case}.nii.gz")


def other_names(c):
    for case in "ab":
        Path(f"seg/{case}.nii.gz").rename(f"seg/{case}_mask.nii.gz")
    c.export()


def no_labels(c):
    c.export(labels="masks/{case}.nii.gz")


def no_cases(c):
    c.export(images="ct/{case}_ct.nii.gz", labels="seg/{case}_seg.nii.gz")


def no_folders(c):
    c.export(images="cts/{case}_0000.nii.gz", labels="masks/of/{case}.nii.gz")


def other_shape(c):
    c.only(box(0, np.int16), np.zeros((3, 3, 4), np.uint8))


def shifted(c):
    affine = np.eye(4)
    affine[2, 3] = 1.5
    c.save("seg/a.nii.gz", np.asarray(nib.load("seg/a.nii.gz").dataobj), affine)
    c.export()


def unlisted(c):
    labels = box(2)
    labels[0, 0, :2], labels[1, 1, 1] = 255, 7
    c.only(box(0, np.int16), labels)


def empty(c):
    return c.only(box(0, np.int16), box(0))


def mixed(c):
    affine = np.diag([-1.0, -1, 1, 1])
    for path in ("ct/b_0000.nii.gz", "seg/b.nii.gz"):
        c.save(path, np.asarray(nib.load(path).dataobj), affine)
    return c.export()


def mixed_kept(c):
    c.mini = c.change(c.mini, reader="SimpleITKIO")
    return mixed(c)


def four_axes(c):
    c.only(np.zeros((3, 3, 3, 1), np.int16), box(2))


def not_numbers(c):
    image = box(0, np.float32)
    image[1, 1], image[0, 0, 0] = np.nan, np.inf
    c.only(image, box(2))


def dataset_there(c):
    c.export()
    Path("ct/b_0000.nii.gz").unlink()
    Path("seg/b.nii.gz").unlink()
    c.export()


def id_taken(c):
    Path("raw/Dataset007_other").mkdir(parents=True)
    c.export()


def too_few(c):
    return c.export()


def left_out(c):
    labels = box(2)
    labels[0], labels[1] = 9, 200
    return c.only(box(0, np.int16), labels)


def alone(c):
    text = "schema: scheme/1\nscheme: lobe\ntitle: L\nlabels:\n  1: lung_middle_lobe_right\n"
    return c.only(box(0, np.int16), box(1), scheme=c.write_scheme(Path(), text))


def never_seen(c):
    return c.only(box(0, np.int16), box(2))


def unknown_trainer(c):
    c.monkeypatch.setattr(trainer_names, "nnunet_version", lambda: (2, 6))
    c.monkeypatch.setattr(trainer_names, "_trainers_of_nnunet", lambda: {"nnUNetTrainer"})
    trainer_names.check_trainer("nnUNetTrainer_5000epoch")


def no_table(c):
    c.dataset(labels={})
    c.train(trainer="nnUNetTrainer_MirrorSwap")


def one_sided(c):
    c.dataset(vesalius=label_ids(c.write_scheme("", HALF), c.ontology).to_json())
    c.train(trainer="nnUNetTrainer_MirrorSwap")


def no_folder(c):
    installation.folder("raw", None, {})


def no_dataset(c):
    Path("raw/Dataset501_amos22").mkdir(parents=True)
    datasets.dataset_name(502, FOLDERS)


def two_datasets(c):
    Path("raw/Dataset501_amos22").mkdir(parents=True)
    Path("results/Dataset501_btcv").mkdir(parents=True)
    datasets.dataset_name(501, FOLDERS)


def unknown_keys(c):
    plans = {"plans_name": "p", "configurations": {"3d_fullres": {"patch_size": [1], "batch": 2}}}
    patch = {"configurations": {"3d_fullres": {"patchsize": [32]}}, "plans_name": {"a": 1}}
    patched(plans, patch, Path("patch.json"))


def no_json(c):
    Path("patch.json").write_text("patch_size: 32")
    read_patch(Path("patch.json"))


def no_object(c):
    Path("patch.json").write_text("[32]")
    read_patch(Path("patch.json"))


def no_start(c):
    c.monkeypatch.delenv(START_FROM, raising=False)
    c.dataset(labels={})
    c.train(trainer=FINE_TUNING)


def start_not_there(c):
    c.dataset(labels={})
    c.train(trainer=FINE_TUNING, start_from=Path("results/stage1"))


def start_for_another(c):
    c.dataset(labels={})
    c.train(start_from=Path("results/stage1"))


def no_pretrained(c):
    c.dataset(labels={})
    c.train(pretrained=Path("weights.pth"))


def no_model(c):
    model = c.model()
    datasets.trained_folds(model.with_name("nnUNetTrainer__nnUNetPlans__2d"), "c.pth", None)


def no_fold(c):
    datasets.trained_folds(c.model(), "checkpoint_final.pth", [0, 3])


def no_checkpoint(c):
    datasets.trained_folds(c.model(), "checkpoint_best.pth", None)


def model_of_others(c):
    datasets.model_table(c.model(labels={}))


def damaged_table(c):
    datasets.model_table(c.model(vesalius={"schema": "nnunet_labels/1"}))


def damaged_json(c):
    model = c.model()
    (model / "plans.json").write_text("plans")
    datasets.read_json(model / "plans.json")


def _task(c):
    task = prediction_task.Task("a", Path("ct/a_0000.nii.gz"), Path("out/a.nii.gz"), {})
    task.check()
    return task, label_ids(c.mini.scheme, c.ontology)


def unknown_id(c):
    task, ids = _task(c)
    task.finish(c.save("p.nii.gz", np.full((6, 5, 4), 5, np.uint8)), ids)


def other_grid(c):
    task, ids = _task(c)
    task.finish(c.save("p.nii.gz", box(1)), ids)


def failed_case(c):
    c.monkeypatch.setattr("vesalius.adapters.nnunet.prediction.check_device", lambda _: None)

    def stop(*_, **__):
        raise RuntimeError("Background workers died")

    predictor = SimpleNamespace(predict_from_files=stop)
    c.monkeypatch.setattr("vesalius.adapters.nnunet.prediction._predictor", lambda *_: predictor)
    ids = label_ids(c.mini.scheme, c.ontology)
    model = c.model(vesalius=ids.to_json())
    done = predict(PredictJob(model, {"a": Path("ct/a_0000.nii.gz")}, "out/{case}.nii.gz"))
    assert done.done == ()
    assert not Path("out/a.nii.gz").exists()
    raise DiagnosticError(done.failed)


def bad_part(c):
    job = PredictJob(Path("m"), {"a": Path("a.nii.gz")}, "{case}.nii.gz", num_parts=4, part_id=4)
    predict(job)


def bad_id(c):
    c.export(dataset_id=1000)


def bad_name(c):
    c.export(name="my data")


def bad_length(c):
    c.dataset(labels={})
    c.monkeypatch.setenv("VESALIUS_NNUNET_EPOCHS", "many")
    c.train()


def stopped(c):
    with installation.stops_are_reported(Path("results/fold_0"), "go on with --continue"):
        raise RuntimeError("CUDA out of memory")


def no_device(c):
    torch = SimpleNamespace(
        cuda=SimpleNamespace(is_available=lambda: False),
        backends=SimpleNamespace(mps=SimpleNamespace(is_available=lambda: False)),
    )
    c.monkeypatch.setitem(__import__("sys").modules, "torch", torch)
    from vesalius.adapters.nnunet.training import check_device

    check_device("cuda")


def more_than_weights(c):
    import torch

    torch.save({"network_weights": Fraction(1, 2)}, "checkpoint_final.pth")
    is_readable(Path("checkpoint_final.pth"), trust=False)


BAD = {
    "NNU001": [not_installed],
    "NNU002": [no_placeholder, other_placeholder, other_ending],
    "NNU003": [missing_partners, channel_left_out, other_names],
    "NNU004": [no_cases, no_folders, no_labels],
    "NNU005": [other_shape, shifted],
    "NNU006": [unlisted],
    "NNU009": [four_axes],
    "NNU010": [not_numbers],
    "NNU011": [dataset_there, id_taken],
    "NNU015": [unknown_trainer],
    "NNU016": [no_table, one_sided],
    "NNU017": [no_folder],
    "NNU018": [no_dataset, two_datasets],
    "NNU019": [unknown_keys, no_json, no_object],
    "NNU020": [no_start, start_not_there, start_for_another, no_pretrained],
    "NNU021": [
        no_model, no_fold, no_checkpoint, model_of_others, damaged_table, damaged_json,
    ],
    "NNU022": [unknown_id, other_grid],
    "NNU023": [failed_case],
    "NNU024": [no_device],
    "NNU025": [bad_part, bad_id, bad_name, bad_length],
    "NNU026": [stopped],
    "NNU028": [more_than_weights],
}  # fmt: skip
REMARKS = {
    "NNU007": [empty],
    "NNU008": [mixed, mixed_kept],
    "NNU012": [too_few],
    "NNU013": [left_out],
    "NNU014": [never_seen],
    "NNU027": [alone],
}
