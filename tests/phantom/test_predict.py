"""Clean predictions against what the schemes say, counted by hand."""

from __future__ import annotations

import nibabel as nib
import numpy as np
import pytest

from vesalius.adapters.phantom import truth_labels
from vesalius.adapters.phantom.predict import (
    clean_prediction,
    covered,
    field_of_view,
)
from vesalius.adapters.phantom.write import write_case
from vesalius.ontology.load import load_scheme, scheme_paths
from vesalius.ontology.reading.document import parse_document
from vesalius.ontology.scheme.read import parse_scheme


def scheme(ontology, labels, head=""):
    text = f"schema: scheme/1\nscheme: test\ntitle: Test\n{head}labels:\n{labels}"
    made, problems = parse_scheme(parse_document(text, "test.yaml"), ontology)
    assert made is not None, problems
    return made


def is_one_of(phantom, *names):
    return np.isin(phantom.truth, [phantom.structures.index(name) + 1 for name in names])


def inside_z(phantom, low, high):
    z = phantom.grid.affine[2, 3] + phantom.grid.affine[2, 2] * np.arange(phantom.grid.shape[2])
    return np.broadcast_to((z >= low) & (z <= high), phantom.grid.shape)


def test_truth_in_the_atlas_numbers_every_voxel(small, dap):
    labels = truth_labels(small, dap)
    assert np.array_equal(labels > 0, small.truth > 0)
    for entry in dap.entries:
        if entry.target.structure in small.structures:
            expected = is_one_of(small, entry.target.structure)
            assert np.array_equal(labels == entry.integer, expected), entry


def test_a_class_claims_its_structure_and_nothing_else(small, ontology):
    made = clean_prediction(
        small, scheme(ontology, "  7: liver\n  9: aorta\n  3: drop\n"), ontology
    )
    assert np.array_equal(made == 7, is_one_of(small, "liver"))
    assert np.array_equal(made == 9, is_one_of(small, "aorta"))
    assert set(np.unique(made)) == {0, 7, 9}


def test_a_coarse_class_claims_what_lies_below_it(small, ontology):
    made = clean_prediction(small, scheme(ontology, "  1: lung_left\n  2: kidney\n"), ontology)
    lobes = ("lung_upper_lobe_left", "lung_lower_lobe_left")
    assert np.array_equal(made == 1, is_one_of(small, *lobes))
    assert np.array_equal(made == 2, is_one_of(small, "kidney_left", "kidney_right"))


def test_a_specific_class_takes_its_voxels_from_a_coarse_one(small, ontology):
    labels = "  1: lung_left\n  2: lung_upper_lobe_left\n  3: lung\n"
    made = clean_prediction(small, scheme(ontology, labels), ontology)
    assert np.array_equal(made == 1, is_one_of(small, "lung_lower_lobe_left"))
    assert np.array_equal(made == 2, is_one_of(small, "lung_upper_lobe_left"))
    right = [f"lung_{lobe}_lobe_right" for lobe in ("upper", "middle", "lower")]
    assert np.array_equal(made == 3, is_one_of(small, *right))


def test_the_more_specific_of_two_classes_is_not_always_the_nearer_one(small, ontology):
    # Both lie above the heart; the cavity is below the mask though the graph reaches it later.
    above = ontology.ancestors("heart_ventricle_left")
    assert above.index("body_mask") < above.index("thoracic_cavity")
    assert "body_mask" in ontology.ancestors("thoracic_cavity")
    labels = "  1: body_mask\n  2: thoracic_cavity\n"
    made = clean_prediction(small, scheme(ontology, labels), ontology)
    assert (made[is_one_of(small, "heart_ventricle_left")] == 2).all()
    assert (made[is_one_of(small, "skin")] == 1).all()


def test_joined_integers_are_told_apart_by_side(small, ontology):
    made = clean_prediction(small, load_scheme("ribseg_v2", ontology), ontology)
    thorax_and_abdomen = inside_z(small, small.bands_mm["abdomen"][0], small.bands_mm["thorax"][1])
    for k in range(1, 13):
        for integer, side in ((k, "left"), (k + 12, "right")):
            expected = is_one_of(small, f"rib_{side}_{k}") & thorax_and_abdomen
            assert np.array_equal(made == integer, expected), integer


def test_integers_joined_on_purpose_without_sides_take_the_lowest(small, ontology):
    joined = scheme(ontology, "  4: brain\n  2: brain\n", "join: [brain]\n")
    made = clean_prediction(small, joined, ontology)
    assert np.array_equal(made == 2, is_one_of(small, "brain"))
    assert not (made == 4).any()


def test_sex_side_and_place_are_read_backwards(small, ontology):
    labels = (
        "  1: {male: prostate, female: uterus, unknown: drop}\n"
        "  2: {left: kidney_left, right: kidney_right, unknown: kidney}\n"
        "  3: {where: [{above: brain, is: nasal_cavity}], otherwise: colon, unknown: colon}\n"
    )
    made = clean_prediction(small, scheme(ontology, labels), ontology)
    assert small.sex == "female"
    assert np.array_equal(made == 1, is_one_of(small, "uterus"))
    assert np.array_equal(made == 2, is_one_of(small, "kidney_left", "kidney_right"))
    assert np.array_equal(made == 3, is_one_of(small, "nasal_cavity", "colon"))


def test_a_source_sees_only_its_regions(small, ontology):
    seen = scheme(ontology, "  1: aorta\n  2: vertebrae_L3\n", "regions: [thorax]\n")
    made = clean_prediction(small, seen, ontology)
    band = inside_z(small, *small.bands_mm["thorax"])
    assert np.array_equal(field_of_view(small, seen), band)
    assert np.array_equal(made == 1, is_one_of(small, "aorta") & band)
    assert 0 < (made == 1).sum() < is_one_of(small, "aorta").sum()
    assert not (made == 2).any()


def test_covered_is_what_the_source_alone_determines(small, ontology):
    coarse = scheme(ontology, "  1: lung_left\n  2: kidney\n  3: spleen\n")
    expected = is_one_of(small, "kidney_left", "kidney_right", "spleen")
    assert np.array_equal(covered(small, coarse, ontology), expected)
    narrow = covered(small, coarse, ontology, target=["lung_left", "spleen"])
    assert np.array_equal(narrow, is_one_of(small, "spleen"))


@pytest.mark.parametrize("name", sorted(scheme_paths()))
def test_every_shipped_scheme_predicts_the_truth_or_what_is_above_it(small, ontology, name):
    loaded = load_scheme(name, ontology)
    made = clean_prediction(small, loaded, ontology)
    listed = {entry.integer for entry in loaded.entries}
    width = len(small.structures) + 1
    seen = np.flatnonzero(np.bincount(made.ravel().astype(np.int64) * width + small.truth.ravel()))
    by_integer = loaded.by_integer()
    for integer, number in zip(*np.divmod(seen, width), strict=True):
        if integer == loaded.background:
            continue
        assert integer in listed
        assert number > 0
        true = small.structures[number - 1]
        target = by_integer[int(integer)].target
        named = getattr(target, "structure", None)
        if named is not None:
            assert named == true or named in ontology.ancestors(true)


def test_a_case_is_written_as_nifti(small, dap, ontology, tmp_path):
    sources = [load_scheme(name, ontology) for name in ("amos22", "verse")]
    paths = write_case(small, tmp_path / "case", sources, dap, ontology)
    assert {
        name: path.relative_to(tmp_path / "case").as_posix() for name, path in paths.items()
    } == {
        "ct": "ct.nii.gz",
        "truth": "truth.nii.gz",
        "amos22": "predictions/amos22.nii.gz",
        "verse": "predictions/verse.nii.gz",
    }
    expected = {"ct": small.ct, "truth": truth_labels(small, dap)}
    expected |= {s.name: clean_prediction(small, s, ontology) for s in sources}
    for name, path in paths.items():
        image = nib.load(path)
        assert np.array_equal(np.asanyarray(image.dataobj), expected[name]), name
        assert np.allclose(image.affine, small.grid.affine, rtol=0, atol=1e-4)
        assert image.header.get_xyzt_units()[0] == "mm"
    assert nib.load(paths["ct"]).get_data_dtype() == np.int16
