"""Random steps of the kinds that measure and that make, with every field: hypothesis strategies."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
from hypothesis.strategies import SearchStrategy

from vesalius.engine.kinds import (
    Agrees,
    AtLevel,
    Beside,
    BothThere,
    Contiguous,
    Counted,
    Densities,
    Elongated,
    Enclosed,
    Exclusive,
    ExtentRatio,
    Facing,
    FacingPart,
    Filled,
    Follows,
    FromHu,
    HuRange,
    MeanHu,
    Numbered,
    Ordered,
    Pool,
    RestOfBody,
    Scale,
    Tapering,
    Together,
    ToldApart,
    Touching,
    Undivided,
    UsualSize,
    Volume,
    VolumeRatio,
)
from vesalius.engine.plan.where import Condition

Strategies = dict[type, SearchStrategy[Any]]

DIRECTIONS = [(1.0, 0.0, 0.0), (0.0, -2.0, 0.0), (0.0, 0.0, -1.0), (1.0, 2.0, -0.5)]
CONNECTIVITY = st.sampled_from([6, 18, 26])

# Kinds that measure: labels 1..7, of which 7 is always absent, and anchors 0..2.

DIRECTION = st.sampled_from(DIRECTIONS)
LEVEL = st.sampled_from([0, 0, 1, 1, 1, 1, 2])


def _labels(least: int = 1) -> SearchStrategy[tuple[int, ...]]:
    return st.lists(st.integers(1, 7), min_size=least, max_size=6, unique=True).map(tuple)


def _bound(*values: float) -> SearchStrategy[float | None]:
    return st.none() | st.sampled_from(values)


def _size(labels: tuple[int, ...]) -> SearchStrategy[UsualSize]:
    sides = [st.sampled_from([1.0, 2.0, 5.0])] * 3
    return st.builds(UsualSize, st.just(labels), *sides)


@st.composite
def _counted(draw: Any) -> Counted:
    """Two sequences without a common label."""
    order = draw(st.permutations(range(1, 7)))
    return Counted(
        positive=tuple(order[: draw(st.integers(1, 2))]),
        negative=tuple(order[3 : 3 + draw(st.integers(1, 2))]),
        anchor=draw(LEVEL),
        direction=draw(DIRECTION),
        by=draw(st.sampled_from(["mean", "median"])),
        connectivity=draw(CONNECTIVITY),
        clear_mm=draw(st.sampled_from([None, None, 0.0, 1.0, 3.0])),
        whole_share=draw(st.sampled_from([0.5, 0.9, 1.0])),
        like_share=draw(st.sampled_from([0.3, 0.6, 1.0])),
        image_reach=draw(st.sampled_from([0.5, 2.0, 4.0])),
    )


MEASURED: Strategies = {
    BothThere: st.builds(
        BothThere,
        pairs=st.permutations(range(1, 8)).map(lambda p: tuple(zip(p[:3], p[3:6], strict=True))),
        anchor=LEVEL,
        fewest_voxels=st.sampled_from([0, 0, 2, 5]),
    ),
    ToldApart: st.builds(
        lambda five, split, least, reach, larger, more: ToldApart(
            five[:2], five[2:split], five[split:], reach, least, five[larger : 2 * larger], *more
        ),
        st.permutations(range(1, 7)).map(lambda six: tuple(six[:5])),
        st.sampled_from([2, 3, 4, 5]),
        st.sampled_from([0, 1, 2]),
        st.sampled_from([1.0, 2.0, 9.0]),
        st.sampled_from([0, 0, 1]),
        st.tuples(st.sampled_from([0.1, 0.5, 1.0]), st.sampled_from([0.0, 1.0, 2.0])),
    ),
    Tapering: st.builds(
        Tapering,
        labels=_labels(),
        against=_labels(),
        flat_share=st.sampled_from([0.4, 0.75, 1.0]),
        meets_share=st.sampled_from([0.1, 0.5, 0.9]),
        at_least_mm2=st.sampled_from([0.0, 0.0, 0.5, 2.0]),
        layer_at_most_mm=st.sampled_from([100.0, 100.0, 2.0, 1.0]),
        background=st.booleans(),
    ),
    Elongated: st.builds(
        Elongated, labels=_labels(), at_least=st.sampled_from([1.0, 1.2, 1.5, 2.0, 3.0])
    ),
    AtLevel: st.builds(
        AtLevel,
        labels=_labels(),
        members=_labels(),
        along=DIRECTION,
        direction=DIRECTION,
        reach_mm=st.sampled_from([0.0, 0.5, 1.0, 2.0, 7.0]),
        share=st.sampled_from([0.25, 0.5, 0.9, 1.0]),
        least_share=st.sampled_from([0.0, 0.1, 0.5, 1.0]),
    ),
    Ordered: st.builds(
        Ordered,
        labels=_labels(2),
        direction=DIRECTION,
        tolerance_mm=st.sampled_from([0.0, 0.5, 2.0]),
        at_least_mm=_bound(0.0, 0.5, 1.0),
        at_most_mm=_bound(1.0, 2.0),
        skip_cut=st.booleans(),
        any_face=st.sampled_from([False, False, True]),
        at_least_steps=_bound(0.0, 0.5, 1.0),
        at_most_steps=_bound(1.0, 1.5),
        unit=_labels(3),
    ),
    Contiguous: st.builds(
        Contiguous,
        labels=_labels(3),
        optional=st.just(()) | _labels(),
        skip_cut=st.booleans(),
        reach_steps=st.sampled_from([0.25, 0.5, 1.0]),
        speck_share=st.sampled_from([0.0, 0.0, 0.3, 0.8, 1.0]),
        room_at_most=st.sampled_from([None, 1.0, 1.2, 1.6]),
        around=st.sampled_from([0, 1, 4]),
    ),
    Touching: st.builds(
        Touching,
        labels=_labels(),
        others=_labels(),
        gap_mm=st.sampled_from([None, 0.0, 0.5, 1.0, 1.5, 3.0]),
        gap_steps=_bound(0.0, 0.5, 1.0),
        unit=_labels(3),
    ),
    Enclosed: st.builds(
        Enclosed, labels=_labels(), by=_labels(), share=st.sampled_from([0.1, 0.25, 0.5, 1.0])
    ),
    Volume: st.builds(
        Volume,
        labels=_labels(),
        at_least_ml=_bound(0.001, 0.0135, 0.03),
        at_most_ml=_bound(0.004, 0.02),
        joint=st.booleans(),
    ),
    VolumeRatio: st.builds(
        VolumeRatio,
        labels=_labels(),
        others=_labels(),
        at_least=_bound(0.5, 1.0),
        at_most=_bound(1.0, 2.0),
        fewest_voxels=st.sampled_from([0, 0, 2, 5]),
    ),
    ExtentRatio: st.builds(
        ExtentRatio,
        labels=_labels(),
        others=_labels(),
        direction=DIRECTION,
        at_least=_bound(0.5, 1.0),
        at_most=_bound(1.0, 1.5),
        fewest_voxels=st.sampled_from([0, 0, 2, 5]),
    ),
    MeanHu: st.builds(
        MeanHu, labels=_labels(), at_least_hu=_bound(-50.0, 0.0), at_most_hu=_bound(0.0, 100.0)
    ),
    Filled: st.builds(
        Filled,
        labels=_labels(4),
        holes_at_most_ml=st.sampled_from([0.0, 0.001, 0.004]),
        ignore_above_ml=st.sampled_from([None, None, 0.002, 0.01]),
    ),
    Counted: _counted(),
    Undivided: st.builds(
        Undivided,
        labels=_labels(3),
        connectivity=CONNECTIVITY,
        ignore_below_ml=st.sampled_from([0.0, 0.0, 0.004, 0.03]),
        skip_cut=st.sampled_from([False, False, True]),
        sure=st.sampled_from([None, None, True, False]),
        mirrors=st.sampled_from([(), ((1, 2), (3, 4)), ((1, 5), (2, 6))]),
        enclosed_share=st.sampled_from([0.3, 0.5, 1.0]),
        less_share=st.sampled_from([0.5, 0.9, 1.0]),
    ),
    Numbered: st.builds(
        Numbered,
        # All six in order nearly always; a chain of some of them is rarely judged.
        labels=st.sampled_from([(1, 2, 3, 4, 5, 6)] * 9 + [(2, 1, 3, 4, 5, 6)]),
        direction=st.sampled_from(
            [*DIRECTIONS[:3], (-1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.1, 0.2, 1.0)]
        ),
        optional=st.just(()) | _labels(),
        may_lack=st.just(()) | _labels(),
        clear_mm=st.sampled_from([0.0, 0.0, 1.0]),
        connectivity=CONNECTIVITY,
        body_share=st.sampled_from([0.25, 0.5, 0.5, 1.0]),
        fewest=st.sampled_from([1, 4, 4, 6]),
        step_at_least=st.sampled_from([0.4, 0.6, 0.9]),
        step_at_most=st.sampled_from([1.1, 1.5, 2.5]),
        around=st.sampled_from([0, 1, 4]),
    ),
    Beside: st.builds(
        Beside,
        backbone=st.sampled_from([(1, 2, 3, 4, 5, 6)] * 5 + [(1, 2, 3, 4, 15, 5, 6)]),
        chains=st.sampled_from([((7, 8, 9, 10), (11, 12, 13, 14))] * 3 + [((7, 8, 9, 10),)]),
        first=st.sampled_from([1, 1, 1, 0]),
        optional=st.sampled_from([(15,), ()]),
        spare=st.sampled_from([(), (17,)]),
        foot=st.sampled_from([(16,), (16,), ()]),
        reach=st.sampled_from([1.2, 2.0, 0.8]),
        share=st.sampled_from([0.5, 0.75, 1.0]),
        fewest=st.sampled_from([2, 2, 3]),
        step_at_most=st.sampled_from([1.5, 2.5]),
        around=st.sampled_from([0, 1, 4]),
        body_share=st.sampled_from([0.25, 0.5, 1.0]),
        connectivity=CONNECTIVITY,
        apart=st.sampled_from([0.5, 0.5, 1.0, 1.5]),
        alike=st.sampled_from([2, 2, 1, 3]),
    ),
    Agrees: st.builds(
        Agrees,
        labels=_labels(4),
        anchor=LEVEL,
        direction=DIRECTION,
        expected=st.integers(2, 4),
        connectivity=CONNECTIVITY,
        sides=st.sampled_from([True, True, False]),
        order=st.sampled_from([True, True, False]),
    ),
}

MEASURED |= {
    Facing: st.builds(
        Facing,
        direction=DIRECTION,
        follows=st.lists(
            st.builds(Follows, before=_labels(), after=_labels()), min_size=1, max_size=4
        ).map(tuple),
        clear_mm=st.sampled_from([0.0, 0.5, 2.0]),
        at_least=st.integers(1, 4),
        share=st.sampled_from([0.25, 0.5, 0.8, 1.0]),
        skip_cut=st.booleans(),
        anchor=st.none() | LEVEL,
        positive=st.just(()) | _labels(),
        negative=st.just(()) | _labels(),
        parts=st.lists(st.builds(FacingPart, labels=_labels(3), lone=_labels()), max_size=2).map(
            tuple
        ),
    ),
    Scale: st.builds(
        Scale,
        sizes=st.permutations(range(1, 8)).flatmap(
            lambda p: st.tuples(*(_size(tuple(p[at : at + 3])) for at in (0, 3)))
        ),
        at_least=st.integers(1, 4),
        at_least_times=st.sampled_from([0.25, 0.5, 1.0]),
        at_most_times=st.sampled_from([1.0, 2.5, 4.0]),
        uneven_times=st.sampled_from([1.0, 2.0, 4.0]),
    ),
    Together: st.builds(
        Together,
        labels=_labels(5),
        pools=st.lists(st.builds(Pool, labels=_labels(3)), max_size=2).map(tuple),
        moved_mm=st.sampled_from([0.5, 1.0, 2.0]),
        share=st.sampled_from([0.25, 0.5, 1.0]),
        at_least=st.integers(1, 3),
        exclusive=st.lists(
            st.builds(Exclusive, one=_labels(), other=_labels()), min_size=1, max_size=3
        ).map(tuple),
        thick_mm=st.sampled_from([1.0, 2.0, 3.0]),
        thick_voxels=st.integers(1, 3),
        deep_ml=st.sampled_from([0.0, 0.004, 0.02]),
        inside_share=st.sampled_from([0.25, 0.5, 1.0]),
        independent=st.integers(1, 3),
    ),
    Densities: st.builds(
        Densities,
        ranges=st.lists(
            st.builds(
                HuRange,
                labels=_labels(),
                at_least_hu=_bound(-50.0, 0.0),
                at_most_hu=_bound(0.0, 100.0),
            ),
            min_size=1,
            max_size=3,
        ).map(tuple),
        at_least=st.integers(1, 4),
        share=st.sampled_from([0.1, 0.5, 1.0]),
    ),
}

FEW_CONDITIONS = st.lists(
    st.builds(Condition, st.sampled_from([0, 0, 1, 1, 2]), st.booleans()), max_size=2
).map(tuple)
MADE: Strategies = {
    FromHu: st.builds(
        FromHu,
        label=st.integers(1, 8),
        lo_hu=st.sampled_from([-1000.0, -60.0, 0.0]),
        hi_hu=st.sampled_from([40.0, 3000.0]),
        region=FEW_CONDITIONS,
        over=st.lists(st.integers(0, 6), min_size=1, max_size=4, unique=True).map(tuple),
        keep_largest=st.none() | st.integers(1, 2),
    ),
    RestOfBody: st.builds(
        RestOfBody,
        label=st.integers(1, 8),
        lo_hu=st.sampled_from([-300.0, 0.0, 100.0]),
        opening_mm=st.sampled_from([0.0, 1.5, 2.0, 4.0]),
        across=st.sampled_from([*DIRECTIONS, None]),
        over=st.lists(st.integers(1, 6), max_size=2, unique=True).map(tuple),
    ),
}
