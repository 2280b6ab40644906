"""From a pipeline to its stages, each behind the ones it reads from."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from vesalius.adapters.cohort.cohort_report import selection_report
from vesalius.adapters.files.atomic import json_text
from vesalius.adapters.nnunet.datasets import Fold
from vesalius.adapters.nnunet.export import ExportJob
from vesalius.adapters.nnunet.templates import escaped
from vesalius.adapters.release.release_folder import ReleaseCase, ReleaseJob, write_release
from vesalius.adapters.selftrain import cohort_work, nnunet_work
from vesalius.adapters.selftrain.commands import Commands
from vesalius.adapters.selftrain.nnunet_work import Dataset, nnunet_folders
from vesalius.adapters.selftrain.pipeline_file import UNIFIED
from vesalius.adapters.selftrain.pipeline_models import Lengths, PredictionSettings
from vesalius.adapters.selftrain.preflight import Prepared, PreparedCohort, folds_of
from vesalius.adapters.selftrain.screen import Screen
from vesalius.adapters.selftrain.stage import Stage
from vesalius.adapters.selftrain.stage_records import StageRecords
from vesalius.adapters.selftrain.written_cohorts import absolute_template
from vesalius.engine.plan.plan_json import plan_to_json
from vesalius.ontology.graph import Ontology

_FEW = 8
_PACKAGES = ("nnunetv2", "torch")


def build_stages(
    prepared: Prepared, records: StageRecords, ontology: Ontology, workers: int, screen: Screen
) -> list[Stage]:
    """Give every stage of a pipeline.

    Parameters
    ----------
    prepared : Prepared
        The pipeline and what was found for it.
    records : StageRecords
        What was finished; the release tells of it.
    ontology : Ontology
        For the datasets.
    workers : int
        Processes for merge and repair.
    screen : Screen
        Where stages say what they have to say.

    Returns
    -------
    list of Stage
        In an order in which they can be run.
    """
    return _Builder(prepared, records, ontology, workers, screen).build()


class _Builder:
    """Collects stages."""

    def __init__(
        self,
        prepared: Prepared,
        records: StageRecords,
        ontology: Ontology,
        workers: int,
        screen: Screen,
    ) -> None:
        self.prepared = prepared
        self.pipeline = prepared.pipeline
        self.model = prepared.pipeline.model
        self.work = prepared.pipeline.work
        self.records = records
        self.ontology = ontology
        self.workers = workers
        self.screen = screen
        self.commands = Commands(prepared.pipeline, prepared.ending)
        self.stages: list[Stage] = []

    def build(self) -> list[Stage]:
        parts = [part for name in self.model.experts for part in self._expert(name)]
        merge = self._cohort(self.prepared.merge, tuple(parts))
        parts = self._unified(merge)
        repair = self._cohort(self.prepared.repair, tuple(parts))
        self._release(repair)
        return self.stages

    def _expert(self, name: str) -> list[str]:
        expert = self.model.experts[name]
        plans = self.model.nnunet.plans if expert.plans is None else expert.plans
        job = self._export_job(
            name,
            absolute_template(self.pipeline.folder, expert.images),
            absolute_template(self.pipeline.folder, expert.labels),
            expert.dataset,
            expert.name or name,
        )
        dataset = Dataset(self.work, expert.dataset, job.dataset, self.model.nnunet, plans)
        export = self._add_export(name, job, (), self.prepared.experts[name])
        plan = self._plan(name, dataset, export, folds_of(expert.folds), None)
        trained = [
            self._train(name, dataset, fold, expert.trainer, expert.lengths, (export, plan))
            for fold in folds_of(expert.folds)
        ]
        mirroring = expert.prediction.mirroring is not False
        return self._predict(
            name, dataset, expert.trainer, folds_of(expert.folds), expert.prediction, mirroring,
            self.pipeline.predictions[name], tuple(trained),
        )  # fmt: skip

    def _unified(self, merge: str) -> list[str]:
        unified = self.model.unified
        plans = self.model.nnunet.plans if unified.plans is None else unified.plans
        folds = folds_of(unified.folds)
        images = cohort_work.images_folder(self.work)
        job = self._export_job(
            UNIFIED,
            f"{escaped(images)}/{{case}}{self.prepared.ending}",
            f"{escaped(self._merged)}/{{case}}.nii.gz",
            unified.dataset,
            unified.name,
        )
        dataset = Dataset(self.work, unified.dataset, job.dataset, self.model.nnunet, plans)
        files = {f"image:{case}": path for case, path in self.prepared.images.items()}
        export = self._add_export(UNIFIED, job, (merge,), files)
        plan = self._plan(UNIFIED, dataset, export, folds, self.prepared.groups)
        trained = {
            fold: self._train(
                UNIFIED, dataset, fold, unified.trainer, unified.lengths, (export, plan)
            )
            for fold in folds
        }
        trainer = unified.trainer
        if unified.fine_tuning is not None:
            start, trainer = dataset.model(trainer), unified.fine_tuning.trainer
            trained = {
                fold: self._train(
                    UNIFIED, dataset, fold, trainer, unified.fine_tuning.lengths,
                    (export, plan, before), start,
                )
                for fold, before in trained.items()
            }  # fmt: skip
        mirroring = unified.prediction.mirroring
        if mirroring is None:
            mirroring = unified.fine_tuning is None
        output = f"{escaped(self.work / 'predictions' / UNIFIED)}/{{case}}.nii.gz"
        return self._predict(
            UNIFIED, dataset, trainer, folds, unified.prediction, mirroring, output,
            tuple(trained.values()),
        )  # fmt: skip

    def _export_job(
        self, model: str, images: str, labels: str, number: int, name: str
    ) -> ExportJob:
        return ExportJob(
            scheme=self.pipeline.schemes[model],
            images=images,
            labels=labels,
            raw=nnunet_folders(self.work).raw,
            dataset_id=number,
            name=name,
        )

    def _add_export(
        self, model: str, job: ExportJob, after: tuple[str, ...], files: Mapping[str, Path]
    ) -> str:
        def work() -> list[Path]:
            if model == UNIFIED:
                self._link_unified()
            return nnunet_work.export(job, self.ontology, self.screen)

        parameters = {"scheme": job.scheme.document.text, "dataset": job.dataset}
        command = self.commands.export(job)
        return self._add(Stage(f"export.{model}", work, after, parameters, files, command))

    @property
    def _merged(self) -> Path:
        """Links to the merged label maps of the kept cases, and no others."""
        return self.work / "merged_labels"

    def _link_unified(self) -> None:
        prepared = self.prepared
        images = cohort_work.images_folder(self.work)
        cohort_work.link_cases(images, prepared.images, prepared.ending)
        labels = cohort_work.kept(prepared.merge.tasks)
        cohort_work.link_cases(self._merged, labels, ".nii.gz")

    def _plan(
        self,
        model: str,
        dataset: Dataset,
        export: str,
        folds: tuple[Fold, ...],
        groups: Mapping[str, str] | None,
    ) -> str:
        split = "all" not in folds
        parameters = {
            "configuration": dataset.settings.configuration,
            "planner": dataset.settings.planner,
            "plans": dict(dataset.plans),
            "split": split,
            "groups": None if groups is None else dict(groups),
        }
        work = partial(nnunet_work.plan, dataset, self.pipeline.path, split, groups)
        return self._add(Stage(f"plan.{model}", work, (export,), parameters, nnunet=True))

    def _train(
        self,
        model: str,
        dataset: Dataset,
        fold: Fold,
        trainer: str,
        lengths: Lengths,
        after: tuple[str, ...],
        start: Path | None = None,
    ) -> str:
        kind = "train" if start is None else "finetune"
        return self._add(
            Stage(
                name=f"{kind}.{model}.{fold if fold == 'all' else f'fold{fold}'}",
                work=partial(nnunet_work.train, dataset, fold, trainer, lengths, start),
                after=after,
                parameters={
                    "trainer": trainer,
                    "fold": fold,
                    "lengths": lengths.model_dump(exclude_none=True),
                    "configuration": dataset.settings.configuration,
                },
                command=self.commands.train(dataset, fold, trainer, lengths, start),
                nnunet=True,
                gpu=dataset.settings.device != "cpu",
                set_aside=partial(nnunet_work.set_aside_training, dataset, fold, trainer),
            )
        )

    def _predict(
        self,
        model: str,
        dataset: Dataset,
        trainer: str,
        folds: tuple[Fold, ...],
        settings: PredictionSettings,
        mirroring: bool,
        output: str,
        after: tuple[str, ...],
    ) -> list[str]:
        names = []
        cases = sorted(self.prepared.images)
        number = min(settings.parts, len(cases))
        for part in range(number):
            images = {case: self.prepared.images[case] for case in cases[part::number]}
            work = partial(
                nnunet_work.predict_part, dataset, trainer, folds, settings, mirroring, images,
                output, self.screen,
            )  # fmt: skip
            stage = Stage(
                name=f"predict.{model}.part{part}",
                work=work,
                after=after,
                parameters={
                    "trainer": trainer,
                    "folds": [str(fold) for fold in folds],
                    "mirroring": mirroring,
                    "step": settings.step,
                    "output": Path(os.path.relpath(output, self.work)).as_posix(),
                },
                files={f"image:{case}": path for case, path in images.items()},
                command=self.commands.predict(
                    dataset, trainer, folds, settings, mirroring, output, (part, number)
                ),
                nnunet=True,
                gpu=dataset.settings.device != "cpu",
            )
            names.append(self._add(stage))
        return names

    def _cohort(self, cohort: PreparedCohort, after: tuple[str, ...]) -> str:
        name = cohort.written.name
        files = {
            f"image:{task.case}": task.files.image
            for task in cohort.tasks
            if task.files.image is not None
        }
        for task in cohort.tasks:
            files |= {f"{p.token}:{task.case}": p.path for p in task.files.predictions}
        parameters = {
            "job": cohort.job.fingerprint,
            "cases": {
                task.case: [
                    task.place.labels.relative_to(cohort.output).as_posix(),
                    dict(task.files.metadata),
                ]
                for task in cohort.tasks
            },
            "selection": selection_report(cohort.written.cohort, cohort.selection),
        }
        work = partial(
            cohort_work.run,
            cohort.written,
            self.work,
            cohort.output,
            cohort.tasks,
            self.workers,
            self.screen,
        )
        command = self.commands.cohort(name, cohort.output, self.workers)
        return self._add(Stage(name, work, after, parameters, files, command))

    def _release(self, repair: str) -> None:
        prepared, settings = self.prepared, self.model.release
        cohort = prepared.merge.written.cohort
        texts = {
            "pipeline.yaml": self.pipeline.document.text,
            "plan.json": plan_to_json(prepared.repair.job.session.prepared.plan),
            "merge_plan.json": plan_to_json(prepared.merge.job.session.prepared.plan),
            "selection.json": json_text(selection_report(cohort, prepared.merge.selection)),
        }
        job = ReleaseJob(
            folder=self.pipeline.release,
            name=self.model.pipeline,
            root=prepared.repair.output,
            cases=[
                ReleaseCase(task.case, task.place.labels, task.place.report, task.files.image)
                for task in prepared.repair.tasks
            ],
            images=settings.images,
            review=settings.review,
            target=self.pipeline.schemes[UNIFIED],
            ontology=self.ontology,
            texts=texts,
            origin=lambda: {"stages": self._history()},
            packages=_PACKAGES,
            digest=self.records.digests.digest,
        )
        wanted = settings.images != "none"
        files = {f"image:{case}": path for case, path in prepared.images.items() if wanted}
        folder = Path(os.path.relpath(self.pipeline.release, self.work)).as_posix()
        parameters: dict[str, object] = {
            "folder": folder, "images": settings.images, "texts": texts,
        }  # fmt: skip
        if settings.review:
            parameters["review"] = True
        self._add(Stage("release", partial(_release, job), (repair,), parameters, files))

    def _history(self) -> dict[str, object]:
        """Give the key of every stage so far; of those with few outputs these too."""
        history: dict[str, object] = {}
        for stage in self.stages[:-1]:
            record = self.records.record(stage.name)
            if record is not None:
                few = len(record.outputs) <= _FEW
                history[stage.name] = {"key": record.key} | (
                    {"outputs": dict(record.outputs)} if few else {}
                )
        return history

    def _add(self, stage: Stage) -> str:
        self.stages.append(stage)
        return stage.name


def _release(job: ReleaseJob) -> list[Path]:
    write_release(job)
    return sorted(path for path in job.folder.rglob("*") if path.is_file())
