"""The plan: integers and operations, nothing else.

The compiler writes a plan, :func:`vesalius.engine.execute.execute` runs it. Work labels are
1..n inside the engine; `Output` says which integer each becomes in the file. Tokens (source
names, metadata keys, display names) are opaque to the engine: it compares and reports them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from vesalius.engine.plan.step import Step

PLAN_SCHEMA = "plan/1"
WRITTEN_IF_SET = "written_if_set"
"""Marks a field that is written only where it has not its default, so that other plans stay."""


@dataclass(frozen=True)
class WorkLabel:
    """One label of the working space.

    Parameters
    ----------
    label : int
        The label, 1..n.
    token : str
        Opaque name used in reports.
    rank : int
        Painting rank, unique; the higher rank wins a voxel that several sources claim.
    tier : int
        Coarse-to-fine tier; a claim of a higher tier over a lower is expected, not a conflict.
    ancestors : tuple of int
        Work labels that contain this one; painting over them is never a conflict.
    output : int
        Integer in the output file; 0 where the target has no place for it.
    """

    label: int
    token: str
    rank: int
    tier: int
    ancestors: tuple[int, ...]
    output: int


@dataclass(frozen=True)
class Paint:
    """Every voxel of the integer becomes `label`; 0 = dropped on purpose."""

    op: ClassVar[str] = "paint"
    label: int


@dataclass(frozen=True)
class Ignore:
    """The source has no opinion on voxels of the integer."""

    op: ClassVar[str] = "ignore"


@dataclass(frozen=True)
class Choose:
    """The case's metadata decides: `options` maps a value of `key` to an action."""

    op: ClassVar[str] = "choose"
    key: str
    options: tuple[tuple[str, Action], ...]
    otherwise: Action


@dataclass(frozen=True)
class Divide:
    """An anchor's plane decides, component by component, cutting those that straddle it.

    `positive` is taken on the side the anchor's normal points to; `otherwise` where the
    anchor could not be fitted.
    """

    op: ClassVar[str] = "divide"
    anchor: int
    positive: Action
    negative: Action
    otherwise: Action


Action = Paint | Ignore | Choose | Divide


@dataclass(frozen=True)
class PlaneAnchor:
    """A plane fitted by total least squares through the centres of work labels.

    Parameters
    ----------
    token : str
        Opaque name used in reports.
    labels : tuple of int
        Work labels whose centroids (mm) are the points.
    min_points : int
        With fewer points the anchor is missing.
    toward : tuple of float, shape (3,)
        Patient direction (RAS+) the unit normal must point to.
    max_tilt_deg : float
        A normal further than this from `toward` is implausible and the anchor missing.
    max_residual_mm : float
        A larger root mean square distance of the points is implausible.
    within : tuple of float, shape (3,), or None
        A patient direction that lies in the plane; used with a line's worth of points, where
        the points alone do not fix the plane.
    outlier_factor : float
        A point further away than so many times the median distance, and than `max_residual_mm`, is
        left out of a second fit.
    """

    op: ClassVar[str] = "plane"
    token: str
    labels: tuple[int, ...]
    min_points: int
    toward: tuple[float, float, float]
    max_tilt_deg: float
    max_residual_mm: float
    within: tuple[float, float, float] | None = None
    outlier_factor: float = 3.0


@dataclass(frozen=True)
class LevelAnchor:
    """A plane with a fixed normal through the middle one of the centres of work labels.

    `direction` is the unit normal (RAS+); at least `min_points` of `labels` must be present.
    `at` says which point of each label counts: its "centre", its "far" end (the voxel centre
    furthest along the direction) or its "near" end. Of several ends `combine` takes the "mean" or
    the "outermost": the furthest far end, the nearest near end. Of centres it is always
    the middle one: the median along the direction.
    """

    op: ClassVar[str] = "level"
    token: str
    labels: tuple[int, ...]
    min_points: int
    direction: tuple[float, float, float]
    at: str = "centre"
    combine: str = "outermost"


@dataclass(frozen=True)
class BoxAnchor:
    """A box along the patient axes around the voxel centres of work labels.

    At least `min_points` of `labels` must be present. The box reaches `margin_low_mm` beyond them
    towards lower x, y, z (RAS+) and `margin_high_mm` towards higher.
    """

    op: ClassVar[str] = "box"
    token: str
    labels: tuple[int, ...]
    min_points: int
    margin_low_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)
    margin_high_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)


Anchor = PlaneAnchor | LevelAnchor | BoxAnchor


@dataclass(frozen=True)
class SourceTable:
    """What each integer of one source means. `open` sources pass over unlisted integers."""

    token: str
    actions: tuple[tuple[int, Action], ...]
    open: bool = False


POLICIES = ("union", "vote", "priority")


@dataclass(frozen=True)
class Merging:
    """Which claims of a label count, where several sources can tell it.

    Parameters
    ----------
    policy : str
        "union": all; "vote": where more than half of the sources that can tell the label claim it;
        "priority": those of the first preferred source that can tell it; all, where none can.
    preferred : tuple of str
        For "priority" the tokens of sources, the first before the second.
    """

    policy: str = "union"
    preferred: tuple[str, ...] = ()


UNION = Merging()


@dataclass(frozen=True)
class Plan:
    """Everything the engine needs to run a case.

    Parameters
    ----------
    target : str
        Opaque name of the target scheme.
    work : tuple of WorkLabel
        In label order, 1..n.
    sources : tuple of SourceTable
        In token order.
    anchors : tuple of Anchor
        What divisions refer to by position; fitted once, before the merge.
    rule_anchors : tuple of Anchor
        What steps refer to by position; fitted to the map as it is at each step.
    steps : tuple of Step
        What must hold of the merged map, and its repairs, in order.
    turns : int
        All steps are run so often, at most, until nothing changes.
    connectivity : int
        6, 18 or 26; used for the components of `Divide`.
    whole_share : float
        A component with at least this share of voxels on one side goes there whole.
    merging : Merging
        Which claims count; written only where it is not the union.
    """

    target: str
    work: tuple[WorkLabel, ...]
    sources: tuple[SourceTable, ...]
    anchors: tuple[Anchor, ...]
    rule_anchors: tuple[Anchor, ...] = ()
    steps: tuple[Step, ...] = ()
    turns: int = 1
    connectivity: int = 6
    whole_share: float = 0.9
    merging: Merging = field(default=UNION, metadata={WRITTEN_IF_SET: True})
