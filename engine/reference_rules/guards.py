"""Guards by truth tables."""

from __future__ import annotations

import numpy as np

from vesalius.engine.projection import settled
from vesalius.engine.reference_rules.state import State, centre_mm
from vesalius.engine.steps import Ahead, AllOf, AnyOf, Guard, HasImage, MetadataIs, Not, Seen, Uncut


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
        return kleene_and([_uncut(label, state) for label in guard.labels])
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
    masks = [np.isin(state.work, labels) for labels in (guard.labels, guard.others)]
    if not all(mask.any() for mask in masks):
        return None
    step_mm = centre_mm(masks[0], state.affine) - centre_mm(masks[1], state.affine)
    unit = np.array(guard.direction) / np.linalg.norm(guard.direction)
    return bool(settled(step_mm @ unit) > 0)


def kleene_and(answers: list[bool | None]) -> bool | None:
    """Fold with false < unknown < true, the least wins."""
    grade = {False: 0, None: 1, True: 2}
    return {0: False, 1: None, 2: True}[min((grade[a] for a in answers), default=2)]


def _uncut(label: int, state: State) -> bool | None:
    mask = state.work == label
    if not mask.any():
        return None
    inner = np.zeros(mask.shape, dtype=bool)
    inner[1:-1, 1:-1, 1:-1] = True
    return not bool(np.any(mask & ~inner))
