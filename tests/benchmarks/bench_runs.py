"""CPU time of the run-length core on a synthetic volume; run by hand.

    PYTHONPATH=.links python tests/benchmarks/bench_runs.py [--shape 512 512 370] [--salt 0.01]

Prints the smallest CPU time of a few repeats, since wall time on a shared machine says little.
"""

import argparse
import resource
import time

import numpy as np

from vesalius.engine.runs.background import background
from vesalius.engine.runs.components import components
from vesalius.engine.runs.contacts import group_contacts
from vesalius.engine.runs.halfspace import HalfSpace, cut
from vesalius.engine.runs.histogram import group_histogram
from vesalius.engine.runs.labelmap import decode, encode
from vesalius.engine.runs.measure import measure
from vesalius.engine.runs.sample import threshold_runs
from vesalius.engine.runs.sweeps import overlay, refine, refine_windows, relabel, with_axes


def synthetic(shape, salt, seed=0):
    """Return a label volume of nested layers, 138 ellipsoids and salt, in Fortran order."""
    rng = np.random.default_rng(seed)
    volume = np.zeros(shape, dtype=np.uint8, order="F")
    x, y = np.meshgrid(*[np.linspace(-1, 1, n) for n in shape[:2]], indexing="ij")
    wave = 0.03 * np.sin(40 * np.arctan2(y, x))
    radius = np.hypot(x / 0.9, y / 0.65) + wave
    for k in range(shape[2]):
        ripple = 0.04 * np.sin(60 * x + k / 7) * np.sin(50 * y - k / 5)
        layer = np.digitize(radius + ripple, [0.35, 0.5, 0.62, 0.7, 0.9, 1.0])
        volume[:, :, k] = np.array([1, 5, 1, 4, 3, 2, 0], dtype=np.uint8)[layer]
    for label in range(6, 144):
        size = rng.uniform(0.01, 0.06, 3) * shape
        centre = rng.uniform(0.3, 0.7, 3) * shape
        lo = np.maximum((centre - size).astype(int), 0)
        hi = np.minimum((centre + size).astype(int) + 1, shape)
        axes = [(np.arange(a, b) - c) / s for a, b, c, s in zip(lo, hi, centre, size, strict=True)]
        ball = sum(np.square(a) for a in np.ix_(*axes)) <= 1
        volume[tuple(slice(a, b) for a, b in zip(lo, hi, strict=True))][ball] = label
    if salt:
        spots = rng.integers(0, volume.size, int(salt * volume.size))
        volume.reshape(-1, order="F")[spots] = rng.integers(1, 144, spots.size)
    return volume


def timed(name, function, repeats=3):
    """Print the smallest CPU time of the function, and return its result."""
    best = float("inf")
    for _ in range(repeats):
        begin = time.process_time()
        result = function()
        best = min(best, time.process_time() - begin)
    print(f"{name:<44}{1000 * best:9.0f} ms")
    return result


def main():
    """Time everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shape", type=int, nargs=3, default=[512, 512, 370])
    parser.add_argument("--salt", type=float, default=0.0)
    options = parser.parse_args()
    volume = synthetic(options.shape, options.salt)
    affine = np.diag([0.8, 0.8, 1.5, 1.0])
    print(f"shape {volume.shape}, salt {options.salt}, {volume.nbytes / 1e6:.0f} MB")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    lm = timed("encode", lambda: encode(volume, affine))
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"{len(lm):,} runs; peak memory grew by {(after - before) / 1024:.0f} MB in encode")
    voxels = timed("decode", lambda: decode(lm))
    assert np.array_equal(voxels, volume)
    del voxels
    timed("measure, all labels", lambda: measure(lm))
    for axis in range(3):
        timed(
            f"index histogram, axis {axis}",
            lambda axis=axis: group_histogram(lm, lm.label, lm.largest + 1, axis),
        )
    for connectivity in (6, 18, 26):
        found = timed(
            f"components {connectivity}, all labels", lambda c=connectivity: components(lm, c)
        )
    print(f"{len(found):,} components at 26")
    key = np.arange(256)
    key[:6] = 0
    for connectivity in (6, 26):
        timed(
            f"components {connectivity}, labels 6 and above",
            lambda c=connectivity: components(lm, c, key),
        )
    plane = HalfSpace((0.96, 0.2, 0.19), 250.0)
    timed("cut by an oblique plane", lambda: cut(lm, plane))
    timed("relabel", lambda: relabel(lm, np.arange(256)[::-1]))
    timed("contacts 6", lambda: group_contacts(lm, lm.label))
    timed("background", lambda: background(lm))
    organs = timed("relabel, labels 6 and above", lambda: relabel(lm, key))
    timed("overlay", lambda: overlay(lm, organs))
    sources = [lm, *[relabel(lm, np.arange(256) % 13 == r) for r in range(12)]]
    print(f"13 sources, {sum(map(len, sources)):,} runs")
    timed("refine 13 sources, whole", lambda: refine(sources))
    timed("refine 13 sources, windows", lambda: sum(len(w.start) for w in refine_windows(sources)))
    image = volume.astype(np.int16)
    timed("threshold of an image under all labels", lambda: threshold_runs(lm, image, 1, 4))
    timed("threshold under labels 6 and above", lambda: threshold_runs(organs, image, 1, 40))
    timed("with axes 2 1 0", lambda: with_axes(lm, (2, 1, 0)), repeats=1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:.0f} MB (volume and image held: {3 * volume.nbytes / 1e6:.0f} MB)")


if __name__ == "__main__":
    main()
