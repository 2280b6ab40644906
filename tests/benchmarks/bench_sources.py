"""Thirteen sources of a whole body merged, against those who only decompress their files.

    python tests/benchmarks/bench_sources.py [--repeats 5] [--size 512] [--folder KEPT]
        [--tree OTHER/.venv/bin/python]

Prints medians of interleaved runs: CPU seconds (user and system) of whole processes, their ratio to
isal decompressing the thirteen files, and peak memory. `--tree` adds the merge by another checkout,
for a before and after in one sitting; `--folder` keeps the sources and takes those that are there.
It judges nothing.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import nibabel as nib
import numpy as np
from bench_whole import SHAPES, in_own_process, measured, vesalius

ISAL = """
import sys
from isal import igzip
block = bytearray(1 << 20)
for path in sys.argv[1:]:
    with igzip.open(path) as file:
        while file.readinto(block):
            pass
"""
PYTHON_GZIP = ISAL.replace("from isal import igzip", "import gzip as igzip")
NIBABEL = """
import sys, nibabel, numpy
for path in sys.argv[1:]:
    numpy.asanyarray(nibabel.load(path).dataobj)
"""


def make_sources(folder: Path, shape: tuple[int, int, int]) -> None:
    """Write what thirteen perfect models say of the phantom, enlarged to a shape."""
    subprocess.run(vesalius("demo", "-o", folder / "demo", "--spacing", 4), check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    (folder / "sources").mkdir()
    for path in sorted((folder / "demo/input/predictions").glob("*.nii.gz")):
        image = nib.load(path)
        small = np.asanyarray(image.dataobj)
        small = small.astype(np.uint8 if small.max() < 256 else np.uint16)
        index = [np.arange(n) * old // n for n, old in zip(shape, small.shape, strict=True)]
        scale = np.diag([*(old / n for n, old in zip(shape, small.shape, strict=True)), 1])
        volume = np.asfortranarray(small[np.ix_(*index)])
        nib.save(nib.Nifti1Image(volume, image.affine @ scale), folder / "sources" / path.name)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--size", type=int, choices=SHAPES, default=512)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--tree", action="append", default=[], metavar="PYTHON")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = options.folder or Path(name)
        if not (folder / "sources").is_dir():
            in_own_process(make_sources, folder, SHAPES[options.size])
        paths = sorted((folder / "sources").glob("*.nii.gz"))
        sizes = sum(path.stat().st_size for path in paths)
        voxels = np.prod(SHAPES[options.size])
        given = [x for path in paths for x in ("-p", f"{path.name.split('.')[0]}={path}")]
        merge = ["run", *given, "--sex", "female", "--rules", "none", "-o", Path(name) / "out"]
        jobs = {
            "isal, decompress": [sys.executable, "-c", ISAL, *paths],
            "gzip -dc": ["gzip", "-dc", *paths],
            "Python gzip, decompress": [sys.executable, "-c", PYTHON_GZIP, *paths],
            "nibabel, load": [sys.executable, "-c", NIBABEL, *paths],
            "import vesalius (--help)": vesalius("--help"),
            "vesalius, merge": vesalius(*merge),
            **{f"merge by {tree}": [tree, *vesalius(*merge)[1:]] for tree in options.tree},
        }
        found: dict[str, list[tuple[float, float]]] = {job: [] for job in jobs}
        for turn in range(options.repeats + 1):
            for job, command in jobs.items():
                figures = measured(list(map(str, command)))
                if turn:  # the first one fills caches
                    found[job].append(figures)
    print(f"{len(paths)} files, {sizes / 2**20:.0f} MiB, {voxels:,} voxels each, "
          f"load {os.getloadavg()[0]:.1f}, medians of {options.repeats}")  # fmt: skip
    base = statistics.median(cpu for cpu, _ in found["isal, decompress"])
    for job, figures in found.items():
        cpu, peak = (statistics.median(each) for each in zip(*figures, strict=True))
        print(f"{job:<40} {cpu:6.2f} s  {cpu / base:5.2f} x isal  {peak:6.0f} MiB")


if __name__ == "__main__":
    main()
