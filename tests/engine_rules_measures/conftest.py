"""Shared: random cases, the comparison with the oracle, all orientations of an array.

Test modules cannot import each other, so everything comes as a session fixture.
"""

from dataclasses import dataclass, replace

import hypothesis.strategies as st
import numpy as np
import pytest

from oracle import kinds as oracle
from oracle.drawing_measures import DIRECTIONS
from oracle.state import State
from vesalius.engine.judging.context import ArrayImage, start
from vesalius.engine.kinds import judge
from vesalius.engine.plan.plan import LevelAnchor
from vesalius.engine.runs.labelmap import decode, encode

LABELS = 6


@dataclass
class Case:
    """Labels and an image in some memory layout, an affine and anchors."""

    array: np.ndarray
    image: np.ndarray | None
    affine: np.ndarray
    anchors: tuple = ()

    def __repr__(self):
        """Show what a failing example needs."""
        image = None if self.image is None else f"np.array({self.image.tolist()})"
        return (
            f"Case(np.array({self.array.tolist()}, np.{self.array.dtype}),\n  {image},\n"
            f"  np.array({self.affine.tolist()}),\n  {self.anchors})"
        )

    def context(self):
        image = None if self.image is None else ArrayImage(self.image)
        return start(encode(self.array, self.affine), self.anchors, image=image)

    def state(self):
        work = np.ascontiguousarray(self.array).astype(np.int64)
        return State(work, self.affine, self.anchors, image=self.image)


def lay_out(values, rng):
    """Return equal values in C order, Fortran order or with permuted axes."""
    order = rng.permutation(3)
    stored = values.transpose(order)
    stored = np.ascontiguousarray(stored) if rng.integers(2) else np.asfortranarray(stored)
    return stored.transpose(np.argsort(order))


def random_affine(rng):
    """Return a neat affine along the axes, a turned one, a tilted one or a skewed one."""
    matrix = np.eye(4)
    kind = rng.integers(4)
    if kind < 2:
        signs = rng.choice([-1, 1], 3)
        matrix[:3, :3] = np.eye(3)[rng.permutation(3)] * rng.choice([0.5, 1, 1.5, 3], 3) * signs
        matrix[:3, 3] = rng.integers(-20, 20, 3)
    else:
        turn = np.linalg.qr(rng.normal(size=(3, 3)))[0]
        matrix[:3, :3] = turn * rng.uniform(0.5, 3, 3)
        if kind == 3:
            matrix[:3, 0] += rng.uniform(-2, 2) * matrix[:3, 1]
        matrix[:3, 3] = rng.uniform(-100, 100, 3)
    return matrix


def boxes(rng, shape):
    """Boxes over boxes, some of them hollow."""
    array = np.zeros(shape, dtype=np.int64)
    for _ in range(rng.integers(1, 14)):
        sides = [sorted(rng.integers(0, n + 1, 2)) for n in shape]
        label = rng.integers(1, LABELS + 1)
        array[tuple(slice(*side) for side in sides)] = label
        if rng.random() < 0.4:
            inner = tuple(slice(low + 1, high - 1) for low, high in sides)
            array[inner] = rng.choice([0, 0, label])
    return array


def hollow(rng, shape):
    """A solid block of one or two labels with holes of one or a few voxels."""
    array = np.full(shape, rng.integers(1, LABELS + 1))
    if rng.random() < 0.5:
        array[: rng.integers(0, shape[0] + 1)] = rng.integers(1, LABELS + 1)
    for _ in range(rng.integers(1, 5)):
        at = [int(rng.integers(1, n - 1)) if n > 2 else 0 for n in shape]
        size = rng.integers(1, 3, 3)
        array[tuple(slice(low, low + n) for low, n in zip(at, size, strict=True))] = 0
    return array


def sticks(rng, shape):
    """Slanted lines in every other plane of the middle axis, some of them in two halves."""
    array = np.zeros(shape, dtype=np.int64)
    for row in range(0, shape[1], 2):
        rise, foot = rng.uniform(-1.5, 1.5), rng.uniform(0, shape[2])
        gap = rng.integers(0, shape[0]) if rng.random() < 0.6 else -1
        label = rng.integers(1, LABELS + 1)
        for i in range(shape[0]):
            if i == gap:
                label = rng.integers(1, LABELS + 1)
                continue
            low = int(np.clip(foot + rise * i, 0, shape[2] - 1))
            array[i, row, low : int(np.clip(low + abs(rise) + 1, low + 1, shape[2]))] = label
    return array


def chain(rng, shape):
    """Bars one after the other, named in order but for one mistake, with some crumbs."""
    del shape
    array = np.zeros((4, 5, 15), dtype=np.int64)
    names = [1, 2, 3, 4, 5, 6]
    kind, k = rng.integers(5), int(rng.integers(5))
    if kind == 1:
        names[k], names[k + 1] = names[k + 1], names[k]
    elif kind > 1:
        end = int(rng.integers(k + 1, 6))
        block = [n + 1 for n in names[k:end]] if kind == 2 else [n - 1 for n in names[k + 1 : end]]
        names[k : k + len(block)] = block
    for at, name in enumerate(names):
        side, rise = int(rng.integers(2)), int(rng.random() < 0.1)
        array[1:3, 1 + side : 3 + side, 2 + 2 * at + rise] = name
    if rng.random() < 0.3:
        array[0, 0, rng.integers(15)] = rng.integers(1, LABELS + 1)
    return array.transpose(rng.permutation(3))


def ladder(rng, shape):
    """Bars, and one or two beside each but the first and the last, with a mistake in the names."""
    del shape
    array = np.zeros((7, 3, 17), dtype=np.int64)
    names = {"back": list(range(1, 7)), "left": [7, 8, 9, 10], "right": [11, 12, 13, 14]}
    for which in rng.choice(["back", "left", "right"], rng.integers(3), replace=False):
        row = names[which]
        kind, k = rng.integers(4), int(rng.integers(len(row) - 1))
        if kind == 0:
            row[k], row[k + 1] = row[k + 1], row[k]
        elif kind == 1:
            # One name is there twice, and those before it or after it are one off.
            first, last = int(rng.integers(k + 1)), int(rng.integers(k + 1, len(row)))
            if rng.random() < 0.5:
                row[first:last] = row[first + 1 : last + 1]
            else:
                row[first + 1 : last + 1] = row[first:last]
        else:
            row[:] = [0, *row[:-1]] if kind == 2 else [*row[1:], 0]
    for at, name in enumerate(names["back"]):
        array[3, 1:, 2 * at + 2] = name
    for at in range(4):
        for x, which in ((1, "left"), (5, "right")):
            level = 2 * at + 4 + int(rng.random() < 0.15)
            array[x - 1 : x + 1 + int(rng.random() < 0.9), 1, level] = names[which][at]
    if rng.random() < 0.7:
        array[3, 1:, 14 + int(rng.random() < 0.2)] = 16
    if rng.random() < 0.15:
        array[rng.integers(7), 0, rng.integers(17)] = rng.integers(1, 18)
    return array.transpose(rng.permutation(3))


def noise(rng, shape):
    return rng.choice([0, 0, *range(1, LABELS + 1)], size=shape)


def random_array(rng, shape, kinds):
    """One of several kinds, with an empty margin in half of all."""
    array = kinds[rng.integers(len(kinds))](rng, shape)
    if rng.random() < 0.5:
        inner = array[1:-1, 1:-1, 1:-1].copy()
        array[:] = 0
        array[1:-1, 1:-1, 1:-1] = inner
    return array.astype(rng.choice(["uint8", "uint16", "int32"]))


def random_image(rng, shape):
    kind = rng.integers(5)
    if kind == 0:
        return None
    if kind == 1:
        return rng.integers(-1024, 3000, shape).astype(np.int16)
    if kind == 2:
        return rng.choice([-1000, -50, 40, 900], shape).astype(np.int16)
    image = rng.normal(0, 300, shape).astype(rng.choice(["float32", "float64"]))
    if kind == 3:
        image[rng.random(shape) < 0.2] = np.nan
        image[rng.random(shape) < 0.1] = np.inf
    return image


@st.composite
def draw_case(draw, longest=7, most=None):
    """Draw a case; most of the arrays are of one kind where that is asked for."""
    kinds = [noise, boxes, boxes, hollow, sticks]
    kinds += {
        None: [],
        "hollow": [hollow] * 10,
        "sticks": [sticks] * 10,
        "chain": [chain] * 30,
        "ladder": [ladder] * 40,
    }[most]
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shape = tuple(int(n) for n in rng.integers(1 if rng.random() < 0.1 else 4, longest + 1, 3))
    array = lay_out(random_array(rng, shape, kinds), rng)
    image = random_image(rng, array.shape)
    if image is not None:
        image = lay_out(image, rng)
    at = str(rng.choice(["centre", "far", "near"]))
    anchors = (
        LevelAnchor("a", (1, 2, 3), 1, DIRECTIONS[rng.integers(4)], at),
        LevelAnchor("b", (1, 2, 3, 4, 5, 6), 1, DIRECTIONS[rng.integers(4)]),
        LevelAnchor("lost", (1, 9), 2, DIRECTIONS[rng.integers(4)]),
    )
    return Case(array, image, random_affine(rng), anchors)


def compare(expect, case):
    """Check the judgement against the oracle, and return the verdict."""
    context = case.context()
    before = case.array.copy()
    verdict = judge(expect, context)
    said = oracle.judge(expect, case.state())
    assert (verdict.missing is not None) == said.missing, verdict.missing
    found = [(f.kind, f.labels, f.voxels, f.values) for f in verdict.findings]
    wanted = [tuple(wrong) for wrong in said.findings]
    assert found == wanted
    parts = shown(verdict.faults, context.work)
    assert len(parts) == len(said.parts)
    for (voxels, target), part in zip(parts, said.parts, strict=True):
        assert np.array_equal(voxels, part.voxels)
        assert target == part.target
    assert np.array_equal(case.array, before)
    return verdict


def shown(faults, work):
    """Return voxels and target of each part."""
    if faults is None:
        return []
    parts = []
    for number in range(len(faults)):
        mine = faults.part == number
        label = np.ones(int(mine.sum()), dtype=np.uint16)
        runs = replace(
            faults.runs, start=faults.runs.start[mine], stop=faults.runs.stop[mine], label=label
        )
        voxels = decode(runs).astype(bool)
        assert voxels.shape == work.grid.shape
        parts.append((voxels, -1 if faults.target is None else int(faults.target[number])))
    return parts


@pytest.fixture(scope="session")
def cases():
    """Return a function: longest side, most frequent kind -> strategy of a case."""
    return draw_case


@pytest.fixture(scope="session")
def agree():
    return compare


@pytest.fixture(scope="session")
def parts_of():
    return shown


@pytest.fixture(scope="session")
def make_case():
    """Return a function: array, affine or spacing, image, anchors -> case."""

    def make(array, affine=None, image=None, anchors=()):
        matrix = np.eye(4) if affine is None else np.asarray(affine, dtype=float)
        if matrix.shape == (3,):
            matrix = np.diag([*matrix, 1.0])
        array = np.asarray(array)
        return Case(array.astype(np.uint8), image, matrix, tuple(anchors))

    return make


@pytest.fixture(scope="session")
def directions():
    return DIRECTIONS
