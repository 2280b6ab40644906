"""Random steps of every kind, with every field: hypothesis strategies.

`tests/oracle/test_kinds.py` asks that each field of each kind is drawn with different values.
"""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
from hypothesis.strategies import SearchStrategy

from oracle.drawing_measures import CONNECTIVITY, MADE, MEASURED, Strategies
from vesalius.engine.kinds import (
    Absent,
    AsCounted,
    Beside,
    Counted,
    Filled,
    Into,
    IntoEnclosing,
    IntoNeighbour,
    IntoOther,
    IntoOwner,
    IntoRegions,
    IntoSides,
    IntoSurrounding,
    Located,
    Numbered,
    OnOwnSide,
    Pieces,
    Plausible,
    Present,
    Undivided,
)
from vesalius.engine.plan.meant import Meant, NearTo
from vesalius.engine.plan.where import Condition

SHARES = st.sampled_from([0.6, 0.75, 0.9, 1.0])
PER = st.sampled_from(["component", "voxel"])

# Kinds that look at components and sides: labels 1..5, anchors as `plane_like` draws them.

SOME = st.lists(st.integers(1, 5), min_size=1, max_size=3, unique=True).map(tuple)
# The last of the planes is missing in most cases, so it comes up less often.
PLANE = st.sampled_from([0, 0, 1, 1, 2, 3])
REGION = st.lists(
    st.builds(Condition, st.sampled_from([0, 0, 0, 1, 1, 1, 2, 2, 3, 4, 4, 4]), st.booleans()),
    max_size=2,
).map(tuple)
PAIRS = st.permutations(range(1, 6)).flatmap(
    lambda p: st.sampled_from([((p[0], p[1]),), ((p[0], p[1]), (p[2], p[3]))])
)


def by_place(voxel_ml: float) -> Strategies:
    """Expectations about components, sides and regions, of labels 1..5 and anchors 0..4.

    Volumes are a few voxels.
    """
    ml = st.sampled_from([0.0, 0.0, 1.0, 2.0, 3.0, 8.0]).map(lambda n: n * voxel_ml)
    shares = st.sampled_from([(0.0, 1.0), (0.0, 1.0), (0.5, 1.0), (0.0, 0.4)])
    near = st.none() | st.builds(NearTo, SOME, st.sampled_from([0.0, 1.0, 1.5, 3.0]))
    meant = st.builds(
        lambda least_ml, share, cut, near, spared: Meant(least_ml, *share, cut, near, spared),
        ml,
        shares,
        st.sampled_from([False, False, True]),
        near,
        near,
    )
    return {
        Absent: st.builds(Absent, labels=SOME, region=REGION, per=PER, at_most_ml=ml, meant=meant),
        Present: st.builds(
            Present,
            labels=SOME,
            all_of=st.booleans(),
            fewest=st.sampled_from([0, 0, 1, 2, 3]),
        ),
        Pieces: st.builds(
            Pieces,
            labels=SOME,
            at_most=st.sampled_from([None, 0, 1, 1, 1, 2]),
            at_least=st.sampled_from([None, None, 1, 2]),
            joint=st.booleans(),
            connectivity=CONNECTIVITY,
            ignore_below_ml=ml,
            at_least_share=st.sampled_from([0.0, 0.0, 0.5]),
            at_most_share=st.sampled_from([None, None, 0.25, 0.5]),
            spare_near_mm=st.sampled_from([0.0, 0.0, 1.5, 3.0]),
            spare_lone=st.sampled_from([False, False, True]),
            spare_border_mm=st.sampled_from([None, None, 0.0, 1.0, 3.0]),
            touching_share=st.sampled_from([0.0, 0.0, 0.25, 0.5]),
            spare_near_to=near,
        ),
        OnOwnSide: st.builds(
            OnOwnSide,
            pairs=PAIRS,
            anchor=PLANE,
            per=PER,
            whole_share=SHARES,
            leave_unsure=st.sampled_from([False, True, True]),
            near_mirror_mm=st.sampled_from([None, 1.0, 3.0]),
            images_mm=st.sampled_from([None, 1.0, 4.0, 100.0]),
            whole_only=st.just(()) | SOME,
            like_share=st.sampled_from([0.5, 0.5, 0.8, 1.0]),
            waist_mm=st.sampled_from([0.0, 1.0, 2.0, 5.0]),
            near_to=near,
        ),
        Located: st.builds(
            Located,
            labels=SOME,
            region=REGION,
            inside=st.booleans(),
            per=PER,
            share=SHARES,
            meant=meant,
        ),
        Plausible: st.builds(Plausible, anchor=st.integers(0, 4)),
    }


# Repairs: labels 0..7, anchors as for kinds by place.


def limits(figures: list[float]) -> SearchStrategy[Any]:
    """A figure for each of some labels."""
    found = st.dictionaries(st.integers(1, 5), st.sampled_from(figures), min_size=1)
    return found.map(lambda table: tuple(sorted(table.items())))


def flat_repairs(voxel_ml: float) -> Strategies:
    """Repairs that hold no other."""
    label = st.integers(0, 7)
    return {
        Into: st.builds(Into, label=label),
        IntoSides: st.builds(
            IntoSides, anchor=PLANE, positive=label, negative=label, whole_share=SHARES
        ),
        IntoSurrounding: st.builds(
            IntoSurrounding,
            otherwise=label,
            background=st.booleans(),
            never=st.just(()) | SOME,
        ),
        IntoOwner: st.builds(
            IntoOwner,
            share=st.sampled_from([0.0, 0.2, 0.34, 0.5]),
            times_next=st.sampled_from([1.0, 1.5, 2.0]),
            apart_mm=st.just(()) | limits([0.0, 1.5, 3.0]),
            crumb_ml=st.just(()) | limits([voxel_ml, 3 * voxel_ml]),
            crumb_mm=st.sampled_from([0.0, 1.5, 2.5]),
            ground=st.just(()) | SOME,
            never=st.just(()) | SOME,
            background=st.booleans(),
        ),
        # Every label that may be at fault has a pair.
        IntoOther: st.sampled_from([((1, 2), (3, 4), (5, 6)), ((1, 4), (2, 5), (3, 6))]).map(
            IntoOther
        ),
    }


def nested_repairs(voxel_ml: float, inner: SearchStrategy[Any]) -> Strategies:
    """Repairs that hold others, which `inner` draws."""
    ml = st.sampled_from([0.0, 0.0, 2.0, 3.0]).map(lambda n: n * voxel_ml)
    candidates = st.permutations(range(1, 6)).map(tuple)
    neighbours = st.lists(candidates, min_size=5, max_size=5).map(
        lambda lists: tuple((n + 1, c[: 1 + n % 4]) for n, c in enumerate(lists))
    )
    cases = st.lists(st.tuples(REGION, inner), min_size=1, max_size=2).map(tuple)
    return {
        IntoNeighbour: st.builds(
            IntoNeighbour,
            neighbours=neighbours,
            at_least_ml=ml,
            connectivity=CONNECTIVITY,
            rest=inner,
        ),
        IntoRegions: st.builds(IntoRegions, cases=cases, otherwise=inner),
    }


def repairs(voxel_ml: float) -> SearchStrategy[Any]:
    """Any repair that asks nothing of the expectation, nested up to two levels."""
    flat = st.one_of(*flat_repairs(voxel_ml).values())
    once = st.one_of(*nested_repairs(voxel_ml, flat).values())
    twice = st.one_of(*nested_repairs(voxel_ml, flat | once).values())
    return st.one_of(flat, once, twice)


# Repairs to the label that the expectation itself names.
TO_TARGET: dict[type, Any] = {
    Counted: AsCounted(),
    Numbered: AsCounted(),
    Beside: AsCounted(),
    Undivided: AsCounted(),
    Filled: IntoEnclosing(),
}


def every_kind() -> Strategies:
    """A strategy for each kind."""
    flat = flat_repairs(1.0)
    return {
        **by_place(1.0),
        **MEASURED,
        **MADE,
        **flat,
        **nested_repairs(1.0, st.one_of(*flat.values())),
        **{type(repair): st.just(repair) for repair in TO_TARGET.values()},
    }
