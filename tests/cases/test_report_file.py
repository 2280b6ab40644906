"""A report tells whether it is still what was written, in either layout."""

from __future__ import annotations

import json

import pytest

from vesalius.adapters.cases.report_file import (
    is_signed_line,
    is_whole,
    read_whole_report,
    signed_line,
    with_digest,
)
from vesalius.adapters.files.atomic import json_text

REPORT = {"schema": "report/2", "name": "Mäuse", "rows": [1, 2.5, None], "outcomes": [{"a": 1}]}


def test_a_signed_line_is_known_by_its_text_alone(tmp_path, monkeypatch):
    report, text = signed_line(REPORT)
    (tmp_path / "report.json").write_text(text, encoding="utf-8")

    def anew(*_):
        raise AssertionError("the report was written anew")

    monkeypatch.setattr("vesalius.adapters.cases.report_file.with_digest", anew)
    assert is_signed_line(text)
    assert is_whole(report, text)
    assert read_whole_report(tmp_path / "report.json") == report


@pytest.mark.parametrize(
    ("old", "new"),
    [("2.5", "2.6"), ('"name"', '"Name"'), ("}\n", "}"), ('"rows":', '"rows": '), ("{", " {")],
)
def test_one_character_is_enough_to_tell(tmp_path, old, new):
    text = signed_line(REPORT)[1]
    changed = text.replace(old, new, 1) if old != "}\n" else text[:-1]
    assert changed != text
    assert not is_signed_line(changed)
    (tmp_path / "report.json").write_text(changed, encoding="utf-8")
    assert read_whole_report(tmp_path / "report.json") is None


def test_a_report_with_indents_is_whole_too(tmp_path):
    report = with_digest(REPORT)
    text = json_text(report)
    (tmp_path / "report.json").write_text(text, encoding="utf-8")
    assert not is_signed_line(text)
    assert is_whole(json.loads(text), text)
    assert read_whole_report(tmp_path / "report.json") == report
    assert not is_whole({**report, "name": "Ratten"}, text)


@pytest.mark.parametrize("text", ["", "{}", "\n", '{"sha256":"ab"}\n'])
def test_what_has_no_digest_is_not_signed(text):
    assert not is_signed_line(text)
