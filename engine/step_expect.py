"""What must hold of a label map: the closed set of expectations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from vesalius.engine.step_where import Per, Region, Vector


@dataclass(frozen=True)
class Absent:
    """No part of the labels lies in the region.

    Per component its centre decides. A label of which no more than `at_most_ml` lies there, all
    its parts together, is not at fault.
    """

    labels: tuple[int, ...]
    region: Region = ()
    per: Per = "component"
    at_most_ml: float = 0.0


@dataclass(frozen=True)
class Present:
    """Some (or all) of the labels have voxels."""

    labels: tuple[int, ...]
    all_of: bool = False


@dataclass(frozen=True)
class Pieces:
    """Number of connected components of each label (of all together where `joint`).

    Components below `ignore_below_ml` do not count and are no fault. The `at_most` largest stay;
    of equally large ones the order of components (by patient position) decides. No fault is
    either a component whose share of the largest is below `at_least_share` or above
    `at_most_share`, nor one within `spare_near_mm` of one of the same label that stays (by voxel
    centres; those below `ignore_below_ml` are passed over), nor, with
    `spare_lone`, one that touches none of the other labels, nor one of whose voxel faces less than
    `touching_share` border on other ones of the labels (the outside of the grid has no faces), nor
    one that lies within `spare_border_mm` of the border of the scan, 0 being its outermost layer of
    voxels: nobody knows how it goes on outside.
    """

    labels: tuple[int, ...]
    at_most: int | None = None
    at_least: int | None = None
    joint: bool = False
    connectivity: int = 6
    ignore_below_ml: float = 0.0
    at_least_share: float = 0.0
    at_most_share: float | None = None
    spare_near_mm: float = 0.0
    spare_lone: bool = False
    spare_border_mm: float | None = None
    touching_share: float = 0.0


@dataclass(frozen=True)
class OnOwnSide:
    """Parts of each pair's first label lie on a plane's positive side, of its second on the other.

    Per component, a component with at least `whole_share` of its voxels on one side counts as
    lying there whole; one that straddles the plane is judged voxel by voxel.

    With `leave_unsure` only what is beyond doubt is at fault: components that lie whole on the
    other side, if the largest component of their label lies whole on its own and the pair's other
    label is present; or if both labels of the pair have their largest component whole on the
    other's side, while more pairs have one on its own side and none on the other. Then with
    `near_mirror_mm` of a pair that is not swapped only components are at fault that come so near
    to the largest component of the other label (by voxel centres). Labels of `whole_only` are
    judged only where their pair is swapped. With `images_mm` one label may also stand for both:
    the other label is absent, the largest component of the label on one side of the plane and
    that on the other lie there whole, one has at least half of the voxels of the other, they are
    mirror images (the centre of one, reflected by the plane, is at most `images_mm` from that of
    the other), and more pairs have both largest components on their own side than on the other's.
    """

    pairs: tuple[tuple[int, int], ...]
    anchor: int
    per: Per = "component"
    whole_share: float = 0.9
    leave_unsure: bool = False
    near_mirror_mm: float | None = None
    images_mm: float | None = None
    whole_only: tuple[int, ...] = ()


@dataclass(frozen=True)
class Located:
    """At least `share` of each label lies inside the region (or outside, where not `inside`).

    Per component its centre decides and `share` is a share of components' voxels. Where the
    share is too small, every part that lies wrong is at fault.
    """

    labels: tuple[int, ...]
    region: Region
    inside: bool
    per: Per = "component"
    share: float = 1.0


@dataclass(frozen=True)
class Ordered:
    """Centres of the present labels advance along a direction, in the order given.

    `at_least_mm` and `at_most_mm` bound the step between neighbours of the list that are both
    present and uncut; a plain order allows steps back of up to `tolerance_mm`.
    """

    labels: tuple[int, ...]
    direction: Vector
    tolerance_mm: float = 0.0
    at_least_mm: float | None = None
    at_most_mm: float | None = None
    skip_cut: bool = True


@dataclass(frozen=True)
class Contiguous:
    """Between the first and the last present label of the list none is missing.

    With `skip_cut` a gap between two labels that are both cut by the border of the scan is none.
    """

    labels: tuple[int, ...]
    optional: tuple[int, ...] = ()
    skip_cut: bool = False


@dataclass(frozen=True)
class Touching:
    """Each of `labels` comes within `gap_mm` of one of `others` (surface to surface)."""

    labels: tuple[int, ...]
    others: tuple[int, ...]
    gap_mm: float


@dataclass(frozen=True)
class Enclosed:
    """At least `share` of the faces of each label touch `by` or the label itself."""

    labels: tuple[int, ...]
    by: tuple[int, ...]
    share: float


@dataclass(frozen=True)
class Volume:
    """Volume of each label (of all together where `joint`).

    Labels cut by the border of the scan are not judged.
    """

    labels: tuple[int, ...]
    at_least_ml: float | None = None
    at_most_ml: float | None = None
    joint: bool = False


@dataclass(frozen=True)
class VolumeRatio:
    """Volume of `labels` over that of `others`, both uncut and present, lies in a range."""

    labels: tuple[int, ...]
    others: tuple[int, ...]
    at_least: float | None = None
    at_most: float | None = None


@dataclass(frozen=True)
class MeanHu:
    """Mean Hounsfield value of each label lies in a range."""

    labels: tuple[int, ...]
    at_least_hu: float | None = None
    at_most_hu: float | None = None


@dataclass(frozen=True)
class Filled:
    """Each label has no enclosed cavity of background larger than `holes_at_most_ml`."""

    labels: tuple[int, ...]
    holes_at_most_ml: float = 0.0


@dataclass(frozen=True)
class Counted:
    """Pooled components of two sequences are numbered by their order along a direction.

    The components of all labels of both sequences together are pooled and the largest taken, as
    many as there are labels. On each side of the anchor's plane (where at least half of a
    component's voxels lie) they stand in the order of `by` along `direction`: the n-th carries
    the n-th label of its side's sequence. Unless each side has exactly as many as its sequence,
    nothing can be said; with `clear_mm` also where it is not clear: the border of the scan cuts one
    of the components; components that mostly carry
    a label have less than nine tenths of it; neighbours on one side whose labels are in the wrong
    order are less than `clear_mm` apart; or two mostly carry the same label, unless the other side
    carries its numbers and each component is the mirror image of the one with the same number
    there (as high to less than `clear_mm`, centres at most twice that apart, the smaller at least
    0.6 of the larger).
    """

    positive: tuple[int, ...]
    negative: tuple[int, ...]
    anchor: int
    direction: Vector
    by: Literal["mean", "median"] = "median"
    connectivity: int = 6
    clear_mm: float | None = None


@dataclass(frozen=True)
class Undivided:
    """A pooled component of the labels carries one label, if it is clear which.

    The home of a label is the pooled component with most of its voxels. A label at home
    elsewhere does not occur in the home of exactly one label that has at least as many voxels
    there, or only with less than `ignore_below_ml`. With `skip_cut` nothing is said of a component
    that the border of the scan cuts, nor of two labels of which it cuts one: most of it may lie
    outside, and so may its home.
    """

    labels: tuple[int, ...]
    connectivity: int = 6
    ignore_below_ml: float = 0.0
    skip_cut: bool = False


@dataclass(frozen=True)
class Numbered:
    """The bodies of a chain of labels carry their names in the order of the list.

    A body is a component with at least half of the voxels of the largest of its label; along
    `direction` their centres stand in some order. It is only judged where it is proven: there are
    as many bodies as labels from the first to the last that is present; names are off by one place
    at most; either no name is missing and less than half of the bodies changed places, or one name
    is missing that no patient lacks (`may_lack`), one is there twice, and all between are off; the
    border cuts none that is out of place; and around those the centres are `clear_mm` or more
    apart along the direction and as far from each other as the rest of the chain (0.6 to 1.5
    times the median step). `optional` labels count only where they are present.
    """

    labels: tuple[int, ...]
    direction: Vector
    optional: tuple[int, ...] = ()
    may_lack: tuple[int, ...] = ()
    clear_mm: float = 0.0
    connectivity: int = 6


@dataclass(frozen=True)
class Agrees:
    """The side and the order of `Counted`'s components do not depend on how they are measured.

    Used to exclude cases: sides by the plane and by minimum, order by median and by minimum;
    either can be left out. `expected` is the number of components; with fewer, nothing can be
    said.
    """

    labels: tuple[int, ...]
    anchor: int
    direction: Vector
    expected: int
    connectivity: int = 6
    sides: bool = True
    order: bool = True


@dataclass(frozen=True)
class Plausible:
    """An anchor's fit is plausible; with too few points to fit it nothing can be said."""

    anchor: int


Expect = (
    Absent
    | Present
    | Pieces
    | OnOwnSide
    | Located
    | Ordered
    | Contiguous
    | Touching
    | Enclosed
    | Volume
    | VolumeRatio
    | MeanHu
    | Filled
    | Counted
    | Undivided
    | Numbered
    | Agrees
    | Plausible
)
