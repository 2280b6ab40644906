"""``make fuzz``: mutated files on every way into the program; prints a row for each.

``PYTHONPATH=tests python -m fuzz --tries 600 --seed 1`` repeats a run. Inputs that something was
wrong with are kept in --keep. Memory is bounded for the whole process.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import warnings
from pathlib import Path

from fuzz.targets import targets
from fuzz.trying import try_target

MEMORY_BYTES = 8 << 30


def main() -> int:
    """Try all targets; give 1 where anything was wrong."""
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    parser.add_argument("--tries", type=int, default=400, help="of each target")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", help="a part of the name of a target")
    parser.add_argument("--keep", type=Path, default=Path("fuzz-faults"))
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    warnings.simplefilter("ignore")
    faults: list[str] = []
    total = 0
    print(
        f"{'target':28} {'tries':>7} {'read':>7} {'refused':>8} lost silent partial slow  slowest"
    )
    with tempfile.TemporaryDirectory() as folder:
        for target in targets(Path(folder)):
            if options.only and options.only not in target.name:
                continue
            tally = try_target(target, Path(folder), options.tries, options.seed, options.keep)
            row = [len(x) for x in (tally.lost, tally.silent, tally.partial, tally.slow)]
            print(
                f"{tally.name:28} {tally.tries:>7,} {tally.read:>7,} {tally.refused:>8,} "
                f"{row[0]:>4} {row[1]:>6} {row[2]:>7} {row[3]:>4} {tally.slowest_s:>7.2f} s",
                flush=True,
            )
            total += tally.tries
            faults += tally.faults
    print(f"{total:,} inputs, {len(faults)} faults")
    print("\n".join(faults))
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
