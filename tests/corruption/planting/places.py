"""Structures where they cannot be: what the paper found in the head, and the other sex."""

from __future__ import annotations

import numpy as np

from planting.blobs import BLOB
from planting.patient import Labels, Patient, Sites, ball

COUNT = 6
"""Stray balls of one structure."""


def _renamed(patient: Patient, names: dict[str, str]) -> Labels:
    planted = patient.truth.copy()
    for old, new in names.items():
        planted[patient.truth == patient[old]] = patient[new]
    return planted


def eyes_as_gonads(patient: Patient, random: np.random.Generator) -> Labels:
    """R36."""
    return _renamed(patient, {"eyeball_left": "gonads", "eyeball_right": "gonads"})


def nose_as_colon(patient: Patient, random: np.random.Generator) -> Labels:
    """R37."""
    return _renamed(patient, {"nasal_cavity": "colon"})


def nose_as_small_bowel(patient: Patient, random: np.random.Generator) -> Labels:
    """R38."""
    return _renamed(patient, {"nasal_cavity": "small_bowel"})


def cheeks_as_thyroid(patient: Patient, random: np.random.Generator) -> Labels:
    """R35; on the right it has the left one's name too."""
    return _renamed(
        patient, {"cheek_left": "thyroid_gland_left", "cheek_right": "thyroid_gland_left"}
    )


def trachea_as_bronchus(patient: Patient, random: np.random.Generator) -> Labels:
    """R41: what lies above both lungs."""
    tops = [
        patient.grid.to_mm(patient.voxels(f"lung_upper_lobe_{side}"))[:, 2].max()
        for side in ("left", "right")
    ]
    voxels = patient.voxels("trachea")
    above = voxels[patient.grid.to_mm(voxels)[:, 2] > max(tops) + 1e-3]
    planted = patient.truth.copy()
    planted[tuple(above.T)] = patient["bronchus"]
    return planted


def _strays(
    patient: Patient,
    random: np.random.Generator,
    name: str,
    low: str | None = None,
    high: str | None = None,
) -> Labels:
    """Plant balls of a structure between the heights of two others."""
    sites = Sites(patient, random)
    reach = 3 * max(patient.grid.spacing_mm)
    where = np.ones(len(sites.height_mm), dtype=np.bool_)
    if low is not None:
        where &= sites.height_mm > patient.height_mm(low) + reach
    if high is not None:
        where &= sites.height_mm < patient.height_mm(high) - reach
    planted = patient.truth.copy()
    for _ in range(COUNT):
        site = sites.take_any(where)
        if site is not None:
            planted[ball(site, BLOB)] = patient[name]
    return planted


def gonads_in_brain(patient: Patient, random: np.random.Generator) -> Labels:
    """Gonads above C1 that are no eyes."""
    return _strays(patient, random, "gonads", low="vertebrae_C1")


def thyroid_in_head(patient: Patient, random: np.random.Generator) -> Labels:
    """Thyroid gland above C1 that is no cheek."""
    return _strays(patient, random, "thyroid_gland_left", low="vertebrae_C1")


def bronchus_in_head(patient: Patient, random: np.random.Generator) -> Labels:
    """Bronchus above C4 that is no trachea."""
    return _strays(patient, random, "bronchus", low="vertebrae_C4")


def colon_in_neck(patient: Patient, random: np.random.Generator) -> Labels:
    """R37, between neck and C1."""
    return _strays(patient, random, "colon", low="vertebrae_C6", high="vertebrae_C1")


def small_bowel_in_neck(patient: Patient, random: np.random.Generator) -> Labels:
    """R38, between neck and C1."""
    return _strays(patient, random, "small_bowel", low="vertebrae_C6", high="vertebrae_C1")


def bladder_above_pelvis(patient: Patient, random: np.random.Generator) -> Labels:
    """R40, from L3 up."""
    return _strays(patient, random, "urinary_bladder", low="vertebrae_L3")


def cartilage_in_head(patient: Patient, random: np.random.Generator) -> Labels:
    """R39."""
    return _strays(patient, random, "costal_cartilages", low="vertebrae_C6")


def other_sex_strays(patient: Patient, random: np.random.Generator) -> Labels:
    """R44: stray organs of the other sex anywhere in the trunk."""
    name = "uterus" if patient.sex == "male" else "prostate"
    return _strays(patient, random, name, low="vertebrae_L5", high="vertebrae_T1")


def cervix_strays(patient: Patient, random: np.random.Generator) -> Labels | None:
    """R44: uterocervix of a man."""
    if patient.sex != "male":
        return None
    return _strays(patient, random, "uterocervix", high="vertebrae_T12")


def other_sex_organ(patient: Patient, random: np.random.Generator) -> Labels:
    """R44: the organ of the patient's sex carries the name of the other's."""
    names = {"prostate": "uterus"} if patient.sex == "male" else {"uterus": "prostate"}
    return _renamed(patient, names)
