"""A phantom into which variants are drawn, and what a pack makes of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from shipped_packs import shipped_pack
from vesalius.adapters.phantom import load_description, make_phantom, truth_labels
from vesalius.engine.execute import Case, Result, execute
from vesalius.engine.runs.grid import Grid
from vesalius.engine.runs.labelmap import decode, encode
from vesalius.ontology.load import load_ontology, load_scheme
from vesalius.rules.compile.compiler import Compiled, compile_plan
from vesalius.rules.places import load_anchors

SPACING_MM = 5.0
Mask = NDArray[np.bool_]


@dataclass(eq=False)
class Body:
    """A phantom in the integers of a scheme.

    Parameters
    ----------
    scheme : str
        Name of the scheme.
    sex : str
        Of the patient.
    array : ndarray of uint16, shape (i, j, k)
        The labels; variants are painted into it.
    drawn : ndarray of bool, shape (i, j, k)
        What variants have painted; the next keeps away from it.
    """

    scheme: str
    sex: str = "male"
    array: NDArray[np.uint16] = field(init=False)
    drawn: Mask = field(init=False)

    def __post_init__(self) -> None:
        """Make the phantom."""
        self.ontology = load_ontology()
        self.target = load_scheme(self.scheme, self.ontology)
        made = make_phantom(
            load_description(ontology=self.ontology), (SPACING_MM,) * 3, sex=self.sex, seed=1
        )
        self.grid: Grid = made.grid
        self.array = truth_labels(made, self.target).astype(np.uint16)
        self.drawn = np.zeros(self.array.shape, dtype=bool)

    def integer(self, name: str) -> int:
        """Give the integer of a structure; 0 is background."""
        return 0 if name == "background" else int(self.target.integer_of(name) or 0)

    @cached_property
    def names(self) -> dict[int, str]:
        """Give the structure of each integer."""
        return {self.integer(name): name for name in self.target.structures()}

    def mask(self, name: str) -> Mask:
        """Tell where a structure is."""
        assert self.integer(name), name
        return self.array == self.integer(name)

    @cached_property
    def xyz_mm(self) -> NDArray[np.float64]:
        """Positions of the voxels in RAS+, shape (3, i, j, k)."""
        index = np.indices(self.array.shape).reshape(3, -1).T
        return self.grid.to_mm(index).T.reshape(3, *self.array.shape)

    def centre_mm(self, name: str) -> NDArray[np.float64]:
        """Give the centre of a structure."""
        return self.xyz_mm[:, self.mask(name)].mean(axis=1)

    def ball(self, centre_mm: NDArray[np.float64], radius_mm: float) -> Mask:
        """Tell which voxels lie within a distance of a point."""
        away = self.xyz_mm - np.asarray(centre_mm).reshape(3, 1, 1, 1)
        return np.asarray(np.sqrt((away**2).sum(axis=0)) <= radius_mm)

    def away_mm(self, mask: Mask) -> NDArray[np.float64]:
        """Give the way from each voxel to a set of voxels."""
        return np.asarray(ndimage.distance_transform_edt(~mask, sampling=SPACING_MM))

    def paint(self, mask: Mask, name: str) -> tuple[Mask, int]:
        """Paint a structure; return where and as what."""
        self.array[mask] = self.integer(name)
        self.drawn |= mask
        return mask, self.integer(name)

    def leave(self, mask: Mask, name: str) -> tuple[Mask, int]:
        """Note a part of a structure that is there already."""
        self.drawn |= mask
        return mask, self.integer(name)


def compiled(body: Body, pack: str = "recommended") -> Compiled:
    """Compile a pack for the scheme of a body."""
    anchors = load_anchors(body.ontology)
    sources = {body.target.name: body.target}
    return compile_plan(body.ontology, body.target, sources, anchors, shipped_pack(pack))


def run(body: Body, plan: Compiled, sex: str | None = None) -> tuple[NDArray[np.uint16], Result]:
    """Run a pack on what was drawn."""
    source = encode(np.ascontiguousarray(body.array), body.grid.affine)
    metadata = {"sex": sex or body.sex}
    case = Case(body.grid, source.axes, {body.target.name: source}, metadata)
    result = execute(plan.plan, case)
    return decode(result.labels, np.uint16), result
