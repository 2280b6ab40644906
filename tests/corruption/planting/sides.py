"""Left for right: patches, halves, whole organs, both organs of a pair."""

from __future__ import annotations

import numpy as np

from planting.patient import Labels, Patient, inner_patch

Pairs = list[tuple[str, str]]


def split_pairs(patient: Patient) -> Pairs:
    """Pairs that the paper splits voxel by voxel, without ribs."""
    return [
        pair
        for pair in patient.pairs
        if patient.ontology.get(pair[0], "paper_split")
        and patient.ontology.get(pair[0], "midline_cut") == "voxels"
        and not pair[0].startswith("rib_")
    ]


def vessel_pairs(patient: Patient) -> Pairs:
    """Pairs that the paper splits with care: they begin beyond the midline."""
    return [p for p in patient.pairs if p[0].startswith("iliac_")]


def other_pairs(patient: Patient) -> Pairs:
    """Pairs that the paper does not split: lobes, cheeks, vessels of neck and arm."""
    return [p for p in patient.pairs if not patient.ontology.get(p[0], "paper_split")]


def patches(patient: Patient, pairs: Pairs, random: np.random.Generator) -> Labels:
    """In each organ of a pair a ball carries the mirror's label."""
    planted = patient.truth.copy()
    for left, right in pairs:
        for name, other in ((left, right), (right, left)):
            for radius in (1.5, 1.0):
                patch = inner_patch(patient, name, radius, random)
                if patch is not None:
                    planted[patch] = patient[other]
                    break
    return planted


def halves(patient: Patient, pairs: Pairs, random: np.random.Generator) -> Labels:
    """The upper half of one organ of each pair carries the mirror's label."""
    planted = patient.truth.copy()
    for pair in pairs:
        wrong = int(random.integers(2))
        voxels = patient.voxels(pair[wrong])
        upper = voxels[voxels[:, 2] > np.median(voxels[:, 2])]
        planted[tuple(upper.T)] = patient[pair[1 - wrong]]
    return planted


def one_whole(patient: Patient, pairs: Pairs, random: np.random.Generator) -> Labels:
    """Both organs of a pair carry the label of one."""
    planted = patient.truth.copy()
    for pair in pairs:
        wrong = int(random.integers(2))
        planted[patient.truth == patient[pair[wrong]]] = patient[pair[1 - wrong]]
    return planted


def swapped(patient: Patient, pairs: Pairs, random: np.random.Generator) -> Labels:
    """Every pair is interchanged."""
    table = np.arange(int(patient.truth.max()) + 1, dtype=np.uint16)
    for left, right in pairs:
        table[[patient[left], patient[right]]] = patient[right], patient[left]
    return np.asarray(table[patient.truth])
