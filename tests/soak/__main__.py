"""``make soak``: a cohort under every fault, many times; at the end it is what it always is.

``PYTHONPATH=tests python -m soak --tries 50 --seed 1``. Printed is a row for each fault: tries,
lost (another result than a run without faults, or a bug in the tool), partial (files of a case that
do not belong together, anything in TMPDIR, anything left over), hung.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from pathlib import Path

from soak.faults import FAULTS
from soak.soaking import soak


def main() -> int:
    """Soak; give 1 where anything was wrong."""
    parser = argparse.ArgumentParser(prog="soak", description=__doc__)
    parser.add_argument("--tries", type=int, default=50, help="of each fault")
    parser.add_argument("--workers-tries", type=int, default=10, help="with worker processes")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", help="a part of the name of a fault")
    options = parser.parse_args()
    print(f"{'fault':28} {'tries':>6} {'lost':>5} {'partial':>8} {'hung':>5}")
    faults: list[str] = []
    for name, fault in FAULTS.items():
        if options.only and options.only not in name:
            continue
        tries = options.workers_tries if "workers" in name else options.tries
        with tempfile.TemporaryDirectory() as folder:
            tally = soak(name, fault, Path(folder), tries, random.Random(f"{options.seed} {name}"))
        print(
            f"{name:28} {tally.tries:>6} {len(tally.lost):>5} {len(tally.partial):>8} "
            f"{len(tally.hung):>5}",
            flush=True,
        )
        faults += [*tally.lost, *tally.partial, *tally.hung]
    print("\n".join(faults) or "nothing wrong")
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
