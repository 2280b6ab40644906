"""When planning and preprocessing are done, done again, or left alone; nnU-Net is played."""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path
from types import ModuleType

import pytest

from processes import PATIENCE_S
from vesalius.adapters.nnunet import planning
from vesalius.adapters.nnunet.installation import Folders
from vesalius.adapters.nnunet.planning import PlanJob, plan_and_preprocess
from vesalius.ontology.reading.diagnostics import DiagnosticError

PLANS = {"configurations": {"3d_fullres": {"patch_size": [96, 96, 96], "batch_size": 2}, "2d": {}}}
SMALL = {"configurations": {"3d_fullres": {"patch_size": [32, 32, 32]}}}


class Played:
    """nnU-Net's planning API, writing what it writes and remembering its calls."""

    def __init__(self, place):
        self.place, self.calls, self.die = place, [], False

    def know(self, planner):
        if not planner.endswith("Planner") and "ResEnc" not in planner:
            raise DiagnosticError([])

    def extract_fingerprints(self, ids, **_):
        self.calls.append("fingerprint")

    def plan_experiments(self, ids, planner, overwrite_plans_name):
        self.calls.append("plan")
        self.place.mkdir(parents=True, exist_ok=True)
        (self.place / f"{overwrite_plans_name}.json").write_text(json.dumps(PLANS))

    def preprocess(self, ids, plans, configurations, **_):
        self.calls.append(f"preprocess {configurations[0]}")
        (self.place / f"{plans}_{configurations[0]}").mkdir(exist_ok=True)
        if self.die:
            raise KeyboardInterrupt

    def since(self):
        calls, self.calls = self.calls, []
        return calls


ALL = ["fingerprint", "plan", "preprocess 3d_fullres"]


@pytest.fixture
def job(tmp_path, monkeypatch):
    raw = tmp_path / "raw/Dataset005_x"
    raw.mkdir(parents=True)
    (raw / "dataset.json").write_text("{}")
    monkeypatch.setattr(planning, "version", lambda _: "2.6.0")
    monkeypatch.setattr(planning, "activate", lambda _: None)
    folders = Folders(tmp_path / "raw", tmp_path / "preprocessed", tmp_path / "results")
    return PlanJob(folders, 5, patch=SMALL)


@pytest.fixture
def nnunet(job, monkeypatch):
    played = Played(job.folders.preprocessed / "Dataset005_x")
    package = ModuleType("nnunetv2.experiment_planning")
    package.plan_and_preprocess_api = played
    monkeypatch.setitem(sys.modules, "nnunetv2", ModuleType("nnunetv2"))
    monkeypatch.setitem(sys.modules, "nnunetv2.experiment_planning", package)
    monkeypatch.setattr(planning, "check_planner", played.know)
    return played


def plans(job):
    path = job.folders.preprocessed / "Dataset005_x/nnUNetPlans.json"
    return json.loads(path.read_text())["configurations"]["3d_fullres"]["patch_size"]


def test_an_unknown_planner_costs_nothing(job, nnunet, change):
    with pytest.raises(DiagnosticError):
        plan_and_preprocess(change(job, planner="Experimentplaner"))
    assert nnunet.since() == []
    assert plan_and_preprocess(job)


def test_once(job, nnunet):
    assert plan_and_preprocess(job)
    assert nnunet.since() == ALL
    assert plans(job) == [32, 32, 32]
    assert not plan_and_preprocess(job)
    assert nnunet.since() == []


def test_killed_while_preprocessing(job, nnunet):
    nnunet.die = True
    with pytest.raises(KeyboardInterrupt):
        plan_and_preprocess(job)
    nnunet.die = False
    nnunet.since()
    assert plan_and_preprocess(job)
    assert nnunet.since() == ["preprocess 3d_fullres"]
    assert not plan_and_preprocess(job)


def test_another_configuration_of_the_same_plans(job, nnunet, change):
    plan_and_preprocess(job)
    nnunet.since()
    assert plan_and_preprocess(change(job, configuration="2d"))
    assert nnunet.since() == ["preprocess 2d"]
    with pytest.raises(DiagnosticError, match="3d_lowres"):
        plan_and_preprocess(change(job, configuration="3d_lowres"))


def test_a_changed_dataset_or_planner_is_planned_again(job, nnunet, change):
    plan_and_preprocess(job)
    (job.folders.raw / "Dataset005_x/dataset.json").write_text('{"labels": {}}')
    nnunet.since()
    assert plan_and_preprocess(job)
    assert nnunet.since() == ALL
    assert plan_and_preprocess(change(job, planner="nnUNetPlannerResEncM"))
    assert nnunet.since() == ALL


def test_a_patch_is_kept_until_another_is_given(job, nnunet, change):
    plan_and_preprocess(job)
    nnunet.since()
    assert not plan_and_preprocess(change(job, patch=None))
    assert plans(job) == [32, 32, 32]
    assert plan_and_preprocess(change(job, patch={}))
    assert nnunet.since() == ALL
    assert plans(job) == [96, 96, 96]


def test_plans_made_by_nnunets_own_commands_are_left_alone(job, nnunet, change):
    nnunet.plan_experiments([5], "p", "nnUNetPlans")
    (nnunet.place / "nnUNetPlans_3d_fullres").mkdir()
    nnunet.since()
    own = change(job, patch=None)
    assert not plan_and_preprocess(own)
    assert nnunet.since() == []
    assert plan_and_preprocess(job)  # a patch was asked for
    assert nnunet.since() == ALL


def test_a_patch_that_does_not_fit_costs_nothing(job, nnunet, change):
    plan_and_preprocess(job)
    nnunet.since()
    bad = change(job, patch={"configurations": {"3d_fulres": {}}}, patch_file=Path("p.json"))
    with pytest.raises(DiagnosticError) as raised:
        plan_and_preprocess(bad)
    assert [(d.code, d.path, d.help) for d in raised.value.diagnostics] == [
        ("NNU019", "p.json", "did you mean `3d_fullres`?")
    ]
    assert nnunet.since() == []
    assert not plan_and_preprocess(job)


def test_what_nnunet_raises_is_reported(job, nnunet, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError("Some background worker is 6 feet under")

    monkeypatch.setattr(nnunet, "preprocess", fail)
    with pytest.raises(DiagnosticError, match="6 feet under"):
        plan_and_preprocess(job)


def test_two_at_once_do_it_once(job, nnunet):
    """As the folds of an array job start together: the second waits, and finds all done."""
    begun, said, results = threading.Event(), [], []
    honest, go_on = nnunet.preprocess, threading.Event()

    def preprocess(*arguments, **options):
        begun.set()
        go_on.wait(PATIENCE_S)
        honest(*arguments, **options)

    nnunet.preprocess = preprocess
    first = threading.Thread(target=lambda: results.append(plan_and_preprocess(job)))
    first.start()
    assert begun.wait(PATIENCE_S)

    def told(line):
        said.append(line)
        go_on.set()

    results.append(plan_and_preprocess(job, told))
    first.join()
    assert results == [True, False]
    assert said == ["another process plans or preprocesses `Dataset005_x`; waiting for it"]
    assert nnunet.since() == ALL
    assert not (job.folders.preprocessed / "Dataset005_x" / planning.LOCK).exists()
