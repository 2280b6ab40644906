"""Variants and operated patients, each drawn into a body; each returns where, and what it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from variants.body import SPACING_MM, Body, Mask

Drawn = tuple[Mask, int]
Draw = Callable[[Body], Drawn]
GAP_MM = 10.0


def beside(name: str, low_mm: float, high_mm: float, radius_mm: float) -> Draw:
    """Draw a ball of a structure beside its body, where there is room."""

    def draw(body: Body) -> Drawn:
        way_mm = body.away_mm(body.mask(name))
        # Residual tissue is room; what has a name of its own is none.
        taken = body.drawn | ~np.isin(body.array, [0, *map(body.integer, ROOM)])
        free_mm = body.away_mm(taken)
        low, high = low_mm + radius_mm, high_mm + radius_mm
        places = np.argwhere((way_mm > low) & (way_mm < high) & (free_mm > radius_mm))
        assert len(places), f"no room beside {name}"
        at = tuple(places[len(places) // 2])
        return body.paint(body.ball(body.xyz_mm[(slice(None), *at)], radius_mm), name)

    return draw


def within(name: str, host: str, radius_mm: float) -> Draw:
    """Draw a ball of a structure inside another one, at the end that is nearer."""

    def draw(body: Body) -> Drawn:
        inner = body.away_mm(~body.mask(host)) > radius_mm
        way_mm = np.where(inner & ~body.drawn, body.away_mm(body.mask(name)), np.inf)
        at = np.unravel_index(way_mm.argmin(), way_mm.shape)
        return body.paint(body.ball(body.xyz_mm[(slice(None), *at)], radius_mm), name)

    return draw


def cut_off(name: str, axis: int, share: float, upper: bool, gap_mm: float = GAP_MM) -> Draw:
    """Take a slice out of a structure, so that a piece of it lies apart."""

    def draw(body: Body) -> Drawn:
        mask, along = body.mask(name), body.xyz_mm[axis]
        level = float(np.quantile(along[mask], share))
        beyond = along > level if upper else along < level
        body.array[mask & beyond & (np.abs(along - level) <= gap_mm)] = 0
        return body.leave(mask & (np.abs(along - level) > gap_mm) & beyond, name)

    return draw


def hole(name: str, radius_mm: float) -> Draw:
    """Take a ball out of the thickest place of a structure."""

    def draw(body: Body) -> Drawn:
        depth_mm = np.where(body.drawn, 0, body.away_mm(~body.mask(name)))
        at = np.unravel_index(depth_mm.argmax(), depth_mm.shape)
        room_mm = min(radius_mm, float(depth_mm[at]) - SPACING_MM)
        return body.paint(body.ball(body.xyz_mm[(slice(None), *at)], room_mm), "background")

    return draw


def before(name: str, vertebra: str, way_mm: float, radius_mm: float) -> Draw:
    """Draw a ball of a structure in front of a vertebra."""

    def draw(body: Body) -> Drawn:
        centre = body.centre_mm(vertebra) + np.array([0.0, way_mm, 0.0])
        return body.paint(body.ball(centre, radius_mm), name)

    return draw


def in_the_pelvis(name: str, radius_mm: float) -> Draw:
    """Draw a ball of a structure beside the bladder, where a kidney is transplanted to."""

    def draw(body: Body) -> Drawn:
        side = 1.0 if body.ontology.get(name, "side") == "right" else -1.0
        centre = body.centre_mm("urinary_bladder") + np.array([side * 60.0, 10.0, 60.0])
        free = body.ball(centre, radius_mm) & ~body.drawn
        return body.paint(free, name)

    return draw


ROOM = (
    "fat",
    "abdominal_tissue",
    "mediastinal_tissue",
    "skeletal_muscle",
    "unknown_tissue",
)

VARIANTS: Mapping[str, Draw] = {
    "accessory spleen near the hilum": beside("spleen", 10, 30, 8),
    "accessory spleen in the pancreas": within("spleen", "pancreas", 6),
    "spleen tissue far from the spleen": beside("spleen", 120, 160, 8),
    "gastric pouch": cut_off("stomach", 2, 0.85, upper=True),
    "pole of a resected kidney": cut_off("kidney_left", 2, 0.25, upper=False),
    "transplanted kidney": in_the_pelvis("kidney_left", 28),
    "diverticulum of the bladder": beside("urinary_bladder", 10, 20, 9),
    "left lateral part of the liver behind a thin bridge": cut_off("liver", 0, 0.12, upper=False),
    "pancreas without its neck": cut_off("pancreas", 0, 0.4, upper=True),
    "ends of a resected gullet": cut_off("esophagus", 2, 0.6, upper=True, gap_mm=40),
    "a piece of lung": cut_off("lung_middle_lobe_right", 1, 0.75, upper=True),
    "rib in two pieces in line": cut_off("rib_left_7", 1, 0.7, upper=True),
    "end of a rib of which the middle was taken": cut_off("rib_right_6", 1, 0.4, True, 30),
    "detached arch of T12": cut_off("vertebrae_T12", 1, 0.3, upper=False, gap_mm=5),
    "detached arch of L4": cut_off("vertebrae_L4", 1, 0.3, upper=False, gap_mm=5),
    "detached arch of L5": cut_off("vertebrae_L5", 1, 0.3, upper=False, gap_mm=5),
    "broken femur": cut_off("femur_left", 2, 0.5, upper=False, gap_mm=30),
    "broken clavicle": cut_off("clavicula_right", 0, 0.6, upper=True),
    "narrowed aorta": cut_off("aorta", 2, 0.3, upper=False, gap_mm=20),
    "interrupted vena cava": cut_off("inferior_vena_cava", 2, 0.4, upper=False, gap_mm=20),
    "torn muscle": cut_off("gluteus_maximus_left", 2, 0.3, upper=False),
    "lesion of the liver": hole("liver", 14),
    "cyst of a kidney": hole("kidney_right", 12),
    "canal of the sacrum": hole("sacrum", 8),
}

OF_ONE_SCHEME: Mapping[str, Mapping[str, Draw]] = {
    "dap_atlas": {
        "lingual thyroid gland": before("thyroid_gland_left", "vertebrae_C2", 50, 9),
        "retrosternal goitre": beside("thyroid_gland_right", 15, 40, 8),
        "accessory parotid gland": beside("cheek_left", 8, 25, 7),
        "graft of bowel in the neck": before("small_bowel", "vertebrae_C5", 28, 7),
    },
    "totalsegmentator_v2": {
        "lingual thyroid gland": before("thyroid_gland", "vertebrae_C2", 50, 9),
    },
}
"""What only one scheme can say."""


def drawn_into(body: Body) -> dict[str, Drawn]:
    """Draw all variants into one body; return where each is, and its integer."""
    return {name: draw(body) for name, draw in {**OF_ONE_SCHEME[body.scheme], **VARIANTS}.items()}
