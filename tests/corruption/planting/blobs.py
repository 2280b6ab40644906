"""Stray pieces of structures that are one piece."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from planting.patient import Labels, Mask, Patient, Sites, ball

BLOB = 1.5
"""Radius in voxels: 19 voxels."""

RADII = (BLOB, 1.0, 0.0)
"""Of 19, 7 and one voxels: the largest that is less than half of the structure is taken."""


def suppressed(patient: Patient) -> list[str]:
    """Structures of one piece whose other pieces the paper suppresses."""
    return [name for name in _single(patient) if _paper(patient, name) == "suppressed"]


def exempt(patient: Patient) -> list[str]:
    """Structures of one piece that the paper's script leaves alone all the same."""
    return [name for name in _single(patient) if _paper(patient, name) != "suppressed"]


def _single(patient: Patient) -> list[str]:
    return [n for n in patient.present if patient.ontology.get(n, "components") == "one"]


def _paper(patient: Patient, name: str) -> object:
    return patient.ontology.get(name, "paper_fragments")


def plausible(patient: Patient, names: list[str], random: np.random.Generator) -> Labels:
    """A ball of each structure lies in another structure near by."""
    return _planted(patient, names, Sites(patient, random), near=True)


def implausible(patient: Patient, names: list[str], random: np.random.Generator) -> Labels:
    """A ball of each structure lies in another structure far away."""
    return _planted(patient, names, Sites(patient, random), near=False)


CRUMB_SHARE = 0.03
"""A voxel is a crumb of a structure that is much larger."""


def crumbs_plausible(patient: Patient, names: list[str], random: np.random.Generator) -> Labels:
    """A single voxel of each structure lies in another structure near by."""
    names = [name for name in names if CRUMB_SHARE * len(patient.voxels(name)) > 1]
    return _planted(patient, names, Sites(patient, random), near=True, radii=(0.0,))


def crumbs_implausible(patient: Patient, names: list[str], random: np.random.Generator) -> Labels:
    """A single voxel of each structure lies in another structure far away."""
    names = [name for name in names if CRUMB_SHARE * len(patient.voxels(name)) > 1]
    return _planted(patient, names, Sites(patient, random), near=False, radii=(0.0,))


def in_air(patient: Patient, names: list[str], random: np.random.Generator) -> Labels:
    """A ball of each structure lies in the air near the body."""
    return _planted(patient, names, Sites(patient, random, air=True), near=True)


def _blob(
    patient: Patient, name: str, site: NDArray, radii: tuple[float, ...] = RADII
) -> tuple[NDArray, ...]:
    """Give a ball that is clearly smaller than the structure itself."""
    whole = len(patient.voxels(name))
    balls = [ball(site, radius) for radius in radii]
    return next(b for b in balls if 2 * len(b[0]) < whole or len(b[0]) == 1)


def _planted(
    patient: Patient,
    names: list[str],
    sites: Sites,
    near: bool,
    radii: tuple[float, ...] = RADII,
) -> Labels:
    planted = patient.truth.copy()
    for name in names:
        site = sites.take(name, near=near)
        if site is not None:
            planted[_blob(patient, name, site, radii)] = patient[name]
    return planted


def across(patient: Patient, names: list[str], random: np.random.Generator) -> Labels:
    """A ball of each structure lies over the border of two others."""
    planted = patient.truth.copy()
    inner = np.zeros(planted.shape, dtype=np.bool_)
    inner[5:-5, 5:-5, 5:-5] = True
    border = np.argwhere((patient.truth > 0) & ~patient.uniform(1) & inner)
    taken: Mask = np.zeros(planted.shape, dtype=np.bool_)
    for name in names:
        for site in border[random.integers(len(border), size=40)]:
            around = ball(site, BLOB + 1.5)
            if not taken[around].any() and not (patient.truth[around] == patient[name]).any():
                planted[_blob(patient, name, site)] = patient[name]
                taken[ball(site, BLOB + 3)] = True
                break
    return planted
