"""One rule of an area, lowered to its only step, in a space of six structures."""

from __future__ import annotations

UP, DOWN, LEFT = (0.0, 0.0, 1.0), (0.0, 0.0, -1.0), (-1.0, 0.0, 0.0)

SPACE = ("kidney_left", "kidney_right", "liver", "gonads", "spleen", "brain")
KL, KR, LIVER, GONADS, SPLEEN, BRAIN = range(1, 7)
KIDNEYS = "for: [kidney_left, kidney_right]"
SPINE = ("vertebrae_T11", "vertebrae_T12", "vertebrae_L1", "vertebrae_T13", "sacrum")
GONE = "for: gonads\n  expect: absent\n  repair: "


def one(lower, body, *space):
    """Lower one rule to its only step."""
    lowered = lower(f"- id: areas/x\n  summary: x\n  {body}\n", *(space or SPACE))
    (step,) = lowered.steps
    return step, lowered
