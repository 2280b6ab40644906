"""Free class names to structures."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vesalius.ontology.names.matching import index_names, match_name
from vesalius.ontology.names.split_name import stated_number


@pytest.mark.parametrize(
    ("name", "structure", "how"),
    [
        ("liver", "liver", "exact"),
        ("LIVER", "liver", "exact"),
        ("Lungs", "lung", "exact"),
        ("gall bladder", "gallbladder", "exact"),
        ("GallBladder", "gallbladder", "exact"),
        ("right kidney", "kidney_right", "exact"),
        ("Kidney (R)", "kidney_right", "exact"),
        ("kidney_l", "kidney_left", "exact"),
        ("KidneyL", "kidney_left", "exact"),
        ("Lt. adrenal gland", "adrenal_gland_left", "exact"),
        ("lung rechts", "lung_right", "exact"),
        ("leftkidney", "kidney_left", "exact"),
        ("LungsRight", "lung_right", "exact"),
        ("lungslinks", "lung_left", "exact"),
        ("left heart atrium", "heart_atrium_left", "exact"),
        ("vertebra L5", "vertebrae_L5", "exact"),
        ("L5 vertebrae", "vertebrae_L5", "exact"),
        ("rib 03 left", "rib_left_3", "exact"),
        ("3rd left rib", "rib_left_3", "exact"),
        ("bladder", "urinary_bladder", "alias"),
        ("Milz", "spleen", "alias"),
        ("postcava", "inferior_vena_cava", "alias"),
        ("womb", "uterus", "alias"),
        ("lkidney", "kidney_left", "exact"),
        ("RLung", "lung_right", "exact"),
        ("esophagous", "esophagus", "guess"),
        ("adrenal gl. left", "adrenal_gland_left", "guess"),
    ],
)
def test_match(small, name, structure, how):
    match = match_name(name, index_names(small))
    assert (match.structure, match.how) == (structure, how)
    assert (match.score == 1.0) == (how != "guess")


@pytest.mark.parametrize(
    "name",
    [
        "lung tumour vessels",  # shares words with two structures
        "lu",  # a piece of a name is no name
        "aor",  # abbreviations are not guessed from
        "bladder cancer",
        "left liver",  # no structure of that side
        "bright",  # no side: what is left of it is no word
        "aorta vessels",  # resembles the vessels of the lung, but for a word
        "rib left 13",  # a guess never changes a number
        "vertebrae L7",
        "",
        "42",
        "L",
    ],
)
def test_no_match(small, name):
    assert match_name(name, index_names(small)).structure is None


def test_a_guess_never_crosses_sides(small):
    match = match_name("kidneyy right", index_names(small))
    assert (match.structure, match.how) == ("kidney_right", "guess")
    assert "kidney_left" not in match.alternatives


def test_a_substring_is_no_match(small):
    """A search for `lung` must not find its vessels, and the other way round."""
    assert match_name("lung", index_names(small)).structure == "lung"
    assert match_name("lung vessel", index_names(small)).structure == "lung_vessels"


def test_abstract_structures_are_never_given(small):
    assert match_name("ribs", index_names(small)).structure is None


def test_every_packaged_structure_is_found_by_its_name_and_title(packaged):
    index = index_names(packaged)
    for structure in packaged.structures.values():
        if not structure.abstract:
            assert match_name(structure.name, index).structure == structure.name
            assert structure.name in index.meant(structure.title)


def test_parts_of_a_name(small):
    index = index_names(small)
    assert index.parts("prostate/uterus") == ("prostate", "uterus")
    assert index.by_sex("Uterus or prostate") == {"male": "prostate", "female": "uterus"}
    assert index.by_sex("liver and womb") == {"female": "uterus"}
    assert index.parts("inferior vena cava, gall bladder") == ("inferior_vena_cava", "gallbladder")


@pytest.mark.parametrize(
    ("name", "number"), [("Costa 1 Left", 1), ("12th", 12), ("C1 and T3", 3), ("liver", None)]
)
def test_stated_number(name, number):
    assert stated_number(name) == number


names = st.text(st.sampled_from("abkidneylftrgh LR_-()/12"), max_size=16)


@settings(deadline=None, max_examples=100)
@given(names)
def test_reading_does_not_depend_on_case_or_separators(small, name):
    index = index_names(small)
    plain = name.lower()  # capitals may mark a new word, so they are taken out first
    assert index.read(plain.upper()) == index.read(plain)
    assert index.read(plain.replace("_", " ")) == index.read(plain)
    assert index.read(f" {plain}. ") == index.read(plain)


@settings(deadline=None, max_examples=100)
@given(names)
def test_a_guess_keeps_side_and_numbers(small, name):
    index = index_names(small)
    match = match_name(name, index)
    for structure in filter(None, (match.structure, *match.alternatives)):
        assert index.side_of[structure] == index.read(name).side
        assert index.read(structure).numbers == index.read(name).numbers


@pytest.mark.parametrize(
    ("name", "structure"),
    [
        ("Leber", "liver"),
        ("Hepar", "liver"),
        ("Niere links", "kidney_left"),
        ("linke Niere", "kidney_left"),
        ("ren dexter", "kidney_right"),
        ("Glnd_Submand_R", "submandibular_gland_right"),
        ("Femur_Head_L", "femoral_head_left"),
        ("Bone_Mandible", "mandible"),
        ("V_Venacava_I", "inferior_vena_cava"),
        ("IVC", "inferior_vena_cava"),
        ("Schilddrüse", "thyroid_gland"),
        ("LUL", "lung_upper_lobe_left"),
    ],
)
def test_words_of_other_languages_and_conventions(packaged, name, structure):
    match = match_name(name, index_names(packaged))
    assert (match.structure, match.decided) == (structure, True)


def test_what_fits_two_structures_alike_is_not_decided(packaged):
    match = match_name("central", index_names(packaged))
    assert not match.decided
