"""What a cohort says of each case: verdict, table, exit code, and where excluded cases go."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from vesalius.adapters.cli.outcome import Ended
from vesalius.adapters.cohort.cohort_table import COLUMNS

PACK = """\
schema: rules/1
pack: own
about: For these tests.
phases: [sex, amount]
rules:
  - {id: sex/no-liver, summary: No liver., for: liver, expect: absent, exclude: true}
  - {id: amount/spleen, summary: A spleen., for: spleen, expect: present}
  - id: amount/aorta
    summary: An aorta.
    severity: warning
    for: aorta
    expect: present
"""
SPLEEN, LIVER, AORTA = 1, 6, 8


@pytest.fixture
def judged(study):
    """a is kept, b lacks its spleen, c has a liver and no spleen."""
    for name, labels in (("a", (SPLEEN, AORTA)), ("b", (AORTA,)), ("c", (LIVER,))):
        array = np.zeros((5, 6, 7), np.uint8)
        for place, label in enumerate(labels):
            array[1:3, 1:3, 3 * place + 1 : 3 * place + 3] = label
        study.volume(f"preds/{name}.nii.gz", array)
        study.volume(f"images/{name}_0000.nii.gz", np.full((5, 6, 7), -5, np.int16))
    Path("own.yaml").write_text(PACK)
    study.cohort("rules: none", "rules: own.yaml")
    return study


def cases() -> dict[str, dict]:
    return {case["case"]: case for case in json.loads(Path("out/cohort.json").read_text())["cases"]}


def test_every_case_has_its_verdict(judged, capsys):
    with pytest.raises(Ended) as ended:
        judged.run()
    assert ended.value.code == 1
    found = cases()
    assert {name: case["verdict"]["word"] for name, case in found.items()} == {
        "a": "keep", "b": "review", "c": "exclude",
    }  # fmt: skip
    assert found["b"]["summary"]["findings"] == {"error": 1, "warning": 0, "info": 0}
    assert found["b"]["summary"]["worst"]["rule"] == "amount/spleen"
    assert found["c"]["excluded_by"] == ["sex/no-liver"]
    assert found["c"]["status"] == "excluded"
    counts = json.loads(Path("out/cohort.json").read_text())["counts"]
    assert counts == {"written": 2, "excluded": 1, "failed": 0, "incomplete": 0, "open": 0}
    assert capsys.readouterr().out.splitlines()[-3:] == [
        "2 written, 1 excluded; out/cohort.json, cohort.csv",
        "1 of 3 cases is excluded: c (sex/no-liver)",
        "1 of 3 cases has errors: b (amount/spleen)",
    ]
    rows = list(csv.DictReader(Path("out/cohort.csv").read_text().splitlines()))
    assert tuple(rows[0]) == COLUMNS
    said = [tuple(row[key] for key in ("case", "verdict", "errors", "warnings")) for row in rows]
    assert said == [("a", "keep", "0", "0"), ("b", "review", "1", "0"), ("c", "exclude", "2", "1")]
    assert rows[2]["excluded_by"] == "sex/no-liver"
    assert rows[1]["why"].startswith("amount/spleen: ")


@pytest.mark.parametrize(("fail_on", "fails"), [("exclude", True), ("never", False)])
def test_the_exit_code_is_asked_for(judged, fail_on, fails):
    if not fails:
        judged.run(fail_on=fail_on)
        return
    with pytest.raises(Ended):
        judged.run(fail_on=fail_on)


def test_excluded_cases_lie_apart_and_are_not_done_twice(judged, digests, capsys):
    judged.run(fail_on="never")
    assert sorted(p.parent.as_posix() for p in Path("out").rglob("labels.nii.gz")) == [
        "out/a", "out/b", "out/excluded/c",
    ]  # fmt: skip
    assert cases()["c"]["labels"] == "excluded/c/labels.nii.gz"
    first = digests("out")
    capsys.readouterr()
    judged.run(fail_on="never")
    assert "0 written, 2 done before, 1 excluded" in capsys.readouterr().out
    assert digests("out") == first


def test_excluded_cases_are_not_written_where_that_is_said(judged):
    judged.cohort("rules: none", "rules: own.yaml", "cases:", "excluded: skip\ncases:")
    judged.run(fail_on="never")
    assert sorted(p.parent.name for p in Path("out").rglob("labels.nii.gz")) == ["a", "b"]
    assert "labels" not in cases()["c"]
    assert cases()["c"]["verdict"]["word"] == "exclude"


def test_what_becomes_excluded_goes_from_where_it_was_and_comes_back(judged, digests):
    good, bad = Path("preds/b.nii.gz"), Path("preds/c.nii.gz").read_bytes()
    before = good.read_bytes()
    judged.run(fail_on="never")
    first = digests("out")
    good.write_bytes(bad)
    judged.run(fail_on="never")
    assert not Path("out/b").exists()
    assert np.array_equal(
        nib.load("out/excluded/b/labels.nii.gz").dataobj, nib.load("preds/c.nii.gz").dataobj
    )
    good.write_bytes(before)
    judged.run(fail_on="never")
    assert digests("out") == first
    assert not Path("out/excluded/b").exists()


def test_a_case_in_which_nothing_is_labelled_is_to_be_looked_at(study, capsys):
    study.volume("preds/b.nii.gz", np.zeros((5, 6, 7), np.uint8))
    study.run()
    found = cases()
    assert found["a"]["verdict"]["word"] == "keep"
    assert found["b"]["verdict"] == {
        "word": "review", "reasons": ["nothing is labelled in any source"], "rules": [],
    }  # fmt: skip
    said = capsys.readouterr().out
    assert "1 case has nothing labelled: b\n" in said
    assert "warning[RUN003] of the files of 1 case: b\n" in said
    assert "warnings alone" not in said
    table = Path("out/cohort.csv").read_text().splitlines()
    rows = {row["case"]: row for row in csv.DictReader(table)}
    assert rows["a"]["doubts"] == ""
    assert rows["b"]["doubts"].startswith("RUN003: has no labelled voxel")
    # A run that has nothing to do says the same.
    study.run()
    assert "warning[RUN003] of the files of 1 case: b\n" in capsys.readouterr().out


def test_where_every_case_lacks_a_file_a_few_are_named(study, capsys):
    names = [f"c{number}" for number in range(9)]
    for name in names:
        study.volume(f"images/{name}_0000.nii.gz", np.full((5, 6, 7), -5, np.int16))
    study.table("name,Sex\n" + "".join(f"{name},M\n" for name in ["a", "b", "c", *names]))
    study.cohort("preds/{case}", "elsewhere/{case}")
    with pytest.raises(Ended):
        study.run()
    said = capsys.readouterr().err
    assert len(re.findall(r"^  \w+: elsewhere/", said, re.MULTILINE)) == 5
    assert "\n  and 7 more\n" in said
