"""Metadata tables against Python's own idea of them."""

from __future__ import annotations

import csv

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vesalius.adapters.cohort.case_table import read_table
from vesalius.ontology.reading.diagnostics import DiagnosticError, Span

SPAN = Span("cohort.yaml", 1, 1, 2)
CELLS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), max_size=5)


@given(
    rows=st.lists(st.lists(CELLS, min_size=2, max_size=2), max_size=5),
    mark=st.sampled_from([",", ";", "\t"]),
    bom=st.booleans(),
)
@settings(deadline=None, max_examples=60)
def test_cells_are_read_as_written(tmp_path_factory, rows, mark, bom):
    path = tmp_path_factory.mktemp("t") / ("t.tsv" if mark == "\t" else "t.csv")
    with path.open("w", encoding="utf-8-sig" if bom else "utf-8", newline="") as file:
        csv.writer(file, delimiter=mark).writerows([["name", "x"], *rows])
    table = read_table(path, SPAN)
    assert table.columns == ("name", "x")
    assert [list(row.values()) for row in table.rows] == [row for row in rows if any(row)]


def test_blanks_and_line_breaks_inside_a_cell(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text('name, note \n a ,"two\nlines; here"\nb,-\n')
    table = read_table(path, SPAN)
    assert table.rows == ({"name": "a", "note": "two\nlines; here"}, {"name": "b", "note": "-"})
    assert table.lines == (2, 4)


def test_every_bad_row_is_named_at_once(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("name,x\na\nb,1\nc,2,3\n")
    with pytest.raises(DiagnosticError) as raised:
        read_table(path, SPAN)
    assert [d.span.line for d in raised.value.diagnostics] == [2, 4]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-8-sig"])
def test_the_mark_says_the_encoding(tmp_path, encoding):
    path = tmp_path / "t.csv"
    path.write_bytes("name;größe\na;1\n".encode(encoding))
    assert read_table(path, SPAN).rows == ({"name": "a", "größe": "1"},)


def test_a_workbook_is_no_table(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(b"PK\x03\x04" + bytes(50))
    with pytest.raises(DiagnosticError) as raised:
        read_table(path, SPAN)
    (found,) = raised.value.diagnostics
    assert (found.code, found.message) == ("COH004", "no table of text: this is a zip archive")
    assert "CSV UTF-8" in found.help


def test_the_line_for_excel_is_no_row(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("sep=;\r\nname;x,y\r\na;1,5\r\nb;2\r\n", newline="")
    table = read_table(path, SPAN)
    assert (table.columns, table.lines) == (("name", "x,y"), (3, 4))
    assert table.rows[0] == {"name": "a", "x,y": "1,5"}


def test_two_rows_that_say_the_same_are_said_to(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("name,x\na,1\na,1\na,2\n")
    _, problems = read_table(path, SPAN).by_case("name")
    assert [d.help for d in problems] == ["both say the same; keep one of them", "keep one of them"]
