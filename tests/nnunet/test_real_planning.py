"""The real nnU-Net plans and preprocesses tiny volumes."""

from __future__ import annotations

import json

import pytest

from tiny_network import PATCH
from vesalius.adapters.nnunet.installation import Folders, activate, is_installed, nnunet_version
from vesalius.adapters.nnunet.planning import PlanJob, plan_and_preprocess
from vesalius.ontology.reading.diagnostics import DiagnosticError

pytestmark = [
    pytest.mark.skipif(not is_installed(), reason="nnU-Net is not installed"),
    # nnU-Net, torch and their dependencies warn of their own matters.
    pytest.mark.filterwarnings("ignore"),
]


def test_nnunet_itself_finds_nothing_wrong(work):
    from nnunetv2.experiment_planning.verify_dataset_integrity import verify_dataset_integrity

    verify_dataset_integrity(str(work.folders.raw / "Dataset501_tiny"), num_processes=1)


def test_planning_is_done_once_and_the_patch_is_in_the_plans(planned):
    place = planned.folders.preprocessed / "Dataset501_tiny"
    plans = json.loads((place / "nnUNetPlans.json").read_text())
    configuration = plans["configurations"]["3d_fullres"]
    assert configuration["patch_size"] == [32, 32, 32]
    assert configuration["architecture"]["arch_kwargs"]["features_per_stage"] == [8, 16, 32]
    data = place / "nnUNetPlans_3d_fullres"
    stamp = data.stat().st_mtime_ns
    for patch in (PATCH, None):
        assert not plan_and_preprocess(PlanJob(planned.folders, 501, patch=patch, processes=1))
    assert data.stat().st_mtime_ns == stamp


def test_planning_with_a_patch_that_does_not_fit(planned):
    patch = {"configurations": {"3d_fullres": {"patchsize": 1}}}
    with pytest.raises(DiagnosticError, match="NNU019"):
        plan_and_preprocess(PlanJob(planned.folders, 501, patch=patch, processes=1))
    assert not plan_and_preprocess(PlanJob(planned.folders, 501, processes=1))


@pytest.mark.skipif(is_installed() and nnunet_version() >= (2, 8), reason="asks each time")
def test_another_set_of_folders_needs_another_process(planned, tmp_path):
    with pytest.raises(RuntimeError, match="start another process"):
        activate(Folders(tmp_path, planned.folders.preprocessed, planned.folders.results))


def test_planners_are_known_by_name(work):
    from vesalius.adapters.nnunet.trainer_names import check_planner

    for name in ("ExperimentPlanner", "nnUNetPlannerResEncL"):
        check_planner(name)
    with pytest.raises(DiagnosticError) as failed:
        check_planner("nnUNetPlannerResEncLL")
    (problem,) = failed.value.diagnostics
    assert (problem.code, problem.help) == ("NNU015", "did you mean `nnUNetPlannerResEncL`?")
    # Before any image is read.
    with pytest.raises(DiagnosticError):
        plan_and_preprocess(PlanJob(work.folders, 501, planner="Planner", plans="Others"))
    assert not (work.folders.preprocessed / "Dataset501_tiny" / "Others.json").exists()
