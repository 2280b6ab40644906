"""Braces in names of folders, beside the one placeholder."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vesalius.adapters.nnunet.templates import check_template, escaped, fill, find_cases
from vesalius.ontology.reading.diagnostics import DiagnosticError

NAMES = st.text("a{}🫀 .", min_size=1, max_size=8).filter(lambda t: t.strip(" .") == t)


@given(NAMES, NAMES)
def test_a_folder_of_any_name_begins_a_template(folder, case):
    template = f"{escaped(folder)}/{{case}}_0000.nii.gz"
    check_template(template, "--images")
    assert fill(template, case) == Path(folder) / f"{case}_0000.nii.gz"


@pytest.mark.parametrize("name", ["plain", "a{b}", "{case}", "{{x", "}y", "herz🫀{1}"])
def test_files_in_it_are_found(tmp_path, name):
    for case in ("a", "b{1}"):
        path = tmp_path / name / f"{case}.nii.gz"
        path.parent.mkdir(exist_ok=True)
        path.touch()
    template = f"{escaped(tmp_path / name)}/{{case}}.nii.gz"
    assert find_cases(template, "--images") == {
        case: tmp_path / name / f"{case}.nii.gz" for case in ("a", "b{1}")
    }


@pytest.mark.parametrize("template", ["{x}/{case}.nii.gz", "{{case}}.nii.gz", "a/{{}}.nii.gz"])
def test_other_braces_are_no_placeholder(template):
    with pytest.raises(DiagnosticError) as failed:
        check_template(template, "--images")
    assert failed.value.diagnostics[0].code == "NNU002"
