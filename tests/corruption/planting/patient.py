"""A phantom in the integers of a scheme, and where in it something can be planted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import cKDTree

from vesalius.adapters.phantom import Phantom, load_description, make_phantom, truth_labels
from vesalius.engine.runs.grid import Grid
from vesalius.ontology.graph import Ontology
from vesalius.ontology.scheme.scheme import Scheme

Labels = NDArray[np.uint16]
Mask = NDArray[np.bool_]
FACES = ndimage.generate_binary_structure(3, 1)
SITES = 8000
"""Free places that are looked at; more would only take time."""


@dataclass(frozen=True, eq=False)
class Patient:
    """A canonical (RAS+) phantom: axis 0 grows to the patient's right, axis 2 to the head.

    Parameters
    ----------
    truth : ndarray of uint16
        In the integers of `scheme`.
    """

    truth: Labels
    ct: NDArray[np.int16]
    grid: Grid
    sex: str
    seed: int
    scheme: Scheme
    ontology: Ontology

    def __getitem__(self, structure: str) -> int:
        """Return the integer of a structure."""
        integer = self.scheme.integer_of(structure)
        assert integer is not None, structure
        return integer

    @cached_property
    def name_of(self) -> dict[int, str]:
        return {self[name]: name for name in self.scheme.structures()}

    @cached_property
    def _boxes(self) -> list[tuple[slice, slice, slice] | None]:
        return ndimage.find_objects(self.truth)

    @cached_property
    def present(self) -> tuple[str, ...]:
        """Structures with voxels, in the order of the ontology."""
        found = [
            name
            for name in self.scheme.structures()
            if self[name] <= len(self._boxes) and self._boxes[self[name] - 1] is not None
        ]
        return self.ontology.in_order(found)

    def voxels(self, structure: str) -> NDArray[np.int64]:
        """Return the index triples of a structure, shape (n, 3), in array order."""
        box = self._boxes[self[structure] - 1]
        assert box is not None, structure
        return np.argwhere(self.truth[box] == self[structure]) + [s.start for s in box]

    def centre_mm(self, structure: str) -> NDArray[np.float64]:
        return self.grid.to_mm(self.voxels(structure).mean(axis=0)[None])[0]

    def height_mm(self, structure: str) -> float:
        return float(self.centre_mm(structure)[2])

    @cached_property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """(left, right) of each pair of which both are present."""
        found = []
        for name in self.present:
            mirror = self.ontology.mirror(name)
            if self.ontology.get(name, "side") == "left" and mirror in self.present:
                found.append((name, mirror))
        return tuple(found)

    def numbered(self, prefix: str) -> list[str]:
        """Return the members of a numbered chain that are present, from above."""
        return [name for name in self.present if name.startswith(prefix)]

    def uniform(self, half_width: int) -> Mask:
        """Tell where all voxels of the cube around a voxel carry its own label."""
        size = 2 * half_width + 1
        same = ndimage.minimum_filter(self.truth, size) == ndimage.maximum_filter(self.truth, size)
        inner = np.zeros_like(same)
        cut = slice(half_width + 1, -half_width - 1)
        inner[cut, cut, cut] = same[cut, cut, cut]
        return inner


@dataclass(eq=False)
class Sites:
    """Places, far enough apart, where a small blob lies wholly inside one structure."""

    patient: Patient
    random: np.random.Generator
    half_width: int = 2
    air: bool = False

    def __post_init__(self) -> None:
        free = self.patient.uniform(self.half_width)
        free &= (self.patient.truth == 0) == self.air
        self._index = np.argwhere(free)
        if len(self._index) > SITES:
            chosen = self.random.choice(len(self._index), size=SITES, replace=False)
            self._index = self._index[np.sort(chosen)]
        self._mm = self.patient.grid.to_mm(self._index)
        self._host = self.patient.truth[tuple(self._index.T)]
        self._open = np.ones(len(self._index), dtype=np.bool_)

    def take(self, structure: str, where: Mask | None = None, near: bool = True) -> NDArray | None:
        """Give the index of a free place, as near to a structure or as far as can be.

        Of the 30 best one is drawn.
        """
        allowed = self._open & (self._host != self.patient[structure])
        if where is not None:
            allowed &= where
        candidates = np.flatnonzero(allowed)
        if not len(candidates):
            return None
        voxels = self.patient.voxels(structure)
        points = self.patient.grid.to_mm(voxels[:: 1 + len(voxels) // 400])
        distance = cKDTree(points).query(self._mm[candidates])[0]
        best = np.argsort(distance if near else -distance, kind="stable")[:30]
        return self._close(candidates[self.random.choice(best)])

    def take_any(self, where: Mask | None = None) -> NDArray | None:
        """Give the index of any free place."""
        candidates = np.flatnonzero(self._open if where is None else self._open & where)
        return self._close(self.random.choice(candidates)) if len(candidates) else None

    def _close(self, chosen: int) -> NDArray:
        gap = np.abs(self._index - self._index[chosen]).max(axis=1)
        self._open &= gap > 2 * self.half_width
        return self._index[chosen]

    @property
    def height_mm(self) -> NDArray[np.float64]:
        return self._mm[:, 2]

    @property
    def x_mm(self) -> NDArray[np.float64]:
        return self._mm[:, 0]

    def in_hosts(self, *hosts: str) -> Mask:
        return np.isin(self._host, [self.patient[name] for name in hosts])


def ball(index: NDArray, radius: float) -> tuple[NDArray, ...]:
    """Return the indices of the voxels around one, up to a radius in voxels."""
    reach = int(radius)
    offsets = np.argwhere(np.ones((2 * reach + 1,) * 3)) - reach
    return tuple((index + offsets[np.square(offsets).sum(axis=1) <= radius**2]).T)


def pieces(mask: Mask) -> int:
    """Count the pieces (6-connected)."""
    return int(ndimage.label(mask, FACES)[1])


def inner_patch(
    patient: Patient, structure: str, radius: float, random: np.random.Generator
) -> tuple[NDArray, ...] | None:
    """Give a ball inside a structure that leaves the rest of it in one piece; None if none does."""
    voxels = patient.voxels(structure)
    box = patient._boxes[patient[structure] - 1]
    inside = patient.truth[box] == patient[structure]
    first = np.array([s.start for s in box])
    whole = pieces(inside)
    for _ in range(12):
        patch = ball(voxels[random.integers(len(voxels))], radius)
        local = np.stack(patch, axis=1) - first
        local = local[((local >= 0) & (local < inside.shape)).all(axis=1)]
        local = local[inside[tuple(local.T)]]
        rest = inside.copy()
        rest[tuple(local.T)] = False
        if 2 * len(local) < len(voxels) and pieces(rest) == whole and pieces(inside & ~rest) == 1:
            return tuple((local + first).T)
    return None


def make_patient(
    scheme: Scheme, ontology: Ontology, spacing_mm: float, sex: str, seed: int
) -> Patient:
    """Make a phantom in the integers of a scheme."""
    made: Phantom = make_phantom(load_description(), (spacing_mm,) * 3, sex=sex, seed=seed)
    truth = truth_labels(made, scheme)
    truth.flags.writeable = False
    return Patient(truth, made.ct, made.grid, sex, seed, scheme, ontology)


def chain_steps(names: list[str]) -> Iterator[tuple[str, str]]:
    """Give the neighbours of a chain."""
    return pairwise(names)
