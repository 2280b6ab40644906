"""The release folder: whole or not at all, and what is in it."""

from __future__ import annotations

import csv
import io
import json
import os
from dataclasses import replace

import pytest

from vesalius.adapters.cases.report_file import with_digest
from vesalius.adapters.files.claims import Claim
from vesalius.adapters.files.gzip_stream import file_digest
from vesalius.adapters.release import release_folder
from vesalius.adapters.release.release_folder import ReleaseCase, ReleaseJob, write_release
from vesalius.ontology.load import load_ontology, load_scheme
from vesalius.ontology.reading.diagnostics import DiagnosticError

CODES = ("snomed_ct", "uberon", "fma")
SCHEME = """\
schema: scheme/1
scheme: own
title: Two organs
about: For tests.
source: none
evidence: public label list
regions: [abdomen]
labels:
  7: liver
  2: spleen
"""


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
    cases = []
    for case, stem in (("a", "women/P1"), ("b", "P2")):
        image = tmp_path / f"{case}.nii"
        image.write_text(f"image {case}")
        labels, report = repaired / f"{stem}.nii.gz", repaired / f"{stem}.report.json"
        labels.write_text(f"labels {case}")
        report.write_text(json.dumps(report_of(str(image))))
        cases.append(ReleaseCase(case, labels, report, image))
    scheme = tmp_path / "own.yaml"
    scheme.write_text(SCHEME)
    ontology = load_ontology()
    return ReleaseJob(
        folder=tmp_path / "release",
        name="small",
        root=repaired,
        cases=cases,
        images="none",
        target=load_scheme(scheme, ontology),
        ontology=ontology,
        texts={"plan.json": "{}\n", "pipeline.yaml": "schema: selftrain/1\n"},
        origin=lambda: {"stages": {"merge": {"key": "k"}}},
        digest=file_digest,
    )


def change(text):
    return text.replace("1.5", "2.5")


@pytest.mark.parametrize("spoil", [change, lambda text: "[" * 200_000, lambda text: "{}"])
def test_a_report_that_is_not_what_was_written_is_not_released(job, spoil):
    report = job.cases[1].report
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
    "provenance.json", "structures.csv", "labels/women/P1.nii.gz", "labels/P2.nii.gz",
    "reports/women/P1.report.json", "reports/P2.report.json",
}  # fmt: skip


def test_what_is_in_it(job):
    released = write_release(job)
    files = tree(job.folder)
    assert set(files) == FILES
    assert (released.cases, released.left_out) == (2, ())
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
    assert image.samefile(job.cases[0].image) == (images == "link")
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
    monkeypatch.setattr(release_folder, "itksnap_table", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_release(job)
    assert tree(job.folder) == before
    monkeypatch.undo()
    job.cases[0].labels.unlink()
    with pytest.raises(DiagnosticError, match="IO050"):
        write_release(job)
    assert tree(job.folder) == before


def test_killed_between_its_two_renames_the_older_one_comes_back(job, monkeypatch):
    write_release(job)
    before = tree(job.folder)
    claim = Claim(job.folder.parent)
    claim.set_aside(job.folder)
    os.close(claim._handle)  # as the system does with what a process had that died
    monkeypatch.setattr(release_folder, "_fill", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_release(job)
    assert tree(job.folder) == before
    assert sorted(p.name for p in job.folder.parent.glob(".*")) == []


def write_into(case, **values):
    report = json.loads(case.report.read_text())
    case.report.write_text(json.dumps(with_digest({**report, **values})))


def judge(case, word):
    write_into(case, verdict={"word": word})


def test_only_what_is_kept_comes_along(job):
    judge(job.cases[1], "review")
    write_release(job)
    dataset = json.loads((job.folder / "dataset.json").read_text())
    assert [row["case"] for row in dataset["cases"]] == ["a"]
    assert dataset["left_out"] == [{"case": "b", "verdict": "review"}]
    assert not (job.folder / "labels/P2.nii.gz").exists()
    write_release(replace(job, review=True))
    assert (job.folder / "labels/P2.nii.gz").exists()
    job.cases[1].report.unlink()  # as of a case that a rule excludes
    job.cases[1].labels.unlink()
    write_release(replace(job, review=True))
    dataset = json.loads((job.folder / "dataset.json").read_text())
    assert dataset["left_out"] == [{"case": "b", "verdict": "exclude"}]


def test_a_release_of_nothing_is_refused(job):
    write_release(job)
    before = tree(job.folder)
    for case in job.cases:
        judge(case, "review")
    with pytest.raises(DiagnosticError, match="REL002"):
        write_release(job)
    assert tree(job.folder) == before


def test_what_a_reader_says_counts_beside_the_verdict(job):
    first, second = job.cases

    def left_out(decision, *, review):
        told = replace(job, cases=(first, replace(second, readers=decision)), review=review)
        return list(write_release(told).left_out)

    assert left_out("keep", review=False) == left_out("repair", review=True) == []
    for decision, review in (("repair", False), ("discard", False), ("discard", True)):
        row = {"case": "b", "verdict": "keep", "readers": decision}
        assert left_out(decision, review=review) == [row]


def test_cases_without_a_label_map_are_named(job):
    released = write_release(replace(job, not_written={"c": "failed"}))
    assert (released.cases, released.left_out) == (2, ({"case": "c", "status": "failed"},))


@pytest.mark.parametrize("changed", ["labels", "image"])
def test_files_that_are_not_those_of_the_report_are_refused(job, changed):
    first = job.cases[0]
    outputs = {first.labels.name: file_digest(first.labels)}
    image = {"role": "image", "path": str(first.image), "sha256": file_digest(first.image)}
    write_into(first, cohort={"outputs": outputs}, inputs=[image])
    write_release(replace(job, images="copy"))
    before = tree(job.folder)
    path = getattr(first, changed)
    path.write_text("other")
    with pytest.raises(DiagnosticError) as caught:
        write_release(replace(job, images="copy"))
    assert [(d.code, d.path) for d in caught.value.diagnostics] == [("REL003", str(path))]
    assert tree(job.folder) == before


def test_the_table_of_structures(job):
    for case, ml in zip(job.cases, (1500.0, 1100.0), strict=True):
        liver = {"structure": "liver", "integer": 7, "voxels": 5, "ml": ml}
        spleen = {"structure": "spleen", "integer": 2, "voxels": 0, "ml": 0.0}
        write_into(case, structures=[liver, spleen])
    write_release(job)
    text = (job.folder / "structures.csv").read_text()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["integer"], row["structure"]) for row in rows] == [("2", "spleen"), ("7", "liver")]
    spleen, liver = rows
    assert (spleen["cases"], spleen["volume_p50_ml"]) == ("0", "")
    assert (liver["cases"], float(liver["volume_p50_ml"])) == ("2", 1300.0)
    # SNOMED CT, UBERON and FMA of the liver and the spleen, as these systems have them.
    assert [liver[key] for key in CODES] == ["10200004", "UBERON:0002107", "FMA:7197"]
    assert [spleen[key] for key in CODES] == ["78961009", "UBERON:0002106", "FMA:7196"]
    assert {liver[f"{key}_match"] for key in CODES} == {"exact"}
