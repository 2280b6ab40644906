"""Centres of labels advance along a direction."""

from __future__ import annotations

import itertools

import numpy as np

from oracle.geometry import centre_mm, in_outer_layer, reaches_end, settled, unit
from oracle.judging import NOTHING, Said, Values, Wrong
from oracle.state import Missing, State, main_mask
from oracle.usual_step import usual_step_mm
from vesalius.engine.kinds import Ordered


def judge(expect: Ordered, state: State) -> Said:
    """Compare the centre of every label with that of the next present one."""
    labels = expect.labels
    there = state.present(labels)
    chain = [n for n in there if not (expect.skip_cut and _is_cut(expect, state, n))]
    if len(chain) < 2:
        return NOTHING
    least, most = expect.at_least_mm, expect.at_most_mm
    unit_lost = False
    if expect.at_least_steps is not None or expect.at_most_steps is not None:
        try:
            usual = usual_step_mm(state, expect.unit)
        except Missing:
            least, most, unit_lost = None, None, True
        else:
            steps = (expect.at_least_steps, expect.at_most_steps)
            least, most = (None if n is None else settled(n * usual) for n in steps)
    findings = []
    for one, other in itertools.pairwise(chain):
        ends = [centre_mm(main_mask(state, n), state.affine) for n in (one, other)]
        step = settled(unit(expect.direction) @ (ends[1] - ends[0]))
        values: Values = (("step_mm", step),)
        bounded = labels.index(other) == labels.index(one) + 1
        bounded = bounded and not any(_is_cut(expect, state, n) for n in (one, other))
        if step < -expect.tolerance_mm:
            findings.append(Wrong("out of order", (one, other), 0, values))
        elif bounded and least is not None and step < least:
            values += (("at_least_mm", least),)
            findings.append(Wrong("too small a step", (one, other), 0, values))
        elif bounded and most is not None and step > most:
            values += (("at_most_mm", most),)
            findings.append(Wrong("too large a step", (one, other), 0, values))
    return Said(tuple(findings), passed_over=unit_lost or len(chain) < len(there))


def _is_cut(expect: Ordered, state: State, label: int) -> bool:
    mask = main_mask(state, label)
    forth = np.array(expect.direction)
    if expect.any_face:
        return in_outer_layer(mask)
    return any(reaches_end(mask, way, state.affine) for way in (forth, -forth))
