"""What the default pack makes of mistakes that a label map does not show by itself.

Run from the root of the repository: ``python tests/silent/table.py``; with VESALIUS_DATA also on
the expert case `totalseg_s0327`, at half its resolution.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import nibabel as nib
import numpy as np
from numpy.typing import NDArray

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

import vesalius
from silent.planted import PLANTED, VIEWS, Labels
from silent.planted_chains import CHAINS
from vesalius.adapters.phantom import load_description, make_phantom, truth_labels

EVERY = {**PLANTED, **CHAINS}
SCHEME = "totalsegmentator_v2"
EXPERT = "totalseg_s0327/gt_v2.nii.gz"


class Base(NamedTuple):
    """A label map in RAS+ order that is right."""

    name: str
    array: NDArray[np.uint16]
    affine: NDArray[np.float64]


class Row(NamedTuple):
    """What became of a mistake.

    `errors` and `warnings` are findings that the map had not before; `restored` are wrong voxels
    that are what the pack makes of the right map, `harmed` right ones that it changed to something
    else than that.
    """

    base: str
    name: str
    wrong: int
    errors: int
    warnings: int
    restored: int
    harmed: int


def numbers(session: vesalius.Session) -> dict[str, int]:
    """Give the label of each structure."""
    return {name: session.target.integer_of(name) for name in session.target.structures()}


class Bench:
    """A right map, and what is found in it and made of it."""

    def __init__(self, base: Base, session: vesalius.Session) -> None:
        self.base, self._session = base, session
        self.number = numbers(session)
        self._truth, self._known = self._run(base.array)

    def _run(self, array: NDArray[np.uint16]) -> tuple[NDArray[np.uint16], set[tuple[str, ...]]]:
        given = (array, self.base.affine)
        found = self._session.lint(given).findings
        named = {(f.severity, f.rule, *f.structures[:1]) for f in found}
        return np.asarray(self._session.repair(given).array), named

    def row(self, name: str) -> Row:
        """Plant a mistake and see what becomes of it."""
        labels = Labels(self.base.array.copy(), self.number)
        EVERY[name](labels)
        wrong = labels.array != self.base.array
        after, found = self._run(labels.array)
        new = [severity for severity, *_ in found - self._known]
        return Row(
            self.base.name,
            name,
            int(wrong.sum()),
            new.count("error"),
            new.count("warning"),
            int((after[wrong] == self._truth[wrong]).sum()),
            int((~wrong & (after != labels.array) & (after != self._truth)).sum()),
        )


def phantom(session: vesalius.Session, spacing_mm: float = 5.0) -> Base:
    """Make the built-in phantom, a man."""
    made = make_phantom(load_description(), (spacing_mm,) * 3, sex="male")
    return Base("phantom", truth_labels(made, session.target).astype(np.uint16), made.grid.affine)


def bases(session: vesalius.Session) -> Iterator[Base]:
    """Give the phantom, and the expert case where it is there."""
    yield phantom(session)
    path = Path(os.environ.get("VESALIUS_DATA", "../shared/data")) / EXPERT
    if path.exists():
        image = nib.as_closest_canonical(nib.load(path))
        array = np.asarray(image.dataobj)[::2, ::2, ::2].astype(np.uint16)
        yield Base("s0327", array, image.affine @ np.diag([2, 2, 2, 1]))


def part_of(base: Base, view: str, session: vesalius.Session) -> Base:
    """Leave of a right map what is seen in a view."""
    labels = Labels(base.array.copy(), numbers(session))
    VIEWS[view][0](labels)
    return Base(f"{base.name}, {view}", labels.array, base.affine)


def main() -> None:
    """Print the table."""
    session = vesalius.Session(SCHEME, SCHEME)
    print("| base | planted | voxels | errors | warnings | restored | harmed |")
    print("|---|---|---:|---:|---:|---:|---:|")
    for base in bases(session):
        print_rows(Bench(base, session), EVERY)
        for name, (_, planted) in VIEWS.items():
            print_rows(Bench(part_of(base, name, session), session), planted)


def print_rows(bench: Bench, planted: Iterable[str]) -> None:
    """Print the rows of a base."""
    for name in planted:
        r = bench.row(name)
        share = f"{r.restored / r.wrong:.1%}" if r.wrong else "-"
        print(f"| {r.base} | {name} | {r.wrong:,} | {r.errors} | {r.warnings} | {share} |"
              f" {r.harmed} |", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
