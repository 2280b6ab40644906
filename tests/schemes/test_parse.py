"""Reading schemes: forms, defaults, and one message for one problem."""

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vesalius.ontology.load import scheme_paths
from vesalius.ontology.reading.document import load_document, parse_document
from vesalius.ontology.scheme.meaning import ByPlace, BySex, BySide, Drop, Ignore, Place, To
from vesalius.ontology.scheme.models import scheme_json_schema
from vesalius.ontology.scheme.read import parse_scheme

SHIPPED = scheme_paths()

EVERY_FORM = """\
regions: [abdomen, pelvis]
names: {2: right kidney}
labels:
  1: spleen
  2: kidney_right
  3: drop
  255: ignore
  15: {male: prostate, female: uterus, unknown: drop}
  16: {left: lung_left, right: lung_right, unknown: lung}
  17: {where: [{above: vertebrae_T12, is: nasal_cavity}], otherwise: colon, unknown: ignore}
"""


def test_every_form(parse):
    scheme, found = parse(EVERY_FORM)
    assert found == []
    assert {e.integer: e.target for e in scheme.entries} == {
        1: To("spleen"),
        2: To("kidney_right"),
        3: Drop(),
        255: Ignore(),
        15: BySex(To("prostate"), To("uterus"), Drop()),
        16: BySide(To("lung_left"), To("lung_right"), To("lung")),
        17: ByPlace((Place("above", "vertebrae_T12", To("nasal_cavity")),), To("colon"), Ignore()),
    }
    assert [e.name for e in scheme.entries][:2] == ["spleen", "right kidney"]
    assert scheme.integer_of("kidney_right") == 2
    assert scheme.integer_of("prostate") is None
    assert scheme.structures() == (
        *("spleen", "kidney_right", "prostate", "uterus", "lung_left", "lung_right", "lung"),
        *("nasal_cavity", "colon"),
    )
    assert (scheme.closed, scheme.background, scheme.folder) == (True, 0, "{name}.nii.gz")
    assert scheme.regions == ("abdomen", "pelvis")
    assert (scheme.entries[0].span.line, scheme.entries[0].span.column) == (7, 6)


def test_forms_may_be_nested(parse):
    scheme, found = parse(
        "labels:\n  1: {male: {left: kidney_left, right: kidney_right, unknown: kidney},"
        " female: drop, unknown: drop}\n"
    )
    assert found == []
    sides = BySide(To("kidney_left"), To("kidney_right"), To("kidney"))
    assert scheme.entries[0].target == BySex(sides, Drop(), Drop())


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("labls:\n  1: liver\n", [("YML010", 1)]),
        ("join: liver\nlabels:\n  1: liver\n", [("YML012", 1)]),
        ("labels:\n  1: {mal: prostate, female: uterus, unknown: drop}\n", [("YML010", 2)]),
        ("labels:\n  1: {lef: lung_left, right: lung_right, unknown: lung}\n", [("YML010", 2)]),
        ("labels:\n  1: [liver]\n", [("YML012", 2)]),
        ("labels:\n  1: {}\n", [("YML012", 2)]),
        ("labels:\n  1:\n", [("YML012", 2)]),
        ("labels:\n  1: 12\n", [("YML012", 2)]),
        ("labels:\n  1: {where: [{is: colon}], otherwise: colon, unknown: colon}\n",
         [("YML012", 2)]),
        ("labels:\n  1: {where: [], otherwise: colon, unknown: colon}\n", [("YML012", 2)]),
        ("labels: 3\n", [("YML012", 1)]),
        ("folder: 3\nlabels:\n  1: liver\n", [("YML012", 1)]),
        ("labels: {}\n", [("SCH024", 1)]),
        ("background: -1\nlabels:\n  1: liver\n", [("YML012", 1)]),
    ],
)  # fmt: skip
def test_one_problem_one_message(codes, body, expected):
    assert codes(body) == expected


def test_the_rest_is_checked_where_one_line_cannot_be_read(codes):
    body = "closed: maybe\nlabels:\n  1: [liver]\n  2: livr\n  one: liver\n"
    assert codes(body) == [("YML012", 1), ("YML012", 3), ("SCH002", 4), ("SCH004", 5)]


def test_wrong_schema_line_is_all_that_is_said(small):
    document = parse_document("schema: scheme/2\nlabels: 3\n", "demo.yaml")
    scheme, found = parse_scheme(document, small)
    assert scheme is None
    assert [d.code for d in found] == ["YML013"]


def test_scheme_name_is_plain(small):
    text = "schema: scheme/1\nscheme: My Data\ntitle: Demo\nlabels:\n  1: liver\n"
    _, found = parse_scheme(parse_document(text, "My Data.yaml"), small)
    assert [(d.code, d.span.line, d.message) for d in found] == [
        ("YML012", 2, "`scheme`: a name has lower-case letters, digits and `_` only")
    ]


def test_equal_schemes_are_equal_and_hashable(parse):
    one, two = (parse("despite_name: {1: mirrored}\nnames: {1: left kidney}\n"
                      "labels:\n  1: kidney_right\n")[0] for _ in range(2))  # fmt: skip
    assert one == two
    assert len({one, two}) == 1


def test_warnings_still_give_the_scheme(parse):
    scheme, found = parse("join: [liver]\nlabels:\n  1: liver\n")
    assert [(d.code, d.severity) for d in found] == [("SCH012", "warning")]
    assert scheme is not None


def test_the_readme_example_of_adding_a_dataset(packaged):
    """A new dataset is one file of at most 15 lines."""
    text = """\
schema: scheme/1
scheme: my_segthor
title: SegTHOR
about: Organs at risk in the thorax.
evidence: public label list
regions: [thorax]
labels:
  1: esophagus
  2: heart
  3: trachea
  4: aorta
"""
    scheme, found = parse_scheme(parse_document(text, "my_segthor.yaml"), packaged)
    assert found == []
    assert len(text.splitlines()) <= 15
    shipped, _ = parse_scheme(load_document(SHIPPED["segthor"]), packaged)
    assert [(e.integer, e.target) for e in scheme.entries] == [
        (e.integer, e.target) for e in shipped.entries
    ]


def as_json(value):
    """Give data as JSON has it: keys are text."""
    if isinstance(value, dict):
        return {str(k): as_json(v) for k, v in value.items()}
    return [as_json(v) for v in value] if isinstance(value, list) else value


def test_json_schema_agrees_with_the_models(packaged):
    validator = jsonschema.Draft202012Validator(scheme_json_schema(packaged))
    for path in SHIPPED.values():
        assert list(validator.iter_errors(as_json(load_document(path).data))) == []
    head = {"schema": "scheme/1", "scheme": "demo", "title": "Demo"}
    for wrong in (
        {"labels": {"liver": "liver"}},
        {"labels": {"1": 3}},
        {"labels": {"1": {"male": "prostate", "female": "uterus"}}},
        {"labels": {"1": "liver"}, "colsed": True},
        {"labels": {}},
        {"labels": {"1": "livr"}},
        {"labels": {"1": "vertebral_column"}},
        {"labels": {"0": "liver"}},
        {"labels": {"-1": "liver"}},
        {"labels": {"1": None}},
        {"labels": {"1": ["kidney_left", "kidney_right"]}},
        {"labels": {"1": {"male": "prostate", "female": "utreus", "unknown": "drop"}}},
        {"labels": ["liver"]},
        {"labels": {"1": "liver"}, "regions": ["thorx"]},
        {"labels": {"1": "liver"}, "join": ["livr"]},
        {"labels": {"1": "liver"}, "reversed": ["ribs"]},
        {"labels": {"1": "liver"}, "closed": "no"},
        {"labels": {"1": "liver"}, "schema": "scheme/2"},
        {},
    ):
        assert list(validator.iter_errors({**head, **wrong})) != [], wrong
    background = {**head, "background": 255, "labels": {"0": "liver"}}
    assert list(validator.iter_errors(background)) == []


scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 70000), st.sampled_from(["liver", "drop", "x"])
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                ["male", "female", "left", "right", "unknown", "where", "above", "is", "otherwise"]
            ),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=8,
)


@settings(deadline=None, max_examples=150)
@given(
    st.dictionaries(
        st.sampled_from(
            ["labels", "names", "join", "reversed", "regions", "despite_name", "folder", "closed"]
        ),
        st.one_of(values, st.dictionaries(st.integers(-2, 5), values, max_size=4)),
        max_size=5,
    )
)
def test_any_data_gives_a_scheme_or_errors_never_a_crash(small, data):
    head = {"schema": "scheme/1", "scheme": "demo", "title": "Demo"}
    text = _yaml({**head, **data})
    scheme, found = parse_scheme(parse_document(text, "demo.yaml"), small)
    assert (scheme is None) == any(d.severity == "error" for d in found)
    assert all(d.span is not None for d in found)


def _yaml(value):
    """Write plain data in YAML's flow style."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {_yaml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_yaml, value)) + "]"
    words = {None: "null", True: "true", False: "false"}
    return words[value] if value is None or isinstance(value, bool) else str(value)
