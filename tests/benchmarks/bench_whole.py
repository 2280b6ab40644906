"""Whole processes on whole bodies of three sizes, against nibabel and against others' ways.

    python tests/benchmarks/bench_whole.py [--repeats 5] [--sizes 128 256 512] [--json OUT]
        [--against EARLIER] [--tree OTHER/.venv/bin/python]

Prints CPU seconds (user and system) of each child process, their ratio to nibabel loading and
saving the same file, and peak memory; runs of one size are interleaved. Then the largest component
of each label, as scipy label by label, MONAI (where installed), cc3d and vesalius keep it.
It judges nothing; --against prints the figures of an earlier --json, and --tree runs those of
another checkout in turn with these.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cc3d
import nibabel as nib
import numpy as np
from scipy import ndimage

from vesalius.engine.runs.components import components
from vesalius.engine.runs.kernels import in_use
from vesalius.engine.runs.labelmap import decode, encode
from vesalius.engine.runs.sweeps import relabel_runs

SHAPES = {128: (128, 128, 96), 256: (256, 256, 185), 512: (512, 512, 370)}
LOAD_AND_SAVE = """
import sys, nibabel, numpy
image = nibabel.load(sys.argv[1])
nibabel.save(nibabel.Nifti1Image(numpy.asanyarray(image.dataobj), image.affine), sys.argv[2])
"""
SCIPY_LABELS = 6


def vesalius(*arguments):
    return [sys.executable, "-m", "vesalius", *map(str, arguments)]


def measured(command):
    """Run a process; return CPU seconds and peak MiB."""
    # As installed: its bytecode is at hand.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment
    )
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        raise SystemExit(f"failed: {command}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def in_own_process(function, *arguments):
    """Call in another process: what this one holds would count as memory of its children."""
    process = multiprocessing.get_context("spawn").Process(target=function, args=arguments)
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(process.exitcode)


def volume_paths(folder, sizes):
    kinds = ("clean", "noisy")
    return {(size, kind): folder / f"{kind}_{size}.nii.gz" for size in sizes for kind in kinds}


def make_volumes(folder, sizes):
    """Write the truth of the phantom at each size, as it is and with noise at all surfaces."""
    subprocess.run(vesalius("demo", "-o", folder / "demo", "--spacing", 4), check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    image = nib.load(next((folder / "demo/input").glob("truth*.nii.gz")))
    small = np.asanyarray(image.dataobj).astype(np.uint8)
    paths = volume_paths(folder, sizes)
    for size in sizes:
        shape = SHAPES[size]
        index = [np.arange(n) * old // n for n, old in zip(shape, small.shape, strict=True)]
        volume = np.asfortranarray(small[np.ix_(*index)])
        scale = np.diag([*(old / n for n, old in zip(shape, small.shape, strict=True)), 1])
        for name, array in (("clean", volume), ("noisy", noisy(volume))):
            nib.save(nib.Nifti1Image(array, image.affine @ scale), paths[size, name])


def noisy(volume):
    """Move surfaces by a voxel here and there, and sow single voxels of all labels."""
    rng = np.random.default_rng(0)
    out = volume.copy(order="F")
    for k in range(volume.shape[2]):
        layer = volume[:, :, k]
        for axis in (0, 1):
            field = ndimage.gaussian_filter(rng.standard_normal(layer.shape), 1.0)
            field /= field.std()
            for sign in (1, -1):
                layer = np.where(sign * field > 0.8, np.roll(layer, sign, axis), layer)
        out[:, :, k] = layer
    places = rng.integers(0, out.size, out.size // 100_000)
    out.reshape(-1, order="F")[places] = rng.choice(np.unique(volume)[1:], places.size)
    return out


def jobs_of(python, path, folder):
    """Give what a checkout runs on a volume."""
    run = ("run", "-p", f"dap_atlas={path}", "-o", folder / "out")
    jobs = {
        "run, no rules": vesalius(*run, "--rules", "none"),
        "run, dap_atlas": vesalius(*run, "--rules", "dap_atlas"),
        "run, recommended": vesalius(*run, "--rules", "recommended"),
        "lint, recommended": vesalius("lint", path, "--scheme", "dap_atlas"),
    }
    return {job: [python, *command[1:]] for job, command in jobs.items()}


def whole_processes(paths, repeats, folder, trees=()):
    """Yield a row of each kind of run and volume, interleaved."""
    found = {}
    for (size, name), path in paths.items():
        jobs = {
            "nibabel load + save": [sys.executable, "-c", LOAD_AND_SAVE, path, folder / "x.nii.gz"],
            **jobs_of(sys.executable, path, folder),
        }
        for tree in trees:
            others = jobs_of(tree, path, folder).items()
            jobs |= {f"{job}, {Path(tree).parents[2].name}": command for job, command in others}
        for _ in range(repeats):
            for job, command in jobs.items():
                found.setdefault((size, name, job), []).append(measured(list(map(str, command))))
    return found


def keep_largest_scipy(array, labels):
    out = array.copy()
    for label in labels:
        parts, n = ndimage.label(array == label)
        if n > 1:
            largest = 1 + int(np.argmax(np.bincount(parts.reshape(-1))[1:]))
            out[(array == label) & (parts != largest)] = 0
    return out


def keep_largest_cc3d(array):
    parts = cc3d.connected_components(array, connectivity=6)
    voxels = np.bincount(parts.ravel(order="K"))
    label = np.zeros(voxels.size, dtype=np.int64)
    label[parts.ravel(order="K")] = array.ravel(order="K")
    order = np.lexsort((-voxels, label))
    first = order[np.flatnonzero(np.diff(label[order], prepend=-1))]
    kept = np.zeros(voxels.size, dtype=bool)
    kept[first] = True
    return array * kept[parts]


def keep_largest_runs(array):
    found = components(encode(array, np.eye(4)))
    runs = found.labelmap
    return decode(relabel_runs(runs, np.where(found.rank[found.of_run] == 0, runs.label, 0)))


def keep_largest_monai(array, labels):
    from monai.transforms import KeepLargestConnectedComponent

    keep = KeepLargestConnectedComponent(applied_labels=list(map(int, labels)), connectivity=1)
    return np.asarray(keep(array[np.newaxis]))[0]


def timed(call):
    begin = time.process_time()
    result = call()
    return result, time.process_time() - begin


def largest_components(path):
    """Return CPU seconds of each way to keep the largest component of every label."""
    array = np.asfortranarray(nib.load(path).dataobj)
    labels = np.unique(array)[1:]
    some = labels[:: max(1, labels.size // SCIPY_LABELS)]
    ours, seconds = timed(lambda: keep_largest_runs(array))
    rows = {"vesalius, all labels": seconds}
    theirs, rows["cc3d, all labels"] = timed(lambda: keep_largest_cc3d(array))
    # Of equally large components each takes another; the sizes agree.
    assert np.array_equal(np.bincount(ours.reshape(-1)), np.bincount(theirs.reshape(-1)))
    seconds = timed(lambda: keep_largest_scipy(array, some))[1]
    rows["scipy, label by label (extrapolated)"] = seconds * labels.size / some.size
    try:
        seconds = timed(lambda: keep_largest_monai(array, some))[1]
        rows["MONAI (extrapolated)"] = seconds * labels.size / some.size
    except ImportError:
        rows["MONAI (not installed)"] = float("nan")
    return rows


def main():
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--sizes", type=int, nargs="+", default=[128, 256, 512])
    parser.add_argument("--json", type=Path)
    parser.add_argument("--against", type=Path)
    parser.add_argument("--tree", action="append", default=[], metavar="PYTHON")
    options = parser.parse_args()
    earlier = json.loads(options.against.read_text()) if options.against else {}
    kept = {}
    print(f"{in_use()} kernels, load {os.getloadavg()[0]:.1f}, medians of {options.repeats}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        in_own_process(make_volumes, folder, options.sizes)
        paths = volume_paths(folder, options.sizes)
        found = whole_processes(paths, options.repeats, folder, options.tree)
        print("\n| size | volume | runs | | CPU s | x nibabel | peak MiB | B/voxel | earlier |")
        print("|---:|---|---:|---|---:|---:|---:|---:|---:|")
        for (size, kind, job), figures in found.items():
            seconds = statistics.median(cpu for cpu, _ in figures)
            base = found[size, kind, "nibabel load + save"]
            ratio = seconds / statistics.median(cpu for cpu, _ in base)
            peak = max(mib for _, mib in figures)
            voxels = np.prod(SHAPES[size])
            runs = len(encode(np.asanyarray(nib.load(paths[size, kind]).dataobj), np.eye(4)))
            key = f"{size} {kind} {job}"
            kept[key] = seconds
            before = f"{earlier[key]:.2f}" if key in earlier else ""
            print(f"| {size} | {kind} | {runs:,} | {job} | {seconds:.2f} | {ratio:.1f} | "
                  f"{peak:.0f} | {peak * 2**20 / voxels:.1f} | {before} |")  # fmt: skip
        size = 256 if 256 in options.sizes else options.sizes[-1]
        print(f"\nlargest component of each label, {size}, noisy:")
        for way, seconds in largest_components(paths[size, "noisy"]).items():
            kept[f"{size} largest {way}"] = seconds
            print(f"  {way:<40} {seconds:8.2f} s")
    if options.json:
        options.json.write_text(json.dumps(kept, indent=1))


if __name__ == "__main__":
    main()
