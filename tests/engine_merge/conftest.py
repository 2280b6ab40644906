"""Random plans, cases and reorientations, shared through fixtures."""

from dataclasses import asdict, dataclass, replace

import numpy as np
import pytest
from hypothesis import strategies as st
from nibabel.orientations import apply_orientation, inv_ornt_aff

from vesalius.engine.execute import Case, execute
from vesalius.engine.kinds import Absent, Into, OnOwnSide, Pieces
from vesalius.engine.merge.anchors import AnchorFit
from vesalius.engine.plan.plan import (
    Choose,
    Divide,
    Ignore,
    LevelAnchor,
    Merging,
    Paint,
    Plan,
    PlaneAnchor,
    SourceTable,
    WorkLabel,
)
from vesalius.engine.plan.step import Step
from vesalius.engine.plan.where import Condition
from vesalius.engine.runs.grid import Grid
from vesalius.engine.runs.labelmap import decode, encode

DIRECTIONS = [
    (1.0, 0.0, 0.0),
    (0.0, -1.0, 0.0),
    (0.0, 0.0, 1.0),
    (0.6, 0.8, 0.0),
    (1.0, -2.0, 3.0),
]
OBLIQUE = np.array(
    [[0.9, -0.2, 0.1, -7.3], [0.25, 1.4, -0.3, 11.1], [-0.1, 0.35, 2.1, 3.7], [0, 0, 0, 1]]
)
AFFINES = [
    np.diag([1.0, 1.0, 1.0, 1.0]),
    np.array([[-1.5, 0, 0, 4.25], [0, 0, 2.5, -3.0], [0, 0.75, 0, 1.0], [0, 0, 0, 1]]),
    OBLIQUE,
]


@dataclass(frozen=True)
class Sample:
    """A plan and voxel arrays for it."""

    plan: Plan
    volumes: dict
    affine: np.ndarray
    shape: tuple
    metadata: dict

    def run(self, order="F", axes=(0, 1, 2)):
        arrays = {name: np.array(a, order=order) for name, a in self.volumes.items()}
        for array in arrays.values():
            array.setflags(write=False)
        sources = {name: encode(array, self.affine) for name, array in arrays.items()}
        return execute(self.plan, Case(Grid(self.shape, self.affine), axes, sources, self.metadata))


def work_labels(n):
    def build(parts):
        ranks, tiers, outputs, kin = parts
        return tuple(
            WorkLabel(
                label,
                f"w{label}",
                ranks[label - 1] * 3,
                tiers[label - 1],
                tuple(other for other in range(1, label) if (other, label) in kin),
                outputs[label - 1],
            )
            for label in range(1, n + 1)
        )

    return st.tuples(
        st.permutations(range(n)),
        st.lists(st.integers(0, 2), min_size=n, max_size=n),
        st.lists(st.sampled_from([0, 1, 2, 7, 300]), min_size=n, max_size=n),
        st.sets(st.tuples(st.integers(1, n), st.integers(1, n)), max_size=3),
    ).map(build)


def actions(n, n_anchors):
    leaf = st.one_of(
        st.integers(0, n).map(Paint),
        st.integers(1, n).map(Paint),
        st.integers(1, n).map(Paint),
        st.just(Ignore()),
    )

    def nest(inner):
        choose = st.builds(
            lambda key, options, otherwise: Choose(key, tuple(options), otherwise),
            st.sampled_from(["k", "m", "n"]),
            st.lists(
                st.tuples(st.sampled_from(["a", "b", "c"]), inner),
                max_size=2,
                unique_by=lambda option: option[0],
            ),
            inner,
        )
        if not n_anchors:
            return choose
        divide = st.builds(Divide, st.integers(0, n_anchors - 1), inner, inner, inner)
        return st.one_of(choose, divide, divide)

    return st.recursive(leaf, nest, max_leaves=6)


def anchors(n):
    labels = st.lists(st.integers(1, n), min_size=1, max_size=n, unique=True).map(tuple)
    directions = st.sampled_from(DIRECTIONS)
    plane = st.builds(
        PlaneAnchor,
        token=st.just(""),
        labels=labels,
        min_points=st.integers(1, 3),
        toward=directions,
        max_tilt_deg=st.sampled_from([20.0, 45.0, 89.0]),
        max_residual_mm=st.sampled_from([0.5, 1.0, 50.0]),
        within=st.none() | directions,
    )
    level = st.builds(
        LevelAnchor,
        token=st.just(""),
        labels=labels,
        min_points=st.integers(1, 2),
        direction=directions,
        at=st.sampled_from(["centre", "far", "near"]),
        combine=st.sampled_from(["mean", "outermost"]),
    )
    return st.lists(st.one_of(plane, level), max_size=3).map(
        lambda found: tuple(replace(anchor, token=f"p{at}") for at, anchor in enumerate(found))
    )


@st.composite
def plans(draw):
    n = draw(st.integers(1, 6))
    found = draw(anchors(n))
    tables = []
    for at in range(draw(st.integers(0, 4))):
        integers = draw(st.sets(st.integers(1, 5), max_size=5))
        entries = tuple((integer, draw(actions(n, len(found)))) for integer in sorted(integers))
        tables.append(SourceTable(f"s{at}", entries, draw(st.booleans())))
    return Plan(
        target="t",
        work=draw(work_labels(n)),
        sources=tuple(tables),
        anchors=found,
        connectivity=draw(st.sampled_from([6, 18, 26])),
        whole_share=draw(st.sampled_from([0.5, 0.55, 0.75, 0.9, 1.0])),
        merging=draw(mergings([table.token for table in tables])),
    )


def mergings(tokens):
    preferred = st.lists(st.sampled_from(tokens), unique=True) if tokens else st.just([])
    return st.one_of(
        st.just(Merging()),
        st.just(Merging("vote")),
        preferred.map(lambda order: Merging("priority", tuple(order))),
    )


def any_action(rng, n, n_anchors, depth):
    """A random action; hypothesis alone would nearly always choose the simplest."""
    kind = rng.choice(["paint", "leaf", "choose", "divide"], p=[0.45, 0.15, 0.1, 0.3])
    if kind == "divide" and depth and n_anchors:
        inner = [any_action(rng, n, n_anchors, depth - 1) for _ in range(3)]
        return Divide(int(rng.integers(n_anchors)), *inner)
    if kind == "choose" and depth:
        options = tuple((v, any_action(rng, n, n_anchors, depth - 1)) for v in "ab")
        key = str(rng.choice(["k", "m", "n"]))
        return Choose(key, options, any_action(rng, n, n_anchors, depth - 1))
    if kind == "leaf":
        return [Ignore(), Paint(0)][rng.integers(2)]
    return Paint(int(rng.integers(1, n + 1)))


def any_anchor(rng, n, token):
    labels = rng.permutation(np.arange(1, n + 1))[: rng.integers((n + 1) // 2, n + 1)]
    chosen = tuple(int(label) for label in labels)
    direction = DIRECTIONS[rng.integers(len(DIRECTIONS))]
    if rng.random() < 0.3:
        at = str(rng.choice(["centre", "far", "near"]))
        combine = str(rng.choice(["mean", "outermost"]))
        return LevelAnchor(token, chosen, int(rng.integers(1, 3)), direction, at, combine)
    return PlaneAnchor(
        token=token,
        labels=chosen,
        min_points=int(rng.integers(1, 4)),
        toward=direction,
        max_tilt_deg=float(rng.choice([45.0, 89.0])),
        max_residual_mm=float(rng.choice([0.01, 0.5, 50.0])),
        within=None if rng.random() < 0.3 else DIRECTIONS[rng.integers(len(DIRECTIONS))],
        outlier_factor=float(rng.choice([1.5, 3.0])),
    )


def any_volume(rng, shape, allowed):
    """Noise, or a few boxes so that components have some size."""
    if rng.random() < 0.3:
        return rng.choice(allowed, size=shape).astype(np.uint16)
    volume = np.zeros(shape, dtype=np.uint16)
    for _ in range(rng.integers(0, 25)):
        box = tuple(slice(*sorted(rng.integers(0, side + 1, 2))) for side in shape)
        volume[box] = rng.choice(allowed)
    return volume


def any_table(rng, n, n_anchors, token):
    if rng.random() < 0.4:
        # A plain source: without one there is nothing to fit anchors to.
        return SourceTable(token, tuple((label, Paint(label)) for label in range(1, n + 1)))
    integers = range(1, 6) if rng.random() < 0.5 else rng.permutation(range(1, 9))[:4]
    entries = {int(i): any_action(rng, n, n_anchors, 3) for i in sorted(integers)}
    if rng.random() < 0.5:
        first, second = list(entries)[:2]
        entries[second] = entries[first]
    return SourceTable(token, tuple(entries.items()), bool(rng.random() < 0.3))


def any_step(rng, n):
    """One of the simplest steps; the tests of rules draw all others."""
    some = tuple(int(label) for label in rng.permutation(np.arange(1, n + 1))[: rng.integers(1, 4)])
    expects = [
        Pieces(some, at_most=1),
        Absent(
            some, (Condition(0, bool(rng.integers(2))),), str(rng.choice(["component", "voxel"]))
        ),
        OnOwnSide((some[:2],), 0) if len(some) > 1 else Absent(some),
    ]
    repair = [None, Into(0), Into(int(rng.integers(1, n + 1)))][rng.integers(3)]
    writes = tuple(range(1, n + 1))
    return Step("r", expect=expects[rng.integers(3)], repair=repair, reads=writes, writes=writes)


@st.composite
def samples(draw, affines=AFFINES, side=7):
    n = draw(st.sampled_from([6, 5, 4, 3, 2, 1]))
    work = draw(work_labels(n))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    least = 4 if rng.random() < 0.8 else 1
    shape = tuple(int(length) for length in rng.integers(least, side + 1, 3))
    n_anchors = int(rng.integers(0, 4))
    tables, volumes = [], {}
    for at in range(draw(st.sampled_from([3, 2, 4, 1, 0]))):
        table = any_table(rng, n, n_anchors, f"s{at}")
        tables.append(table)
        if rng.random() < 0.9:
            integers = [integer for integer, _ in table.actions]
            allowed = [0, *integers, *([11, 700] if table.open else [])]
            volumes[table.token] = any_volume(rng, shape, allowed)
    plan = Plan(
        target="t",
        work=work,
        sources=tuple(tables),
        anchors=tuple(any_anchor(rng, n, f"p{at}") for at in range(n_anchors)),
        rule_anchors=(any_anchor(rng, n, "r"),),
        steps=tuple(any_step(rng, n) for _ in range(rng.integers(0, 3))),
        connectivity=draw(st.sampled_from([6, 18, 26])),
        whole_share=draw(st.sampled_from([0.5, 0.55, 0.75, 0.9, 1.0])),
        merging=draw(mergings([table.token for table in tables])),
    )
    metadata = {key: str(rng.choice(list("abz"))) for key in "km" if rng.random() < 0.7}
    return Sample(plan, volumes, draw(st.sampled_from(affines)), shape, metadata)


@pytest.fixture(scope="session")
def plan_strategy():
    return plans()


@pytest.fixture(scope="session")
def sample_strategy():
    return samples()


class Reorient:
    """Other array axes for the same voxels at the same place in the patient."""

    @staticmethod
    def array(array, orientation):
        return apply_orientation(array, orientation)

    @staticmethod
    def sample(sample, orientation):
        volumes = {name: apply_orientation(a, orientation) for name, a in sample.volumes.items()}
        affine = sample.affine @ inv_ornt_aff(orientation, sample.shape)
        shape = apply_orientation(np.zeros(sample.shape), orientation).shape
        return replace(sample, volumes=volumes, affine=affine, shape=shape)


@pytest.fixture(scope="session")
def reorient():
    return Reorient


@pytest.fixture(scope="session")
def make_sample():
    return Sample


def close(found, wanted):
    """Whether anchors agree, but for rounding, texts, and the sign of an upright normal."""
    for one, other in zip(found, wanted, strict=True):
        bare = {"reason": "", "normal": None, "offset_mm": None, "tilt_deg": None}
        bare["residual_mm"] = None
        assert replace(one, **bare) == replace(other, **bare)
        sign = -1 if (one.tilt_deg or 0) > 89.999 and np.dot(one.normal, other.normal) < 0 else 1
        for name in ("normal", "offset_mm", "tilt_deg", "residual_mm"):
            ours, theirs = getattr(one, name), getattr(other, name)
            assert (ours is None) == (theirs is None), name
            if ours is not None:
                factor = sign if name in ("normal", "offset_mm") else 1
                # An angle from a cosine near 1 has half the digits.
                tolerance = 1e-5 if name == "tilt_deg" else 1e-7
                assert np.allclose(np.multiply(ours, factor), theirs, rtol=0, atol=tolerance), name


@pytest.fixture(scope="session")
def assert_same_tally():
    def check(found, wanted):
        close(found.anchors, wanted.anchors)

        def bare(tally):
            divisions = tuple(replace(entry, note="") for entry in tally.divisions)
            structures = tuple(replace(entry, ml=0.0) for entry in tally.structures)
            return replace(tally, anchors=(), divisions=divisions, structures=structures)

        assert bare(found) == bare(wanted)
        assert [e.ml for e in found.structures] == pytest.approx(
            [e.ml for e in wanted.structures], rel=1e-12
        )

    return check


@pytest.fixture(scope="session")
def assert_told_tally():
    """Compare a tally with the oracle's, which has the same names in plain dictionaries."""

    def check(found, wanted):
        told = asdict(found)
        anchors = [AnchorFit(reason="", **fit) for fit in wanted["anchors"]]
        close(found.anchors, anchors)
        for division in told["divisions"]:
            del division["note"]
        for name in ("sources", "choices", "divisions", "conflicts", "lost"):
            assert list(told[name]) == wanted[name], name
        for own, other in zip(told["structures"], wanted["structures"], strict=True):
            assert own == other | {"ml": pytest.approx(other["ml"], rel=1e-12)}
        assert set(told) == set(wanted)

    return check


@pytest.fixture(scope="session")
def voxels():
    """Decode a label map to a plain array."""

    def to_voxels(labelmap):
        return decode(labelmap).astype(np.int64)

    return to_voxels
