"""What a second run changes in the result of the first: nothing.

Run from the root of the repository: ``python tests/corruption/fixed_point.py``.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from planting.kinds import KINDS
from planting.measure import compile_pack, run_pack
from planting.patient import make_patient

from vesalius.ontology.load import load_ontology, load_scheme

PATIENTS = (("male", 1), ("female", 2))
PACK = "recommended"


def main() -> None:
    """Print one row per kind of mistake: the sums and the most of all patients."""
    ontology = load_ontology()
    scheme = load_scheme("dap_atlas", ontology)
    plan = compile_pack(PACK, scheme, ontology)
    patients = [make_patient(scheme, ontology, 5.0, *who) for who in PATIENTS]
    print("| kind | voxels | changed | turns | settled | changed by a second run |")
    print("|---|---:|---:|---:|---|---:|")
    for kind in KINDS:
        voxels = changed = again = turns = 0
        settled = True
        for person in patients:
            if kind.name == "sex/cervix strays" and person.sex == "female":
                continue  # only men lack it
            planted = kind.planted(person)
            where = person.ct, person.grid, person.sex
            after, run = run_pack(plan, scheme, planted, *where)
            second, _ = run_pack(plan, scheme, after, *where)
            voxels += int((planted != person.truth).sum())
            changed += int((after != planted).sum())
            again += int(np.count_nonzero(second != after))
            turns, settled = max(turns, run.turns), settled and run.settled
        word = "yes" if settled else "no"
        print(
            f"| {kind.name} | {voxels:,} | {changed:,} | {turns} | {word} | {again:,} |", flush=True
        )


if __name__ == "__main__":
    main()
