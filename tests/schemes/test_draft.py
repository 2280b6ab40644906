"""Drafts of schemes, and the files that class names come from."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vesalius.ontology.names.draft import draft_scheme
from vesalius.ontology.names.json_labels import classes_from_json
from vesalius.ontology.names.label_tables import (
    classes_from_file,
    names_from_lines,
    names_from_table,
)
from vesalius.ontology.names.matching import index_names, match_name
from vesalius.ontology.reading.diagnostics import DiagnosticError
from vesalius.ontology.reading.document import parse_document
from vesalius.ontology.scheme.meaning import Ignore, To
from vesalius.ontology.scheme.read import parse_scheme


def names_from_file(path):
    return classes_from_file(path).names


def names_from_dataset_json(path):
    return classes_from_json(path).names


CLASSES = {
    0: "background",
    1: "spleen",
    2: "Right Kidney",
    3: "esophagous",
    4: "prostate/uterus",
    7: "cyst: benign",
    255: "ignore",
}
DRAFT = """\
schema: scheme/1
scheme: mine
title: My classes
names:
  2: Right Kidney
  3: esophagous
  4: prostate/uterus
  7: "cyst: benign"
labels:
  1: spleen
  2: kidney_right
  3: esophagus  # guess: 0.95
  4: {male: prostate, female: uterus, unknown: drop}
  255: ignore
  # not matched; give each a structure, `drop` or `ignore`:
  # 7: "cyst: benign"
"""


def test_draft(small):
    draft = draft_scheme(CLASSES, small, "mine", "My classes")
    assert draft.text == DRAFT
    assert draft.unmatched == (7,)
    assert draft.guessed == (3,)


def test_a_draft_does_not_lint_until_it_is_decided(small):
    scheme, found = parse_scheme(parse_document(DRAFT, "mine.yaml"), small)
    assert scheme is None
    assert [(d.code, d.span.line) for d in found] == [("SCH006", 8), ("SCH035", 12)]
    _, found = parse_scheme(parse_document(DRAFT.replace("# guess", "#Guess"), "mine.yaml"), small)
    assert [d.code for d in found] == ["SCH006", "SCH035"]
    looked_at = DRAFT.replace("  # guess: 0.95", "")
    decided = looked_at.replace('  # 7: "cyst: benign"', "  7: drop")
    scheme, found = parse_scheme(parse_document(decided, "mine.yaml"), small)
    assert found == []
    assert scheme.by_integer()[255].target == Ignore()


def test_segthor_from_its_dataset_json_in_at_most_15_lines(packaged, tmp_path):
    labels = {"background": 0, "esophagus": 1, "heart": 2, "trachea": 3, "aorta": 4}
    path = tmp_path / "dataset.json"
    path.write_text(json.dumps({"labels": labels}), encoding="utf-8")
    draft = draft_scheme(names_from_dataset_json(path), packaged, "my_segthor", "SegTHOR")
    assert (draft.unmatched, draft.guessed) == ((), ())
    assert len(draft.text.splitlines()) <= 15
    scheme, found = parse_scheme(parse_document(draft.text, "my_segthor.yaml"), packaged)
    assert found == []
    assert {e.integer: e.target for e in scheme.entries} == {
        i: To(name) for name, i in labels.items() if i
    }


def test_background_with_another_integer(small):
    draft = draft_scheme({9: "Background", 0: "liver"}, small, "mine", "Mine")
    scheme, found = parse_scheme(parse_document(draft.text, "mine.yaml"), small)
    assert found == []
    assert scheme.background == 9
    assert scheme.by_integer()[0].target == To("liver")


def test_scheme_name_is_made_plain(small):
    draft = draft_scheme({1: "liver"}, small, "Dataset-017 (CT)", "Mine")
    scheme, found = parse_scheme(parse_document(draft.text, "dataset_017_ct.yaml"), small)
    assert found == []
    assert scheme.name == "dataset_017_ct"


def test_nothing_matched_is_still_a_scheme_file(small):
    draft = draft_scheme({1: "zzz"}, small, "mine", "Mine")
    _, found = parse_scheme(parse_document(draft.text, "mine.yaml"), small)
    assert [d.code for d in found] == ["SCH006"]


@settings(deadline=None, max_examples=100)
@given(
    st.dictionaries(st.integers(1, 300), st.text(min_size=1, max_size=12), max_size=5),
    st.text(min_size=1, max_size=12),
)
def test_a_draft_reads_back_with_every_name(small, names, title):
    draft = draft_scheme(names, small, "mine", title)
    document = parse_document(draft.text, "mine.yaml")
    assert document.data["title"] == title
    written = document.data.get("names", {})
    labels = document.data["labels"] or {}
    skipped = {i for i, n in names.items() if n.lower() in ("background", "bg", "backgrnd")}
    assert set(labels) | set(draft.unmatched) == set(names) - set(list(skipped)[:1])
    for integer in labels:
        assert written.get(integer, labels[integer]) == names[integer]
    for integer in draft.unmatched:
        assert written[integer] == names[integer]


def write(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def problems(read, path):
    with pytest.raises(DiagnosticError) as raised:
        read(path)
    return [(d.code, d.span.line if d.span else None) for d in raised.value.diagnostics]


@pytest.mark.parametrize(
    "labels",
    [
        '{"0": "background", "1": "liver", "2": "spleen"}',
        '{"background": 0, "liver": 1, "spleen": 2}',
        '{"background": 0, "liver": "1", "spleen": "2"}',
        '["background", "liver", "spleen"]',
    ],
)
def test_dataset_json_of_both_versions(tmp_path, labels):
    path = write(tmp_path, "dataset.json", f'{{"numTraining": 3, "labels": {labels}}}')
    assert names_from_file(path) == {0: "background", 1: "liver", 2: "spleen"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{", [("SCH030", 1)]),
        ("[1]", [("SCH031", None)]),
        ('{"labels": {}}', [("SCH031", None)]),
        ('{"labels": [1]}', [("SCH033", 1)]),
        ('{\n"labels": ["liver", "spleen"]}', [("SCH033", 2)]),
        ('{"labels": {\n"a": [1, 2],\n"b": 1,\n"c": 1}}', [("SCH034", 4)]),
        ('{"labels": {\n"a": [1, 2, 3],\n"b": 1}}', [("SCH032", 2)]),
        ('{"labels": {\n"a": [1, 2],\n"b": 1.5,\n"c": null}}',
         [("SCH032", 2), ("SCH033", 3), ("SCH033", 4)]),
        ('{"labels": {\n"a": 1,\n"b": 1}}', [("SCH034", 3)]),
        ('{"labels": {\n"1": "a",\n"1": "b"}}', [("SCH034", 3)]),
        ('{"labels": {\n"a": -1,\n"b": true}}', [("SCH033", 2), ("SCH033", 3)]),
    ],
)  # fmt: skip
def test_dataset_json_problems(tmp_path, text, expected):
    assert problems(names_from_dataset_json, write(tmp_path, "dataset.json", text)) == expected


def test_an_integer_of_overlapping_regions_has_the_name_of_the_smallest(small, tmp_path):
    """KiTS: the kidney holds masses, a mass is a tumour or a cyst."""
    regions = '{"background": 0, "kidney": [1, 2, 3], "masses": [2, 3], "tumor": 2, "ignore": 4}'
    path = write(tmp_path, "dataset.json", f'{{"labels": {regions}}}')
    classes = classes_from_file(path)
    assert classes.names == {0: "background", 1: "kidney", 2: "tumor", 3: "masses", 4: "ignore"}
    assert set(classes.remainders) == {1, 3}
    draft = draft_scheme(classes.names, small, "mine", "Mine", classes.remainders)
    assert "  1: kidney  # guess: kidney without tumor, masses\n" in draft.text
    assert draft.guessed == (1,)
    assert draft.unmatched == (2, 3)


def test_unreadable_files(tmp_path):
    assert problems(names_from_file, tmp_path / "absent.json") == [("SCH030", None)]
    path = tmp_path / "latin.csv"
    path.write_bytes(b"1,f\xfcr\n")
    assert problems(names_from_file, path) == [("SCH030", None)]


def test_itk_snap(tmp_path):
    text = (
        "# ITK-SnAP Label Description File\n"
        '    0     0    0    0        0  0  0    "Clear Label"\n'
        '    1   255    0    0        1  1  1    "liver, "\n'
    )
    path = write(tmp_path, "labels.txt", text)
    assert names_from_lines(path) == {0: "Clear Label", 1: "liver, "}
    assert names_from_file(path) == names_from_lines(path)
    path = write(tmp_path, "wrong.txt", text + "2 spleen\n")
    assert problems(names_from_file, path) == [("SCH033", 4)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "Label, Name\r\n1,liver\r\n2,spleen\r\n"),
        ("a.csv", "1,liver\n2,spleen\n\n"),
        ("a.csv", "\ufeffname,id,color\nliver,1,red\nspleen,2,blue\n"),
        ("a.csv", 'id,name\n1,"liver"\n2,spleen   \n'),
        ("a.tsv", "index\tname\n1\tliver\n2\tspleen\n"),
        ("a.csv", "Nr;Bezeichnung\n1;liver\n2;spleen\n"),
        ("a.csv", "1\tliver\n2\tspleen\n"),
    ],
)
def test_tables(tmp_path, name, text):
    path = tmp_path / name
    path.write_bytes(text.encode())
    assert names_from_table(path) == {1: "liver", 2: "spleen"}


def test_table_problems(tmp_path):
    assert problems(names_from_table, write(tmp_path, "a.csv", "")) == [("SCH031", None)]
    assert problems(names_from_table, write(tmp_path, "a.csv", "id,name\n")) == [("SCH031", None)]
    text = "id,name\n1,liver\n1,spleen\nx,aorta\n4\n"
    assert problems(names_from_table, write(tmp_path, "a.csv", text)) == [
        ("SCH034", 3),
        ("SCH033", 4),
        ("SCH033", 5),
    ]


def test_a_comma_in_a_name_does_not_part_it_where_semicolons_do(tmp_path):
    path = write(tmp_path, "a.csv", "Nr;Name\n1;Leber, ganz\n2;Milz\n")
    assert names_from_table(path) == {1: "Leber, ganz", 2: "Milz"}


@pytest.mark.parametrize("sign", [" ", "\t", ": ", " = ", ";", ", "])
def test_a_plain_list(tmp_path, sign):
    path = write(tmp_path, "a.txt", f"# mine\n1{sign}left lung\n12{sign}Niere re.\n")
    assert names_from_lines(path) == {1: "left lung", 12: "Niere re."}


def test_a_line_of_figures_is_no_plain_name(tmp_path):
    path = write(tmp_path, "a.txt", "1 liver 0.5 0.5 0.5 1\n")
    assert problems(names_from_lines, path) == [("SCH033", 1)]


def test_a_form_that_no_row_has_is_told_once(tmp_path):
    path = write(tmp_path, "a.csv", "".join(f"row {i},x\n" for i in "abcde"))
    with pytest.raises(DiagnosticError) as error:
        names_from_table(path)
    (only,) = error.value.diagnostics
    # The first line is taken for a heading.
    assert only.message.endswith("(and so in 3 more rows)")
    assert "`1;liver`" in only.help


def test_words_inside_a_name_that_is_not_matched_are_shown(packaged):
    draft = draft_scheme({1: "VU (Blase)", 2: "zzz"}, packaged, "mine", "Mine")
    assert draft.unmatched == (1, 2)
    assert "  # 1: VU (Blase)  # urinary_bladder?\n  # 2: zzz\n" in draft.text


@pytest.mark.parametrize(
    ("name", "structure"),
    [
        ("Niere re.", "kidney_right"),
        ("Niere li.", "kidney_left"),
        ("Duenndarm", "small_bowel"),
        ("DÜNNDARM", "small_bowel"),
        ("LWK5", "vertebrae_L5"),
        ("BWK 12", "vertebrae_T12"),
        ("VCI", "inferior_vena_cava"),
    ],
)
def test_how_german_clinics_write(packaged, name, structure):
    assert match_name(name, index_names(packaged)).structure == structure


def test_a_tie_stays_undecided(packaged):
    """Two structures fit alike, so a person chooses; both are named."""
    draft = draft_scheme({1: "liver", 2: "left lobe"}, packaged, "mine", "Mine")
    assert draft.unmatched == (2,)
    assert "  # 2: left lobe\n" in draft.text


@pytest.mark.parametrize("name", ["faeces", "hepart", "liber", "lobe vein", "bright"])
def test_nothing_is_guessed_from_far_away(packaged, name):
    assert draft_scheme({1: name}, packaged, "mine", "Mine").unmatched == (1,)


LOBES = {
    1: "Left upper lobe", 2: "Left lower lobe", 3: "Right upper lobe", 4: "Right middle lobe",
    5: "Right lower lobe",
}  # fmt: skip


def test_neighbours_decide(packaged):
    """The lobes of a list of lobes lack one word, and lack the same."""
    draft = draft_scheme(LOBES, packaged, "mine", "Mine")
    assert draft.unmatched == ()
    assert "  1: lung_upper_lobe_left  # guess: from its neighbours\n" in draft.text
    assert "  4: lung_middle_lobe_right  # guess: from its neighbours\n" in draft.text


def test_one_alone_has_no_neighbours(packaged):
    assert draft_scheme({1: "Right middle lobe"}, packaged, "mine", "Mine").unmatched == (1,)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("a.ctbl", "# Table\n0 Background 0 0 0 0\n1 liver 2 1 9 255\n5 left_kidney 1 2 3 255\n"),
        ("LUT.txt", "#No. Label Name: R G B A\n1   liver   2 1 9 0\n5  left_kidney  1 2 3 0\n"),
        ("slicer.csv", "Color_R,LabelValue,Name\n221,1,liver\n12,5,left_kidney\n"),
        ("flat.json", '{"1": "liver", "5": "left_kidney"}'),
        ("names.json", '{"liver": 1, "left_kidney": 5}'),
        (
            "metadata.json",
            '{"version": "1", "network_data_format": {"inputs": {}, "outputs": {"pred": '
            '{"type": "image", "channel_def": {"1": "liver", "5": "left_kidney"}}}}}',
        ),
    ],
)  # fmt: skip
def test_forms_of_name_lists(tmp_path, file, text):
    (tmp_path / file).write_text(text)
    found = names_from_file(tmp_path / file)
    found.pop(0, None)
    assert found == {1: "liver", 5: "left_kidney"}


@pytest.mark.parametrize(
    "text",
    [
        '[{"name": "liver", "value": 1}, {"name": "spleen", "value": 2}]',
        '{"labels": [{"Name": "liver", "id": 1}, {"Name": "spleen", "id": "2"}]}',
        '{"schema": "labels/1", "labels": [{"integer": 1, "name": "liver", "color": [1, 2, 3]},'
        ' {"integer": 2, "name": "spleen", "color": [1, 2, 3]}]}',
        '{"labels": {"liver": 1.0, "spleen": 2.0}}',
    ],
)
def test_lists_of_objects_and_whole_floats(tmp_path, text):
    path = write(tmp_path, "l.json", text)
    assert classes_from_json(path).names == {1: "liver", 2: "spleen"}


@pytest.mark.parametrize(
    "text", ['{"labels": {"liver": 1.5}}', '[{"name": "liver"}]', '{"labels": ["liver"]}']
)
def test_what_says_no_integer(tmp_path, text):
    assert [code for code, _ in problems(classes_from_json, write(tmp_path, "l.json", text))] == [
        "SCH033"
    ]


def test_a_list_may_say_the_name_first(tmp_path):
    path = write(tmp_path, "l.txt", "# mine\nliver: 1\nleft kidney = 2\n")
    assert names_from_lines(path) == {1: "liver", 2: "left kidney"}
    path = write(tmp_path, "m.txt", "liver: 1\n2: spleen\n")
    assert {code for code, _ in problems(names_from_lines, path)} == {"SCH033"}


def told(reader, path):
    with pytest.raises(DiagnosticError) as raised:
        reader(path)
    return raised.value.diagnostics


def test_the_forms_of_a_list_are_told_whatever_is_wrong_with_it(tmp_path):
    forms = "lists are read as `1 liver`, tables as `1,liver`, `1;liver` or with tabs"
    for text in ("liver\nspleen\n", "liver\nspleen\naorta\ncolon\nheart\n"):
        first, *others = told(names_from_file, write(tmp_path, "a.txt", text))
        assert first.help == forms
        assert {other.help for other in others} <= {None}
    (problem,) = told(names_from_file, write(tmp_path, "a.json", '{"labels": {"a": -1}}'))
    assert problem.help is None


def test_a_workbook_and_another_encoding_are_told_what_to_do(tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"PK\x03\x04" + bytes(40))
    (problem,) = told(names_from_file, path)
    assert (problem.code, problem.help) == (
        "SCH030", "a workbook of a spreadsheet program? Save it as CSV UTF-8",
    )  # fmt: skip
    path.write_bytes("1,Gefäß\n".encode("latin-1"))
    (problem,) = told(names_from_file, path)
    assert problem.help == "save it with the encoding UTF-8"
