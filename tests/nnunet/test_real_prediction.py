"""Predictions by the real nnU-Net, and the commands that train and predict."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from processes import PATIENCE_S, members_of, wait_for
from tiny_network import PATCH
from vesalius.adapters.nnunet.installation import is_installed
from vesalius.adapters.nnunet.label_ids import table_from_json
from vesalius.adapters.nnunet.prediction import PredictJob, predict
from vesalius.adapters.nnunet.templates import find_cases

pytestmark = [
    pytest.mark.skipif(not is_installed(), reason="nnU-Net is not installed"),
    # nnU-Net, torch and their dependencies warn of their own matters.
    pytest.mark.filterwarnings("ignore"),
]

SWAP = "nnUNetTrainer_MirrorSwap"


@pytest.fixture(scope="module")
def predicted(planned, trained):
    images = find_cases(planned.images, "--images")
    (planned.root / "broken").mkdir()
    bad = planned.root / "broken/x.nii.gz"
    bad.write_bytes(b"nothing")
    job = PredictJob(
        model=trained.model,
        images={**images, "x": bad},
        output=f"{planned.root}/preds/{{case}}.nii.gz",
        device="cpu",
        processes=1,
    )
    return job, predict(job)


def test_predictions_are_nnunets_own_in_our_integers(planned, trained, predicted):
    """Against the validation cases that nnU-Net itself wrote, in its ids."""
    _, done = predicted
    assert done.done == tuple(f"c{n}" for n in range(6))
    validation = trained.checkpoint.parent / "validation"
    theirs = sorted(validation.glob("*.nii.gz"))
    assert len(theirs) == 2
    table = np.array([0, 2, 5, 6, 12])
    seen = set()
    for path in theirs:
        ours = nib.load(planned.root / "preds" / path.name)
        ids = np.asarray(nib.load(path).dataobj)
        assert np.array_equal(np.asarray(ours.dataobj), table[ids])
        image = nib.load(planned.root / "ct" / path.name.replace(".nii.gz", "_0000.nii.gz"))
        assert np.array_equal(ours.affine, image.affine)
        assert ours.get_data_dtype() == np.uint8
        seen |= set(np.unique(ids).tolist())
    assert len(seen) > 1


def test_a_bad_image_is_reported_and_the_others_go_on(planned, predicted):
    _, done = predicted
    assert [d.code for d in done.failed] == ["IO003"]
    assert sorted(p.name for p in (planned.root / "preds").iterdir()) == [
        ".vesalius-nnunet", *(f"c{n}.nii.gz" for n in range(6)),
    ]  # fmt: skip


def test_finished_cases_are_kept_and_changed_ones_predicted_again(planned, predicted):
    job, _ = predicted
    job = PredictJob(**{**vars(job), "images": find_cases(planned.images, "--images")})
    resumed = PredictJob(**{**vars(job), "resume": True, "num_parts": 2, "part_id": 1})
    again = predict(resumed)
    assert (again.done, again.kept) == ((), ("c1", "c3", "c5"))
    target = planned.root / "preds/c3.nii.gz"
    before = target.read_bytes()
    target.write_bytes(b"touched")
    again = predict(resumed)
    assert (again.done, again.kept) == (("c3",), ("c1", "c5"))
    assert target.read_bytes() == before


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
def test_a_prediction_that_is_stopped_ends_with_all_that_it_started(planned, trained, tmp_path):
    """SIGTERM while helpers prepare images; every stage is stopped by soak/stop_nnunet.py."""
    for number in range(60):
        (tmp_path / f"m{number}_0000.nii.gz").symlink_to(planned.root / "ct/c0_0000.nii.gz")
    process = subprocess.Popen(
        [sys.executable, "-m", "vesalius", "nnunet", "predict", "--model", trained.model,
         "--images", f"{tmp_path}/{{case}}_0000.nii.gz", "--device", "cpu", "--processes", "2",
         "--output", f"{tmp_path}/preds/{{case}}.nii.gz"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip
    wait_for(lambda: len(members_of(process.pid)) > 2, process)
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 143, said
    wait_for(lambda: not members_of(process.pid))


def test_the_model_carries_its_table(planned, trained):
    data = json.loads((trained.model / "dataset.json").read_text())
    assert table_from_json(data["vesalius"]) == planned.ids


def test_the_commands(planned, trained, vesalius_nnunet):
    where = {
        "nnUNet_raw": str(planned.folders.raw),
        "nnUNet_preprocessed": str(planned.folders.preprocessed),
        "nnUNet_results": str(planned.folders.results),
    }
    (planned.root / "patch.json").write_text(json.dumps(PATCH))
    done = vesalius_nnunet(
        "train", "-d", 501, "-f", 0, "-t", SWAP, "--device", "cpu", "--continue",
        "--plans-patch", planned.root / "patch.json", **where,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{trained.model}: fold 0 was trained\n"
    done = vesalius_nnunet(
        "predict", "-d", 501, "-t", SWAP, "--device", "cpu", "--processes", 1,
        "--images", f"{planned.root}/ct/{{case}}_0000.nii.gz", "--num-parts", 6, "--part-id", 2,
        "-o", f"{planned.root}/cli/{{case}}.nii.gz", apart=True, **where,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout == "1 predicted, 0 kept, 0 failed\n"
    ours = np.asarray(nib.load(planned.root / "cli/c2.nii.gz").dataobj)
    assert set(np.unique(ours)) <= {0, 2, 5, 6, 12}
    done = vesalius_nnunet(
        "train", "-d", 501, "-f", 0, "-t", "nnUNetTrainerr", "--device", "cpu", **where
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "did you mean `nnUNetTrainer`?" in done.stderr
