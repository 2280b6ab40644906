"""Which parts are meant."""

from __future__ import annotations

from dataclasses import dataclass

from vesalius.engine.plan.roles import LabelsRead, Millilitres, Millimetres, Share


@dataclass(frozen=True)
class NearTo:
    """What comes near to one of some labels.

    Parameters
    ----------
    labels : tuple of int
        The labels; to its own label nothing is near, nor to one that is not there.
    mm : float
        Distance of the nearest voxel centres, included.
    """

    labels: LabelsRead
    mm: Millimetres


@dataclass(frozen=True)
class Meant:
    """The parts that are at fault where they lie wrong; all others are passed over.

    A part is a connected component (faces connect) of the voxels that lie wrong.

    Parameters
    ----------
    ignore_below_ml : float
        A smaller one is not meant.
    at_least_share, at_most_share : float
        Nor one whose share of the voxels of the largest component of its label is less or more.
    skip_cut : bool
        Nor one that the border of the scan cuts.
    near, spare_near : NearTo or None
        Only what comes near to the first is meant, and nothing that comes near to the second.
    """

    ignore_below_ml: Millilitres = 0.0
    at_least_share: Share = 0.0
    at_most_share: Share = 1.0
    skip_cut: bool = False
    near: NearTo | None = None
    spare_near: NearTo | None = None


EVERY_PART = Meant()
"""All are meant."""
