"""Predicting cases with a trained nnU-Net model, in the integers of our scheme."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vesalius.adapters.files.claims import claimed, sweep
from vesalius.adapters.files.gzip_stream import file_digest
from vesalius.adapters.files.io_diagnostics import failure, problem, unwritable
from vesalius.adapters.nnunet.checkpoints import only_weights
from vesalius.adapters.nnunet.datasets import Fold, model_table, read_json, trained_folds
from vesalius.adapters.nnunet.label_ids import LabelIds
from vesalius.adapters.nnunet.orphans import end_with_parent
from vesalius.adapters.nnunet.prediction_task import Task
from vesalius.adapters.nnunet.templates import check_template, fill
from vesalius.adapters.nnunet.trainer_names import make_findable
from vesalius.adapters.nnunet.training import FINAL, check_device
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError
from vesalius.ontology.reading.side_files import JSON_BYTES, read_side_file


@dataclass(frozen=True)
class PredictJob:
    """What to predict.

    Parameters
    ----------
    model : Path
        Folder of the trained model (trainer__plans__configuration).
    images : mapping of str to Path
        Image of each case.
    output : str
        Path template with ``{case}``.
    folds : tuple of int or "all", or None
        Folds whose networks are averaged; None takes all that are trained.
    checkpoint : str
        File name of the checkpoint.
    device : {"cuda", "cpu", "mps"}
        Where to predict.
    num_parts, part_id : int
        Predict every `num_parts`-th case, starting with number `part_id`.
    resume : bool
        Leave predictions that are there already, made by this model from these images.
    mirror : bool
        Average over mirrored images, along the axes that the trainer allows.
    step : float
        Step of the sliding window, as a share of the patch.
    processes : int
        Worker processes for reading and for writing.
    batch : int
        Cases between two points at which everything predicted so far is in place.
    trust : bool
        Read checkpoints that hold more than weights; they can run any code.
    """

    model: Path
    images: Mapping[str, Path]
    output: str
    folds: tuple[Fold, ...] | None = None
    checkpoint: str = FINAL
    device: str = "cuda"
    num_parts: int = 1
    part_id: int = 0
    resume: bool = False
    mirror: bool = True
    step: float = 0.5
    processes: int = 2
    batch: int = 16
    trust: bool = False


@dataclass(frozen=True)
class Predicted:
    """What came of a prediction.

    Parameters
    ----------
    done, kept : tuple of str
        Cases predicted now, and those that were there already.
    failed : tuple of Diagnostic
        Why other cases were not.
    """

    done: tuple[str, ...]
    kept: tuple[str, ...]
    failed: tuple[Diagnostic, ...]


def predict(job: PredictJob, progress: Callable[[str], None] = lambda _: None) -> Predicted:
    """Predict cases with nnU-Net and write them in the integers of the model's scheme.

    A case that fails is reported and the others go on. Each prediction appears whole or not at
    all, with the header of its image.

    Raises
    ------
    DiagnosticError
        NNU002, NNU004, NNU021, NNU024, NNU025, NNU028: nothing can be predicted at all.
    """
    _check_settings(job)
    folds = trained_folds(job.model, job.checkpoint, job.folds)
    ids = model_table(job.model)
    key = _key(job, folds)
    cases = sorted(job.images)[job.part_id :: job.num_parts]
    tasks = [Task(case, job.images[case], fill(job.output, case), key) for case in cases]
    for folder in {folder for task in tasks for folder in (task.output.parent, task.record.parent)}:
        sweep(folder)
    kept = [task.case for task in tasks if job.resume and task.is_done()]
    waiting, failed = _able([task for task in tasks if task.case not in kept])
    done: list[str] = []
    if waiting:
        check_device(job.device)
        with only_weights(job.trust):
            predictor = _predictor(job, folds)
        for first in range(0, len(waiting), job.batch):
            batch = waiting[first : first + job.batch]
            progress(f"predicting {first + 1} to {first + len(batch)} of {len(waiting)}")
            try:
                results = _predict_batch(job, predictor, batch, ids)
            except OSError as error:
                raise unwritable(batch[0].output.parent, error) from None
            for task, problems in results:
                failed += problems
                if not problems:
                    done.append(task.case)
    return Predicted(tuple(done), tuple(kept), tuple(failed))


def _able(tasks: Sequence[Task]) -> tuple[list[Task], list[Diagnostic]]:
    waiting: list[Task] = []
    failed: list[Diagnostic] = []
    for task in tasks:
        try:
            task.check()
            waiting.append(task)
        except DiagnosticError as error:
            failed += error.diagnostics
    return waiting, failed


def _predict_batch(
    job: PredictJob,
    predictor: Any,  # noqa: ANN401 - nnU-Net has no types
    tasks: Sequence[Task],
    ids: LabelIds,
) -> list[tuple[Task, tuple[Diagnostic, ...]]]:
    """Predict some cases together; where that fails, one by one, to find the one it is."""
    with claimed(tasks[0].output.parent) as claim:
        work = claim.path()
        work.mkdir()
        try:
            predictor.predict_from_files(
                [[str(task.image)] for task in tasks],
                [str(work / str(number)) for number in range(len(tasks))],
                save_probabilities=False,
                overwrite=True,
                num_processes_preprocessing=min(job.processes, len(tasks)),
                num_processes_segmentation_export=min(job.processes, len(tasks)),
            )
        except Exception as error:  # whatever a damaged image makes nnU-Net's workers raise
            if len(tasks) > 1:
                return [r for task in tasks for r in _predict_batch(job, predictor, [task], ids)]
            text = f"nnU-Net could not predict `{tasks[0].case}`: {type(error).__name__}: {error}"
            return [(tasks[0], (problem("NNU023", tasks[0].image, text),))]
        ending = str(predictor.dataset_json["file_ending"])
        return [
            (task, _finish(task, work / f"{number}{ending}", ids))
            for number, task in enumerate(tasks)
        ]


def _finish(task: Task, predicted: Path, ids: LabelIds) -> tuple[Diagnostic, ...]:
    try:
        task.finish(predicted, ids)
    except DiagnosticError as error:
        return error.diagnostics
    return ()


def _predictor(job: PredictJob, folds: tuple[Fold, ...]) -> Any:  # noqa: ANN401 - nnU-Net has no types
    import torch  # noqa: PLC0415 - takes seconds
    from nnunetv2.inference.predict_from_raw_data import nnUNetPredictor  # noqa: PLC0415

    make_findable()
    end_with_parent()
    predictor = nnUNetPredictor(
        tile_step_size=job.step,
        use_gaussian=True,
        use_mirroring=job.mirror,
        perform_everything_on_device=job.device == "cuda",
        device=torch.device(job.device),
        allow_tqdm=False,
    )
    try:
        predictor.initialize_from_trained_model_folder(str(job.model), folds, job.checkpoint)
    except KeyError as error:
        text = f"nnU-Net cannot use this model: something has no {error}"
        raise failure("NNU021", job.model, text, "train it again, or get it again") from error
    return predictor


def _key(job: PredictJob, folds: tuple[Fold, ...]) -> dict[str, object]:
    """Say what besides its image decides a prediction."""
    digest = hashlib.sha256()
    for name in ("plans.json", "dataset.json"):
        read_json(job.model / name)
        digest.update(read_side_file(job.model / name, JSON_BYTES))
    for fold in sorted(folds, key=str):
        digest.update(file_digest(job.model / f"fold_{fold}" / job.checkpoint).encode())
    return {
        "model_sha256": digest.hexdigest(),
        "folds": [str(fold) for fold in folds],
        "mirror": job.mirror,
        "step": job.step,
    }


def _check_settings(job: PredictJob) -> None:
    check_template(job.output, "--output")
    if not job.images:
        raise failure("NNU004", None, "there are no images to predict")
    if not 0 <= job.part_id < job.num_parts:
        text = f"--part-id {job.part_id} is not one of 0..{job.num_parts - 1} (--num-parts)"
        raise failure("NNU025", None, text)
    if not 0 < job.step <= 1:
        raise failure("NNU025", None, f"--step {job.step:g} is not above 0 and at most 1")
    if job.batch < 1 or job.processes < 1:
        raise failure("NNU025", None, "--batch and --processes are at least 1")
