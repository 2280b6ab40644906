"""Folders without a record, damaged ones, and cases that cannot be shown.

Write the texts anew with `VESALIUS_UPDATE_GOLDEN=1` and review the difference.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from calling import call_vesalius
from page_reader import Page
from vesalius.adapters.cases.report_file import LAYOUTS, with_digest

GOLDEN = Path(__file__).parent / "golden"


def changed(folder: Path, **values) -> None:
    path = folder / "out/cohort.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}, indent=2) + "\n")


def no_folder(folder, monkeypatch):
    return "REP001", "nowhere"


def no_record(folder, monkeypatch):
    return "REP001", "images"


def no_json(folder, monkeypatch):
    (folder / "out/cohort.json").write_text("{")
    return "REP001", "out"


def of_another_version(folder, monkeypatch):
    path = folder / "out/cohort.json"
    record = json.loads(path.read_text())
    del record["plan"]
    path.write_text(json.dumps(record))
    return "REP001", "out"


def changed_record(folder, monkeypatch):
    changed(folder, cohort="other")
    return "REP001", "out"


def shards_alone(folder, monkeypatch):
    (folder / "out/cohort.json").rename(folder / "cohort.json")
    (folder / "out/shards").mkdir()
    return "REP001", "out"


def other_json(folder, monkeypatch):
    changed(folder, schema="other/1")
    return "REP001", "out"


def no_packages(folder, monkeypatch):
    monkeypatch.setattr("vesalius.adapters.report.fill.find_spec", lambda _: None)
    return "REP002", "out"


def another_page(folder, monkeypatch):
    (folder / "pages").mkdir(exist_ok=True)
    (folder / "pages/index.html").write_text("<title>My own</title>")
    return "REP003", "out"


@pytest.mark.parametrize(
    "make",
    [no_folder, no_record, no_json, shards_alone, of_another_version, changed_record,
     other_json, no_packages, another_page],
)  # fmt: skip
def test_messages(make, copied, monkeypatch):
    code, given = make(copied, monkeypatch)
    before = sorted(copied.rglob("*"))
    done = call_vesalius("report", given, "-o", "pages", cwd=copied)
    assert done.returncode == 2
    assert f"[{code}]" in done.stderr
    path = GOLDEN / f"{code}-{make.__name__}.txt"
    if os.environ.get("VESALIUS_UPDATE_GOLDEN"):
        path.write_text(done.stderr)
    assert done.stderr == path.read_text()
    assert sorted(copied.rglob("*")) == before


def test_a_case_that_cannot_be_read_is_said_and_the_others_have_pages(copied):
    (copied / "out/two/labels.nii.gz").write_bytes(b"no labels")
    (copied / "out/good/report.json").write_text("{}")
    done = call_vesalius("report", "out", "-o", "pages", cwd=copied)
    assert done.returncode == 4
    assert "error[IO003]" in done.stderr
    assert "error[EXP001]" in done.stderr
    page = Page(copied / "pages/index.html")
    assert [row[0] for row in page.rows["cases"]][1:3] == ["broken", "two"]
    assert "two" not in [text for _, text in page.links]
    assert "Cases without a page" in page.headings
    assert len(list((copied / "pages").glob("case-*.html"))) == 1


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda path: path.unlink(), "preds/two.nii.gz"),
        (
            lambda path: nib.save(
                nib.Nifti1Image(np.ones((7, 12, 10), np.uint8), nib.load(path).affine), path
            ),
            "a prediction has changed since the run",
        ),
    ],
)
def test_without_the_predictions_the_map_before_is_not_guessed(copied, spoil, why):
    spoil(copied / "preds/two.nii.gz")
    (copied / "images/two.nii.gz").unlink()
    done = call_vesalius("report", "out/two", "-o", "pages", cwd=copied)
    assert done.returncode == 0
    page = Page(copied / "pages/case-0001.html")
    assert "The map before the rules cannot be shown:" in page.text
    assert "Without the CT: the CT cannot be read any more" in page.text
    assert {alt.partition(", ")[2] for alt in page.images} == {
        "after the rules", "the place of the finding ringed",
    }  # fmt: skip


def test_pages_of_cases_that_are_gone_go_and_other_files_stay(copied):
    call_vesalius("report", "out", "-o", "pages", cwd=copied)
    (copied / "pages/case-9999.html").write_text("my own")
    assert (copied / "pages/case-0004.html").is_file()
    done = call_vesalius("report", "out/two", "-o", "pages", cwd=copied)
    assert done.returncode == 0
    assert sorted(p.name for p in (copied / "pages").iterdir()) == [
        "case-0001.html", "case-9999.html", "index.html",
    ]  # fmt: skip


def test_a_case_that_was_not_begun_is_told_and_the_others_have_pages(copied):
    path = copied / "out/cohort.json"
    record = json.loads(path.read_text())
    record["cases"].append({"case": "later", "status": "open"})
    layout = next(
        each for each in LAYOUTS if each(json.loads(path.read_text())) == path.read_text()
    )
    path.write_text(layout(with_digest(record, layout)))
    done = call_vesalius("report", "out", "-o", "pages", cwd=copied)
    assert "bug" not in done.stderr
    page = Page(copied / "pages/index.html")
    (row,) = [row for row in page.rows["cases"] if row[0] == "later"]
    assert "not run yet" in " ".join(row)
    assert list((copied / "pages").glob("case-*.html"))
