"""Shared strategies: small label volumes in every memory layout and under any affine.

Test modules cannot import each other, so the strategies come as session fixtures that are
drawn from with `st.data()`.
"""

from dataclasses import dataclass

import hypothesis.strategies as st
import numpy as np
import pytest

from vesalius.engine.runs import kernels

COMPILED = kernels.compiled


@pytest.fixture(scope="module", params=["compiled", "numpy"], autouse=True)
def use_kernels(request):
    """Run every test of this folder twice: with the compiled kernels and with numpy."""
    if request.param == "compiled" and COMPILED is None:
        pytest.skip("the kernels are not compiled here")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernels, "compiled", COMPILED if request.param == "compiled" else None)
        yield


PALETTES = ([0, 1], [0, 1, 2], [0, 1, 2, 3, 4, 5], [0, 0, 0, 1, 2], [0, 7, 255], [0, 3, 256, 65535])


@dataclass
class Volume:
    """A label array in some memory layout, and its affine."""

    array: np.ndarray
    affine: np.ndarray

    def __repr__(self):
        """Show what a failing example needs."""
        flat = self.array.tolist()
        return f"Volume({flat}, {self.array.dtype}, strides={self.array.strides})"


def lay_out(values, rng):
    """Return equal values in a random memory layout: C, F, permuted, flipped, strided."""
    order = rng.permutation(3)
    stored = values.transpose(order)
    kind = rng.integers(4)
    if kind == 0:
        stored = np.ascontiguousarray(stored)
    elif kind == 1:
        stored = np.asfortranarray(stored)
    elif kind == 2:
        flips = tuple(slice(None, None, s) for s in rng.choice([-1, 1], 3))
        stored = np.ascontiguousarray(stored[flips])[flips]
    else:
        roomy = np.zeros([2 * n for n in stored.shape], dtype=values.dtype)
        roomy[::2, 1::2, ::2] = stored
        stored = roomy[::2, 1::2, ::2]
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


@st.composite
def draw_volume(draw, shape=None):
    """Draw a volume of 1..7 voxels a side with 0..5 labels."""
    shape = shape or draw(st.tuples(*[st.integers(1, 7)] * 3))
    palette = draw(st.sampled_from(PALETTES))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    values = rng.choice(palette, size=shape)
    if draw(st.booleans()):
        # Larger pieces: each voxel takes the value of a coarse cell.
        coarse = tuple(np.arange(n) // 2 for n in shape)
        values = values[np.ix_(*coarse)]
    kinds = ["uint16", "int32", ">u2", "int64"] + ["uint8", "int16"] * (max(palette) < 256)
    values = values.astype(draw(st.sampled_from(kinds)))
    return Volume(lay_out(values, rng), random_affine(rng, oblique=draw(st.booleans())))


@st.composite
def draw_volumes(draw, count):
    """Draw several volumes of one shape under one affine."""
    shape = draw(st.tuples(*[st.integers(1, 7)] * 3))
    drawn = [draw(draw_volume(shape)) for _ in range(count)]
    for volume in drawn:
        volume.affine = drawn[0].affine
    return drawn


@pytest.fixture(scope="session")
def volumes():
    """Return the strategy of one volume."""
    return draw_volume()


@pytest.fixture(scope="session")
def volume_groups():
    """Return a function: number of volumes -> strategy of that many of one shape."""
    return draw_volumes
