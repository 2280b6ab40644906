"""Files that nearly are a case's are told of, and those of another template are not."""

from pathlib import Path

import pytest

from vesalius.adapters.cohort.passed_over import cases_there, passed_over, what_is_there
from vesalius.adapters.cohort.path_template import parse_template


@pytest.fixture
def there(tmp_path):
    for name in ("p/a_seg.nii.gz", "p/b.nii.gz", "p/C_SEG.NII.GZ", "p/d_seg.nii", "p/a_ct.nii.gz",
                 "p/.e_seg.nii.gz", "p/notes.txt"):  # fmt: skip
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def left(there, text, *others):
    templates = [parse_template(other) for other in others]
    return passed_over(parse_template(text), templates, there, "case", {"cohort": "x"})


def test_what_no_template_takes(there):
    assert left(there, "p/{case}_seg.nii.gz", "p/{case}_ct.nii.gz") == [
        "C_SEG.NII.GZ", "b.nii.gz", "d_seg.nii",
    ]  # fmt: skip
    assert left(there, "p/{case}[_seg].nii.gz") == ["C_SEG.NII.GZ", "d_seg.nii"]


def test_the_root_may_be_written_in_two_ways(there, monkeypatch):
    monkeypatch.chdir(there)
    found = left(Path(), "p/{case}_seg.nii.gz", f"{there}/p/{{case}}*.nii.gz")
    assert found == ["C_SEG.NII.GZ", "d_seg.nii"]


@pytest.mark.parametrize("text", ["{case}/seg.nii.gz", "p/{case}", "gone/{case}.nii.gz"])
def test_where_nothing_can_be_told(there, text):
    assert left(there, text) == []


def test_a_template_whose_fields_the_table_fills(there):
    assert left(there, "p/{case}_seg.nii.gz", "p/{case}_{subject}.nii.gz") == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("p\\{case}.nii.gz", "parted by `/`"),
        ("~/p/{case}.nii.gz", "write the whole path"),
        ("gone/{case}.nii.gz", "gone` does not exist"),
        ("p/{case}_x.nii.gz", "lie `C_SEG.NII.GZ`, `a_ct.nii.gz`, `a_seg.nii.gz` and 3 more"),
        ("{case}/x.nii.gz", None),
    ],
)
def test_what_lies_where_nothing_fits(there, text, said):
    found = what_is_there(parse_template(text), there)
    assert found is None if said is None else said in found


def test_without_the_ending_of_a_file_folders_are_meant(tmp_path):
    for name in ("s1/seg", "s2/seg"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "cohort.yaml").touch()
    found = [
        cases_there(parse_template(text), tmp_path, "case", {}) for text in ("{case}", "{case}/seg")
    ]
    assert found == [["s1", "s2"], ["s1", "s2"]]
    (tmp_path / "s2" / "seg").rmdir()
    (tmp_path / "s2" / "seg").touch()
    assert cases_there(parse_template("{case}/seg"), tmp_path, "case", {}) == ["s1"]
    assert cases_there(parse_template("{case}.nii"), tmp_path, "case", {}) == []
