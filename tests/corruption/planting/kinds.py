"""Every kind of mistake, and what each pack promises about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from zlib import crc32

import numpy as np

from planting import blobs, bones, gaps, places, sides
from planting.patient import Labels, Patient

Plant = Callable[[Patient, np.random.Generator], "Labels | None"]


@dataclass(frozen=True)
class Kind:
    """A kind of mistake.

    Parameters
    ----------
    name : str
        Group and name.
    about : str
        In words.
    plant : callable
        Plants it; None where the patient cannot have it.
    """

    name: str
    about: str
    plant: Plant
    promises: Mapping[str, str] = field(default_factory=dict)

    def planted(self, patient: Patient) -> Labels | None:
        """Plant the mistake; the patient's seed decides where."""
        random = np.random.default_rng([patient.seed, crc32(self.name.encode())])
        return self.plant(patient, random)


def _sided(pairs: Callable, how: Callable) -> Plant:
    return lambda patient, random: how(patient, pairs(patient), random)


def _kind(name: str, plant: Plant) -> Kind:
    function = plant.func if isinstance(plant, partial) else plant
    return Kind(name, (function.__doc__ or "").strip().splitlines()[0], plant)


def _many(group: str, how: Callable, lists: Mapping[str, Callable]) -> list[Kind]:
    about = (how.__doc__ or "").strip().splitlines()[0]
    return [
        Kind(f"{group}/{name}", f"{about} {(list_.__doc__ or '').strip()}", _sided(list_, how))
        for name, list_ in lists.items()
    ]


PAIRS = {
    "split pairs": sides.split_pairs,
    "iliac vessels": sides.vessel_pairs,
    "other pairs": sides.other_pairs,
}
PIECES = {"suppressed": blobs.suppressed, "exempt": blobs.exempt}

KINDS: tuple[Kind, ...] = (
    *_many("side patches", sides.patches, PAIRS),
    *_many("side halves", sides.halves, PAIRS),
    *_many("side one whole", sides.one_whole, PAIRS),
    *_many("side swapped", sides.swapped, PAIRS),
    _kind("ribs/shifted down", bones.ribs_shifted),
    _kind("ribs/shifted up", bones.ribs_shifted_up),
    _kind("ribs/interchanged", bones.ribs_interchanged),
    _kind("ribs/reversed", bones.ribs_reversed),
    _kind("ribs/shuffled", bones.ribs_shuffled),
    _kind("ribs/other side", bones.ribs_other_side),
    _kind("ribs/patches", bones.ribs_patches),
    _kind("ribs/halves", bones.ribs_halves),
    _kind("ribs/cropped and shifted", bones.ribs_cropped_and_shifted),
    _kind("spine/fragments", bones.vertebra_fragments),
    _kind("spine/far fragments", bones.vertebra_far_fragments),
    _kind("spine/bleeds", bones.vertebra_bleeds),
    _kind("spine/interchanged", bones.vertebrae_interchanged),
    _kind("spine/block shifted", bones.vertebra_block_shifted),
    _kind("spine/all shifted", bones.vertebrae_all_shifted),
    *_many("crumbs near", blobs.crumbs_plausible, PIECES),
    *_many("crumbs far", blobs.crumbs_implausible, PIECES),
    *_many("blobs near", blobs.plausible, PIECES),
    *_many("blobs far", blobs.implausible, PIECES),
    *_many("blobs in air", blobs.in_air, PIECES),
    *_many("blobs across", blobs.across, PIECES),
    _kind("areas/eyes as gonads", places.eyes_as_gonads),
    _kind("areas/nose as colon", places.nose_as_colon),
    _kind("areas/nose as small bowel", places.nose_as_small_bowel),
    _kind("areas/cheeks as thyroid", places.cheeks_as_thyroid),
    _kind("areas/trachea as bronchus", places.trachea_as_bronchus),
    _kind("areas/gonads in brain", places.gonads_in_brain),
    _kind("areas/thyroid in head", places.thyroid_in_head),
    _kind("areas/bronchus in head", places.bronchus_in_head),
    _kind("areas/colon in neck", places.colon_in_neck),
    _kind("areas/small bowel in neck", places.small_bowel_in_neck),
    _kind("areas/bladder above pelvis", places.bladder_above_pelvis),
    _kind("areas/cartilage in head", places.cartilage_in_head),
    _kind("sex/strays", places.other_sex_strays),
    _kind("sex/cervix strays", places.cervix_strays),
    _kind("sex/organ", places.other_sex_organ),
    _kind("gaps/holes in organs", gaps.holes_in_organs),
    _kind("gaps/holes in tissue", gaps.holes_in_tissue),
    _kind("gaps/holes across", gaps.holes_across),
    _kind("gaps/unknown tissue", gaps.unknown_unlabelled),
    _kind("gaps/skull", gaps.skull_unlabelled),
    _kind("gaps/skull as muscle", gaps.skull_as_muscle),
    _kind("salt/inside", gaps.salt_inside),
    _kind("salt/anywhere", gaps.salt_anywhere),
)
