"""Planning and preprocessing by nnU-Net, done once and again only when something changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from vesalius.adapters.files.atomic import write_json
from vesalius.adapters.files.claims import in_turn
from vesalius.adapters.files.io_diagnostics import failure, unwritable
from vesalius.adapters.files.json_files import read_object
from vesalius.adapters.nnunet.datasets import dataset_name, read_json
from vesalius.adapters.nnunet.export import DATASET_FILE, MANIFEST_FILE
from vesalius.adapters.nnunet.installation import (
    Folders,
    activate,
    stops_are_reported,
    workers_for_planning,
)
from vesalius.adapters.nnunet.plans_patch import patched
from vesalius.adapters.nnunet.trainer_names import check_planner
from vesalius.ontology.reading.side_files import JSON_BYTES, read_side_file

DEFAULT_PLANS, DEFAULT_PLANNER = "nnUNetPlans", "ExperimentPlanner"
LOCK = ".vesalius-planning"
"""A file that is held locked in the folder of a dataset while it is planned or preprocessed."""
_SCHEMA = "nnunet_step/1"
_AGAIN = "give the same command again once the cause is mended"


@dataclass(frozen=True)
class PlanJob:
    """What to plan and preprocess.

    Parameters
    ----------
    folders : Folders
        nnU-Net's.
    dataset_id : int
        The dataset.
    configuration : str
        Such as ``3d_fullres``.
    plans : str
        Name of the plans.
    planner : str
        nnU-Net's planner class.
    patch : mapping or None
        What to change in the plans; see :mod:`vesalius.adapters.nnunet.plans_patch`. None keeps
        what an earlier call changed; an empty patch takes it back.
    processes : int
        Worker processes.
    patch_file : Path or None
        Where the patch came from, for messages.
    """

    folders: Folders
    dataset_id: int
    configuration: str = "3d_fullres"
    plans: str = DEFAULT_PLANS
    planner: str = DEFAULT_PLANNER
    patch: Mapping[str, Any] | None = None
    processes: int = 4
    patch_file: Path | None = None


def plan_and_preprocess(job: PlanJob, told: Callable[[str], None] = lambda _: None) -> bool:
    """Plan and preprocess a dataset where that is not done yet, one process at a time.

    A step is repeated where the dataset, the patch or the version of nnU-Net changed since, or
    where it was interrupted. Plans that nnU-Net's own commands made are used as they are.

    Parameters
    ----------
    job : PlanJob
        What.
    told : callable
        Takes a line about what is waited for.

    Returns
    -------
    bool
        Whether there was anything to do.

    Raises
    ------
    DiagnosticError
        NNU015 no such planner, NNU018 no such dataset, NNU019 the patch does not fit.
    """
    activate(job.folders)
    name = dataset_name(job.dataset_id, job.folders)
    place = job.folders.preprocessed / name
    waiting = f"another process plans or preprocesses `{name}`; waiting for it"
    with ExitStack() as stack:
        try:
            place.mkdir(parents=True, exist_ok=True)
            stack.enter_context(in_turn(place / LOCK, lambda: told(waiting)))
        except OSError as error:
            raise unwritable(place, error) from None
        return _plan_and_preprocess(job, name, place)


def _plan_and_preprocess(job: PlanJob, name: str, place: Path) -> bool:
    plans_file = place / f"{job.plans}.json"
    record = place / f"vesalius_plan_{job.plans}.json"
    patch = _recorded_patch(record) if job.patch is None else job.patch
    key = _key(job, name, patch)
    plan = _Step(record, key, patch)
    foreign = plans_file.is_file() and not record.is_file() and job.patch is None
    replan = not foreign and not (plan.is_done() and plans_file.is_file())
    if replan:
        _need_raw(job, name)
        check_planner(job.planner)
        if plans_file.is_file():
            # Before minutes of work; the keys are the same in the new plans.
            patched(read_json(plans_file), patch, job.patch_file)
        plan.start()
        _plan(job, plans_file, patch)
        plan.finish()
    plans = read_json(plans_file)
    try:
        data = place / plans["configurations"][job.configuration].get(
            "data_identifier", f"{job.plans}_{job.configuration}"
        )
    except KeyError:
        text = f"the plans have no configuration `{job.configuration}`"
        hint = f"there are {', '.join(plans['configurations'])}"
        raise failure("NNU025", plans_file, text, hint) from None
    plans_sha256 = hashlib.sha256(read_side_file(plans_file, JSON_BYTES)).hexdigest()
    step = _Step(place / f"vesalius_preprocess_{data.name}.json", f"{key}:{plans_sha256}")
    foreign = foreign and data.is_dir() and not step.record.is_file()
    if not replan and (foreign or (step.is_done() and data.is_dir())):
        return False
    _need_raw(job, name)
    step.start()
    with stops_are_reported(data, _AGAIN):
        from nnunetv2.experiment_planning import plan_and_preprocess_api  # noqa: PLC0415 - slow

        plan_and_preprocess_api.preprocess(
            [job.dataset_id], job.plans, [job.configuration], num_processes=[job.processes]
        )
    step.finish()
    return True


def _plan(job: PlanJob, plans_file: Path, patch: Mapping[str, Any]) -> None:
    with stops_are_reported(plans_file.parent, _AGAIN), workers_for_planning():
        from nnunetv2.experiment_planning import plan_and_preprocess_api  # noqa: PLC0415 - slow

        plan_and_preprocess_api.extract_fingerprints(
            [job.dataset_id], num_processes=job.processes, clean=True, verbose=False
        )
        plan_and_preprocess_api.plan_experiments(
            [job.dataset_id], job.planner, overwrite_plans_name=job.plans
        )
    if patch:
        write_json(plans_file, patched(read_json(plans_file), patch, job.patch_file))


def _key(job: PlanJob, name: str, patch: Mapping[str, Any]) -> str:
    """Digest of everything that decides what planning gives."""
    raw = job.folders.raw / name
    digest = hashlib.sha256()
    for path in (raw / DATASET_FILE, raw / MANIFEST_FILE):
        digest.update(read_side_file(path, JSON_BYTES) if path.is_file() else b"-")
    rest = {"planner": job.planner, "patch": patch, "nnunetv2": version("nnunetv2")}
    digest.update(json.dumps(rest, sort_keys=True).encode("utf-8"))
    return digest.hexdigest()


def _need_raw(job: PlanJob, name: str) -> None:
    if not (job.folders.raw / name / DATASET_FILE).is_file():
        text = f"`{name}` has no {DATASET_FILE} to plan from"
        hint = "write it with `vesalius nnunet export`"
        raise failure("NNU018", job.folders.raw / name, text, hint)


@dataclass(frozen=True)
class _Step:
    """A record beside the data that says for which inputs a step was finished."""

    record: Path
    key: str
    patch: Mapping[str, Any] = field(default_factory=dict)

    def is_done(self) -> bool:
        try:
            data = read_object(self.record)
        except (OSError, ValueError):
            return False
        return bool(data == self._content(done=True))

    def start(self) -> None:
        self.record.parent.mkdir(parents=True, exist_ok=True)
        write_json(self.record, self._content(done=False))

    def finish(self) -> None:
        write_json(self.record, self._content(done=True))

    def _content(self, *, done: bool) -> dict[str, object]:
        return {"schema": _SCHEMA, "key": self.key, "patch": dict(self.patch), "done": done}


def _recorded_patch(record: Path) -> dict[str, Any]:
    try:
        patch = read_object(record).get("patch")
    except (OSError, ValueError):
        return {}
    return patch if isinstance(patch, dict) else {}
