"""Facts of the structures that users of masks see: where they lie, what they belong to, colours."""

from __future__ import annotations

import csv

import pytest

from vesalius.ontology.load import load_scheme


def test_every_structure_of_dap_atlas_has_a_colour_of_its_own(ontology):
    structures = load_scheme("dap_atlas", ontology).structures()
    assert len(structures) > 140
    colours = [ontology.get(name, "color") for name in structures]
    assert None not in colours
    assert len(set(map(tuple, colours))) == len(structures)


@pytest.mark.parametrize(
    ("name", "regions"),
    [
        ("lung_left", {"thorax", "neck", "abdomen"}),
        ("lung_right", {"thorax", "neck", "abdomen"}),
        ("sigmoid", {"pelvis", "abdomen"}),
        ("digestive_glands", {"head", "neck", "abdomen"}),
    ],
)
def test_regions(ontology, name, regions):
    """Apices lie in the neck, bases beside the liver; a sigmoid may rise out of the pelvis."""
    assert set(ontology.get(name, "region")) == regions


@pytest.mark.parametrize(
    ("part", "whole", "is_one"),
    [
        ("venous_sinuses", "brain", False),
        ("venous_sinuses", "veins", True),
        ("subarachnoid_space", "brain", False),
        ("hyoid", "cranial_skeleton", False),
        ("hyoid", "axial_skeleton", True),
        ("hip_implant", "hip", True),
        ("hip_implant", "femur", True),
        ("portal_vein", "portal_vein_and_splenic_vein", True),
        ("pancreas_tail", "pancreas", True),
        ("sacral_ala_left", "sacrum", True),
        ("basilar_artery", "arteries", True),
    ],
)
def test_what_belongs_to_what(ontology, part, whole, is_one):
    assert (whole in ontology.ancestors(part)) is is_one


def codes(ontology, name):
    return {code.system: code for code in ontology.structures[name].codes}


@pytest.mark.parametrize(
    ("name", "region"),
    [
        ("abdominal_tissue", "52731004"),
        ("mediastinal_tissue", "72410000"),
        ("heart_tissue", "80891009"),
    ],
)
def test_a_region_of_the_body_is_no_modifier(ontology, name, region):
    """DICOM has a sequence of its own for it."""
    code = codes(ontology, name)["sct"]
    assert (code.code, code.modifier, code.region.code) == ("85756007", None, region)
    assert region in code.remarks


def test_the_codes_are_those_of_the_reference(ontology, reference):
    """Every confirmed one is there as it is, every other one says that nothing confirms it."""
    with (reference / "codes.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 143
    doubted = 0
    for row in rows:
        ours = codes(ontology, row["name"])
        for system, key in (("sct", "snomed_type_code"), ("uberon", "uberon"), ("fma", "fma")):
            code = row[key].partition("[")[0]
            assert (ours[system].code if system in ours else "") == code, row["name"]
            own = ours[system].inherited_from is None if system in ours else False
            doubt = (
                f"{code} label not seen" in row["basis"] or f"{code}: no fetched" in row["basis"]
            )
            if code and doubt and own:
                assert ours[system].note, row["name"]
                doubted += 1
    assert doubted == 65


def test_every_structure_has_a_dicom_category(ontology, reference):
    with (reference / "anatomy" / "labels.csv").open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["sct_category_code"]]
    assert len(rows) == 141
    concepts = ontology.attributes["category"].concepts
    for row in rows:
        code = concepts[ontology.get(row["canonical_name"], "category")]
        assert code.code == row["sct_category_code"], row["canonical_name"]
    assert concepts[ontology.get("hip_implant", "category")].code == "260787004"
    assert concepts[ontology.get("kidney_cyst_left", "category")].code == "49755003"
