"""Mistakes of vertebrae, ribs and paired bones, as models and tables of numbers make them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

from silent.planted import THORACIC_AND_LUMBAR, Labels, Plant, X, Y, Z, ribs

FROM_C7 = ["vertebrae_C7", *THORACIC_AND_LUMBAR]
SIDES = ("left", "right")


def below(name: str) -> list[str]:
    """Name a vertebra and all below it."""
    return THORACIC_AND_LUMBAR[THORACIC_AND_LUMBAR.index(name) :]


def merge_up(labels: Labels, names: list[str]) -> None:
    """Call each member of a chain by the name before it; the first two are one then."""
    for one, other in itertools.pairwise(names):
        labels.call(labels.of(other), one)


def take_sides(labels: Labels, names: list[str]) -> None:
    """Exchange the sides of some pairs."""
    for name in names:
        labels.exchange(name, name.replace("left", "right"))


def inner_end(labels: Labels, rib: str, vertebra: str) -> None:
    """Give the fifth of a left rib that is nearest to the midline to a vertebra."""
    labels.call(labels.part(rib, X, 0.8, 1), vertebra)


def both(labels: Labels, by: int, names: slice) -> None:
    """Shift some ribs of both sides, the next ones under the same name."""
    for side in SIDES:
        chain = ribs(side)
        masks = [(labels.of(name), at) for at, name in enumerate(chain)][names]
        for mask, at in masks:
            labels.call(mask, chain[at + by])


CHAINS: Mapping[str, Plant] = {
    "T6 not seen, all below one up": lambda c: c.shift(below("vertebrae_T6"), -1),
    "L1 not seen, all below one up": lambda c: c.shift(below("vertebrae_L1"), -1),
    "T5 and T6 called T5, all below one up": lambda c: merge_up(c, below("vertebrae_T5")),
    "T1 called C7, all below one up": lambda c: merge_up(c, FROM_C7),
    "C7 called T1, all below one down": lambda c: c.shift(FROM_C7, 1),
    "sacrum called L5, all above one up": lambda c: merge_up(c, [*FROM_C7, "sacrum"]),
    "from T8 down one down, L5 called sacrum": lambda c: (
        c.shift([*below("vertebrae_T8"), "sacrum"], 1) or None
    ),
    "ribs and vertebrae one up": lambda c: [
        c.shift(THORACIC_AND_LUMBAR, -1),
        *(c.shift(ribs(s), -1) for s in SIDES),
    ],
    "ribs and vertebrae one down": lambda c: [
        c.shift(THORACIC_AND_LUMBAR, 1),
        *(c.shift(ribs(s), 1) for s in SIDES),
    ],
    "ribs 1 to 3 one down": lambda c: both(c, 1, slice(0, 3)),
    "ribs 9 to 12 one up": lambda c: both(c, -1, slice(8, 12)),
    "ribs 7 not seen, all below one up": lambda c: [c.shift(ribs(s)[6:], -1) for s in SIDES],
    "ribs 10 not seen, all below one up": lambda c: [c.shift(ribs(s)[9:], -1) for s in SIDES],
    "ribs 5 to 7 on the other side": lambda c: take_sides(c, ribs("left")[4:7]),
    "left ribs called right": lambda c: [
        c.call(c.of(name), name.replace("left", "right")) for name in ribs("left")
    ],
    "inner end of left rib 7 called T7": lambda c: inner_end(c, "rib_left_7", "vertebrae_T7"),
    "outer half of left rib 5 called 6": lambda c: c.call(
        c.part("rib_left_5", X, 0, 0.5), "rib_left_6"
    ),
    "left rib 12 called L1": lambda c: c.call(c.of("rib_left_12"), "vertebrae_L1"),
    "arch of L3 called L4": lambda c: c.call(c.part("vertebrae_L3", Y, 0, 0.4), "vertebrae_L4"),
    "upper third of the sacrum called L5": lambda c: c.call(
        c.part("sacrum", Z, 0.67, 1), "vertebrae_L5"
    ),
    "lower half of L5 called sacrum": lambda c: c.call(c.part("vertebrae_L5", Z, 0, 0.5), "sacrum"),
    "hip bones exchanged": lambda c: c.exchange("hip_left", "hip_right"),
    "femurs exchanged": lambda c: c.exchange("femur_left", "femur_right"),
    "collar bones exchanged": lambda c: c.exchange("clavicula_left", "clavicula_right"),
    "left shoulder blade called right": lambda c: c.call(c.of("scapula_left"), "scapula_right"),
}
