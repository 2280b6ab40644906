"""`vesalius.population`, and `--format` of the command: the tables that the command writes."""

from __future__ import annotations

import csv
import io
import json

import pytest

import vesalius
from calling import call_vesalius
from vesalius.adapters.population.names import TABLES


@pytest.fixture(scope="module")
def written(ran, tmp_path_factory):
    """What the command writes."""
    folder = tmp_path_factory.mktemp("tables")
    done = call_vesalius(
        "population", "cohort.yaml", "out", "-o", folder, "--lesions", "lesions", cwd=ran
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def found(ran):
    return vesalius.population(ran / "cohort.yaml", ran / "out", lesions=ran / "lesions")


def test_the_tables_of_the_function_are_those_of_the_command(written, found, tmp_path):
    assert set(found) == {*TABLES, "stats", "lesions"}
    for name, table in found.items():
        table.save(tmp_path / "table.csv")
        assert (tmp_path / "table.csv").read_text() == (written / f"{name}.csv").read_text(), name
    report = json.loads((written / "population.json").read_text())
    assert found.summary == report["summary"]
    assert found.missing == report["summary"]["not_made"]
    assert found.problems == {}
    assert {"POP003", "POP007"} <= {remark.code for remark in found.remarks}
    assert found.page is None


def test_a_case_that_cannot_be_measured_is_told_and_the_others_are_there(copied):
    (copied / "out/b/labels.nii.gz").write_bytes(b"nothing")
    found = vesalius.population(
        copied / "cohort.yaml", copied / "out", columns={"site": "diagnosis"},
        output=copied / "pop",
    )  # fmt: skip
    assert list(found.problems) == ["b"]
    assert found.problems["b"][0].code.startswith("IO")
    assert {row["case"] for row in found["stats"].table()} == {"a", "<i>c", "d"}
    assert {row["site"] for row in found["patients"].table()} == {"lymphoma", "melanoma"}
    assert found.page == copied / "pop/population.html"
    assert found.page.is_file()


def test_a_fact_that_is_none_is_refused(ran):
    with pytest.raises(ValueError, match="`height` is no fact of a patient; facts: age, sex"):
        vesalius.population(ran / "cohort.yaml", ran / "out", columns={"height": "cm"})


def test_a_missing_cohort_is_a_diagnostic(tmp_path):
    with pytest.raises(vesalius.DiagnosticError):
        vesalius.population(tmp_path / "no.yaml", tmp_path)


def test_the_command_prints_tables(ran, written):
    words = ("population", "cohort.yaml", "out", "--lesions", "lesions", "--format")
    one = call_vesalius(*words, "csv", "--table", "lesion_rates", cwd=ran)
    assert one.returncode == 0, one.stderr
    assert one.stdout == (written / "lesion_rates.csv").read_text()
    told = json.loads(call_vesalius(*words, "json", cwd=ran).stdout)
    assert told["summary"] == json.loads((written / "population.json").read_text())["summary"]
    assert list(told["tables"]) == list(TABLES)
    rows = json.loads(call_vesalius(*words, "json", "--table", "patients", cwd=ran).stdout)
    names = [
        row["case"] for row in csv.DictReader(io.StringIO((written / "patients.csv").read_text()))
    ]
    assert [row["case"] for row in rows] == names


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--format", "csv"), "--format csv prints one table: --table patients | patient_counts"),
        (("--table", "limits"), "--table needs --format csv or json"),
    ],
)
def test_a_table_goes_with_a_format(ran, words, told):
    done = call_vesalius("population", "cohort.yaml", "out", *words, cwd=ran)
    assert done.returncode == 2
    assert told in done.stderr
