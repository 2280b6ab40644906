"""Reading descriptions: what is refused, and in which words."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from vesalius.adapters.phantom import load_description
from vesalius.ontology.reading.diagnostics import DiagnosticError
from vesalius.ontology.reading.render import render_human

GOLDEN = Path(__file__).parent / "golden"


def problems(path):
    with pytest.raises(DiagnosticError) as caught:
        load_description(path)
    return caught.value.diagnostics


CASES = {
    "PHA001": ("paint: kidney_right", "paint: kidny_right"),
    "PHA001_abstract": ("paint: liver", "paint: digestive_system"),
    "PHA002": ("{outline: {name: trunk}}", "{outline: {name: trnk}}"),
    "PHA003_radii": ("radius: [4, 3, 4]", "radius: [4, 3]"),
    "PHA003_mirror": ("  - paint: liver\n", "  - paint: liver\n    mirror: true\n"),
    "PHA003_sex": ("sex: male\n", "sex: mail\n"),
    "PHA003_into": ("into: [fat]", "into: [fat, liver]"),
    "YML010": ("over: [fat]", "ovr: [fat]"),
    "YML012_two_solids": (
        "{outline: {name: trunk}}",
        "{outline: {name: trunk}, box: {at: [0, 0, 0], size: [1, 1, 1]}}",
    ),
    "YML012_rows": ("[45, 0, 0, 30, 20]", "[-1, 0, 0, 30, 20]"),
    "YML012_point": ("at: [0, 6, -30]", "at: [0, 6]"),
}


@pytest.mark.parametrize("name", list(CASES))
def test_a_mistake_gives_one_message(name, write_mini, tmp_path, monkeypatch, request):
    path = write_mini(CASES[name])
    monkeypatch.chdir(tmp_path)
    found = problems(path.name)
    assert len(found) == 1
    assert found[0].code == name.split("_")[0]
    text = render_human(found)
    golden = GOLDEN / f"{name}.txt"
    if os.environ.get("VESALIUS_UPDATE_GOLDEN"):
        golden.write_text(text)
    assert text == golden.read_text()


def test_all_files_are_checked_at_once(write_mini):
    path = write_mini(CASES["PHA001"], CASES["PHA002"], CASES["PHA003_into"])
    assert sorted(d.code for d in problems(path)) == ["PHA001", "PHA002", "PHA003"]


def test_a_missing_layer_is_named(write_mini, tmp_path):
    path = write_mini()
    (tmp_path / "mini_layer.yaml").unlink()
    (found,) = problems(path)
    assert found.code == "YML004"
    assert found.path.endswith("mini_layer.yaml")


def test_the_mini_description_says_what_it_paints(mini):
    assert mini.structures("male") == (
        "fat",
        "skeletal_muscle",
        "kidney_right",
        "kidney_left",
        "liver",
        "aorta",
        "urinary_bladder",
    )
    assert mini.structures("female")[-1] == "uterus"
    assert mini.fragmented() == {"fat", "skeletal_muscle"}
