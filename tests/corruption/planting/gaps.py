"""What has no label although it lies in the body, and salt."""

from __future__ import annotations

import numpy as np

from planting.blobs import BLOB
from planting.patient import Labels, Patient, Sites, ball


def holes_in_organs(patient: Patient, random: np.random.Generator) -> Labels:
    """Unlabelled balls, each wholly inside one structure that is no tissue."""
    sites = Sites(patient, random)
    tissues = [n for n in patient.present if patient.ontology.get(n, "level") == "tissue"]
    where = ~sites.in_hosts(*tissues)
    planted = patient.truth.copy()
    for _ in range(25):
        site = sites.take_any(where)
        if site is not None:
            planted[ball(site, BLOB)] = 0
    return planted


def holes_in_tissue(patient: Patient, random: np.random.Generator) -> Labels:
    """Unlabelled balls, each wholly inside muscle or the like."""
    sites = Sites(patient, random)
    tissues = [n for n in patient.present if patient.ontology.get(n, "level") == "tissue"]
    where = sites.in_hosts(*tissues)
    planted = patient.truth.copy()
    for _ in range(25):
        site = sites.take_any(where)
        if site is not None:
            planted[ball(site, BLOB)] = 0
    return planted


def holes_across(patient: Patient, random: np.random.Generator) -> Labels:
    """Unlabelled balls over the borders of structures."""
    planted = patient.truth.copy()
    border = np.argwhere((patient.truth > 0) & ~patient.uniform(1))
    border = border[((border > 4) & (border < np.array(planted.shape) - 5)).all(axis=1)]
    for site in border[random.integers(len(border), size=25)]:
        around = ball(site, BLOB + 2)
        if (patient.truth[around] > 0).all():
            planted[ball(site, BLOB)] = 0
    return planted


def unknown_unlabelled(patient: Patient, random: np.random.Generator) -> Labels:
    """R14: what no source has a class for carries no label."""
    return np.where(patient.truth == patient["unknown_tissue"], 0, patient.truth).astype(np.uint16)


def skull_unlabelled(patient: Patient, random: np.random.Generator) -> Labels:
    """R12: no source has a skull, and it carries no label."""
    return np.where(patient.truth == patient["skull"], 0, patient.truth).astype(np.uint16)


def skull_as_muscle(patient: Patient, random: np.random.Generator) -> Labels:
    """R12: no source has a skull, and it carries the label of a tissue."""
    muscle = patient["skeletal_muscle"]
    return np.where(patient.truth == patient["skull"], muscle, patient.truth).astype(np.uint16)


def salt_inside(patient: Patient, random: np.random.Generator) -> Labels:
    """Single voxels inside structures carry the label of a structure that is one piece."""
    sites = Sites(patient, random, half_width=1)
    single = [n for n in patient.present if patient.ontology.get(n, "components") == "one"]
    planted = patient.truth.copy()
    for name in random.choice(single, size=300):
        site = sites.take_any(~sites.in_hosts(name))
        if site is not None:
            planted[tuple(site)] = patient[name]
    return planted


def salt_anywhere(patient: Patient, random: np.random.Generator) -> Labels:
    """One voxel of the body in 500 carries any label."""
    planted = patient.truth.copy()
    body = np.flatnonzero(patient.truth)
    chosen = random.choice(body, size=len(body) // 500, replace=False)
    planted.reshape(-1)[chosen] = random.choice(
        [patient[name] for name in patient.present], size=len(chosen)
    )
    return planted
