"""`vesalius population` on a small cohort: its tables, its page, its bad input."""

from __future__ import annotations

import csv
import json
import shutil

import nibabel as nib
import numpy as np
import pytest

from calling import call_vesalius
from page_reader import Page
from vesalius.adapters.population.names import TABLES


@pytest.fixture(scope="module")
def described(ran):
    done = call_vesalius(
        "population", "cohort.yaml", "out", "-o", "pop", "--lesions", "lesions", cwd=ran
    )
    assert done.returncode == 0, done.stderr
    return ran / "pop", done


def rows(folder, name):
    with (folder / f"{name}.csv").open() as file:
        return list(csv.DictReader(file))


def test_who_is_in_it_and_who_is_not_and_why(described):
    folder, done = described
    found = {row["case"]: row for row in rows(folder, "patients")}
    assert {name: row["status"] for name, row in found.items()} == {
        "a": "written", "b": "written", "<i>c": "written", "d": "written",
        "broken": "failed", "unwanted": "dropped",
    }  # fmt: skip
    assert found["unwanted"]["why"] == "excluded by name"
    assert "this is a text file" in found["broken"]["why"]
    assert [found[n]["age_years"] for n in ("a", "b", "<i>c", "d")] == ["40.0", "61.0", "", ""]
    assert [found[n]["sex"] for n in ("a", "b", "d")] == ["male", "female", "unknown"]
    assert "age `old` is no number of years: of 1 case it counts as unknown (<i>c)" in done.stderr
    counts = [tuple(row.values()) for row in rows(folder, "patient_counts")]
    assert ("melanoma", "60-69", "female", "1") in counts
    assert sum(int(number) for *_, number in counts) == 4


def test_what_sources_paint_and_what_they_could(described):
    folder, _ = described
    found = {row["structure"]: row for row in rows(folder, "source_structures")}
    assert (found["liver"]["planned"], found["liver"]["painted_cases"]) == ("true", "4")
    assert (found["pancreas"]["planned"], found["pancreas"]["painted_cases"]) == ("true", "0")
    # 4 x 7 x 6 voxels of 8 cubic millimetres, in four cases.
    assert float(found["liver"]["painted_ml"]) == pytest.approx(4 * 168 * 8 / 1000)


def test_lesions_and_who_has_no_mask(described):
    folder, done = described
    assert [tuple(row.values()) for row in rows(folder, "lesions")] == [
        ("a", "liver", "64", "0.064"), ("b", "liver", "64", "0.064"), ("<i>c", "none", "0", "0.0"),
    ]  # fmt: skip
    rate = {(r["diagnosis"], r["least_ml"]): r["rate"] for r in rows(folder, "lesion_rates")}
    assert rate["lymphoma", "0.0"] == "1.0"
    assert rate["melanoma", "0.1"] == "0.0"
    assert "1 case without a lesion mask: d" in done.stderr


def test_what_could_not_be_said_is_said(described):
    folder, done = described
    report = json.loads((folder / "population.json").read_text())
    missing = report["summary"]["not_made"]
    assert set(missing) == {"divergence", "age_trends", "limits", "rule_rates"}
    assert "there is 1 dataset" in missing["divergence"]
    for name, why in missing.items():
        assert f"no {name}: {why}" in done.stdout
    assert {path.stem for path in folder.glob("*.csv")} == {*TABLES, "stats", "lesions"}


def test_the_page_says_all_of_it_and_runs_no_name_as_a_tag(described):
    page = Page(described[0] / "population.html")
    assert page.headings == [
        "Cohort small as a population", "Who is in it", "Which source feeds what",
        "Volumes against other datasets", "Age and sex", "Lesions by diagnosis", "Quality gate",
        "Rules by site, scanner and dataset",
    ]  # fmt: skip
    assert not [tag for tag, _ in page.tags if tag == "i"]
    assert len(page.ids) == len(set(page.ids))
    plots = {a["aria-label"]: a["role"] for tag, a in page.tags if tag == "svg"}
    assert plots == dict.fromkeys(("Age by sex", "Diagnoses by sex", "Diagnoses by age"), "img")
    assert "1 dropped" in page.text


def test_a_second_run_measures_nothing_again_and_says_the_same(copied):
    words = ("population", "cohort.yaml", "out", "-o", "pop")
    first = call_vesalius(*words, cwd=copied)
    before = {path.name: path.read_bytes() for path in (copied / "pop").glob("*.csv")}
    (record,) = (copied / "pop/cases/population").glob("a.json")
    touched = record.stat().st_mtime_ns
    assert call_vesalius(*words, cwd=copied).stdout == first.stdout
    assert record.stat().st_mtime_ns == touched
    assert {path.name: path.read_bytes() for path in (copied / "pop").glob("*.csv")} == before


def test_another_dataset_and_limits_are_read_from_tables(copied):
    call_vesalius("population", "cohort.yaml", "out", "-o", "one", cwd=copied)
    (copied / "one/limits.csv").write_text(
        "structure,cases,median_ml,low_ml,high_ml\nspleen,9,0.5,0.4,0.6\n"
    )
    done = call_vesalius(
        "population", "cohort.yaml", "out", "-o", "two", "--limits", "one",
        "--against", "other=one/stats.csv", cwd=copied,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "there are 2 datasets" in done.stdout
    outside = {row["case"]: row["is_low"] for row in rows(copied / "two", "outside_limits")}
    # 21 voxels of 8 cubic millimetres a layer: 0.176 (and a lone voxel), 0.336, 0.504, 0.672 ml.
    assert outside == {"a": "true", "b": "true", "d": "false"}


def test_a_lesion_mask_of_another_place_fails_its_case_alone(copied):
    (copied / "lesions/b.nii.gz").write_bytes(b"nothing")
    done = call_vesalius(
        "population", "cohort.yaml", "out", "-o", "pop", "--lesions", "lesions/{case}.nii.gz",
        cwd=copied,
    )  # fmt: skip
    assert done.returncode == 4
    assert "case `b` failed" in done.stderr
    assert {row["case"] for row in rows(copied / "pop", "lesions")} == {"a", "<i>c"}


def test_the_images_of_a_run_are_found_from_any_folder(ran, tmp_path):
    scans = tmp_path / "scans"
    shutil.copytree(ran, scans)
    text = (scans / "cohort.yaml").read_text()
    image = 'image: "images/{case}.nii.gz"\npredictions:'
    (scans / "images").mkdir()
    for path in (scans / "preds").iterdir():
        if path.name != "broken.nii.gz":
            labels = nib.load(path)
            hu = np.where(np.asarray(labels.dataobj) == 0, -1000, 40).astype(np.int16)
            nib.save(nib.Nifti1Image(hu, labels.affine), scans / "images" / path.name)
    (scans / "cohort.yaml").write_text(text.replace("predictions:", image))
    call_vesalius("run", "cohort.yaml", "-o", "new", "--keep-going", cwd=scans)
    done = call_vesalius(
        "population", scans / "cohort.yaml", scans / "new", "-o", "pop", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    found = {row["structure"]: row["hu_mean"] for row in rows(tmp_path / "pop", "stats")}
    assert found["liver"] == "40.0"


def test_a_record_that_was_changed_is_not_believed(copied):
    report = copied / "out/a/report.json"
    report.write_text(report.read_text().replace('"keep"', '"exclude"', 1))
    done = call_vesalius("population", "cohort.yaml", "out", "-o", "fresh", cwd=copied)
    assert done.returncode == 2
    assert "[MEA016]" in done.stderr
    assert not list((copied / "fresh").glob("*.csv"))
