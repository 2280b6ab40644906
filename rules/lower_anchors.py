"""Anchors as written to anchors of the engine."""

from __future__ import annotations

from collections.abc import Mapping

from vesalius.engine.plan import Anchor, BoxAnchor, LevelAnchor, PlaneAnchor
from vesalius.rules.anchors import FittedSpec, LevelSpec, PlaneSpec


def lower_anchor(spec: FittedSpec, labels: Mapping[str, int]) -> Anchor:
    """Give an anchor in work labels; structures that nothing yields fall away."""
    points = tuple(labels[name] for name in spec.structures if name in labels)
    if isinstance(spec, PlaneSpec):
        return PlaneAnchor(
            token=spec.name,
            labels=points,
            min_points=spec.at_least,
            toward=spec.toward,
            max_tilt_deg=spec.max_tilt_deg,
            max_residual_mm=spec.max_residual_mm,
            within=spec.within,
        )
    if isinstance(spec, LevelSpec):
        return LevelAnchor(
            token=spec.name,
            labels=points,
            min_points=spec.at_least,
            direction=spec.direction,
            at=spec.at,
            combine=spec.combine,
        )
    return BoxAnchor(
        token=spec.name,
        labels=points,
        min_points=spec.at_least,
        margin_low_mm=spec.margin_low_mm,
        margin_high_mm=spec.margin_high_mm,
    )
