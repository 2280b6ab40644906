"""A small cohort that was run, once whole and once in two shards; what it wrote is mutated."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nibabel as nib

from fuzz.seeds import volume
from vesalius.adapters.cli.run_cohort import CohortOptions, run_cohort
from vesalius.adapters.cohort.case_worker import do_case
from vesalius.adapters.cohort.merge_shards import merge_shards
from vesalius.adapters.cohort.shard import Shard

COHORT = (
    "schema: cohort/1\ncohort: fuzzed\npredictions: {amos22: 'preds/{case}.nii.gz'}\n"
    "target: amos22\nrules: none\noutput: '{case}/'\ncases: [a, b, c]\n"
)
SHARDS = 2


@dataclass(frozen=True)
class Cohort:
    """The folder of a cohort, and what lies in its outputs when nothing is wrong.

    Parameters
    ----------
    root : Path
        Has the cohort file, and the outputs `whole` and `parts`.
    good : dict of str to bytes
        Every file of both outputs, by its place below the root.
    """

    root: Path
    good: dict[str, bytes]

    def again(self, output: str) -> None:
        """Run it once more, in this process."""
        with _silent():
            for shard in _shards(output):
                _run(self.root, output, shard)
            if output == "parts":
                merge_shards(self.root / output)

    def odd(self, output: str) -> list[str]:
        """Name what differs from what was written at first; and put that back."""
        folder = self.root / output
        left = {
            str(path.relative_to(self.root)): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file()
        }
        good = {name: data for name, data in self.good.items() if name.startswith(f"{output}/")}
        found = sorted(name for name in {*left, *good} if left.get(name) != good.get(name))
        for name in found:
            if name in good:
                (self.root / name).write_bytes(good[name])
            else:
                (self.root / name).unlink()
        return found


def run_once(root: Path) -> Cohort:
    """Write predictions into an empty folder and run the cohort in both ways."""
    (root / "preds").mkdir(parents=True)
    for case in "abc":
        nib.save(volume(), root / "preds" / f"{case}.nii.gz")
    (root / "cohort.yaml").write_text(COHORT)
    cohort = Cohort(root, {})
    for output in ("whole", "parts"):
        cohort.again(output)
    cohort.good.update(
        (str(path.relative_to(root)), path.read_bytes())
        for output in ("whole", "parts")
        for path in (root / output).rglob("*")
        if path.is_file()
    )
    return cohort


def _shards(output: str) -> list[Shard | None]:
    if output == "whole":
        return [None]
    return [Shard(number, SHARDS) for number in range(1, SHARDS + 1)]


def _run(root: Path, output: str, shard: Shard | None) -> None:
    options = CohortOptions(root / output, 1, False, False, False, False, "never", shard)
    run_cohort(
        root / "cohort.yaml", options, lambda job, tasks, _: (do_case(job, t) for t in tasks)
    )


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    with (
        open(os.devnull, "w", encoding="utf-8") as nothing,
        contextlib.redirect_stdout(nothing),
        contextlib.redirect_stderr(nothing),
    ):
        yield
