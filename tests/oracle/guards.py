"""Guards by truth tables."""

from __future__ import annotations

import numpy as np

from oracle.geometry import centre_mm, in_outer_layer, reaches_end, settled, unit
from oracle.state import State, main_mask
from vesalius.engine.plan.where import (
    Ahead,
    AllOf,
    AnyOf,
    Guard,
    HasImage,
    MetadataIs,
    Not,
    Seen,
    Uncut,
)


def answer(guard: Guard | None, state: State) -> bool | None:  # noqa: PLR0911  one per kind
    """Return true, false or None for unknown."""
    if guard is None:
        return True
    if isinstance(guard, MetadataIs):
        value = state.metadata.get(guard.key)
        return value in guard.values if value else None
    if isinstance(guard, Seen):
        seen = [bool(np.any(state.work == label)) for label in guard.labels]
        return all(seen) if guard.all_of else any(seen)
    if isinstance(guard, Uncut):
        return kleene_and([_uncut(label, guard, state) for label in guard.labels])
    if isinstance(guard, HasImage):
        return state.image is not None
    if isinstance(guard, Ahead):
        return _ahead(guard, state)
    if isinstance(guard, Not):
        inner = answer(guard.guard, state)
        return None if inner is None else not inner
    if isinstance(guard, AllOf):
        return kleene_and([answer(g, state) for g in guard.guards])
    if isinstance(guard, AnyOf):
        inverse = kleene_and([answer(Not(g), state) for g in guard.guards])
        return None if inverse is None else not inverse
    raise TypeError(guard)


def _ahead(guard: Ahead, state: State) -> bool | None:
    masks = [
        np.any([main_mask(state, label) for label in labels], axis=0)
        for labels in (guard.labels, guard.others)
    ]
    if not all(mask.any() for mask in masks):
        return None
    step_mm = centre_mm(masks[0], state.affine) - centre_mm(masks[1], state.affine)
    return settled(step_mm @ unit(guard.direction)) > 0


def kleene_and(answers: list[bool | None]) -> bool | None:
    """Fold with false < unknown < true, the least wins."""
    grade = {False: 0, None: 1, True: 2}
    return {0: False, 1: None, 2: True}[min((grade[a] for a in answers), default=2)]


def _uncut(label: int, guard: Uncut, state: State) -> bool | None:
    mask = main_mask(state, label)
    if not mask.any():
        return None
    if not guard.directions:
        return not in_outer_layer(mask)
    return not any(reaches_end(mask, way, state.affine) for way in guard.directions)
