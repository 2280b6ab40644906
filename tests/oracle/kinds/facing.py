"""Which way round a map lies, by comparing every place that can be compared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from oracle.geometry import centre_mm, settled, unit
from oracle.judging import NOTHING, Said, Wrong
from oracle.state import State, main_mask
from vesalius.engine.kinds import Facing

# Faces of the array within 45 degrees of the direction are its ends.
COSINE = 0.7071


class Place(NamedTuple):
    """Labels that were compared, and whether they lie the other way round."""

    labels: tuple[int, ...]
    wrong: bool


def judge(expect: Facing, state: State) -> Said:
    """Compare groups with groups, and labels with the plane."""
    places = [*_followed(expect, state), *_sided(expect, state)]
    name = "turned along " + "xyz"[int(np.argmax(np.abs(expect.direction)))]
    wrong = [place for place in places if place.wrong]
    enough = len(places) >= max(expect.at_least, 1)
    if enough and len(wrong) >= expect.share * len(places):
        return Said((_finding(name, places),))
    findings = []
    for part in expect.parts:
        own = [place for place in places if set(place.labels) <= set(part.labels)]
        tells = any(label in part.lone for place in own for label in place.labels)
        if tells and len(own) >= max(expect.at_least, 1) and all(place.wrong for place in own):
            findings.append(_finding(name, own))
    if not findings and len(places) < expect.at_least:
        return NOTHING
    return Said(tuple(findings))


def _finding(name: str, places: Sequence[Place]) -> Wrong:
    wrong = [place for place in places if place.wrong]
    labels = tuple(sorted({label for place in wrong for label in place.labels}))
    return Wrong(name, labels, 0, (("wrong", float(len(wrong))), ("compared", float(len(places)))))


def _followed(expect: Facing, state: State) -> Iterable[Place]:
    for pair in expect.follows:
        ends = []
        for group in (pair.before, pair.after):
            present = state.present(group)
            if not present or (expect.skip_cut and any(_cut(expect, state, n) for n in present)):
                break
            main = np.any([main_mask(state, n) for n in present], axis=0)
            ends.append(centre_mm(main, state.affine))
        else:
            step = settled(unit(expect.direction) @ (ends[1] - ends[0]))
            if abs(step) >= expect.clear_mm:
                yield Place(tuple(state.present((*pair.before, *pair.after))), step < 0)


def _cut(expect: Facing, state: State, label: int) -> bool:
    """Tell whether a label reaches the first or last layer along the direction."""
    mask = main_mask(state, label)
    for axis in range(3):
        one, other = (state.affine[:3, at] for at in range(3) if at != axis)
        across = unit(np.cross(one, other)) @ unit(expect.direction)
        layers = np.flatnonzero(mask.any(axis=tuple(at for at in range(3) if at != axis)))
        at_end = layers[0] == 0 or layers[-1] == mask.shape[axis] - 1
        if round(abs(float(across)), 6) >= COSINE and at_end:
            return True
    return False


def _sided(expect: Facing, state: State) -> Iterable[Place]:
    if expect.anchor is None:
        return
    fit = state.fit(expect.anchor)
    if not fit.fitted or fit.normal is None:
        return
    for label in sorted({*expect.positive, *expect.negative}):
        if not (state.work == label).any():
            continue
        away = settled(unit(fit.normal) @ centre_mm(main_mask(state, label), state.affine)
                       - fit.offset_mm)  # fmt: skip
        if abs(away) >= expect.clear_mm:
            yield Place((label,), (away < 0) == (label in expect.positive))
