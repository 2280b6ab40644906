"""A folder that would hold too much gets a level between; every reader finds the cases."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vesalius.adapters.cohort import case_tasks, folder_levels
from vesalius.adapters.cohort.folder_levels import crowded_folders, level_of, with_level
from vesalius.adapters.cohort.merge_shards import merge_shards
from vesalius.adapters.cohort.path_template import parse_template
from vesalius.adapters.cohort.shard import Shard
from vesalius.adapters.measures.case_list import find_cases
from vesalius.adapters.report.record import read_record
from vesalius.ontology.load import load_ontology, load_scheme


@pytest.fixture
def few(monkeypatch):
    """Two entries are too many."""
    for module in (case_tasks, folder_levels):
        monkeypatch.setattr(module, "MOST_ENTRIES", 2)


def test_levels_are_the_same_everywhere():
    """Written down: by sha256 (`printf case_1 | sha256sum`), whatever spelling the disk keeps."""
    assert level_of("a") == "ca"
    assert level_of("f\u00fc") == level_of("fu\u0308")
    assert with_level(Path("out/a"), "a") == Path("out/ca/a")


@pytest.mark.parametrize(
    ("template", "cases", "crowded"),
    [
        ("{case}/", 10_000, set()),
        ("{case}/", 10_001, {Path(".")}),
        ("x/{case}.nii.gz", 3_333, set()),
        ("x/{case}.nii.gz", 3_334, {Path("x")}),
        ("{case:last1}/{case}/", 60_000, set()),
        ("{case:first1}/{case}/", 10_001, {Path("c")}),
    ],
)
def test_a_folder_is_crowded_beyond_ten_thousand_entries(template, cases, crowded):
    fields = ({"case": f"c{number:06}"} for number in range(cases))
    assert crowded_folders(parse_template(template), fields) == crowded


@pytest.mark.parametrize("output", ["{case}/", "{case}.nii.gz"])
def test_every_reader_finds_the_cases(study, few, output):
    study.cohort("cases: {from: image}", f'cases: {{from: image}}\noutput: "{output}"')
    study.run("one")
    for number in (1, 2):
        study.run("out", shard=Shard(number, 2))
    merge_shards(Path("out"))
    record = json.loads(Path("out/cohort.json").read_text())
    assert record == json.loads(Path("one/cohort.json").read_text())
    for row in record["cases"]:
        assert row["labels"].startswith(f"{level_of(row['case'])}/")
        assert Path("out", row["labels"]).is_file()
        assert Path("out", row["report"]).is_file()
    scheme = load_scheme("amos22", load_ontology())
    assert [case.name for case in find_cases((Path("out"),), scheme)] == ["a", "b", "c"]
    assert [case.name for case in read_record(Path("out")).cases] == ["a", "b", "c"]


def test_what_was_written_before_there_were_many_stays(study, monkeypatch):
    study.run("out")
    before = {path: path.stat().st_mtime_ns for path in Path("out").glob("*/report.json")}
    assert len(before) == 3
    for module in (case_tasks, folder_levels):
        monkeypatch.setattr(module, "MOST_ENTRIES", 2)
    study.case("d")
    study.table(Path("cases.csv").read_text() + "d,F,1,S4,1.2\n")
    study.run("out")
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert Path("out", level_of("d"), "d", "report.json").is_file()
