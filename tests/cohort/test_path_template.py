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
        ["im[a]ges/{case}_0000.nii.gz", "x/{case}/{case}.nii", "{case}/ct.nii", "{cohort}-{case}"]
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
