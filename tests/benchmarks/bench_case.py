"""One whole-body case through the installed command: thirteen sources, with and without rules.

Run by hand: `python tests/benchmarks/bench_case.py [SPACING_MM]`. Prints seconds of CPU, of wall
clock, and peak memory of each run as a whole process; it judges nothing.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nibabel as nib
import numpy as np

VESALIUS = Path(sys.executable).parent / "vesalius"


def run(name: str, *arguments: object) -> None:
    start = time.perf_counter()
    process = subprocess.Popen([str(VESALIUS), *map(str, arguments)], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    cpu = usage.ru_utime + usage.ru_stime
    code = os.waitstatus_to_exitcode(status)
    print(
        f"{name:<34} exit {code}  cpu {cpu:6.2f} s  wall {wall:6.2f} s  "
        f"peak {usage.ru_maxrss / 1024:6.0f} MiB"
    )


def main(spacing_mm: float) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run(f"demo at {spacing_mm:g} mm", "demo", "-o", folder / "demo", "--spacing", spacing_mm)
        inputs = folder / "demo/input"
        ct = inputs / "ct.nii.gz"
        shape = nib.load(ct).shape
        print(f"grid {shape}, {np.prod(shape) / 1e6:.1f} million voxels")
        predictions = sorted((inputs / "predictions").glob("*.nii.gz"))
        given = [x for p in predictions for x in ("-p", f"{p.name.split('.')[0]}={p}")]
        merge = ["run", "-i", ct, *given, "--sex", "female"]
        run("merge 13 sources", *merge, "--rules", "none", "-o", folder / "a")
        run("merge 13 sources, dap_atlas rules", *merge, "--rules", "dap_atlas", "-o", folder / "b")
        run("merge 13 sources, recommended", *merge, "-o", folder / "c")
        labels = folder / "a/labels.nii.gz"
        run("lint, recommended", "lint", labels, "--scheme", "dap_atlas", "-i", ct)
        run("convert to its own scheme", "convert", labels, "--from", "dap_atlas",
            "--to", "dap_atlas", "-o", folder / "d.nii.gz")  # fmt: skip
        start = time.process_time()
        image = nib.load(labels)
        nib.save(nib.Nifti1Image(np.asanyarray(image.dataobj), image.affine), folder / "e.nii.gz")
        print(f"nibabel load + save, same process:  cpu {time.process_time() - start:6.2f} s")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 1.5)
