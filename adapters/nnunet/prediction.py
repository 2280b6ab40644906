"""Predicting cases with a trained nnU-Net model, in the integers of our scheme."""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vesalius.adapters.files.atomic import check_output, write_json
from vesalius.adapters.files.gzip_stream import file_digest
from vesalius.adapters.files.io_diagnostics import failure, problem, unwritable
from vesalius.adapters.files.nifti_header import read_header
from vesalius.adapters.files.nifti_read import read_labels
from vesalius.adapters.files.nifti_write import write_labels
from vesalius.adapters.nnunet.datasets import Fold, model_table, read_json, trained_folds
from vesalius.adapters.nnunet.label_ids import LabelIds
from vesalius.adapters.nnunet.templates import check_template, fill
from vesalius.adapters.nnunet.trainer_names import make_findable
from vesalius.adapters.nnunet.training import FINAL, check_device
from vesalius.ontology.diagnostics import Diagnostic, DiagnosticError

RECORD_SCHEMA = "nnunet_prediction/1"
RECORDS = ".vesalius-nnunet"
"""Folder beside the predictions with one record per case, by which `--continue` knows them."""


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
        NNU002, NNU004, NNU021, NNU024, NNU025: nothing can be predicted at all.
    """
    _check(job)
    folds = trained_folds(job.model, job.checkpoint, job.folds)
    ids = model_table(job.model)
    model_sha256 = _model_digest(job, folds)
    cases = sorted(job.images)[job.part_id :: job.num_parts]
    kept: list[str] = []
    failed: list[Diagnostic] = []
    waiting: list[_Task] = []
    for case in cases:
        task = _Task(case, job.images[case], fill(job.output, case), _settings(job, model_sha256))
        try:
            (kept if job.resume and task.is_done() else waiting).append(
                case if job.resume and task.is_done() else task  # type: ignore[arg-type]
            )
        except DiagnosticError as error:
            failed += error.diagnostics
    raise NotImplementedError
