"""Reading YAML: values by the 1.2 core schema, places, and what is refused."""

from __future__ import annotations

import json
import math

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from yaml.scanner import ScannerError

import vesalius.ontology.reading.document as document_module
from vesalius.ontology.reading.diagnostics import DiagnosticError, Span
from vesalius.ontology.reading.document import load_document, parse_document
from vesalius.ontology.reading.problem import LINE_BREAK

TEXT = """\
# a comment
schema: demo/1
labels:
  1: spleen
  2: {male: prostate, "female": uterus}
list: [a, bc,
  def]
block:
  - x: 1
  - y
"""


@pytest.fixture(params=["CBaseLoader", "BaseLoader"])
def loader(request, monkeypatch):
    """Both of PyYAML's parsers, so that a machine without libyaml reads the same."""
    monkeypatch.setattr(document_module, "_LOADER", getattr(yaml, request.param))


@pytest.fixture
def doc(loader):
    return parse_document(TEXT, "demo.yaml")


def test_data(doc):
    assert doc.data == {
        "schema": "demo/1",
        "labels": {1: "spleen", 2: {"male": "prostate", "female": "uterus"}},
        "list": ["a", "bc", "def"],
        "block": [{"x": 1}, "y"],
    }


@pytest.mark.parametrize(
    ("path", "key", "place"),
    [
        (("schema",), False, (2, 9, 15)),
        (("schema",), True, (2, 1, 7)),
        (("labels", 1), False, (4, 6, 12)),
        (("labels", 1), True, (4, 3, 4)),
        (("labels", 2), False, (5, 6, 40)),
        (("labels", 2, "female"), True, (5, 23, 31)),
        (("labels", 2, "female"), False, (5, 33, 39)),
        (("list", 1), False, (6, 11, 13)),
        (("list", 2), False, (7, 3, 6)),
        (("list",), False, (6, 7, 14)),
        (("block", 0, "x"), False, (9, 8, 9)),
        (("block", 1), False, (10, 5, 6)),
        # What is not there is shown at the key of the nearest parent that is.
        (("labels", 3), False, (3, 1, 7)),
        (("labels", 2, "unknown"), False, (5, 3, 4)),
        (("nothing", "at", "all"), False, (2, 1, 15)),
    ],
)
def test_span(doc, path, key, place):
    assert doc.span(path, key=key) == Span("demo.yaml", *place)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"), ("no", "no"), ("on", "on"), ("off", "off"), ("y", "y"),
        ("true", True), ("True", True), ("TRUE", True), ("tRue", "tRue"), ("false", False),
        ("null", None), ("~", None), ("", None), ("Null", None),
        ("12", 12), ("+12", 12), ("-3", -3), ("010", 10), ("0o17", 15), ("0o8", "0o8"),
        ("0x1F", 31), ("1_000", "1_000"), ("12:30", "12:30"), ("12:30:45", "12:30:45"),
        ("2001-12-14", "2001-12-14"), ("1.5", 1.5), (".5", 0.5), ("-.5", -0.5), ("1.", 1.0),
        ("1e3", 1000.0), ("1.5E-2", 0.015), ("1e-999", 0.0), ("'.inf'", ".inf"),
        ("'.nan'", ".nan"), ("inf", "inf"), ("nan", "nan"), (".infinite", ".infinite"),
        ("1.2.3", "1.2.3"), ("-", "-x"),
        ("=", "="), ("0b11", "0b11"), ("'12'", "12"), ('"true"', "true"), ("12 13", "12 13"),
    ],
)  # fmt: skip
def test_core_schema(loader, text, value):
    written = "-x" if text == "-" else text
    data = parse_document(f"a: {written}\n", "t.yaml").data
    assert data == {"a": value}
    assert type(data["a"]) is type(value)


@pytest.mark.parametrize(
    "text",
    [".nan", ".NaN", ".NAN", ".inf", "-.INF", "+.Inf", "1e999", "-1e999", "9" * 5000 + ".0",
     "9" * 301, "-" + "9" * 10**6, "0x" + "f" * 300, "0x" + "f" * 10**6, "0o" + "7" * 10**6],
)  # fmt: skip
@pytest.mark.parametrize("form", ["{}", "[1, {}]", "{{b: {}}}", "{{{}: b}}"])
def test_numbers_that_are_none_are_refused_once(loader, text, form):
    if "b}" in form and len(text) > 1000:
        return  # YAML wants its keys shorter
    written = form.format(text)
    with pytest.raises(DiagnosticError) as caught:
        parse_document(f"x: 1\na: {written}\n", "t.yaml")
    (found,) = caught.value.diagnostics
    assert (found.code, found.span.line) == ("YML001", 2)
    assert found.span.column == 4 + form.replace("{{", "{").index("{}")
    assert len(found.message) < 80


@pytest.mark.parametrize("text", ["9" * 300, "0x" + "f" * 200, "0o" + "7" * 300])
def test_large_whole_numbers_are_floating_point_numbers_too(loader, text):
    assert math.isfinite(float(parse_document(f"a: {text}", "t.yaml").data["a"]))


def test_block_scalars_are_text(loader):
    assert parse_document("a: |\n  12\nb: >-\n  12\n", "t").data == {"a": "12\n", "b": "12"}


@pytest.mark.parametrize("text", ["", "\n", "# only a comment\n", "---\n", "\ufeff"])
def test_empty(loader, text):
    doc = parse_document(text, "t.yaml")
    assert doc.data is None
    assert doc.span(("a",)) == doc.span(())


def problems(text):
    with pytest.raises(DiagnosticError) as caught:
        parse_document(text, "t.yaml")
    return [(d.code, d.span.line, d.span.column) for d in caught.value.diagnostics]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb: 2\na: 3\n", [("YML002", 3, 1)]),
        ("{1: a, 01: b}", [("YML002", 1, 8)]),
        ("a: &x 1\nb: *x\n", [("YML003", 1, 4), ("YML003", 2, 4)]),
        ("a: !!int 1\n", [("YML003", 1, 4)]),
        ("a: !own {b: 1}\n", [("YML003", 1, 4)]),
        ("<<: {a: 1}\n", [("YML003", 1, 1)]),
        ("true: 1\n", [("YML003", 1, 1)]),
        ("1.5: 1\n~: 2\n", [("YML003", 1, 1), ("YML003", 2, 1)]),
        ("{[a]: 1}\n", [("YML003", 1, 2)]),
        ("a: 1\n---\nb: 2\n", [("YML003", 2, 1)]),
        ("a:\n\tb: 1\n", [("YML001", 2, 1)]),
        ("a: b: c\n", [("YML001", 1, 5)]),
        ("a: @b\n", [("YML001", 1, 4)]),
        ("a: \x07\n", [("YML001", 1, 4)]),
        ("a: " + "9" * 5000, [("YML001", 1, 4)]),
        ("[" * 3000, [("YML001", 1, 65)]),
        # What was found before the grammar broke is told too.
        ("a: 1\na: 2\nb: {\n", [("YML002", 2, 1), ("YML001", 4, 1)]),
    ],
)
def test_refused(loader, text, expected):
    assert problems(text) == expected


class GivesUpAhead(yaml.BaseLoader):
    """Scans as libyaml 0.2.6 does, which refuses bracket 1001 before it gives the first."""

    def increase_flow_level(self, *given):
        if self.flow_level >= 1000:
            mark = self.get_mark()
            raise ScannerError(
                "while increasing flow level", mark, "exceeded maximum nesting depth", mark
            )
        self.flow_level += 1

    def fetch_flow_collection_start(self, token):
        self.save_possible_simple_key()
        self.increase_flow_level()
        self.allow_simple_key = True
        start = self.get_mark()
        self.forward()
        self.tokens.append(token(start, self.get_mark()))


@pytest.mark.parametrize("count", [65, 1000, 1001, 3000])
@pytest.mark.parametrize("before", ["", "a: 1\na: 2\n\u00e9: "])
def test_a_scanner_that_gives_up_ahead_changes_nothing(monkeypatch, before, count):
    text = before + "[" * count
    expected = problems(text)
    monkeypatch.setattr(document_module, "_LOADER", GivesUpAhead)
    assert problems(text) == expected
    assert [found for found in expected if found[0] == "YML001"] == [
        ("YML001", text.count("\n") + 1, 65 + (3 if before else 0) - bool(before))
    ]


def test_quoted_merge_key_and_same_looking_keys_are_fine(loader):
    data = parse_document("'<<': 1\n1: a\n'1': b\n", "t").data
    assert data == {"<<": 1, 1: "a", "1": "b"}


def test_duplicate_points_to_the_first():
    with pytest.raises(DiagnosticError) as caught:
        parse_document("a: 1\nb: 2\n  \na: 3\n", "t.yaml")
    (problem,) = caught.value.diagnostics
    assert [(n.text, n.span.line) for n in problem.notes] == [("first written here", 1)]


def test_unusual_line_breaks_count_alike(loader):
    doc = parse_document("a: 1\r\nb: 2\rc: x\n", "t")
    assert doc.span(("c",)) == Span("t", 3, 4, 5)
    assert doc.line(3) == "c: x"


def test_columns_count_characters(loader):
    assert parse_document("ä: {ö: 😀, b: x}", "t").span(("ä", "b")) == Span("t", 1, 14, 15)


def test_load(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.yaml").write_bytes("\ufeffa: é\n".encode())
    doc = load_document(tmp_path / "a.yaml")
    assert (doc.path, doc.data) == ("a.yaml", {"a": "é"})


@pytest.mark.parametrize("kind", ["missing", "folder", "latin"])
def test_unreadable(tmp_path, monkeypatch, kind):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "a.yaml"
    if kind == "folder":
        path.mkdir()
    if kind == "latin":
        path.write_bytes("ok: 1\na: é\n".encode("latin-1"))
    with pytest.raises(DiagnosticError) as caught:
        load_document(path)
    (problem,) = caught.value.diagnostics
    assert problem.code == "YML004"
    words = {"missing": "does not exist", "folder": "folder", "latin": "0xe9"}
    assert words[kind] in problem.message
    assert problem.path == "a.yaml" or problem.span == Span("a.yaml", 2, 4, 5)


# JSON is YAML; left out is only what YAML reads as line breaks or forbids.
texts = st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn", "Co", "Zl", "Zp")), max_size=12)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
)
trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


@settings(deadline=None, max_examples=100)
@given(trees, st.sampled_from([None, 1]))
def test_reads_json(tree, indent):
    text = json.dumps(tree, ensure_ascii=False, indent=indent)
    data = parse_document(text, "t").data
    assert data == tree
    assert json.dumps(data) == json.dumps(tree)


@settings(deadline=None, max_examples=120)
@given(st.text(alphabet="ab:-[]{},#&*!|>'\"%@` \n\t0.~<?", max_size=40))
def test_any_text_is_read_or_refused(text):
    try:
        doc = parse_document(text, "t")
    except DiagnosticError as error:
        lines = len(LINE_BREAK.split(text))
        for problem in error.diagnostics:
            assert 1 <= problem.span.line <= lines + 1
            assert problem.span.end_column > problem.span.column >= 1
    else:
        assert doc.span(()).line >= 1


@pytest.mark.parametrize(
    ("text", "line", "column", "message", "advice"),
    [
        ("a:\n  1: b\n   2: c\n", 3, 4,
         "this line is indented deeper than the line before, which has a value already",
         "begin both lines with 2 spaces"),
        ("a: b\n\n  c: d\n", 3, 3,
         "this line is indented deeper than the line before, which has a value already",
         "begin both lines with 0 spaces"),
        ("a:\n  1:b\n  2: c\n", 2, 4, "a space is missing after the colon", "write `1: b`"),
        ("a:\n  b c:d\n", None, None, None, None),  # a text, not a key
        ("title: it's: fine\n", 1, 12,
         "this is not valid YAML: mapping values are not allowed in this context",
         "put a text that holds a colon in quotes"),
        ("a:\n\tb: 1\n", 2, 1, "a tab is used for indentation", "indent with spaces"),
        ("1.0: a\n", 1, 1, "a key must be text or a whole number", "write `1`"),
        ("1.5: a\n", 1, 1, "a key must be text or a whole number", "put the key in quotes"),
    ],
)  # fmt: skip
def test_a_common_mistake_is_told_where_it_is_made(text, line, column, message, advice):
    try:
        parse_document(text, "t.yaml")
    except DiagnosticError as error:
        (found,) = error.diagnostics
        assert (found.span.line, found.span.column) == (line, column)
        assert (found.message, found.help) == (message, advice)
    else:
        assert line is None


def test_a_merge_of_an_alias_is_one_message():
    with pytest.raises(DiagnosticError) as caught:
        parse_document("a: 1\n<<: *b\n", "t.yaml")
    assert [d.message for d in caught.value.diagnostics] == ["the merge key `<<` is not supported"]
