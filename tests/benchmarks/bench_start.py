"""The start of a process and the bookkeeping of a cohort: what is paid before and around a case.

Run by hand: `python tests/benchmarks/bench_start.py [--repeats 5] [--cases 60] [--bodies 0]
[--json OUT.json] [--against EARLIER.json]`. Prints medians of interleaved runs, CPU seconds of
whole processes (workers included) beside wall clock, and judges nothing. Needs the demo's phantom;
with `--bodies` a cohort of that many of it, by one and two workers.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from body_cohort import BODY_SOURCE, body_of, write_cohort

from vesalius.adapters.files.nifti_write import write_labels
from vesalius.engine.runs.grid import Grid

Row = tuple[str, Callable[[], list[str]], str]


def tiny_volumes(cases: int) -> Iterator[np.ndarray]:
    """Make cases of 16 x 16 x 16 voxels with a few organs, no two alike."""
    for number in range(cases):
        labels = np.zeros((16, 16, 16), np.uint8, order="F")
        labels[2:6, 2:6, 2:12], labels[9:13, 3:7, 3:9] = 6, 1
        labels[8, 8, 2 + number % 12] = 2
        labels[number % 16, 15, (number // 16) % 16] = 3
        yield labels


def bodies(cases: int, labels: np.ndarray) -> Iterator[np.ndarray]:
    """Make whole bodies, each with another row of voxels taken away."""
    for number in range(cases):
        body = labels.copy(order="F")
        body[body.shape[0] // 2, number % body.shape[1], :] = 0
        yield body


def measured(command: list[str], folder: Path, cache: str) -> tuple[float, float]:
    """Give CPU and wall seconds of a process and of those that it starts."""
    environment = {**os.environ, "VESALIUS_CACHE": cache}
    start, before = time.perf_counter(), os.times()
    subprocess.run(command, cwd=folder, env=environment, check=False, capture_output=True)
    after = os.times()
    cpu = after.children_user + after.children_system
    cpu -= before.children_user + before.children_system
    return cpu, time.perf_counter() - start


def rows(folder: Path, cases: int, bodies: int) -> list[Row]:
    vesalius = str(Path(sys.executable).parent / "vesalius")
    numbers = iter(range(10**6))
    kept = str(folder / "plans")

    def run(*more: str) -> Callable[[], list[str]]:
        return lambda: [vesalius, "--no-project", "run", *more, "-o", f"out{next(numbers)}"]

    case = ("-p", "amos22=whole.nii.gz")
    cohort = ("tiny/cohort.yaml", "--fail-on", "never")
    whole = ("bodies/cohort.yaml", "--fail-on", "never")
    python = [sys.executable, "-c"]
    table: list[Row] = [
        ("python", lambda: [*python, ""], kept),
        ("import nibabel", lambda: [*python, "import nibabel"], kept),
        ("vesalius --help", lambda: [vesalius, "--help"], kept),
        ("run, small case, no cache", run(*case), "off"),
        ("run, small case, plan known", run(*case), kept),
        ("run, the same, no rules", run(*case, "--rules", "none"), kept),
        (f"cohort of {cases}, one worker", run(*cohort), kept),
        (f"cohort of {cases}, two workers", run(*cohort, "--workers", "2"), kept),
        ("cohort, all dry", run(*cohort, "--dry-run"), kept),
    ]
    if bodies:
        table += [
            (f"{bodies} bodies, one worker", run(*whole), kept),
            (f"{bodies} bodies, two workers", run(*whole, "--workers", "2"), kept),
        ]
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--cases", type=int, default=60)
    parser.add_argument("--bodies", type=int, default=0)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--against", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tiny = Grid((16, 16, 16), np.diag([-6.0, -6.0, 6.0, 1.0]))
        write_cohort(folder / "tiny", "amos22", tiny, tiny_volumes(options.cases))
        write_labels(folder / "whole.nii.gz", *body_of("amos22"))
        if options.bodies:
            body, grid = body_of(BODY_SOURCE)
            write_cohort(folder / "bodies", BODY_SOURCE, grid, bodies(options.bodies, body))
        table = rows(folder, options.cases, options.bodies)
        found: dict[str, list[tuple[float, float]]] = {row[0]: [] for row in table}
        for turn in range(options.repeats + 1):
            for title, command, cache in table:
                times = measured(command(), folder, cache)
                if turn:  # the first one fills caches
                    found[title].append(times)
    medians = {
        title: [statistics.median(each) for each in zip(*times, strict=True)]
        for title, times in found.items()
    }
    workers = ("one worker", "two workers")
    one, two = (medians[f"cohort of {options.cases}, {number}"] for number in workers)
    dry = medians["cohort, all dry"]
    earlier = json.loads(options.against.read_text())["medians"] if options.against else {}
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print(f"{'':34}  cpu s   wall s" + ("   cpu then   ratio" if earlier else ""))
    for title, (cpu, wall) in medians.items():
        then = earlier.get(title, [0.0])[0]
        more = f"   {then:8.3f}   {cpu / then:5.2f}" if then else ""
        print(f"{title:34} {cpu:6.3f}   {wall:6.3f}{more}")
    each_ms = 1000 * (one[0] - dry[0]) / options.cases
    print(f"a tiny case in the cohort: {each_ms:.0f} ms of CPU")
    print(f"two workers against one, wall clock: {(one[1] - dry[1]) / (two[1] - dry[1]):.2f} times")
    if options.bodies:
        one, two = (medians[f"{options.bodies} bodies, {number}"] for number in workers)
        print(f"the same of {options.bodies} bodies, starts included: {one[1] / two[1]:.2f} times")
    if options.json:
        options.json.write_text(json.dumps({"load": os.getloadavg()[0], "medians": medians}))


if __name__ == "__main__":
    main()
