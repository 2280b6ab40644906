"""Making a phantom: the true label of every voxel and a matching CT, on any grid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vesalius.adapters.phantom.build import body_scale, build_steps
from vesalius.adapters.phantom.ct import make_ct
from vesalius.adapters.phantom.describe import Description
from vesalius.adapters.phantom.orientation import (
    CANONICAL,
    canonical_grid,
    turn_from_code,
    turn_of,
    turned,
    turned_grid,
)
from vesalius.adapters.phantom.paint import paint
from vesalius.adapters.phantom.tidy import tidy
from vesalius.engine.runs.grid import Grid
from vesalius.ontology.scheme.scheme import Scheme


@dataclass(frozen=True, eq=False)
class Phantom:
    """A phantom on a grid.

    Parameters
    ----------
    truth : ndarray of uint16, shape grid.shape
        The structure of each voxel: k is ``structures[k - 1]``, 0 is air.
    structures : tuple of str
        The structures that the description paints for this sex.
    ct : ndarray of int16, shape grid.shape
        HU.
    grid : Grid
        Where the voxels lie in the patient.
    sex : str
        As in the description.
    seed : int
        What the small variations and the noise were drawn from.
    bands_mm : mapping of str to (float, float)
        Lowest and highest z of each body region in the patient.
    """

    truth: NDArray[np.uint16]
    structures: tuple[str, ...]
    ct: NDArray[np.int16]
    grid: Grid
    sex: str
    seed: int
    bands_mm: Mapping[str, tuple[float, float]]


def make_phantom(
    description: Description,
    spacing_mm: Sequence[float] = (3.0, 3.0, 3.0),
    shape: Sequence[int] | None = None,
    sex: str = "male",
    seed: int = 0,
    orientation: str = CANONICAL,
    affine: ArrayLike | None = None,
) -> Phantom:
    """Make a phantom.

    Whatever the orientation, the voxels are computed once in canonical order (RAS+) and then
    flipped and swapped, so the truth, the CT and its noise agree exactly in patient space. Only
    on an oblique grid are they computed, and the noise drawn, in the order of the array.

    Parameters
    ----------
    description : Description
        What to paint.
    spacing_mm : three float
        Voxel size along the patient's x, y and z (not along the array axes).
    shape : three int or None
        Number of voxels along x, y and z, centred on the field of view; the whole field where
        None. With `affine`, the shape of the array, and required.
    sex : str
        One of the description's.
    seed : int
        Not negative; the same seed gives the same bytes.
    orientation : str
        One of the 48 codes, such as ``RAS`` or ``PIR``: what grows along each array axis.
    affine : array_like, shape (4, 4), or None
        Replaces spacing and orientation.

    Raises
    ------
    ValueError
        If the sex, the seed, the orientation, or the shape with an affine is not as above.
    """
    if sex not in description.body.sexes:
        raise ValueError(f"sex is one of {', '.join(description.body.sexes)}, not {sex!r}")
    if seed < 0:
        raise ValueError(f"the seed must not be negative, not {seed}")
    if affine is not None:
        if shape is None:
            raise ValueError("an affine needs the shape of the array")
        wanted = Grid(_three(shape), np.asarray(affine, dtype=np.float64))
        return _on_grid(description, wanted, sex, seed)
    turn = turn_from_code(orientation)
    made = _painted(description, _field(description, spacing_mm, shape), sex, seed)
    grid = turned_grid(made.grid, turn)
    return replace(made, truth=turned(made.truth, turn), ct=turned(made.ct, turn), grid=grid)


def truth_labels(phantom: Phantom, scheme: Scheme) -> NDArray[np.uint16]:
    """Give the truth in the integers of a scheme; its background where it has no such class."""
    table = np.full(len(phantom.structures) + 1, scheme.background, dtype=np.uint16)
    for number, name in enumerate(phantom.structures, start=1):
        integer = scheme.integer_of(name)
        if integer is not None:
            table[number] = integer
    return np.asarray(table[phantom.truth])


def _field(
    description: Description, spacing_mm: Sequence[float], shape: Sequence[int] | None
) -> Grid:
    """Give the canonical grid, centred on the field of view."""
    spacing = np.asarray(spacing_mm, dtype=np.float64)
    form = description.body.field_of_view_mm
    low, high = np.array([form.x, form.y, form.z], dtype=np.float64).T
    if shape is None:
        # A voxel more would stick out of the field, except for rounding.
        count = _three(np.maximum(np.floor((high - low) / spacing + 1e-6), 1).astype(int))
    else:
        count = _three(shape)
    affine = np.diag([*spacing, 1.0])
    affine[:3, 3] = (low + high) / 2 - (np.array(count) - 1) / 2 * spacing
    return Grid(count, affine)


def _on_grid(description: Description, grid: Grid, sex: str, seed: int) -> Phantom:
    """Paint an axis-aligned grid in canonical order and turn the result; an oblique one as is."""
    turn = turn_of(grid.affine)
    if turn is None or turn == turn_from_code(CANONICAL):
        return _painted(description, grid, sex, seed)
    made = _painted(description, canonical_grid(grid, turn), sex, seed)
    return replace(made, truth=turned(made.truth, turn), ct=turned(made.ct, turn), grid=grid)


def _painted(description: Description, grid: Grid, sex: str, seed: int) -> Phantom:
    steps = build_steps(description, sex, seed)
    scale = body_scale(description, sex, seed)
    painted = paint(grid, steps, scale)
    structure_of = ["", *(step.structure for step in steps)]
    tidy(painted, structure_of, description.fragmented(), description.body.tidy.into)
    structures = description.structures(sex)
    number = {name: value for value, name in enumerate(structures, start=1)}
    table = np.array([number.get(name, 0) for name in structure_of], dtype=np.uint16)
    air = description.body.air
    hu = np.array([air.hu, *(step.hu for step in steps)], dtype=np.float32)
    noise = np.array([air.noise_hu, *(step.noise_hu for step in steps)], dtype=np.float32)
    bands = {
        name: (band[0] * float(scale[2]), band[1] * float(scale[2]))
        for name, band in description.body.bands_mm.items()
    }
    truth, ct = table[painted], make_ct(painted, hu, noise, seed)
    return Phantom(truth, structures, ct, grid, sex, seed, bands)


def _three(values: Sequence[int] | NDArray[np.int64]) -> tuple[int, int, int]:
    i, j, k = (int(v) for v in values)
    return i, j, k
