"""The commands that do by hand what the stages do."""

from __future__ import annotations

from pathlib import Path

from vesalius.adapters.nnunet.datasets import Fold
from vesalius.adapters.nnunet.export import ExportJob
from vesalius.adapters.nnunet.templates import escaped
from vesalius.adapters.selftrain.cohort_work import cohort_path, images_folder
from vesalius.adapters.selftrain.nnunet_work import Dataset, length_variables
from vesalius.adapters.selftrain.pipeline_file import Pipeline
from vesalius.adapters.selftrain.pipeline_models import Lengths, PredictionSettings
from vesalius.ontology.load import scheme_paths
from vesalius.ontology.reading.diagnostics import display_path
from vesalius.ontology.reading.real_path import real_path

Command = tuple[str, ...]


class Commands:
    """Commands of a pipeline, with paths as seen from the working directory.

    Parameters
    ----------
    pipeline : Pipeline
        The pipeline.
    ending : str
        Of the cohort's images.
    """

    def __init__(self, pipeline: Pipeline, ending: str) -> None:
        self._pipeline = pipeline
        self._images = f"{escaped(images_folder(pipeline.work))}/{{case}}{ending}"

    def export(self, job: ExportJob) -> Command:
        """Give the command that writes a dataset."""
        return (
            "vesalius", "nnunet", "export", "--scheme", _scheme(job.scheme.path, job.scheme.name),
            "--images", display_path(job.images), "--labels", display_path(job.labels),
            "--dataset-id", str(job.dataset_id), "--name", job.name, "-o", display_path(job.raw),
        )  # fmt: skip

    def train(
        self, dataset: Dataset, fold: Fold, trainer: str, lengths: Lengths, start: Path | None
    ) -> Command:
        """Give the command that trains a fold."""
        variables = length_variables(lengths, dataset.settings.save_every)
        set_ = [f"{name}={value}" for name, value in variables.items() if value is not None]
        settings = dataset.settings
        return (
            "env", *set_, "vesalius", "nnunet", "train", "--dataset", str(dataset.number),
            "--configuration", settings.configuration, "--fold", str(fold), "--trainer", trainer,
            *(() if start is None else ("--start-from", display_path(start))),
            "--device", settings.device, "--processes", str(settings.processes), "--continue",
            *(() if settings.validate_ else ("--no-validation",)), *_folders(dataset),
        )  # fmt: skip

    def predict(
        self,
        dataset: Dataset,
        trainer: str,
        folds: tuple[Fold, ...],
        settings: PredictionSettings,
        mirroring: bool,
        output: str,
        part: tuple[int, int],
    ) -> Command:
        """Give the command that predicts a part of the cohort; it takes images by name."""
        return (
            "vesalius", "nnunet", "predict", "--model", display_path(dataset.model(trainer)),
            "--images", display_path(self._images), "--output", display_path(output),
            "--folds", ",".join(str(fold) for fold in folds), "--step", f"{settings.step:g}",
            *(() if mirroring else ("--no-mirroring",)),
            "--num-parts", str(part[1]), "--part-id", str(part[0]),
            "--device", dataset.settings.device,
            "--processes", str(dataset.settings.processes), "--continue",
        )  # fmt: skip

    def cohort(self, name: str, output: Path, workers: int) -> Command:
        """Give the command that merges or repairs."""
        path = cohort_path(self._pipeline.work, name)
        return (
            "vesalius", "run", display_path(path), "-o", display_path(output),
            "--workers", str(workers), "--fail-on", "never",
        )  # fmt: skip

    def stage(self, name: str) -> Command:
        """Give the command that runs one stage of the pipeline."""
        pipeline = self._pipeline
        return (
            "vesalius", "nnunet", "selftrain", display_path(pipeline.path), "--work",
            display_path(pipeline.work), "--stage", name,
        )  # fmt: skip


def _folders(dataset: Dataset) -> Command:
    folders = dataset.folders
    return (
        "--raw", display_path(folders.raw), "--preprocessed", display_path(folders.preprocessed),
        "--results", display_path(folders.results),
    )  # fmt: skip


def _scheme(path: str, name: str) -> str:
    """Name a shipped scheme; give the path of another."""
    shipped = scheme_paths().get(name)
    own = shipped is None or real_path(path) != real_path(shipped)
    return display_path(path) if own else name
