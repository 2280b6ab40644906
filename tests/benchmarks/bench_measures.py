"""What is measured and shown: one more case of `stats` and `validate`, and a report of many cases.

Run by hand: `python tests/benchmarks/bench_measures.py [--repeats 9] [--cases 500]`. First, with
VESALIUS_DATA, CPU milliseconds of one more case (so without a start) of real files against nibabel
reading them in the same process, medians in turns. Then a cohort of phantoms, a third of them with
wrong patches: CPU seconds and peak memory of `run`, `stats` and `report`, and the size of pages.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import nibabel
import numpy as np
from body_cohort import BODY_SOURCE, body_of, write_cohort

PATCH_VOXELS, MORE = 4, 10


def write_bodies(folder: Path, cases: int) -> None:
    """Write phantoms of 6 mm; each third one has a patch of one label inside another."""
    labels, grid = body_of(BODY_SOURCE)
    write_cohort(folder, BODY_SOURCE, grid, patched(labels, cases))


def patched(labels: np.ndarray, cases: int) -> Iterator[np.ndarray]:
    places = np.argwhere(labels)
    draw = np.random.default_rng(0)
    for number in range(cases):
        body = labels.copy(order="F")
        if number % 3 == 0:
            at, of = (tuple(places[draw.integers(len(places))]) for _ in range(2))
            box = tuple(slice(index, index + PATCH_VOXELS) for index in at)
            body[box] = np.where(body[box] > 0, labels[of], 0)
        yield body


def timed_ms(act: Callable[[], object]) -> float:
    start = time.process_time()
    act()
    return 1000 * (time.process_time() - start)


def whole(command: list[str], folder: Path) -> tuple[float, float]:
    """Give the CPU seconds and peak MiB of one process."""
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    usage: resource.struct_rusage = os.wait4(process.pid, 0)[2]
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def move_one_voxel(source: Path, target: Path) -> None:
    image = nibabel.load(source)
    moved = np.roll(np.asarray(image.dataobj), 1, axis=0)
    nibabel.save(nibabel.Nifti1Image(moved, image.affine, image.header), target)


def split_voxels(source: Path, target: Path) -> None:
    """Write a file with each voxel split in four, of the size of a clinical CT."""
    image = nibabel.load(source)
    fine = np.asarray(image.dataobj).repeat(2, 0).repeat(2, 1)
    affine = image.affine @ np.diag([0.5, 0.5, 1.0, 1.0])
    affine[:3, 3] -= affine[:3, :2].sum(1) / 2
    nibabel.save(nibabel.Nifti1Image(fine, affine), target)


def real_pairs(folder: Path, data: Path) -> dict[str, tuple[Path, str, Path, str]]:
    """Give a predicted and a true file with their schemes, by name."""
    torso = data / "totalseg_s0327/gt_v2.nii.gz"
    large, moved, large_moved = (folder / f"{name}.nii.gz" for name in ("large", "moved", "both"))
    move_one_voxel(torso, moved)
    split_voxels(torso, large)
    move_one_voxel(large, large_moved)
    coarse = data / "ts_example_ct_3mm"
    v1, v2 = coarse / "seg_v1_fast.nii.gz", coarse / "seg_v2_fast_force_split.nii.gz"
    return {
        "torso, 444 x 332 x 429": (large_moved, BODY_SOURCE, large, BODY_SOURCE),
        "torso, 222 x 166 x 429": (moved, BODY_SOURCE, torso, BODY_SOURCE),
        "CT of 3 mm": (v1, "totalsegmentator_v1", v2, BODY_SOURCE),
    }


def one_more_case(folder: Path, command: str, repeats: int) -> None:
    """Print what a case more of each verb costs, by runs of one and of eleven equal cases."""
    for title, (pred, of_pred, truth, of_truth) in real_pairs(
        folder, Path(os.environ["VESALIUS_DATA"])
    ).items():
        cases: dict[int, Path] = {}
        for many in (1, 1 + MORE):
            cases[many] = folder / f"{many} of {title}"
            for side, file in (("pred", pred), ("truth", truth)):
                (cases[many] / side).mkdir(parents=True)
                for number in range(many):
                    (cases[many] / side / f"c{number:02}.nii.gz").symlink_to(file)
        of_both = ["--scheme-pred", of_pred, "--scheme-truth", of_truth]
        pair = ["validate", "--pred", "pred", "--truth", "truth", *of_both]
        rows = {
            "stats": ["stats", "truth", "--scheme", of_truth],
            "validate --no-surfaces": [*pair, "--no-surfaces"],
            "validate": pair,
        }
        found: dict[str, list[float]] = {}
        for turn in range(repeats + 1):
            for name, files in (("reading one", [truth]), ("reading two", [pred, truth])):
                took = timed_ms(
                    lambda files=files: [np.asarray(nibabel.load(f).dataobj) for f in files]
                )
                found.setdefault(name, []).append(took)
            for name, arguments in rows.items():
                one, more = (
                    whole([command, "--no-project", *arguments], cases[many])[0] for many in cases
                )
                if turn:
                    found.setdefault(name, []).append(1000 * (more - one) / MORE)
        medians = {name: statistics.median(each) for name, each in found.items()}
        for name in rows:
            read = medians["reading one" if name == "stats" else "reading two"]
            took = medians[name]
            print(f"{title:24} {name:24} {took:7.1f} ms {read:7.1f} {took / read:6.1f}")


def many_cases(folder: Path, command: str, cases: int) -> None:
    # Of a process that is started the peak is at least what its parent holds.
    writing = multiprocessing.get_context("spawn").Process(
        target=write_bodies, args=(folder, cases)
    )
    writing.start()
    writing.join()
    for arguments in (
        ["run", "cohort.yaml", "-o", "out", "--workers", "2", "--fail-on", "never"],
        ["stats", "out", "-o", "stats"],
        ["report", "out", "-o", "report"],
    ):
        cpu, peak_mib = whole([command, "--no-project", *arguments], folder)
        print(f"{' '.join(arguments[:1]):12} of {cases} {cpu:7.1f} s {peak_mib:6.0f} MiB")
    pages = sorted(folder.glob("report/*.html"), key=lambda page: page.stat().st_size)
    print(f"{len(pages)} pages, the largest {pages[-1].stat().st_size / 2**20:.2f} MiB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--cases", type=int, default=500)
    options = parser.parse_args()
    command = str(Path(sys.executable).parent / "vesalius")
    print(f"load {os.getloadavg()[0]:.1f}, medians of {options.repeats}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if os.environ.get("VESALIUS_DATA"):
            print(f"{'one more case':49} CPU    reading  ratio")
            one_more_case(folder, command, options.repeats)
        if options.cases:
            many_cases(folder, command, options.cases)


if __name__ == "__main__":
    main()
