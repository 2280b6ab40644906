"""Masks that a scheme does not know: each hint is the one thing to do."""

import numpy as np
import pytest

from vesalius.adapters.files.mask_folder import read_mask_folder
from vesalius.ontology.load import load_ontology, load_scheme
from vesalius.ontology.reading.diagnostics import DiagnosticError

ON = np.zeros((3, 4, 5), np.uint8)
ON[1, 1:3, 2] = 1
LABELS = np.arange(60, dtype=np.uint8).reshape(3, 4, 5) % 4
IMAGE = np.arange(-30, 30, dtype=np.int16).reshape(3, 4, 5) * 30


@pytest.fixture(scope="module")
def total():
    return load_scheme("totalsegmentator_v2", load_ontology())


@pytest.fixture
def hint(tmp_path, save, total):
    def hint(**arrays):
        for name, array in arrays.items():
            save(tmp_path / f"{name}.nii.gz", array)
        with pytest.raises(DiagnosticError) as raised:
            read_mask_folder(tmp_path, total)
        found = {d.code: d for d in raised.value.diagnostics}
        return found["IO031"].help

    return hint


def test_the_image_among_the_masks(hint):
    assert hint(liver=ON, ct=IMAGE).startswith("`ct.nii.gz` holds values, not labels: is it the")


def test_a_whole_label_map_among_the_masks(hint):
    assert "`all.nii.gz` holds several labels: it is a whole label map" in hint(
        liver=ON, all=LABELS
    )


def test_whole_label_maps_alone(hint):
    assert "one for each case" in hint(case_1=LABELS, case_2=LABELS)


@pytest.mark.parametrize("name", ["Spleen", "ROI_spleen", "spleen_mask", "SPLEEN"])
def test_another_spelling(hint, name):
    assert hint(liver=ON, **{name: ON}) == f"{name}: did you mean `spleen`?"


def test_a_scheme_that_knows_all(hint):
    said = hint(liver=ON, heart_atrium_left=ON, pulmonary_artery=ON, face=ON, adrenal_gland_left=ON)
    assert "`totalsegmentator_v1`" in said
    assert said.endswith("knows all masks of this folder: is it that scheme?")


def test_two_tasks(hint):
    said = hint(sacrum=ON, lung_trachea_bronchia=ON)
    assert "the folder given once for each" in said


def test_numbers_for_names(hint):
    assert hint(**{"5": ON, "label_001": ON}) == (
        "5: class 5 is `liver`, rename it so; label_001: class 1 is `spleen`, rename it so"
    )


def test_another_language(hint):
    assert hint(Leber=ON, linke_Niere=ON) == (
        "Leber: that is `liver` here, rename it so; "
        "linke_Niere: that is `kidney_left` here, rename it so"
    )


@pytest.mark.parametrize("name", ["liver (1)", "Liver", "liver - Copy", "liver_copy2"])
def test_a_copy_beside_the_mask(hint, name):
    assert hint(liver=ON, **{name: ON}) == (
        f"{name}: a copy of `liver`? Keep one of the two in the folder"
    )


def test_a_class_in_other_words_is_no_second_task(hint):
    """`left_kidney` is a mask of another scheme, too."""
    assert hint(liver=ON, left_kidney=ON) == "left_kidney: that is `kidney_left` here, rename it so"
    assert "the folder given once for each" in hint(kidney_left=ON)


def test_a_folder_that_is_called_as_a_mask(tmp_path, save, total):
    save(tmp_path / "liver.nii.gz", ON)
    place = tmp_path / "spleen.nii.gz"
    place.mkdir()
    with pytest.raises(DiagnosticError) as empty:
        read_mask_folder(tmp_path, total)
    save(place / "spleen.nii", ON)
    with pytest.raises(DiagnosticError) as full:
        read_mask_folder(tmp_path, total)
    for raised in (empty, full):
        (problem,) = raised.value.diagnostics
        assert (problem.code, problem.path) == ("IO002", str(place))
    assert full.value.diagnostics[0].help == (
        "is `spleen.nii` in it the mask? Put it in the place of the folder"
    )


def test_a_case_that_is_a_folder_called_as_a_file(tmp_path, save, total):
    place = tmp_path / "case_1.nii.gz"
    place.mkdir()
    save(place / "case_1.nii", LABELS)
    with pytest.raises(DiagnosticError) as raised:
        read_mask_folder(place, total)
    (problem,) = raised.value.diagnostics
    assert f"is `{place / 'case_1.nii'}` the file that is meant?" in problem.help


def test_nothing_is_guessed(hint):
    assert hint(thing=ON) == "choose the scheme that the masks come from"
