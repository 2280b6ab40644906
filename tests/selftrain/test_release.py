"""The release folder: whole or not at all, and what is in it."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from vesalius.adapters.cases.inputs import CaseFiles
from vesalius.adapters.cases.report_file import with_digest
from vesalius.adapters.cohort.case_task import CaseTask
from vesalius.adapters.cohort.output_place import OutputPlace
from vesalius.adapters.files.claims import Claim
from vesalius.adapters.files.gzip_stream import file_digest
from vesalius.adapters.files.label_tables import LabelRow
from vesalius.adapters.selftrain import release
from vesalius.adapters.selftrain.release import ReleaseJob, write_release
from vesalius.ontology.reading.diagnostics import DiagnosticError


def report_of(image):
    """Write a small report of a run."""
    inputs = [{"role": "image", "path": image}]
    lists = ("grid", "sources", "structures", "conflicts", "lost", "painting_order", "outcomes",
             "steps", "trace")  # fmt: skip
    asked = {"rules": ["recommended", os.path.join(os.path.dirname(image), "own.yaml")]}
    rest = {
        "note": "/kept",
        "n": 1.5,
        "asked": asked,
        "verdict": {"word": "keep"},
        **{key: [] for key in lists},
    }
    return with_digest({"schema": "report/2", "inputs": inputs, **rest})


@pytest.fixture
def job(tmp_path):
    repaired = tmp_path / "work/repaired"
    (repaired / "women").mkdir(parents=True)
    tasks = []
    for case, stem in (("a", "women/P1"), ("b", "P2")):
        image = tmp_path / f"{case}.nii"
        image.write_text(f"image {case}")
        place = OutputPlace((repaired / stem).parent, Path(stem).name)
        place.labels.write_text(f"labels {case}")
        place.report.write_text(json.dumps(report_of(str(image))))
        tasks.append(CaseTask(case, CaseFiles((), image, {}, False), place))
    return ReleaseJob(
        folder=tmp_path / "release",
        name="small",
        repaired=repaired,
        tasks=tasks,
        images="none",
        rows=[LabelRow(7, "liver"), LabelRow(2, "spleen", (1, 2, 3))],
        texts={"plan.json": "{}\n", "pipeline.yaml": "schema: selftrain/1\n"},
        stages=lambda: {"merge": {"key": "k"}},
        digest=file_digest,
    )


def change(text):
    return text.replace("1.5", "2.5")


@pytest.mark.parametrize("spoil", [change, lambda text: "[" * 200_000, lambda text: "{}"])
def test_a_report_that_is_not_what_was_written_is_not_released(job, spoil):
    report = job.tasks[1].place.report
    report.write_text(spoil(report.read_text()))
    with pytest.raises(DiagnosticError) as caught:
        write_release(job)
    assert [(d.code, d.path) for d in caught.value.diagnostics] == [("EXP001", str(report))]
    assert not job.folder.exists()


def tree(folder):
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()
    }


FILES = {
    "dataset.json", "labels.ctbl", "labels.json", "labels.txt", "pipeline.yaml", "plan.json",
    "provenance.json", "labels/women/P1.nii.gz", "labels/P2.nii.gz",
    "reports/women/P1.report.json", "reports/P2.report.json",
}  # fmt: skip


def test_what_is_in_it(job):
    written = write_release(job)
    files = tree(job.folder)
    assert set(files) == FILES == {p.relative_to(job.folder).as_posix() for p in written}
    assert files["labels/women/P1.nii.gz"] == b"labels a"
    dataset = json.loads(files["dataset.json"])
    assert dataset["labels"] == {"background": 0, "spleen": 2, "liver": 7}
    assert [row["labels"] for row in dataset["cases"]] == [
        "labels/women/P1.nii.gz",
        "labels/P2.nii.gz",
    ]
    report = json.loads(files["reports/P2.report.json"])
    assert report == report_of("b.nii")
    provenance = json.loads(files["provenance.json"])
    assert provenance["stages"] == {"merge": {"key": "k"}}
    assert provenance["files"] == {
        name: file_digest(job.folder / name) for name in sorted(FILES - {"provenance.json"})
    }


@pytest.mark.parametrize("images", ["link", "copy"])
def test_images_come_along(job, images):
    write_release(replace(job, images=images))
    image = job.folder / "images/women/P1.nii"
    assert image.read_text() == "image a"
    assert image.samefile(job.tasks[0].files.image) == (images == "link")
    cases = json.loads((job.folder / "dataset.json").read_text())["cases"]
    assert cases[0]["image"] == "images/women/P1.nii"


def test_an_older_release_is_replaced_as_a_whole(job):
    write_release(replace(job, texts={"old.json": "{}"}))
    write_release(job)
    assert set(tree(job.folder)) == FILES
    assert sorted(p.name for p in job.folder.parent.glob(".*")) == []


def test_where_it_cannot_be_finished_the_older_one_stays(job, monkeypatch):
    write_release(job)
    before = tree(job.folder)
    monkeypatch.setattr(release, "itksnap_table", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_release(job)
    assert tree(job.folder) == before
    monkeypatch.undo()
    job.tasks[0].place.labels.unlink()
    with pytest.raises(DiagnosticError, match="IO050"):
        write_release(job)
    assert tree(job.folder) == before


def test_killed_between_its_two_renames_the_older_one_comes_back(job, monkeypatch):
    write_release(job)
    before = tree(job.folder)
    claim = Claim(job.folder.parent)
    claim.set_aside(job.folder)
    os.close(claim._handle)  # as the system does with what a process had that died
    monkeypatch.setattr(release, "_fill", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_release(job)
    assert tree(job.folder) == before
    assert sorted(p.name for p in job.folder.parent.glob(".*")) == []


def judge(task, word):
    report = json.loads(task.place.report.read_text())
    judged = with_digest({**report, "verdict": {"word": word}})
    task.place.report.write_text(json.dumps(judged))


def test_only_what_is_kept_comes_along(job):
    judge(job.tasks[1], "review")
    write_release(job)
    dataset = json.loads((job.folder / "dataset.json").read_text())
    assert [row["case"] for row in dataset["cases"]] == ["a"]
    assert dataset["left_out"] == [{"case": "b", "verdict": "review"}]
    assert not (job.folder / "labels/P2.nii.gz").exists()
    write_release(replace(job, verdicts=("keep", "review")))
    assert (job.folder / "labels/P2.nii.gz").exists()
    job.tasks[1].place.report.unlink()  # as of a case that a rule excludes
    job.tasks[1].place.labels.unlink()
    write_release(replace(job, verdicts=("keep", "review")))
    dataset = json.loads((job.folder / "dataset.json").read_text())
    assert dataset["left_out"] == [{"case": "b", "verdict": "exclude"}]


def test_a_release_of_nothing_is_refused(job):
    write_release(job)
    before = tree(job.folder)
    for task in job.tasks:
        judge(task, "review")
    with pytest.raises(DiagnosticError, match="STR011"):
        write_release(job)
    assert tree(job.folder) == before
