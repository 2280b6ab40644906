"""A cohort whose plan was compiled before: what is not read again, and that it is the same."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from vesalius.adapters.cohort.cohort_file import load_cohort
from vesalius.adapters.cohort.cohort_job import plan_is_kept, prepare_job
from vesalius.adapters.cohort.known_cohort import load_known_cohort
from vesalius.adapters.keeping.cache_folder import VARIABLE
from vesalius.ontology import load
from vesalius.ontology.reading.diagnostics import DiagnosticError

OWN = """\
schema: scheme/1
scheme: own
title: Ours
evidence: public label list
labels: {1: spleen}
closed: false
"""


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(tmp_path / "cache"))


def own_scheme(study):
    Path("own.yaml").write_text(OWN)
    return study.cohort(
        "  amos22: preds/{case}.nii.gz",
        "  own: {path: 'preds/{case}.nii.gz', scheme: own.yaml}",
    )


def forbid(monkeypatch):
    def read(*_):
        raise AssertionError("the ontology was read")

    monkeypatch.setattr(load, "load_ontology", read)


def test_a_known_plan_needs_no_ontology(study, monkeypatch):
    path = study.cohort()
    first = load_known_cohort(path, None)
    assert not plan_is_kept(first)
    digest = prepare_job(first).digest
    forbid(monkeypatch)
    again = load_known_cohort(path, None)
    assert again == first
    assert prepare_job(again).digest == digest


def test_a_scheme_that_was_changed_is_read_again(study, monkeypatch):
    path = own_scheme(study)
    prepare_job(load_known_cohort(path, None))
    assert plan_is_kept(load_known_cohort(path, None))
    Path("own.yaml").write_text(OWN.replace("1: spleen", "1: splen"))
    with pytest.raises(DiagnosticError, match="splen"):
        load_known_cohort(path, None)


def test_without_a_cache_all_is_read(study, monkeypatch):
    monkeypatch.setenv(VARIABLE, "off")
    path = study.cohort()
    prepare_job(load_known_cohort(path, None))
    forbid(monkeypatch)
    with pytest.raises(AssertionError, match="ontology"):
        load_known_cohort(path, None)


def test_problems_are_those_of_a_cohort_that_is_not_known(study):
    prepare_job(load_known_cohort(study.cohort(), None))
    path = study.cohort("{case}.nii.gz\n", "{case}{nothing}.nii.gz\n", "amos22: p", "amos23: p")
    told = []
    for read in (lambda: load_known_cohort(path, None), lambda: load_cohort(path, ONTOLOGY)):
        with pytest.raises(DiagnosticError) as failed:
            read()
        told.append([(d.code, d.message, d.span) for d in failed.value.diagnostics])
    assert told[0] == told[1]
    assert len(told[0]) > 1


def test_a_worker_reads_no_yaml():
    code = (
        "import sys, vesalius.adapters.cohort.case_process, vesalius.adapters.cohort.case_worker\n"
        "print(*sorted({'yaml', 'pydantic', 'networkx', 'scipy', 'nibabel'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


ONTOLOGY = load.load_ontology()
