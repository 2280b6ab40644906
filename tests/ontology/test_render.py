"""Diagnostics as text."""

from __future__ import annotations

import json
import pickle
import re

import pytest

from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError, Note, Span
from vesalius.ontology.reading.render import (
    render_concise,
    render_github,
    render_human,
    summary,
    to_json,
)

TEXT = {"a.yaml": "one: 1\ntwo: livr\n\tthree: x\n" + "\n" * 7 + "last: liver\n"}
LIVR = Diagnostic(
    "SEL003", "error", "unknown structure `livr`", Span("a.yaml", 2, 6, 10), help="did you mean?"
)
TWO_PLACES = Diagnostic(
    "ONT002",
    "warning",
    "written twice",
    Span("a.yaml", 11, 1, 5),
    notes=(Note("first", Span("a.yaml", 2, 1, 4)),),
    help="keep one\nof them",
)
NO_TEXT = Diagnostic("IO001", "info", "cannot be read", path="case 1/ct.nii.gz", help="look")
NOWHERE = Diagnostic("SCH001", "error", "no such scheme")
ALL = [LIVR, TWO_PLACES, NO_TEXT, NOWHERE]


def human(*diagnostics, **options):
    return render_human(diagnostics, sources=TEXT, **options)


def test_human():
    assert human(*ALL) == (
        "error[SEL003]: unknown structure `livr`\n"
        "  --> a.yaml:2:6\n"
        "   |\n"
        " 2 | two: livr\n"
        "   |      ^^^^\n"
        "   = help: did you mean?\n"
        "\n"
        "warning[ONT002]: written twice\n"
        "   --> a.yaml:11:1\n"
        "    |\n"
        " 11 | last: liver\n"
        "    | ^^^^\n"
        "   --> a.yaml:2:1\n"
        "    |\n"
        "  2 | two: livr\n"
        "    | --- first\n"
        "    = help: keep one\n"
        "            of them\n"
        "\n"
        "info[IO001]: cannot be read\n"
        "  --> case 1/ct.nii.gz\n"
        "   = help: look\n"
        "\n"
        "error[SCH001]: no such scheme\n"
    )


def test_nothing():
    assert human() == ""
    assert render_concise([]) == ""
    assert render_github([]) == ""
    assert to_json([]) == []


def test_reads_files_and_does_without(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_text("\ufeffa: b\r\nc: d\r\n")
    seen = render_human([Diagnostic("A", "error", "m", Span(str(path), 2, 4, 5))])
    assert seen.splitlines()[-2:] == [" 2 | c: d", "   |    ^"]
    gone = render_human([Diagnostic("A", "error", "m", Span("no/such/file", 2, 4, 5))])
    assert gone == "error[A]: m\n  --> no/such/file:2:4\n"
    beyond = render_human([Diagnostic("A", "error", "m", Span(str(path), 9, 4, 5))])
    assert beyond == f"error[A]: m\n  --> {path}:9:4\n"


@pytest.mark.parametrize(("count", "hidden"), [(20, 0), (21, 1), (50, 30)])
def test_at_most_twenty(count, hidden):
    text = human(*[NOWHERE] * count)
    assert text.count("error[SCH001]") == min(count, 20)
    tail = f"… and {hidden} error{'s' if hidden > 1 else ''} more\n"
    assert text.endswith(tail) == (hidden > 0)
    assert human(*[NOWHERE] * count, limit=None).count("error[SCH001]") == count
    assert human(*[NOWHERE] * count, limit=3).count("error[SCH001]") == 3


def test_color_adds_only_color():
    colored = human(*ALL, color=True)
    assert colored != human(*ALL)
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == human(*ALL)


def test_text_cannot_paint_the_terminal():
    sources = {"a": "key: \x1b[31mred\x1b[0m\n"}
    problem = Diagnostic("A", "error", "\x1b[2J", Span("a", 1, 6, 9))
    assert "\x1b" not in render_human([problem], sources=sources)
    assert "\x1b" not in render_concise([problem])


@pytest.mark.parametrize(
    ("line", "column", "end", "shown", "carets"),
    [
        ("\tthree: x", 2, 7, " three: x", " ^^^^^"),
        ("名: 肝臓", 4, 6, "名: 肝臓", "    ^^^^"),
        ("e\u0301: x", 5, 6, "e\u0301: x", "   ^"),
        ("short", 3, 99, "short", "  ^^^"),
        ("short", 40, 41, "short", "     ^"),
        ("x" * 200, 1, 4, "x" * 110 + "…", "^^^"),
        ("x" * 150 + "bad" + "y" * 5, 151, 154, "…" + "x" * 30 + "badyyyyy", " " * 31 + "^^^"),
        ("x" * 5 + "b" * 200, 6, 206, "x" * 5 + "b" * 104 + "…", " " * 5 + "^" * 105),
    ],
)  # fmt: skip
def test_carets_stand_below_their_span(line, column, end, shown, carets):
    text = render_human(
        [Diagnostic("A", "error", "m", Span("a", 1, column, end))], sources={"a": line}
    )
    assert text.splitlines()[-2:] == [f" 1 | {shown}", f"   | {carets}"]


def test_concise():
    assert render_concise(ALL) == (
        "a.yaml:2:6: error[SEL003] unknown structure `livr`\n"
        "a.yaml:11:1: warning[ONT002] written twice\n"
        "case 1/ct.nii.gz: info[IO001] cannot be read\n"
        "error[SCH001] no such scheme\n"
    )


def test_github():
    odd = Diagnostic("A", "error", "100% a\nb: c,d", Span("x,y:z.yaml", 1, 2, 3))
    assert render_github([*ALL, odd]) == (
        "::error file=a.yaml,line=2,col=6,endColumn=10,title=SEL003"
        "::unknown structure `livr`; did you mean?\n"
        "::warning file=a.yaml,line=11,col=1,endColumn=5,title=ONT002"
        "::written twice; keep one%0Aof them\n"
        "::notice file=case 1/ct.nii.gz,title=IO001::cannot be read; look\n"
        "::error title=SCH001::no such scheme\n"
        "::error file=x%2Cy%3Az.yaml,line=1,col=2,endColumn=3,title=A::100%25 a%0Ab: c,d\n"
    )


def test_json():
    data = to_json(ALL)
    assert json.loads(json.dumps(data)) == data
    assert data[1] == {
        "code": "ONT002",
        "severity": "warning",
        "message": "written twice",
        "path": "a.yaml",
        "span": {"line": 11, "column": 1, "end_column": 5},
        "help": "keep one\nof them",
        "notes": [
            {
                "text": "first",
                "path": "a.yaml",
                "span": {"line": 2, "column": 1, "end_column": 4},
            }
        ],
    }
    assert (data[2]["path"], data[2]["span"]) == ("case 1/ct.nii.gz", None)


@pytest.mark.parametrize(
    ("diagnostics", "words"),
    [
        ([], "no problems"),
        (ALL, "2 errors, 1 warning, 1 note"),
        ([TWO_PLACES] * 2, "2 warnings"),
    ],
)
def test_summary(diagnostics, words):
    assert summary(diagnostics) == words


def test_an_error_as_text_is_what_a_person_reads():
    error = DiagnosticError([NO_TEXT, NOWHERE])
    assert str(error) == (
        "info[IO001]: cannot be read\n"
        "  --> case 1/ct.nii.gz\n"
        "   = help: look\n"
        "\n"
        "error[SCH001]: no such scheme"
    )


def test_an_error_travels_between_processes():
    again = pickle.loads(pickle.dumps(DiagnosticError([LIVR, NOWHERE])))
    assert again.diagnostics == (LIVR, NOWHERE)
