"""Anchors of a plan: each once, in work labels. Merge divisions and rules use the same table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from vesalius.engine.plan.plan import Anchor, BoxAnchor, LevelAnchor, PlaneAnchor
from vesalius.rules.places.specs import FittedSpec, LevelSpec, PlaneSpec


@dataclass(frozen=True, eq=False)
class AnchorTable:
    """Anchors in use, each once.

    Parameters
    ----------
    labels : Mapping of str to int
        Structure to work label.
    anchors : list of Anchor
        Grows; actions and steps refer to positions.
    """

    labels: Mapping[str, int]
    anchors: list[Anchor] = field(default_factory=list)

    def index(self, spec: FittedSpec) -> int:
        """Give the position of an anchor, adding it where it is new."""
        anchor = lower_anchor(spec, self.labels)
        if anchor not in self.anchors:
            self.anchors.append(anchor)
        return self.anchors.index(anchor)


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
            outlier_factor=spec.outlier_factor,
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
