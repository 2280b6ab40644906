"""The output folder: what stays of an interrupted run, what is never outside it, odd names."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

import pytest

from vesalius.adapters.cases.map_result import MapResult
from vesalius.adapters.cli.run_cohort import CohortOptions, run_cohort
from vesalius.adapters.cohort import selection
from vesalius.adapters.cohort.case_worker import do_case
from vesalius.adapters.cohort.cohort_file import CasesFrom, _Reader
from vesalius.adapters.files.claims import sweep
from vesalius.ontology.reading.diagnostics import DiagnosticError


def record(out="out"):
    return json.loads(Path(out, "cohort.json").read_text())


def interrupted_after(number, out="out", **changes):
    """Run, and be interrupted after so many cases."""
    options = {
        "workers": 1, "keep_going": False, "force": False, "dry_run": False, "as_json": False,
    }  # fmt: skip

    def cases(job, tasks, workers):
        yield from (do_case(job, task) for task in tasks[:number])
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_cohort(
            Path("cohort.yaml"),
            CohortOptions(output=Path(out), **{**options, **changes}),
            executor=cases,
        )


def test_a_first_run_that_is_interrupted_says_which_cases_are_open(study):
    interrupted_after(1)
    assert record()["counts"] == {
        "written": 1, "excluded": 0, "failed": 0, "incomplete": 0, "open": 2,
    }  # fmt: skip


@pytest.mark.parametrize("number", [0, 1, 2])
@pytest.mark.parametrize("force", [False, True])
def test_an_interrupted_resume_keeps_what_was_known(study, digests, number, force):
    study.run()
    before = digests("out")
    interrupted_after(number, force=force)
    assert digests("out") == before


def test_what_was_known_is_not_believed_if_it_was_changed(study):
    study.run()
    changed = record()
    changed["cases"][0]["structures"] += 1
    Path("out/cohort.json").write_text(json.dumps(changed))
    interrupted_after(0)
    assert record()["counts"]["open"] == 3


def test_what_was_known_of_another_plan_is_not_believed(study):
    study.run()
    study.cohort("rules: none", "rules: recommended")
    interrupted_after(0)
    assert record()["counts"]["open"] == 3


def test_of_a_case_whose_report_is_gone_nothing_is_known(study):
    study.run()
    Path("out/b/report.json").unlink()
    interrupted_after(0)
    assert [case["status"] for case in record()["cases"]] == ["written", "open", "written"]


def test_nothing_is_written_outside_the_output_folder(study, tmp_path_factory, monkeypatch):
    elsewhere = tmp_path_factory.mktemp("tmp")
    monkeypatch.setenv("TMPDIR", str(elsewhere))
    monkeypatch.setattr(tempfile, "tempdir", None)
    seen = []
    add = MapResult.add_files

    def adding(result, outputs, place_of):
        written = add(result, outputs, place_of)
        seen.append((outputs.unfinished(written[0]), list(elsewhere.iterdir())))
        return written

    monkeypatch.setattr(MapResult, "add_files", adding)
    study.run()
    assert [there for _, there in seen] == [[], [], []]
    assert all(file.is_relative_to(Path("out").resolve()) for file, _ in seen)


def test_what_a_killed_worker_leaves_is_taken_away_by_the_next_run(study, monkeypatch, digests):
    study.run("good")

    def die(result, outputs, place_of):
        add(result, outputs, place_of)
        os._exit(9)

    add = MapResult.add_files
    child = os.fork()
    if not child:
        MapResult.add_files = die
        study.run()
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert any(".vesalius-" in str(path) for path in Path("out/a").rglob("*"))
    study.run()
    assert digests("out") == digests("good")
    assert not [path for path in Path("out").rglob("*") if ".vesalius" in path.name]


def test_an_absolute_output_is_refused_where_it_is_written(study):
    path = study.cohort("target: amos22", 'target: amos22\noutput: "/tmp/{case}.nii.gz"')
    with pytest.raises(DiagnosticError) as failed:
        study.run()
    (problem,) = failed.value.diagnostics
    assert (problem.code, problem.span.path, problem.span.line) == ("COH001", str(path), 7)


def test_a_folder_behind_one_that_is_not_there_is_taken_for_where_it_leads(study, digests):
    study.run("good")
    study.run("not_there/../out")
    assert digests("out") == digests("good")
    assert not Path("not_there").exists()
    sweep(Path("out"))
    study.run("not_there/../out")
    assert record()["counts"]["written"] == 3


class Name(str):
    """A name that counts how often it is compared with another."""

    compared = 0
    __slots__ = ()

    def __eq__(self, other):
        Name.compared += 1
        return str.__eq__(self, other)

    __hash__ = str.__hash__


class Cases:
    """A list of names, as the file holds it."""

    def __init__(self, number):
        self.root = [Name(f"case_{i}") for i in range(number)]


def test_listed_cases_are_not_compared_each_with_each():
    assert not isinstance(Cases(0), CasesFrom)
    reader = object.__new__(_Reader)
    reader.problems = []
    reader._model = type("Model", (), {"cases": Cases(3000)})
    Name.compared = 0
    assert len(reader._cases()) == 3000
    assert Name.compared < 3000


def test_cases_excluded_by_name_are_not_compared_each_with_each(study):
    cohort = study.preflight()[0]
    names = [Name(f"case_{i}") for i in range(2000)]
    rule = selection.ExcludeRule.model_construct(exclude=names)
    against = selection._judgement(rule, cohort)
    Name.compared = 0
    assert [against(f"case_{i}") for i in range(4000)].count("excluded by name") == 2000
    assert Name.compared <= 4000
