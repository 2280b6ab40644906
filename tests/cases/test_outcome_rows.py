"""Rows that are the same for many cases stand in each report as if they were its own."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest

import vesalius
from vesalius.adapters.cases.kept_objects import KeptObjects
from vesalius.adapters.cases.outcome_rows import KeptRow, compact_text
from vesalius.adapters.cases.report_file import signed_line, with_digest

AFFINE = np.diag([-3.0, -3.0, 3.0, 1.0])


def organs(moved: int = 0) -> np.ndarray:
    array = np.zeros((14, 12, 10), np.uint8)
    array[2:6, 2:7, 2 + moved : 7 + moved] = 6
    array[8:12, 2:6, 2:6] = 1
    array[8, 8, 2] = 1
    return array


@pytest.fixture(scope="module")
def session() -> vesalius.Session:
    return vesalius.Session("amos22", "dap_atlas")


def plain(told) -> dict:
    return {**told, "outcomes": [dict(row) for row in told["outcomes"]]}


def written(value) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def test_the_second_case_reports_as_a_session_of_its_own_does(session):
    for moved in range(3):
        given = organs(moved), AFFINE
        assert (
            session.repair(given).report
            == vesalius.Session("amos22", "dap_atlas").repair(given).report
        )


def test_most_rows_are_kept_and_those_with_findings_are_not(session):
    first, second = (session.repair((organs(moved), AFFINE)).told["outcomes"] for moved in (0, 1))
    kept = [one is other for one, other in zip(first, second, strict=True)]
    assert sum(kept) > len(kept) // 2
    for is_kept, row in zip(kept, first, strict=True):
        assert not (is_kept and (row["findings"] or row["remains"] or row["moves"]))
    assert any(row["findings"] for row in first)


def test_who_changes_a_report_changes_no_other(session):
    given = organs(), AFFINE
    first = session.repair(given)
    before = json.dumps(first.report)
    for row in first.report["outcomes"]:
        row["judges"].append("changed")
        row["status"] = "changed"
    assert json.dumps(session.repair(given).report) == before


def test_the_text_is_that_of_the_whole(session):
    told = session.repair((organs(), AFFINE)).told
    assert any(isinstance(row, KeptRow) for row in told["outcomes"])
    assert compact_text(told) == written(plain(told))
    report, text = signed_line(told)
    assert text == written(plain(report)) + "\n"
    assert report == with_digest(
        plain(told), lambda data: json.dumps(data, separators=(",", ":"), ensure_ascii=False) + "\n"
    )
    rest = {key: value for key, value in plain(report).items() if key != "sha256"}
    assert report["sha256"] == hashlib.sha256((written(rest) + "\n").encode()).hexdigest()


@pytest.mark.parametrize("more", [{}, {"a": '"outcomes":[]'}, {"a": {"outcomes": []}}])
@pytest.mark.parametrize("after", [{}, {"z": [1, None, "é"]}])
def test_whatever_stands_around_the_rows(more, after):
    rows = [KeptRow({"rule": "a/b", "judges": []}), {"rule": "c", "x": 1.5}]
    data = {**more, "outcomes": rows, **after}
    assert compact_text(data) == written({**more, "outcomes": [dict(r) for r in rows], **after})
    with pytest.raises(ValueError, match="Out of range"):
        compact_text({**data, "nan": float("nan")})


def test_what_is_kept_is_of_the_same_objects_not_of_equal_ones():
    kept: KeptObjects[int] = KeptObjects(most=2)
    one, equal = [1], [1]
    assert kept.get((one,), lambda: 1) == kept.get((one,), lambda: 2) == 1
    assert kept.find((equal,)) is None
    assert kept.get((equal,), lambda: 3) == 3
    kept.get(([2],), lambda: 4)
    assert kept.find((one,)) is None
