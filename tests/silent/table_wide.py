"""What the default pack says of the mistakes of `planted_wide.py`: a line for each kind.

Run from the root of the repository: ``python tests/silent/table_wide.py [BASE ...] [-k KIND]``.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

import vesalius
from silent.planted import Labels
from silent.planted_wide import Mistake, every_mistake
from silent.table import SCHEME, Base, bases, numbers

GRADES = ("error", "warning", "info")


class Seen(NamedTuple):
    """What is told of a mistake: the gravest finding that names what it touches, and harm."""

    kind: str
    name: str
    wrong: int
    told: str
    restored: int
    harmed: int


class WideBench:
    """A right map, and what is told of mistakes that are planted in it."""

    def __init__(self, base: Base, session: vesalius.Session, repair: bool = True) -> None:
        self.base, self._session, self._repair = base, session, repair
        self.labels = Labels(base.array, numbers(session))
        self._names = {number: name for name, number in self.labels.number.items()}
        self._truth, self._known = self._run(base.array)

    def _run(self, array: np.ndarray) -> tuple[np.ndarray, set[tuple[str, str, tuple[str, ...]]]]:
        given = (array, self.base.affine)
        found = self._session.lint(given).findings
        after = np.asarray(self._session.repair(given).array) if self._repair else array
        return after, {(f.severity, f.rule, tuple(f.structures)) for f in found}

    def see(self, mistake: Mistake) -> Seen | None:
        """Plant a mistake and see what becomes of it; none where it changes less than 20 voxels."""
        labels = Labels(self.base.array.copy(), self.labels.number)
        mistake.plant(labels)
        wrong = labels.array != self.base.array
        if wrong.sum() < 20:
            return None
        values = np.unique(np.concatenate([labels.array[wrong], self.base.array[wrong]]))
        touched = {self._names[int(value)] for value in values if value}
        after, found = self._run(labels.array)
        new = found - self._known
        named = {f[0] for f in new if not f[2] or touched & set(f[2])}
        told = next((grade for grade in GRADES if grade in named), "")
        if not told and new:
            told = "elsewhere"
        return Seen(
            mistake.kind,
            mistake.name,
            int(wrong.sum()),
            told or "silent",
            int((after[wrong] == self._truth[wrong]).sum()),
            int((~wrong & (after != labels.array) & (after != self._truth)).sum()),
        )

    def all(self, kinds: str = "") -> Iterator[Seen]:
        """See all mistakes whose kind holds some text."""
        for mistake in every_mistake(self.labels):
            if kinds in mistake.kind:
                seen = self.see(mistake)
                if seen:
                    yield seen


def main() -> None:
    """Print what is silent or harmed as it is seen, and in the end the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bases", nargs="*")
    parser.add_argument("-k", "--kind", default="", help="only kinds whose name holds this")
    parser.add_argument("--lint", action="store_true", help="repair nothing, which is faster")
    args = parser.parse_args()
    session = vesalius.Session(SCHEME, SCHEME)
    for base in bases(session):
        if args.bases and base.name not in args.bases:
            continue
        told: dict[str, Counter[str]] = {}
        for seen in WideBench(base, session, not args.lint).all(args.kind):
            count = told.setdefault(seen.kind, Counter())
            count.update([seen.told])
            count["restored"] += seen.restored == seen.wrong
            count["harmed"] += seen.harmed
            if seen.told not in ("error", "warning") or seen.harmed:
                print(f"{base.name}: {seen.kind}: {seen.name}: {seen.told}, {seen.wrong} voxels,"
                      f" {seen.harmed} harmed", file=sys.stderr, flush=True)  # fmt: skip
        head = (*GRADES, "elsewhere", "silent", "restored", "harmed")
        print(f"| base | kind | {' | '.join(head)} |\n|---|---|{'---:|' * len(head)}")
        for kind, count in told.items():
            print(f"| {base.name} | {kind} | {' | '.join(str(count[c]) for c in head)} |")


if __name__ == "__main__":
    main()
