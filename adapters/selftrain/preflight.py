"""Everything that can be known of a pipeline before any work starts, every problem at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from vesalius.adapters.cases.sexes import SEX
from vesalius.adapters.cohort.case_task import CaseTask
from vesalius.adapters.cohort.case_tasks import prepare_tasks
from vesalius.adapters.cohort.cohort_diagnostics import error
from vesalius.adapters.cohort.cohort_job import CohortJob, prepare_job
from vesalius.adapters.cohort.selection import Selection, select_cases
from vesalius.adapters.nnunet.datasets import Fold
from vesalius.adapters.nnunet.integrity import pair_cases
from vesalius.adapters.nnunet.templates import find_cases, why_none
from vesalius.adapters.release.release_folder import check_release_folder
from vesalius.adapters.selftrain.cohort_work import image_ending
from vesalius.adapters.selftrain.pipeline_file import Pipeline
from vesalius.adapters.selftrain.pipeline_models import FOLDS, FoldList
from vesalius.adapters.selftrain.pipeline_models import Folds as FoldsModel
from vesalius.adapters.selftrain.written_cohorts import WrittenCohort, absolute_template
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError, has_errors, suggest
from vesalius.ontology.reading.document import YamlPath
from vesalius.ontology.reading.listing import listing


@dataclass(frozen=True)
class PreparedCohort:
    """One of the two cohorts of a pipeline, ready to run.

    Parameters
    ----------
    written : WrittenCohort
        Its file.
    output : Path
        Where its results go.
    selection : Selection
        Which cases are kept.
    tasks : tuple of CaseTask
        The kept cases, with those of their predictions that no model of ours makes.
    job : CohortJob
        Its plan.
    """

    written: WrittenCohort
    output: Path
    selection: Selection
    tasks: tuple[CaseTask, ...]
    job: CohortJob


@dataclass(frozen=True)
class Prepared:
    """What was found.

    Parameters
    ----------
    pipeline : Pipeline
        As declared.
    experts : mapping of str to mapping of str to Path
        Training files of each expert by their role.
    merge, repair : PreparedCohort
        The two cohorts.
    ending : str
        Of the cohort's images.
    groups : mapping of str to str, or None
        Group of each case where groups stay together.
    remarks : tuple of Diagnostic
        Warnings.
    """

    pipeline: Pipeline
    experts: Mapping[str, Mapping[str, Path]]
    merge: PreparedCohort
    repair: PreparedCohort
    ending: str
    groups: Mapping[str, str] | None
    remarks: tuple[Diagnostic, ...]

    @property
    def images(self) -> dict[str, Path]:
        """Image of each case of the cohort."""
        tasks = self.merge.tasks
        return {task.case: task.files.image for task in tasks if task.files.image is not None}


def _say_nothing(warnings: Iterable[Diagnostic]) -> None:
    """Pass warnings over."""


def prepare_pipeline(
    pipeline: Pipeline, show: Callable[[Iterable[Diagnostic]], None] = _say_nothing
) -> Prepared:
    """Look for every file, compile both plans, choose the cases.

    Parameters
    ----------
    pipeline : Pipeline
        As declared.
    show : callable
        Takes the warnings about schemes and rules.

    Raises
    ------
    DiagnosticError
        With every problem: COH0xx of the cohort, NNU002 to NNU004 of the experts' files, STR003,
        STR006, REL001.
    """
    problems: list[Diagnostic] = []
    experts = {name: _training_files(pipeline, name, problems) for name in pipeline.model.experts}
    merge = _prepared(pipeline.merge, pipeline.work / "merged", problems, show)
    again: list[Diagnostic] = []
    repair = _prepared(pipeline.repair, pipeline.work / "repaired", again, show)
    # Both read the same images and the same table.
    said = {(d.code, d.message) for d in problems}
    problems += [d for d in again if (d.code, d.message) not in said]
    if merge is None or repair is None:
        raise DiagnosticError(_once(problems))
    groups = _groups(pipeline, merge.tasks, problems)
    ending, mixed = image_ending(merge.tasks, pipeline.document)
    problems += mixed
    unified = pipeline.model.unified
    number = len(set(groups.values())) if groups is not None else len(merge.tasks)
    noun = "groups" if groups is not None else "cases"
    if merge.tasks:
        problems += _fold_problems(pipeline, unified.folds, number, noun, ("unified",))
    span = pipeline.document.span(("release", "folder"))
    problems += check_release_folder(pipeline.release, span)
    if has_errors(problems):
        raise DiagnosticError(_once(problems))
    return Prepared(pipeline, experts, merge, repair, ending, groups, tuple(_once(problems)))


def plan_problems(pipeline: Pipeline) -> list[Diagnostic]:
    """Give what is wrong with the rules of both cohorts, looking for no file."""
    found: list[Diagnostic] = []
    for written in (pipeline.merge, pipeline.repair):
        try:
            prepare_job(written.cohort)
        except DiagnosticError as failed:
            found += written.respan(failed.diagnostics)
    return _once(found)


def folds_of(folds: FoldsModel) -> tuple[Fold, ...]:
    """Give folds as nnU-Net names them."""
    return tuple(dict.fromkeys(folds.root)) if isinstance(folds, FoldList) else ("all",)


def _training_files(
    pipeline: Pipeline, name: str, problems: list[Diagnostic]
) -> Mapping[str, Path]:
    expert = pipeline.model.experts[name]
    at: YamlPath = ("experts", name)
    found: dict[str, Mapping[str, Path]] = {}
    for key, template in (("images", expert.images), ("labels", expert.labels)):
        span = pipeline.document.span((*at, key))
        try:
            place = absolute_template(pipeline.folder, template)
            found[key] = find_cases(place, f"`{key}`")
        except DiagnosticError as failed:
            problems += [replace(d, span=span) for d in failed.diagnostics]
            continue
        if not found[key]:
            text = f"no file is called like `{template}`"
            problems.append(error("NNU004", text, span, why_none(place)))
    if len(found) < 2 or not all(found.values()):
        return {}
    pairs, unpaired = pair_cases(found["images"], found["labels"])
    problems += unpaired
    if not unpaired:
        problems += _fold_problems(pipeline, expert.folds, len(pairs), "cases", at)
    images = {f"image:{pair.case}": pair.image for pair in pairs}
    return images | {f"labels:{pair.case}": pair.labels for pair in pairs}


def _fold_problems(
    pipeline: Pipeline, folds: FoldsModel, number: int, noun: str, at: YamlPath
) -> list[Diagnostic]:
    if number >= FOLDS or not isinstance(folds, FoldList):
        return []
    span = pipeline.document.span((*at, "folds"))
    if "folds" not in _mapping(pipeline, at):
        span = pipeline.document.span(at, key=True)
    text = f"{number} {noun} cannot be divided into {FOLDS} folds"
    return [error("STR003", text, span, "train one network on all of them: `folds: all`")]


def _mapping(pipeline: Pipeline, at: YamlPath) -> Mapping[str, object]:
    value: object = pipeline.document.data
    for step in at:
        value = value[step] if isinstance(value, dict) else {}
    return value if isinstance(value, dict) else {}


def _prepared(
    written: WrittenCohort,
    output: Path,
    problems: list[Diagnostic],
    show: Callable[[Iterable[Diagnostic]], None],
) -> PreparedCohort | None:
    cohort = written.cohort
    try:
        job = prepare_job(cohort)
        selection = select_cases(cohort)
    except DiagnosticError as failed:
        problems += written.respan(failed.diagnostics)
        return None
    pack = job.session.prepared.pack
    for warnings in (job.session.scheme_remarks, () if pack is None else pack.warnings):
        show(warnings)
    # The predictions of our own models come later; everything else must be there now.
    later = tuple(source.name in written.own for source in cohort.sources)
    others = tuple(x for x, own in zip(cohort.sources, later, strict=True) if not own)
    tokens = [token for token, own in zip(job.session.tokens, later, strict=True) if not own]
    tasks = prepare_tasks(replace(cohort, sources=others), selection, tokens, output)
    problems += written.respan(tasks.problems)
    if not selection.kept:
        text = "the selection keeps no case"
        span = cohort.document.span(("select",), key=True)
        problems += written.respan([error("COH009", text, span)])
    return PreparedCohort(written, output, selection, tasks.ready, job)


def _groups(
    pipeline: Pipeline, tasks: Sequence[CaseTask], problems: list[Diagnostic]
) -> Mapping[str, str] | None:
    column = pipeline.model.unified.group_by
    if column is None:
        return None
    cohort = pipeline.cohort
    span = pipeline.document.span(("unified", "group_by"))
    if cohort.table is None:
        text = "the cohort has no `metadata:` to group by"
        problems.append(error("COH007", text, span, "add `metadata:` with a table"))
        return None
    known = list(dict.fromkeys([*cohort.table.columns, SEX]))
    if column not in known:
        hint = suggest(column, known) or f"its columns: {listing(known)}"
        problems.append(error("COH003", f"the table has no column `{column}`", span, hint))
        return None
    return {task.case: cohort.rows.get(task.case, {}).get(column) or task.case for task in tasks}


def _once(problems: Sequence[Diagnostic]) -> list[Diagnostic]:
    return list(dict.fromkeys(problems))
