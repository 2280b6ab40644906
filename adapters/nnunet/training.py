"""Training one fold by nnU-Net's own trainer, killed and continued without loss."""

from __future__ import annotations

import inspect
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vesalius.adapters.files.claims import claimed, sweep
from vesalius.adapters.files.io_diagnostics import failure
from vesalius.adapters.nnunet.checkpoints import is_readable, only_weights
from vesalius.adapters.nnunet.datasets import Fold, dataset_name, model_folder, read_json
from vesalius.adapters.nnunet.environment import with_variables
from vesalius.adapters.nnunet.installation import Folders, activate, stops_are_reported
from vesalius.adapters.nnunet.mirror_rule import TRAINER as MIRROR_SWAP
from vesalius.adapters.nnunet.mirror_rule import mirror_rule
from vesalius.adapters.nnunet.orphans import end_with_parent
from vesalius.adapters.nnunet.planning import DEFAULT_PLANS
from vesalius.adapters.nnunet.trainer_names import FINE_TUNING, check_trainer, make_findable
from vesalius.adapters.nnunet.trainer_settings import (
    START_FROM,
    apply_lengths,
    start_file,
    training_lengths,
)
from vesalius.ontology.reading.nearest import suggest_file

FINAL, LATEST, BEST = "checkpoint_final.pth", "checkpoint_latest.pth", "checkpoint_best.pth"


@dataclass(frozen=True)
class TrainJob:
    """What to train.

    Parameters
    ----------
    folders : Folders
        nnU-Net's.
    dataset_id : int
        The dataset, planned and preprocessed.
    fold : int or "all"
        The fold.
    configuration, trainer, plans : str
        As nnU-Net names them.
    device : {"cuda", "cpu", "mps"}
        Where to train; choose a GPU by `CUDA_VISIBLE_DEVICES`.
    resume : bool
        Go on from the last checkpoint; a finished fold is left as it is.
    pretrained : Path or None
        Checkpoint for nnU-Net's `-pretrained_weights`: everything but the output heads.
    start_from : Path or None
        Checkpoint (or folder of it) for the fine-tuning trainer: everything, heads included.
    splits : Path or None
        A `splits_final.json` to use.
    validate : bool
        Predict and score the validation cases at the end, as nnU-Net does.
    trust : bool
        Read checkpoints that hold more than weights; they can run any code.
    """

    folders: Folders
    dataset_id: int
    fold: Fold
    configuration: str = "3d_fullres"
    trainer: str = "nnUNetTrainer"
    plans: str = DEFAULT_PLANS
    device: str = "cuda"
    resume: bool = False
    pretrained: Path | None = None
    start_from: Path | None = None
    splits: Path | None = None
    validate: bool = True
    trust: bool = False


@dataclass(frozen=True)
class Trained:
    """A fold that is trained.

    Parameters
    ----------
    model : Path
        Folder of the model, for prediction.
    checkpoint : Path
        The final checkpoint of the fold.
    done : bool
        False where it was finished before.
    """

    model: Path
    checkpoint: Path
    done: bool


def train_fold(job: TrainJob) -> Trained:
    """Train one fold with nnU-Net.

    Returns
    -------
    Trained

    Raises
    ------
    DiagnosticError
        NNU015, NNU016, NNU018, NNU020, NNU024, NNU025, NNU028 before the training, NNU026 if it
        fails.
    """
    activate(job.folders)
    name = dataset_name(job.dataset_id, job.folders)
    model = model_folder(job.folders, name, job.trainer, job.plans, job.configuration)
    fold_folder = model / f"fold_{job.fold}"
    final = fold_folder / FINAL
    validated = (fold_folder / "validation" / "summary.json").is_file()
    sweep(fold_folder)
    if job.resume:
        set_aside_broken(fold_folder, job.trust)
        if final.is_file() and (validated or not job.validate):
            return Trained(model, final, done=False)
    check_trainer(job.trainer)
    check_device(job.device)
    _check_settings(job)
    _check_start(job, fold_folder)
    _check_mirroring(job, name)
    if job.splits is not None:
        shutil.copyfile(job.splits, job.folders.preprocessed / name / "splits_final.json")
    make_findable()
    end_with_parent()
    hint = "its log is in this folder; go on with --continue"
    with (
        with_variables({} if job.start_from is None else {START_FROM: str(job.start_from)}),
        stops_are_reported(fold_folder, hint),
        only_weights(job.trust),
    ):
        _run(job, finished=job.resume and final.is_file())
    return Trained(model, final, done=True)


def check_device(device: str) -> None:
    """Refuse a device that torch does not see.

    Raises
    ------
    DiagnosticError
        NNU024.
    """
    import torch  # noqa: PLC0415 - takes seconds

    there = {
        "cpu": True,
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
    }
    if not there.get(device):
        hint = f"use --device {' or '.join(sorted(d for d, ok in there.items() if ok))}"
        raise failure("NNU024", None, f"torch sees no `{device}` on this machine", hint)


def set_aside_broken(fold_folder: Path, trust: bool = False) -> list[Path]:
    """Rename checkpoints that cannot be read (killed while writing), so that others are used.

    Raises
    ------
    DiagnosticError
        NNU028 where one holds more than weights and is not to be trusted.
    """
    broken = []
    for name in (FINAL, LATEST, BEST):
        path = fold_folder / name
        if path.is_file() and not is_readable(path, trust):
            broken.append(path.rename(path.with_suffix(".broken")))
    return broken


def _run(job: TrainJob, *, finished: bool) -> None:
    """Do what nnU-Net's `run_training` does for one device, with lengths and safe checkpoints."""
    import torch  # noqa: PLC0415 - takes seconds
    from nnunetv2.run import run_training  # noqa: PLC0415

    if job.device == "cuda":
        # As nnU-Net does: more threads do not help it on a GPU.
        torch.set_num_threads(1)
        torch.backends.cudnn.benchmark = True
    arguments = {
        "dataset_name_or_id": str(job.dataset_id),
        "configuration": job.configuration,
        "fold": job.fold,
        "trainer_name": job.trainer,
        "plans_identifier": job.plans,
        "device": torch.device(job.device),
    }
    if "continue_training" in inspect.signature(run_training.get_trainer_from_args).parameters:
        arguments["continue_training"] = job.resume
    trainer: Any = run_training.get_trainer_from_args(**arguments)
    apply_lengths(trainer)
    trainer.save_checkpoint = _whole(trainer.save_checkpoint)
    pretrained = None if job.pretrained is None or job.resume else str(job.pretrained)
    run_training.maybe_load_checkpoint(trainer, job.resume and not finished, finished, pretrained)
    if not finished:
        trainer.run_training()
    if job.validate:
        trainer.perform_actual_validation(False)


def _whole(save: Callable[[str], None]) -> Callable[[str], None]:
    """Write checkpoints beside their place and rename them: killed, the old one is still there."""

    def save_whole(filename: str) -> None:
        with claimed(Path(filename).absolute().parent) as claim:
            part = claim.path()
            save(str(part))
            if part.is_file():
                os.replace(part, filename)

    return save_whole


def _check_settings(job: TrainJob) -> None:
    try:
        training_lengths()
    except ValueError as error:
        raise failure("NNU025", None, str(error)) from None
    for path in (job.pretrained, job.splits):
        if path is not None and not path.is_file():
            code = "NNU020" if path == job.pretrained else "NNU025"
            raise failure(code, path, "no such file", suggest_file(path))
    if job.start_from is not None and job.trainer != FINE_TUNING:
        text = f"`{job.trainer}` does not start from another training"
        hint = f"use `--trainer {FINE_TUNING}`, or `--pretrained` for all but the heads"
        raise failure("NNU020", None, text, hint)


def _check_start(job: TrainJob, fold_folder: Path) -> None:
    """Refuse fine-tuning without weights, unless a training goes on that has them already."""
    going_on = job.resume and any((fold_folder / n).is_file() for n in (FINAL, LATEST, BEST))
    if job.trainer != FINE_TUNING or going_on:
        return
    start = job.start_from or Path(os.environ.get(START_FROM, ""))
    try:
        start_file(start, job.fold)
    except RuntimeError as error:
        hint = "give the trained stage 1 with --start-from FOLDER"
        raise failure("NNU020", None, str(error), hint) from None


def _check_mirroring(job: TrainJob, name: str) -> None:
    place = job.folders.preprocessed / name
    if job.trainer != MIRROR_SWAP:
        return
    plans = read_json(place / f"{job.plans}.json")
    try:
        patch_size = plans["configurations"][job.configuration]["patch_size"]
        mirror_rule(read_json(place / "dataset.json"), plans["transpose_forward"], len(patch_size))
    except ValueError as error:
        text = f"`{MIRROR_SWAP}` cannot be used on `{name}`: {error}"
        raise failure("NNU016", place / "dataset.json", text) from None
