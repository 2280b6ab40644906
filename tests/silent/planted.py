"""Mistakes that models make, planted in a label map whose truth is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]

LEVELS = [*(f"T{n}" for n in range(1, 13)), *(f"L{n}" for n in range(1, 6))]
THORACIC_AND_LUMBAR = [f"vertebrae_{level}" for level in LEVELS]
X, Y, Z = range(3)


@dataclass(eq=False)
class Labels:
    """A label map in RAS+ order, into which mistakes are painted.

    Parameters
    ----------
    array : ndarray of int, shape (i, j, k)
        Labels; the axes grow to the patient's right, to the front and to the head.
    number : mapping of str to int
        Label by structure.
    """

    array: NDArray[np.uint16]
    number: Mapping[str, int]

    def of(self, name: str) -> Mask:
        """Tell where a structure is."""
        return self.array == self.number[name]

    def part(self, name: str, axis: int, low: float, high: float) -> Mask:
        """Tell where the part of a structure between two shares of its voxels along an axis is."""
        where = self.of(name)
        at = np.argwhere(where)[:, axis]
        first, last = np.quantile(at, [low, high]) if at.size else (0, -1)
        shape = [1, 1, 1]
        shape[axis] = -1
        index = np.arange(where.shape[axis]).reshape(shape)
        return where & (index >= first) & (index <= last)

    def call(self, where: Mask, name: str) -> None:
        """Give voxels another name."""
        self.array[where] = self.number[name]

    def exchange(self, one: str, other: str) -> None:
        """Exchange two names."""
        here, there = self.of(one), self.of(other)
        self.call(here, other)
        self.call(there, one)

    def shift(self, names: list[str], by: int) -> None:
        """Call each member of a chain by the name of another; what has none is lost."""
        masks = [self.of(name) for name in names]
        for at, mask in enumerate(masks):
            inside = 0 <= at + by < len(names)
            self.array[mask] = self.number[names[at + by]] if inside else 0

    def turn(self, axis: int) -> None:
        """Turn the map around along an axis."""
        self.array = np.ascontiguousarray(np.flip(self.array, axis))

    def keep(self, names: list[str]) -> None:
        """Leave only some structures."""
        self.array[~np.isin(self.array, [self.number[name] for name in names])] = 0

    def cut_above(self, name: str) -> None:
        """End the scan two layers above a structure."""
        top = int(np.argwhere(self.of(name))[:, Z].max())
        self.array = self.array[:, :, : top + 3].copy()


def ribs(side: str) -> list[str]:
    """Name the ribs of a side."""
    return [f"rib_{side}_{n}" for n in range(1, 13)]


def second_heart(labels: Labels) -> None:
    """Draw half of the heart again, below the diaphragm."""
    index = np.argwhere(labels.of("heart"))
    index[:, Z] -= int(1.6 * np.ptp(index[:, Z]))
    index = index[index[:, Z] >= 0]
    away = np.linalg.norm(index - index.mean(axis=0), axis=1)
    labels.array[tuple(index[away <= np.median(away)].T)] = labels.number["heart"]


def lose(labels: Labels, name: str, axis: int, low: float, high: float) -> None:
    """Lose a part of a structure, as behind the edge of what a model saw."""
    labels.array[labels.part(name, axis, low, high)] = 0


def second_piece(labels: Labels, name: str, host: str) -> None:
    """Call the middle of another structure by a name."""
    where = np.argwhere(labels.of(host))
    away = np.linalg.norm(where - np.median(where, axis=0), axis=1)
    labels.array[tuple(where[away <= np.quantile(away, 0.03)].T)] = labels.number[name]


Plant = Callable[[Labels], None]
PLANTED: Mapping[str, Plant] = {
    "all vertebrae one level up": lambda c: c.shift(THORACIC_AND_LUMBAR, -1),
    "all vertebrae one level down": lambda c: c.shift(THORACIC_AND_LUMBAR, 1),
    "L5 called sacrum": lambda c: c.call(c.of("vertebrae_L5"), "sacrum"),
    "L3 called L2": lambda c: c.call(c.of("vertebrae_L3"), "vertebrae_L2"),
    "upper half of T12 called T11": lambda c: c.call(
        c.part("vertebrae_T12", Z, 0.5, 1), "vertebrae_T11"
    ),
    "T8 and T9 exchanged": lambda c: c.exchange("vertebrae_T8", "vertebrae_T9"),
    "left ribs one up": lambda c: c.shift(ribs("left"), -1),
    "left ribs one down": lambda c: c.shift(ribs("left"), 1),
    "all ribs one up": lambda c: [c.shift(ribs(s), -1) for s in ("left", "right")],
    "all ribs one down": lambda c: [c.shift(ribs(s), 1) for s in ("left", "right")],
    "left ribs 9 and 10 exchanged": lambda c: c.exchange("rib_left_9", "rib_left_10"),
    "right rib 3 called 4": lambda c: c.call(c.of("rib_right_3"), "rib_right_4"),
    "both hip bones called left": lambda c: c.call(c.of("hip_right"), "hip_left"),
    "both shoulder blades called right": lambda c: c.call(c.of("scapula_left"), "scapula_right"),
    "both adrenal glands called left": lambda c: c.call(
        c.of("adrenal_gland_right"), "adrenal_gland_left"
    ),
    "wing of the hip bone called shoulder blade": lambda c: c.call(
        c.part("hip_right", Z, 0.7, 1), "scapula_right"
    ),
    "head of the femur called humerus": lambda c: c.call(
        c.part("femur_left", Z, 0.6, 1), "humerus_left"
    ),
    "shoulder blade called hip bone": lambda c: c.call(c.of("scapula_left"), "hip_left"),
    "head of the humerus called femur": lambda c: c.call(
        c.part("humerus_left", Z, 0.5, 1), "femur_left"
    ),
    "bladder called prostate": lambda c: c.call(c.of("urinary_bladder"), "prostate"),
    "upper half of the left lower lobe called upper": lambda c: c.call(
        c.part("lung_lower_lobe_left", Z, 0.5, 1), "lung_upper_lobe_left"
    ),
    "upper half of the right lower lobe called middle": lambda c: c.call(
        c.part("lung_lower_lobe_right", Z, 0.5, 1), "lung_middle_lobe_right"
    ),
    "lower half of the right upper lobe called lower": lambda c: c.call(
        c.part("lung_upper_lobe_right", Z, 0, 0.5), "lung_lower_lobe_right"
    ),
    "half of the duodenum called gullet": lambda c: c.call(
        c.part("duodenum", Z, 0, 0.5), "esophagus"
    ),
    "a second heart below the diaphragm": second_heart,
    "upper third of the spleen called liver": lambda c: c.call(
        c.part("spleen", Z, 0.67, 1), "liver"
    ),
    "aorta and vena cava exchanged": lambda c: c.exchange("aorta", "inferior_vena_cava"),
    "bladder and prostate exchanged": lambda c: c.exchange("prostate", "urinary_bladder"),
    "left iliac artery and vein exchanged": lambda c: c.exchange(
        "iliac_artery_left", "iliac_vena_left"
    ),
    "right half of the bladder called colon": lambda c: c.call(
        c.part("urinary_bladder", X, 0.5, 1), "colon"
    ),
    "half of the stomach called spleen": lambda c: c.call(c.part("stomach", X, 0, 0.5), "spleen"),
    "half of the colon called small bowel": lambda c: c.call(
        c.part("colon", X, 0, 0.5), "small_bowel"
    ),
    "duodenum called pancreas": lambda c: c.call(c.of("duodenum"), "pancreas"),
    "duodenum and pancreas exchanged": lambda c: c.exchange("duodenum", "pancreas"),
    "duodenum and gallbladder exchanged": lambda c: c.exchange("duodenum", "gallbladder"),
    "lower half of the duodenum called pancreas": lambda c: c.call(
        c.part("duodenum", Z, 0, 0.5), "pancreas"
    ),
    "right middle lobe called upper": lambda c: c.call(
        c.of("lung_middle_lobe_right"), "lung_upper_lobe_right"
    ),
    "stomach and colon exchanged": lambda c: c.exchange("stomach", "colon"),
    "colon and small bowel exchanged": lambda c: c.exchange("small_bowel", "colon"),
    "lower half of the stomach called colon": lambda c: c.call(
        c.part("stomach", Z, 0, 0.5), "colon"
    ),
    "lower half of the stomach called small bowel": lambda c: c.call(
        c.part("stomach", Z, 0, 0.5), "small_bowel"
    ),
    "front to back": lambda c: c.turn(Y),
    "left clavicle called rib 1": lambda c: c.call(c.of("clavicula_left"), "rib_left_1"),
    "prostate called bladder": lambda c: c.call(c.of("prostate"), "urinary_bladder"),
    "spleen and left kidney exchanged": lambda c: c.exchange("spleen", "kidney_left"),
    "liver and spleen exchanged": lambda c: c.exchange("liver", "spleen"),
    "gullet and trachea exchanged": lambda c: c.exchange("esophagus", "trachea"),
    "left shoulder blade and humerus exchanged": lambda c: c.exchange(
        "scapula_left", "humerus_left"
    ),
    "right hip bone and femur exchanged": lambda c: c.exchange("hip_right", "femur_right"),
    "stomach and pancreas exchanged": lambda c: c.exchange("stomach", "pancreas"),
    "left kidney called spleen": lambda c: c.call(c.of("kidney_left"), "spleen"),
    "right kidney called liver": lambda c: c.call(c.of("kidney_right"), "liver"),
    "pancreas called stomach": lambda c: c.call(c.of("pancreas"), "stomach"),
    "trachea called gullet": lambda c: c.call(c.of("trachea"), "esophagus"),
    "vena cava called aorta": lambda c: c.call(c.of("inferior_vena_cava"), "aorta"),
    "portal vein called vena cava": lambda c: c.call(
        c.of("portal_vein_and_splenic_vein"), "inferior_vena_cava"
    ),
    "iliac arteries called aorta": lambda c: [
        c.call(c.of(f"iliac_artery_{side}"), "aorta") for side in ("left", "right")
    ],
    "left lung called upper lobe": lambda c: c.call(
        c.of("lung_lower_lobe_left"), "lung_upper_lobe_left"
    ),
    "heart called aorta": lambda c: c.call(c.of("heart"), "aorta"),
    "left hip bone called sacrum": lambda c: c.call(c.of("hip_left"), "sacrum"),
    "left shoulder blade called humerus": lambda c: c.call(c.of("scapula_left"), "humerus_left"),
    "large gluteal muscle called middle one": lambda c: c.call(
        c.of("gluteus_maximus_left"), "gluteus_medius_left"
    ),
    "middle of the liver called heart": lambda c: second_piece(c, "heart", "liver"),
    "middle of a lobe of the lung called colon": lambda c: second_piece(
        c, "colon", "lung_upper_lobe_left"
    ),
    "lower half of the heart lost": lambda c: lose(c, "heart", Z, 0, 0.5),
    "lower half of the spleen lost": lambda c: lose(c, "spleen", Z, 0, 0.5),
    "upper half of the bladder lost": lambda c: lose(c, "urinary_bladder", Z, 0.5, 1),
    "prostate called small bowel": lambda c: c.call(c.of("prostate"), "small_bowel"),
    "sternum called cartilage": lambda c: c.call(c.of("sternum"), "costal_cartilages"),
    "left gluteal muscles exchanged": lambda c: c.exchange(
        "gluteus_maximus_left", "gluteus_medius_left"
    ),
    "heart and left upper lobe exchanged": lambda c: c.exchange("heart", "lung_upper_lobe_left"),
    "small bowel called colon": lambda c: c.call(c.of("small_bowel"), "colon"),
    "trunk of the arm's vessels called aorta": lambda c: c.call(
        c.of("brachiocephalic_trunk"), "aorta"
    ),
    "upper part of the left kidney called spleen": lambda c: c.call(
        c.part("kidney_left", Z, 0.6, 1), "spleen"
    ),
    "upper half of the gullet called aorta": lambda c: c.call(
        c.part("esophagus", Z, 0.5, 1), "aorta"
    ),
    "right clavicle and shoulder blade exchanged": lambda c: c.exchange(
        "clavicula_right", "scapula_right"
    ),
    "gallbladder called duodenum": lambda c: c.call(c.of("gallbladder"), "duodenum"),
}

SPINE = [*(f"vertebrae_C{n}" for n in range(1, 8)), *THORACIC_AND_LUMBAR, "sacrum"]

# Of these only a part is seen: what is left of the right map, and what is planted there.
VIEWS: Mapping[str, tuple[Plant, tuple[str, ...]]] = {
    "spine alone": (
        lambda c: c.keep(SPINE),
        ("front to back", "all vertebrae one level up", "all vertebrae one level down"),
    ),
    "vertebrae alone": (
        lambda c: c.keep(SPINE[:-1]),
        ("front to back", "all vertebrae one level up", "all vertebrae one level down"),
    ),
    "pelvis": (
        lambda c: c.cut_above("vertebrae_L4"),
        ("all vertebrae one level up", "all vertebrae one level down"),
    ),
    "ribs alone": (
        lambda c: c.keep([*ribs("left"), *ribs("right")]),
        ("left ribs one up", "left ribs one down", "all ribs one up", "all ribs one down"),
    ),
}
