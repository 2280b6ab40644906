"""Shared: small random cases and steps, hand-drawn rows of voxels, all orientations of an array.

Test modules cannot import each other, so everything comes as a session fixture.
"""

from dataclasses import dataclass

import hypothesis.strategies as st
import numpy as np
import pytest

from oracle.drawing import SOME, by_place, repairs
from vesalius.engine.kinds import IntoOther, OnOwnSide
from vesalius.engine.plan.plan import BoxAnchor, LevelAnchor, PlaneAnchor
from vesalius.engine.plan.step import Step
from vesalius.engine.plan.where import (
    Ahead,
    AllOf,
    AnyOf,
    HasImage,
    MetadataIs,
    Not,
    Seen,
    Uncut,
)
from vesalius.engine.run_steps import run_steps
from vesalius.engine.runs.labelmap import decode, encode

LABELS = 5


@dataclass
class RandomCase:
    """Labels in some memory layout, an affine, anchors and steps."""

    array: np.ndarray
    affine: np.ndarray
    anchors: tuple
    metadata: dict
    steps: list

    def __repr__(self):
        """Show what a failing example needs."""
        return (
            f"RandomCase(np.array({self.array.tolist()}, np.{self.array.dtype}),\n"
            f"  np.array({self.affine.tolist()}),\n  {self.anchors},\n  {self.metadata},\n"
            f"  {self.steps})"
        )


def lay_out(values, rng):
    """Return equal values in C order, Fortran order or with permuted axes."""
    order = rng.permutation(3)
    stored = values.transpose(order)
    stored = np.ascontiguousarray(stored) if rng.integers(2) else np.asfortranarray(stored)
    return stored.transpose(np.argsort(order))


def random_affine(rng, *, oblique):
    """Return an invertible affine: a turned one, or one along the axes with neat spacing."""
    matrix = np.eye(4)
    if oblique:
        turn = np.linalg.qr(rng.normal(size=(3, 3)))[0]
        matrix[:3, :3] = turn * rng.uniform(0.5, 3, 3)
        matrix[:3, 3] = rng.uniform(-100, 100, 3)
    else:
        signs = rng.choice([-1, 1], 3)
        matrix[:3, :3] = np.eye(3)[rng.permutation(3)] * rng.choice([0.5, 1, 1.5, 3], 3) * signs
        matrix[:3, 3] = rng.integers(-20, 20, 3)
    return matrix


def random_anchors(rng):
    """Return two levels, a plane, an anchor that is often missing, and a box."""
    directions = [(1.0, 0.0, 0.0), (0.0, -1.0, 0.0), (0.0, 0.0, 1.0), (1.0, 2.0, -0.5)]

    def direction():
        return directions[rng.integers(4)]

    at = str(rng.choice(["centre", "far", "near"]))
    pair = tuple(int(v) for v in rng.permutation(LABELS)[:2] + 1)
    return (
        LevelAnchor("one", (int(rng.integers(1, 6)),), 1, direction(), at),
        LevelAnchor("two", pair, 1, direction(), at, str(rng.choice(["mean", "outermost"]))),
        PlaneAnchor("plane", (1, 2, 3, 4), 3, direction(), float(rng.choice([30, 90])), 5.0),
        LevelAnchor("lost", (int(rng.integers(1, 8)), 7), 2, direction()),
        BoxAnchor("box", pair[:1], 1, (0.0, 1.0, 2.0), (-0.5, 0.0, 1.5)),
    )


def guards():
    """Draw a guard of up to three levels."""
    atoms = st.one_of(
        st.builds(
            MetadataIs, st.sampled_from(["k", "m"]), st.sampled_from([("a",), ("a", "b"), ("b",)])
        ),
        st.builds(Seen, SOME, st.booleans()),
        st.builds(
            Uncut,
            SOME,
            st.sampled_from([(), ((0.0, 0.0, 1.0),), ((1.0, 0.0, 0.0), (0.5, -2.0, 1.0))]),
        ),
        st.just(HasImage()),
        st.builds(
            Ahead,
            SOME,
            SOME,
            st.sampled_from([(1.0, 0.0, 0.0), (0.0, -1.0, 0.0), (1.0, 2.0, -0.5)]),
        ),
    )
    return st.recursive(
        atoms,
        lambda inner: st.one_of(
            st.builds(Not, inner),
            st.builds(AllOf, st.lists(inner, max_size=3).map(tuple)),
            st.builds(AnyOf, st.lists(inner, max_size=3).map(tuple)),
        ),
        max_leaves=4,
    )


@st.composite
def matching(draw, expect, repair):
    """Draw a repair of the expectation's own labels, where it has such; else return `repair`."""
    if isinstance(expect, OnOwnSide):
        return draw(st.sampled_from([IntoOther(expect.pairs), repair]))
    return repair


@st.composite
def draw_case(draw, n_steps=3, *, with_guards=True):
    """Draw a case with some steps that declare to write everything."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shape = tuple(rng.integers(1, 7, 3))
    palette = draw(st.sampled_from([[0, 1, 2, 3, 4, 5], [0, 0, 0, 1, 2, 3], [0, 1, 2], [1, 5]]))
    values = rng.choice(palette, size=shape)
    if draw(st.booleans()):
        # Larger pieces: each voxel takes the value of a coarse cell.
        values = values[np.ix_(*(np.arange(n) // 2 for n in shape))]
    values = values.astype(draw(st.sampled_from(["uint8", "uint16"])))
    affine = random_affine(rng, oblique=draw(st.booleans()))
    voxel_ml = float(abs(np.linalg.det(affine[:3, :3]))) / 1000
    everything = tuple(range(1, LABELS + 3))
    steps = []
    for number in range(draw(st.integers(1, n_steps))):
        expect = draw(st.one_of(*by_place(voxel_ml).values()))
        repair = draw(matching(expect, draw(repairs(voxel_ml))))
        step = Step(
            rule=f"rule {number}",
            safety="unsafe" if rng.random() < 0.2 else "safe",
            guard=draw(guards()) if with_guards and rng.random() < 0.25 else None,
            expect=expect,
            repair=None if rng.random() < 0.15 else repair,
            exclude=draw(st.booleans()),
            on_missing="fail" if rng.random() < 0.3 else "skip",
            reads=everything,
            writes=(1, 2, 3) if rng.random() < 0.15 else everything,
        )
        steps.append(step)
    metadata = draw(st.fixed_dictionaries({}, optional={"k": st.sampled_from("abc")}))
    return RandomCase(lay_out(values, rng), affine, random_anchors(rng), metadata, steps)


@pytest.fixture(scope="session")
def cases():
    """Return a function: strategy arguments -> strategy of cases."""
    return draw_case


# The plane goes through the centre of label 9, across x; the other through label 8, across y.
PICTURE_ANCHORS = (
    LevelAnchor("x", (9,), 1, (1.0, 0.0, 0.0)),
    LevelAnchor("y", (8,), 1, (0.0, 1.0, 0.0)),
    BoxAnchor("box", (7,), 1, (1.0, 0.5, 0.0), (0.0, 1.0, 0.0)),
)


def parse(picture):
    """Return the voxels of a picture; a dot is background."""
    lines = [line.split() for line in picture.strip().splitlines()]
    digits = [[0 if cell == "." else int(cell) for cell in line] for line in lines]
    return np.array(digits, dtype=np.uint8).T[:, :, np.newaxis]


def mended_picture(before, expect, repair):
    """Return the picture after a step, and its outcome."""
    array = parse(before)
    step = Step("r", expect=expect, repair=repair, writes=tuple(range(1, 10)))
    ruled = run_steps([step], PICTURE_ANCHORS, encode(array, np.eye(4)))
    return decode(ruled.labels), ruled.outcomes[0]


def check_picture(before, expect, repair, after, status="changed"):
    """Check what a step makes of a picture; return its outcome."""
    got, outcome = mended_picture(before, expect, repair)
    assert outcome.status == status, outcome.reason
    assert np.array_equal(got, parse(after))
    return outcome


@pytest.fixture(scope="session")
def check():
    """Return a function: picture, expectation, repair, picture after, status -> outcome."""
    return check_picture
