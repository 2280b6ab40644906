"""Templates: filled, found again, refused."""

from __future__ import annotations

import string
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vesalius.adapters.cohort.path_template import FieldError, TemplateError, parse_template

NAMES = st.text(string.ascii_letters + string.digits + "_-[]*?.é ", min_size=1, max_size=8).filter(
    lambda name: not name.startswith(".")
)


def test_the_name_of_the_paper():
    template = parse_template("AutoPET_{subject}_{study_uid:last5}.nii.gz")
    values = {"subject": "01140d52d8", "study_uid": "1.3.6.1.4.1.14519.12.56839"}
    assert template.fill(values) == "AutoPET_01140d52d8_56839.nii.gz"


def test_first_and_last_and_braces():
    template = parse_template("{{x}}/{a:first2}-{a:last3}/{b}")
    assert template.fill({"a": "12345", "b": "c d"}) == "{x}/12-345/c d"
    assert [field.name for field in template.fields] == ["a", "a", "b"]


@pytest.mark.parametrize("text", ["{a", "a}", "{}", "{a:}", "{a:last}", "{a:last0}", "{a:mid3}"])
def test_what_is_no_template(text):
    with pytest.raises(TemplateError):
        parse_template(text)


@pytest.mark.parametrize("value", ["", "a/b", "a\\b", ".", "..", "a\nb", "1234"])
def test_values_that_are_no_part_of_a_path(value):
    with pytest.raises(FieldError):
        parse_template("{a:last5}").fill({"a": value}) if len(value) == 4 else parse_template(
            "{a}"
        ).fill({"a": value})


@given(
    names=st.lists(NAMES, min_size=1, max_size=4, unique_by=str.casefold),
    pattern=st.sampled_from(
        ["im[[a]]ges/{case}_0000.nii.gz", "x/{case}/{case}.nii", "{case}/ct.nii", "{cohort}-{case}"]
    ),
)
@settings(deadline=None, max_examples=40)
def test_what_was_written_is_found(tmp_path_factory, names, pattern):
    root = tmp_path_factory.mktemp("r*[t]")
    template = parse_template(pattern)
    for name in names:
        path = root / template.fill({"case": name, "cohort": "c"})
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert template.find(root, "case", {"cohort": "c"}) == sorted(names)


def test_only_what_fits_is_found(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a_0000.nii.gz", "b_0001.nii.gz", ".c_0000.nii.gz", "d/e_0000.nii.gz"):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).touch()
    template = parse_template("./{case}_0000.nii.gz")
    assert template.find(Path(), "case", {}) == ["a"]
    assert parse_template("d/{case}_0000.nii.gz").find(Path("."), "case", {}) == ["e"]
    absolute = parse_template(f"{tmp_path}/{{case}}_0000.nii.gz")
    assert absolute.find(Path("elsewhere"), "case", {}) == ["a"]


def lay(root, *paths):
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).touch()


@pytest.mark.parametrize(
    ("text", "files", "cases"),
    [
        ("{case}[_ct].nii.gz", ["a_ct.nii.gz", "b.nii.gz"], ["a", "b"]),
        (
            "{case}/{case}*_seg-vert_msk.nii.gz",
            ["sub-1/sub-1_dir-ax_seg-vert_msk.nii.gz", "sub-2/sub-2_seg-vert_msk.nii.gz"],
            ["sub-1", "sub-2"],
        ),
        (
            "sub-{case}[_dir-ax]_ct.nii.gz",
            ["sub-verse006_dir-ax_ct.nii.gz", "sub-verse400_ct.nii.gz"],
            ["verse006", "verse400"],
        ),
        ("{case}/segmentations", ["s1/segmentations/liver.nii.gz", "s2/ct.nii.gz"], ["s1"]),
        ("*/{case}_x.nii", ["p/a_x.nii", "q/b_x.nii"], ["a", "b"]),
        ("[[{case}]].nii", ["[a].nii"], ["a"]),
    ],
)
def test_names_with_optional_and_changing_parts(tmp_path, text, files, cases):
    lay(tmp_path, *files)
    template = parse_template(text)
    assert template.find(tmp_path, "case", {}) == cases
    for case in cases:
        path = template.locate(tmp_path, {"case": case})
        assert path.exists()
        assert case in str(path.relative_to(tmp_path))


def test_one_file_must_fit(tmp_path):
    lay(tmp_path, "a.nii.gz", "a_ct.nii.gz")
    template = parse_template("{case}[_ct].nii.gz")
    assert template.find(tmp_path, "case", {}) == ["a"]
    with pytest.raises(FieldError, match=r"2 files fit `\{case\}\[_ct\]\.nii\.gz`"):
        template.locate(tmp_path, {"case": "a"})
    assert not template.locate(tmp_path, {"case": "b"}).exists()


def test_a_value_is_no_pattern(tmp_path):
    lay(tmp_path, "abc_ct.nii.gz")
    assert not parse_template("{case}[_ct].nii.gz").locate(tmp_path, {"case": "a*"}).exists()


def test_zeros_before_a_number():
    assert parse_template("amos_{id:pad4}").fill({"id": "7"}) == "amos_0007"
    assert parse_template("amos_{id:pad4}").fill({"id": "12345"}) == "amos_12345"


@pytest.mark.parametrize("text", ["{case}[_ct", "{case}_ct]", "[a[b]]", "[a][b][c][d][e]"])
def test_brackets_without_a_partner(text):
    with pytest.raises(TemplateError):
        parse_template(text)
