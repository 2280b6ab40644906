"""The groups and views of the reference table hold the labels it says they hold."""

from __future__ import annotations

import pytest

from vesalius.ontology.graph import Ontology

Row = dict[str, str]

# Concepts that are no structure here, and why.
NOT_A_STRUCTURE = {"btcv13": "the class list of a dataset: schemes/btcv.yaml"}
# Groups that hold other labels than the table says, and why.
DEVIATIONS = {
    "muscle_tissue": "an alias of skeletal_muscle, which contains the named muscles: roll-up"
}
# Where a group hangs otherwise than the table says, and why.
CLOSER = "a group in between, itself a part of the table's parent"
PIECES = "pieces of a whole, so part_of: is_a would hand down the level and side of the whole"
NAMED_MUSCLES = "by way of named_muscle, a kind of muscle"
OTHER_PARENTS = {
    "cervical_vertebrae": CLOSER,
    "thoracic_vertebrae": CLOSER,
    "lumbar_vertebrae": CLOSER,
    "arteries": CLOSER,
    "veins": CLOSER,
    "pulmonary_vessels": CLOSER,
    "heart_chambers": "a part of the heart, itself in heart_group",
    "ribs_left": "a kind of all_ribs, which datasets have as one class; the table makes it a view",
    "ribs_right": "a kind of all_ribs, which datasets have as one class; the table makes it a view",
    "clavicula": PIECES,
    "scapula": PIECES,
    "hip": PIECES,
    "humerus": PIECES,
    "femur": PIECES,
    "male_reproductive_system": PIECES,
    "female_reproductive_system": PIECES,
    "gluteal_muscles": NAMED_MUSCLES,
    "hip_flexor_muscles": NAMED_MUSCLES,
    "back_muscles": NAMED_MUSCLES,
}


def _structure(name: str, ontology: Ontology) -> str:
    (found,) = ontology.resolve(name)
    return found


def _ids(text: str) -> set[int]:
    return set(map(int, text.split()))


def test_every_concept_has_a_structure(ontology: Ontology, concepts: list[Row]) -> None:
    missing = {c["name"] for c in concepts if len(ontology.resolve(c["name"])) != 1}
    assert missing == set(NOT_A_STRUCTURE)


def test_concepts_hold_their_labels(
    ontology: Ontology, concepts: list[Row], labels: list[Row]
) -> None:
    number = {row["canonical_name"]: int(row["id"]) for row in labels}
    wrong = {}
    for concept in concepts:
        name = concept["name"]
        if name in NOT_A_STRUCTURE or name.startswith("region_"):
            continue
        structure = _structure(name, ontology)
        below = {structure, *ontology.descendants(structure)}
        found = {number[n] for n in below if n in number}
        if found != _ids(concept["all_label_ids"]):
            wrong[name] = found ^ _ids(concept["all_label_ids"])
    assert wrong.keys() == DEVIATIONS.keys(), wrong


def test_regions_hold_their_labels(
    ontology: Ontology, concepts: list[Row], labels: list[Row]
) -> None:
    number = {row["canonical_name"]: int(row["id"]) for row in labels}
    for concept in concepts:
        if not concept["name"].startswith("region_"):
            continue
        (region,) = ontology.get(concept["name"], "region")
        found = {
            number[name]
            for name in number
            if {region, "whole_body"} & {*ontology.get(name, "region")}
        }
        assert found == _ids(concept["all_label_ids"]), concept["name"]


def test_parents_are_ancestors(ontology: Ontology, concepts: list[Row]) -> None:
    wrong = set()
    for concept in concepts:
        if concept["name"] in NOT_A_STRUCTURE or concept["kind"] == "view" or not concept["parent"]:
            continue
        structure = _structure(concept["name"], ontology)
        parent = _structure(concept["parent"], ontology)
        if parent not in ontology.ancestors(structure):
            wrong.add((concept["name"], concept["parent"]))
    assert wrong == set()


def test_relations_are_those_of_the_table(ontology: Ontology, concepts: list[Row]) -> None:
    wrong = set()
    for concept in concepts:
        if concept["kind"] == "view" or not concept["parent"]:
            continue
        structure = ontology.structures[_structure(concept["name"], ontology)]
        parents = {"is_a": structure.is_a, "part_of": structure.part_of}
        parent = _structure(concept["parent"], ontology)
        if parent not in parents[concept["relation_to_parent"]]:
            wrong.add(concept["name"])
    assert wrong == set(OTHER_PARENTS)


@pytest.mark.parametrize(("system", "column"), [("uberon", "uberon_id"), ("fma", "fma_id")])
def test_codes_of_concepts(
    system: str, column: str, ontology: Ontology, concepts: list[Row]
) -> None:
    for concept in concepts:
        if not concept[column]:
            continue
        structure = ontology.structures[_structure(concept["name"], ontology)]
        codes = [code.code for code in structure.codes if code.system == system]
        assert codes == [concept[column]], concept["name"]


def test_snomed_codes_of_concepts(ontology: Ontology, concepts: list[Row]) -> None:
    for concept in concepts:
        if not concept["sct_code"]:
            continue
        structure = ontology.structures[_structure(concept["name"], ontology)]
        (code,) = [c for c in structure.codes if c.system == "sct"]
        assert code.code == concept["sct_code"], concept["name"]
        if code.modifier:
            assert code.modifier.code in concept["sct_meaning"], concept["name"]


def test_volumes_of_concepts(ontology: Ontology, concepts: list[Row]) -> None:
    for concept in concepts:
        if concept["vol_ml_min"]:
            structure = _structure(concept["name"], ontology)
            expected = (float(concept["vol_ml_min"]), float(concept["vol_ml_max"]))
            assert ontology.get(structure, "volume_ml") == expected, concept["name"]


def test_systems_and_sex_of_concepts(ontology: Ontology, concepts: list[Row]) -> None:
    for concept in concepts:
        if concept["name"] in NOT_A_STRUCTURE or concept["kind"] == "view":
            continue
        structure = _structure(concept["name"], ontology)
        assert (ontology.get(structure, "system") or "") == concept["system"], concept["name"]
        assert ontology.get(structure, "sex") == concept["sex"], concept["name"]
