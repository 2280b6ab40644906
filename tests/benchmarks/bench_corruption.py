"""Table of the corruption suite: per kind and pack, what was restored and what was harmed.

    PYTHONPATH=.links python tests/benchmarks/bench_corruption.py [--spacing 3] [--seeds 3]

Sums over male and female phantoms and several seeds. With --detail also what is left, what was
harmed and which rules acted.
"""

import argparse
import importlib.util
import sys
from pathlib import Path


def load_planting():
    """Load the package of the corruption tests."""
    folder = Path(__file__).resolve().parents[1] / "corruption" / "planting"
    spec = importlib.util.spec_from_file_location(
        "planting", folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    package = importlib.util.module_from_spec(spec)
    sys.modules["planting"] = package
    spec.loader.exec_module(package)


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spacing", type=float, default=3.0)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--packs", nargs="+", default=["dap_atlas", "recommended"])
    parser.add_argument("--kinds", default="", help="only kinds whose name contains this")
    parser.add_argument("--detail", action="store_true")
    options = parser.parse_args()
    load_planting()
    from planting.kinds import KINDS
    from planting.measure import compile_pack, measure
    from planting.patient import make_patient

    from vesalius.ontology.load import load_ontology, load_scheme

    ontology = load_ontology()
    scheme = load_scheme("dap_atlas", ontology)
    compiled = {name: compile_pack(name, scheme, ontology) for name in options.packs}
    patients = [
        make_patient(scheme, ontology, options.spacing, sex, seed)
        for sex in ("male", "female")
        for seed in range(options.seeds)
    ]
    print(f"{len(patients)} phantoms of {options.spacing:g} mm; voxels, shares of the corrupted\n")
    print("| kind | pack | corrupted | restored | cleared | harmed |")
    print("|---|---|---:|---:|---:|---:|")
    for kind in (k for k in KINDS if options.kinds in k.name):
        planted = [(p, labels) for p in patients if (labels := kind.planted(p)) is not None]
        for name, plan in compiled.items():
            found = [measure(patient, labels, plan) for patient, labels in planted]
            corrupted = sum(m.corrupted for m in found)
            restored = sum(m.restored for m in found) / corrupted
            cleared = sum(m.cleared for m in found) / corrupted
            harmed = sum(m.harmed for m in found)
            shares = f"{corrupted:,} | {restored:.2%} | {cleared:.2%} | {harmed:,} |"
            print(f"| {kind.name} | {name} | {shares}", flush=True)
            if options.detail:
                for m, (patient, _) in zip(found, planted, strict=True):
                    print(f"      {patient.sex} {patient.seed}: {m.tells()}")


if __name__ == "__main__":
    main()
