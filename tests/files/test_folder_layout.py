"""Folders as datasets and people have them are understood, or refused with the thing to do."""

import gzip

import numpy as np
import pytest

from vesalius.adapters.files.label_volume import read_labels
from vesalius.adapters.files.mask_folder import read_mask_folder
from vesalius.adapters.files.mask_names import deeper_hint, mask_files
from vesalius.ontology.load import load_ontology, load_scheme
from vesalius.ontology.reading.diagnostics import DiagnosticError

ON = np.zeros((3, 4, 5), np.uint8)
ON[1, 1:3, 2] = 1


@pytest.fixture
def lay(tmp_path, save):
    def lay(**files):
        for name, array in files.items():
            path = tmp_path / (name.replace("__", "/") + ".nii.gz")
            path.parent.mkdir(parents=True, exist_ok=True)
            save(path, np.asarray(array))
        return tmp_path

    return lay


def refused(path, scheme):
    with pytest.raises(DiagnosticError) as raised:
        read_mask_folder(path, scheme)
    (found,) = raised.value.diagnostics
    return found


def test_a_case_with_its_masks_inside_is_read(lay, scheme):
    case = lay(s0011__ct=ON, s0011__segmentations__pear=ON, s0011__segmentations__apple=ON * 0)
    found = read_mask_folder(case / "s0011", scheme)
    assert np.array_equal(found.array, ON * 2)
    (told,) = found.diagnostics
    assert (told.code, told.severity) == ("IO037", "info")
    assert "read from `segmentations/`; `ct` beside it is not read" in told.message
    assert [file.name for file in mask_files(case / "s0011")] == ["apple.nii.gz", "pear.nii.gz"]


def test_the_only_folder_with_masks_may_have_any_name(lay, scheme):
    assert np.array_equal(read_mask_folder(lay(organs__pear=ON), scheme).array, ON * 2)


def test_masks_in_both_places_are_not_chosen_among(lay, scheme):
    found = refused(lay(pear=ON, segmentations__apple=ON), scheme)
    assert found.code == "IO030"
    assert "masks lie in the folder and in `segmentations/`" in found.message


def test_another_folder_beside_masks_changes_nothing(lay, scheme):
    found = read_mask_folder(lay(pear=ON, older__pear=ON * 0), scheme)
    assert np.array_equal(found.array, ON * 2)
    assert found.diagnostics == ()


def test_cases_below_a_folder_are_named(lay, scheme):
    root = lay(s1__segmentations__pear=ON, s2__segmentations__pear=ON, s1__ct=ON, s2__ct=ON)
    found = refused(root, scheme)
    assert found.code == "IO030"
    assert "`s1`, `s1/segmentations`, `s2`" in found.help
    assert deeper_hint(root / "s1" / "segmentations") is None


@pytest.mark.parametrize("ending", [".NII.GZ", ".Nii.gz", ".NII"])
def test_endings_in_capitals_are_endings(lay, scheme, ending):
    folder = lay(pear=ON)
    (folder / "pear.nii.gz").rename(folder / f"pear{ending}")
    if ending == ".NII":
        file = folder / "pear.NII"
        file.write_bytes(gzip.decompress(file.read_bytes()))
    assert np.array_equal(read_mask_folder(folder, scheme).array, ON * 2)


def test_unknown_masks_of_nothing_are_left_out_and_named(lay, scheme):
    found = read_mask_folder(lay(pear=ON, melon=ON * 0), scheme)
    assert np.array_equal(found.array, ON * 2)
    (told,) = found.diagnostics
    assert (told.code, told.severity) == ("IO037", "info")
    assert "does not know `melon`" in told.message
    assert refused(lay(melon=ON), scheme).code == "IO031"


def test_only_empty_unknown_masks_are_no_masks_of_the_scheme(lay, scheme):
    assert refused(lay(melon=ON * 0), scheme).code == "IO031"


def test_masks_that_another_scheme_reads_are_no_concern(lay, scheme):
    folder = lay(pear=ON, melon=ON)
    assert np.array_equal(read_mask_folder(folder, scheme, ("melon",)).array, ON * 2)
    assert "`melon`" in refused(folder, scheme).message


def test_a_scheme_that_knows_the_rest_is_named(lay):
    v2 = load_scheme("totalsegmentator_v2", load_ontology())
    found = refused(lay(spleen=ON, lung_vessels=ON), v2)
    assert found.help.startswith("`totalsegmentator_lung_vessels")
    assert "-p totalsegmentator_v2=" in found.help


def test_whole_label_maps_are_no_masks(lay, scheme):
    found = refused(lay(case_001=ON + ON.T.sum(), case_002=ON), scheme)
    assert "`case_001.nii.gz` holds several labels" in found.help
    assert "`lint` and `stats` take such a folder" in found.help


def test_capitals_blanks_and_prefixes_are_near(lay, scheme):
    found = refused(lay(PEAR=ON, mask_apple=ON, pear=ON), scheme)
    assert "PEAR: did you mean `pear`?" in found.help
    assert "mask_apple: did you mean `apple`?" in found.help


@pytest.mark.parametrize(("number", "hint"), [(5, None), (7, "`quince`"), (9, "no number of")])
def test_a_mask_may_hold_the_number_of_its_class_and_no_other(lay, scheme, number, hint):
    folder = lay(plum=ON * number)
    if hint is None:
        assert np.array_equal(read_mask_folder(folder, scheme).array, ON * 5)
    else:
        found = refused(folder, scheme)
        assert found.code == "IO033"
        assert hint in found.help


@pytest.mark.parametrize(
    ("content", "text", "hint"),
    [
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "pointer of Git LFS",
         "git lfs pull --include seg.nii.gz"),
        (b"/annex/objects/MD5E-s1--0.nii.gz\n", "pointer of git-annex", "git annex get seg.nii.gz"),
        (b"<!DOCTYPE html>\n<html>", "web page", "open it in a browser"),
        (b"\xef\xbb\xbf\n <HTML lang='en'>" + b" " * 400, "web page", "open it in a browser"),
        (b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", "message of a server",
         "text editor"),
        (b'{"message": "Not Found"}', "message of a server", "text editor"),
    ],
)  # fmt: skip
def test_what_stands_in_the_place_of_a_download(tmp_path, content, text, hint):
    for name in ("seg.nii.gz", "seg.nii"):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(DiagnosticError) as raised:
            read_labels(tmp_path / name)
        (found,) = raised.value.diagnostics
        assert found.code == "IO003"
        assert text in found.message
        assert hint.replace("seg.nii.gz", name) in found.help


def test_a_link_of_git_annex_without_its_content(tmp_path):
    (tmp_path / "seg.nii.gz").symlink_to(".git/annex/objects/x/MD5E-s1--0.nii.gz")
    with pytest.raises(DiagnosticError) as raised:
        read_labels(tmp_path / "seg.nii.gz")
    (found,) = raised.value.diagnostics
    assert found.code == "IO001"
    assert "git annex get seg.nii.gz" in found.help


def test_labels_cut_to_a_signed_byte_are_told_apart_from_a_ct(tmp_path, save):
    labels = np.full((2, 3, 4), 132, np.uint8).view(np.int8)
    with pytest.raises(DiagnosticError) as raised:
        read_labels(save(tmp_path / "seg.nii.gz", labels))
    (found,) = raised.value.diagnostics
    assert found.code == "IO022"
    assert "-124 would be 132" in found.help
