"""What is found where one of several sources is mirrored, moved, out of scale or another patient's.

Run from the root of the repository: ``python tests/silent/table_sources.py``; with VESALIUS_DATA
also on the expert case `totalseg_s0327`, at half its resolution. With ``ct`` behind it the phantom
is given with its CT; with ``all`` each source that was planted has a line of its own.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

import vesalius
from silent.planted_sources import CHANGES, SPLITS, Array, on_grid_of, system_of
from silent.table import SCHEME, Base, bases, canonical, numbers
from vesalius.adapters.phantom import load_description, make_phantom, truth_labels

OTHER = "ts_example_ct_3mm/seg_v2_fast_force_split.nii.gz"


class Told(NamedTuple):
    """What became of a case: rules of sources that find something, and voxels that were changed.

    `named` are the sources, by their number, that an error names.
    """

    named: frozenset[int]
    warned: bool
    changed: int


class Sources:
    """A right map, as several sources."""

    def __init__(self, base: Base, split: str, image: NDArray[Any] | None = None) -> None:
        self.base, self.image, self.parts = base, image, SPLITS[split]
        self.session = vesalius.Session([SCHEME] * len(self.parts), target=SCHEME)
        self._number = numbers(self.session)
        self.size_mm = np.linalg.norm(base.affine[:3, :3], axis=0)

    def part(self, array: Array, at: int) -> Array:
        """Give of a map what a source has."""
        own = [label for name, label in self._number.items() if system_of(name) in self.parts[at]]
        return np.where(np.isin(array, own), array, 0).astype(np.uint16)

    def told(self, wrong: int | None = None, array: Array | None = None) -> Told:
        """Run the case; the source `wrong` has what it should of another map."""
        arrays = [
            self.part(array if at == wrong and array is not None else self.base.array, at)
            for at in range(len(self.parts))
        ]
        given = {SCHEME: [(each, self.base.affine) for each in arrays]}
        image = None if self.image is None else (self.image, self.base.affine)
        merged = self.session.merge(given, image)
        names = sorted({s["file"] for s in merged.report["sources"]} if False else set(_names(len(arrays))))
        errors = {f.source for f in merged.findings if f.severity == "error" and f.source}
        return Told(
            frozenset(at for at, name in enumerate(_names(len(arrays))) if name in errors),
            any(f.severity == "warning" for f in merged.findings),
            merged.changed_voxels,
        )


def _names(many: int) -> list[str]:
    first = f"the array given for {SCHEME}"
    return [first, *(f"{first}#{n}" for n in range(2, many + 1))]
