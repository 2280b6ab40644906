"""Places that rules and schemes speak of: directions, anchors, regions.

An anchor is a named place that is fitted from structures (`anchors.yaml`); a relation names a side
of an anchor or of a structure's centre; a region is relations that hold together.
"""

from vesalius.rules.places.anchors import load_anchors, packaged_anchor_path, read_anchors
from vesalius.rules.places.specs import (
    AnchorSpec,
    BoxSpec,
    FittedSpec,
    LevelSpec,
    PlaneSpec,
    RegionSpec,
    midline_of,
)

__all__ = [
    "AnchorSpec",
    "BoxSpec",
    "FittedSpec",
    "LevelSpec",
    "PlaneSpec",
    "RegionSpec",
    "load_anchors",
    "midline_of",
    "packaged_anchor_path",
    "read_anchors",
]
