"""What is found where one of several sources is mirrored, moved, out of scale or another patient's.

Run from the root of the repository: ``python tests/silent/table_sources.py``, with VESALIUS_DATA
also on the expert case `totalseg_s0327` at half its resolution; with ``ct`` behind it on the
phantom with its CT. Only the rules that judge sources are run (`sources_alone.yaml`).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import nibabel as nib
import numpy as np
from numpy.typing import NDArray

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

import vesalius
from silent.planted_sources import CHANGES, SPLITS, Array, on_grid_of, system_of
from silent.table import SCHEME, Base, bases, numbers
from vesalius.adapters.phantom import load_description, make_phantom, truth_labels

RULES = str(Path(__file__).parent / "sources_alone.yaml")
OTHER = "ts_example_ct_3mm/seg_v2_fast_force_split.nii.gz"
NAME = f"the array given for {SCHEME}"


class Told(NamedTuple):
    """The sources, by their number, that an error names; and whether that cannot tell which."""

    named: frozenset[int]
    unsure: bool

    def of(self, wrong: int) -> str:
        """Say what is told of one that is wrong."""
        if self.named == {wrong}:
            return "named"
        if wrong in self.named:
            return "among others" if self.unsure else "named, and others"
        return "another is named" if self.named else "silent"


class Sources:
    """A right map, as several sources."""

    def __init__(self, base: Base, split: str, image: NDArray[Any] | None = None) -> None:
        self.base, self.parts = base, SPLITS[split]
        self._image = None if image is None else (image, base.affine)
        self.session = vesalius.Session([SCHEME] * len(self.parts), target=SCHEME, rules=[RULES])
        self._number = numbers(self.session)
        self.size_mm = np.linalg.norm(base.affine[:3, :3], axis=0)
        self._names = [NAME, *(f"{NAME}#{n}" for n in range(2, len(self.parts) + 1))]

    def part(self, array: NDArray[Any], at: int) -> Array:
        """Give of a map what a source has."""
        own = [label for name, label in self._number.items() if system_of(name) in self.parts[at]]
        return np.where(np.isin(array, own), array, 0).astype(np.uint16)

    def told(self, wrong: int | None = None, array: NDArray[Any] | None = None) -> Told:
        """Run the case; the source `wrong` has what it should of another map."""
        given = [
            self.part(array if at == wrong and array is not None else self.base.array, at)
            for at in range(len(self.parts))
        ]
        merged = self.session.merge({SCHEME: [(a, self.base.affine) for a in given]}, self._image)
        errors = [found for found in merged.findings if found.severity == "error"]
        named = frozenset(self._names.index(found.source) for found in errors)
        return Told(named, any("cannot tell" in found.note for found in errors))

    def wrong(self, other: NDArray[Any]) -> Iterator[tuple[str, int, Told]]:
        """Plant everything in each source in turn; `other` is the map of another patient."""
        maps = {name: change(self.base.array, self.size_mm) for name, change in CHANGES.items()}
        maps["another patient's"] = on_grid_of(other, self.base.array.shape)
        for name, array in maps.items():
            for at in range(len(self.parts)):
                yield name, at, self.told(at, array)


def others(session: vesalius.Session) -> dict[str, NDArray[Any]]:
    """Give for each base the map of another patient."""
    woman = make_phantom(load_description(), (4.6, 4.6, 4.6), sex="female", seed=1)
    found = {"phantom": truth_labels(woman, session.target)}
    path = Path(os.environ.get("VESALIUS_DATA", "../shared/data")) / OTHER
    if path.exists():
        found["s0327"] = np.asarray(nib.as_closest_canonical(nib.load(path)).dataobj)
    return found


def print_table(base: Base, other: NDArray[Any], image: NDArray[Any] | None = None) -> None:
    """Print a line for each mistake: of each way to split the map what is told."""
    rows: dict[str, list[str]] = {}
    for split in SPLITS:
        sources = Sources(base, split, image)
        right = sources.told()
        rows.setdefault("nothing", []).append("right" if not right.named else "FALSE ALARM")
        said: dict[str, list[str]] = {}
        for name, at, told in sources.wrong(other):
            said.setdefault(name, []).append(told.of(at))
        for name, each in said.items():
            rows.setdefault(name, []).append(_counted(each))
    for name, cells in rows.items():
        print(f"| {base.name}{' with CT' if image is not None else ''} | {name} |"
              f" {' | '.join(cells)} |", flush=True)  # fmt: skip


def _counted(said: Sequence[str]) -> str:
    return ", ".join(f"{said.count(word)} {word}" for word in dict.fromkeys(said))


def main() -> None:
    """Print the table."""
    session = vesalius.Session(SCHEME, SCHEME)
    other = others(session)
    head = [name.replace("|", "/") for name in SPLITS]
    print(f"| base | one source is | {' | '.join(head)} |\n|---|---|{'---|' * len(head)}")
    if "ct" in sys.argv[1:]:
        made = make_phantom(load_description(), (5.0, 5.0, 5.0), sex="male")
        base = Base("phantom", truth_labels(made, session.target), made.grid.affine)
        print_table(base, other["phantom"], np.asarray(made.ct))
        return
    for base in bases(session):
        print_table(base, other[base.name])


if __name__ == "__main__":
    main()
