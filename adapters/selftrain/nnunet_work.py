"""What the stages with nnU-Net do: export, plan, train, predict. All lies in the work folder."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from vesalius.adapters.files.atomic import write_json
from vesalius.adapters.nnunet.checkpoints import trusts
from vesalius.adapters.nnunet.datasets import Fold, model_folder, read_json
from vesalius.adapters.nnunet.environment import with_variables
from vesalius.adapters.nnunet.export import ExportJob, export_dataset
from vesalius.adapters.nnunet.installation import Folders, activate
from vesalius.adapters.nnunet.planning import DEFAULT_PLANS, PlanJob, plan_and_preprocess
from vesalius.adapters.nnunet.prediction import PredictJob, predict
from vesalius.adapters.nnunet.templates import fill
from vesalius.adapters.nnunet.trainer_settings import (
    EPOCHS,
    ITERATIONS,
    SAVE_EVERY,
    VAL_ITERATIONS,
)
from vesalius.adapters.nnunet.training import FINAL, TrainJob, train_fold
from vesalius.adapters.selftrain.pipeline_models import Lengths, NnunetModel, PredictionSettings
from vesalius.adapters.selftrain.screen import CasesFailed, Screen
from vesalius.adapters.selftrain.splits import make_splits
from vesalius.ontology.graph import Ontology

SPLITS = "splits_final.json"


def nnunet_folders(work: Path) -> Folders:
    """Give nnU-Net's three folders in the work folder."""
    place = work / "nnunet"
    return Folders(place / "raw", place / "preprocessed", place / "results")


@dataclass(frozen=True)
class Dataset:
    """A dataset of nnU-Net that a pipeline trains on.

    Parameters
    ----------
    work : Path
        The work folder.
    number : int
        nnU-Net's id.
    name : str
        Name of its folder.
    settings : NnunetModel
        What all trainings have in common.
    plans : mapping
        Changes of the plans.
    """

    work: Path
    number: int
    name: str
    settings: NnunetModel
    plans: Mapping[str, object]

    @property
    def folders(self) -> Folders:
        """nnU-Net's."""
        return nnunet_folders(self.work)

    @property
    def preprocessed(self) -> Path:
        """Where plans and splits are."""
        return self.folders.preprocessed / self.name

    def model(self, trainer: str) -> Path:
        """Give the folder of a model trained on it."""
        configuration = self.settings.configuration
        return model_folder(self.folders, self.name, trainer, DEFAULT_PLANS, configuration)


def export(job: ExportJob, ontology: Ontology, screen: Screen) -> list[Path]:
    """Write a dataset; what lies in its place is ours and is replaced."""
    done = export_dataset(replace(job, overwrite=True), ontology)
    screen.show(done.diagnostics)
    return sorted(path for path in done.folder.rglob("*") if path.is_file())


def plan(
    dataset: Dataset, source: Path, split: bool, group: Mapping[str, str] | None
) -> list[Path]:
    """Plan, preprocess and divide into folds, before any fold is trained.

    Folds can then be trained at the same time, without each doing this again.
    """
    activate(dataset.folders)
    plan_and_preprocess(
        PlanJob(
            folders=dataset.folders,
            dataset_id=dataset.number,
            configuration=dataset.settings.configuration,
            planner=dataset.settings.planner,
            patch=dataset.plans,
            processes=dataset.settings.processes,
            patch_file=source,
        )
    )
    place = dataset.preprocessed
    outputs = [place / f"{DEFAULT_PLANS}.json", place / "dataset.json"]
    if split:
        cases = _cases(dataset)
        write_json(place / SPLITS, make_splits(cases, group))
        outputs.append(place / SPLITS)
    return outputs


def train(
    dataset: Dataset, fold: Fold, trainer: str, lengths: Lengths, start_from: Path | None
) -> list[Path]:
    """Train one fold, or go on where it was killed."""
    with with_variables(length_variables(lengths, dataset.settings.save_every)):
        done = train_fold(
            TrainJob(
                folders=dataset.folders,
                dataset_id=dataset.number,
                fold=fold,
                configuration=dataset.settings.configuration,
                trainer=trainer,
                device=dataset.settings.device,
                resume=True,
                start_from=start_from,
                validate=dataset.settings.validate_,
                trust=trusts(),
            )
        )
    return [
        done.model / f"fold_{fold}" / FINAL,
        done.model / "plans.json",
        done.model / "dataset.json",
    ]


def set_aside_training(dataset: Dataset, fold: Fold, trainer: str) -> None:
    """Take a fold that was trained on something else out of nnU-Net's way, without deleting it."""
    place = dataset.model(trainer) / f"fold_{fold}"
    if not place.exists():
        return
    folder = dataset.work / "replaced"
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{dataset.name}.{trainer}.fold_{fold}"
    number = 1
    while (folder / f"{name}.{number}").exists():
        number += 1
    shutil.move(place, folder / f"{name}.{number}")


def predict_part(
    dataset: Dataset,
    trainer: str,
    folds: Sequence[Fold],
    settings: PredictionSettings,
    mirroring: bool,
    images: Mapping[str, Path],
    output: str,
    screen: Screen,
) -> list[Path]:
    """Predict some cases; those that this model predicted before are kept.

    Raises
    ------
    CasesFailed
        Where a case cannot be predicted; the others are in place then.
    """
    activate(dataset.folders)
    done = predict(
        PredictJob(
            model=dataset.model(trainer),
            images=images,
            output=output,
            folds=tuple(folds),
            device=dataset.settings.device,
            resume=True,
            mirror=mirroring,
            step=settings.step,
            processes=dataset.settings.processes,
            trust=trusts(),
        )
    )
    screen.show(done.failed)
    if done.failed:
        raise CasesFailed
    return [fill(output, case) for case in images]


def _cases(dataset: Dataset) -> list[str]:
    labels = dataset.folders.raw / dataset.name / "labelsTr"
    ending = read_json(dataset.preprocessed / "dataset.json")["file_ending"]
    return sorted(path.name.removesuffix(ending) for path in labels.iterdir())


def length_variables(lengths: Lengths, save_every: int) -> dict[str, str | None]:
    """Give the variables by which the pipeline file alone decides how long a training is."""
    wanted = {
        EPOCHS: lengths.epochs,
        ITERATIONS: lengths.iterations,
        VAL_ITERATIONS: lengths.val_iterations,
        SAVE_EVERY: save_every,
    }
    return {name: None if value is None else str(value) for name, value in wanted.items()}
