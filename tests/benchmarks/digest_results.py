"""Digests of what the command makes of real cases and of planted mistakes.

    python tests/benchmarks/digest_results.py > here.txt

Real cases are read through VESALIUS_DATA. Wherever it runs (another Python, another numpy, with
VESALIUS_KERNELS=off) the lines are the same to the bit: voxels and header of the result, and all
that the report says besides paths and the version of the program. `--keep FOLDER` keeps reports,
`--only real` (or another of PARTS) runs a part.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import nibabel as nib
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "corruption"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from planting.kinds import KINDS
from planting.patient import make_patient
from silent.planted import Labels
from silent.table import EVERY, SCHEME, numbers, phantom

import vesalius
from calling import call_vesalius
from vesalius.adapters.keeping.cache_folder import VARIABLE
from vesalius.ontology.load import load_ontology, load_scheme

PARTS = ("real", "large", "silent", "planted")
PACKS = ("dap_atlas", "recommended")
TARGET = "dap_atlas"
SPACING_MM = 5.0
V1, V2 = "totalsegmentator_v1", "totalsegmentator_v2"
CT_3MM, CT_SLAB = "ts_example_ct_3mm/ct.nii.gz", "ts_example_ct_slab30/ct.nii.gz"
REAL = (
    (V1, "ts_example_ct_3mm/seg_v1_*.nii.gz", CT_3MM),
    (V2, "ts_example_ct_3mm/seg_v2_*.nii.gz", CT_3MM),
    ("totalsegmentator_vertebrae_body", "ts_example_ct_3mm/*body_task.nii.gz", CT_3MM),
    ("totalsegmentator_vertebrae_pp_refined", "ts_example_ct_3mm/*refined_task.nii.gz", CT_3MM),
    ("totalsegmentator_v2_pre221", "ts_example_ct_slab30/*BEFORE*", CT_SLAB),
    (V2, "ts_example_ct_slab30/seg_v2.nii.gz", CT_SLAB),
    (V2, "ts_example_ct_slab30/seg_v2_fast.nii.gz", CT_SLAB),
    (V2, "ts_example_ct_slab30/*after*", CT_SLAB),
    ("totalsegmentator_tissue_types", "ts_example_ct_slab30/tissue_types", CT_SLAB),
    (V2, "ts_dicom_slab20/seg_v2.nii.gz", "ts_dicom_slab20/ct_from_dicom.nii.gz"),
    (V1, "gstt_chest_slab20/derived*.nii.gz", "gstt_chest_slab20/ct_from_dicom.nii.gz"),
    (V1, "gstt_chest_slab20/masks_v1", None),
    (V2, "totalseg_s0327/gt_v2.nii.gz", None),
    ("verse", "verse/sub-verse005_seg*", "verse/sub-verse005_ct.nii.gz"),
    ("verse", "verse/*verse004_seg*", None),
)  # fmt: skip
"""Scheme, files, and their CT."""
LARGE = (("atm22", "atm22_five_teams/*/*.nii.gz", None),)


class Given(NamedTuple):
    """What the command is to run."""

    name: str
    scheme: str
    path: Path
    image: Path | None
    sex: str
    target: str
    pack: str


def real(cases: Sequence[tuple[str, str, str | None]]) -> Iterator[Given]:
    """Give real cases, in the atlas and in their own scheme."""
    data = Path(os.environ["VESALIUS_DATA"])
    for scheme, pattern, image in cases:
        found = sorted(data.glob(pattern))
        assert found, pattern
        ct = None if image is None else data / image
        for path in found:
            name = path.relative_to(data).as_posix()
            yield Given(name, scheme, path, ct, "unknown", TARGET, "dap_atlas")
            yield Given(name, scheme, path, ct, "unknown", scheme, "recommended")


def planted(folder: Path) -> Iterator[Given]:
    """Give the mistakes of the corruption suite, in a man with a CT."""
    ontology = load_ontology()
    patient = make_patient(load_scheme(TARGET, ontology), ontology, SPACING_MM, "male", 1)
    image = _write(folder / "ct.nii.gz", patient.ct, patient.grid.affine)
    for kind in KINDS:
        labels = kind.planted(patient)
        if labels is not None:
            path = _write(folder / "labels.nii.gz", labels, patient.grid.affine)
            for pack in PACKS:
                yield Given(kind.name, TARGET, path, image, "male", TARGET, pack)


def silent(folder: Path) -> Iterator[Given]:
    """Give the mistakes that a map does not show by itself."""
    session = vesalius.Session(SCHEME, SCHEME)
    base = phantom(session, SPACING_MM)
    for name, plant in EVERY.items():
        labels = Labels(base.array.copy(), numbers(session))
        plant(labels)
        path = _write(folder / "labels.nii.gz", labels.array, base.affine)
        yield Given(name, SCHEME, path, None, "unknown", SCHEME, "recommended")


def _write(path: Path, array: np.ndarray, affine: np.ndarray) -> Path:
    nib.Nifti1Image(array, affine).to_filename(path)
    return path


def digest(given: Given, folder: Path, keep: Path | None) -> str:
    """Run the command; give the digests of the map and of the report."""
    out = folder / "out"
    image = () if given.image is None else ("--image", given.image)
    done = call_vesalius(
        *("--no-project", "run", "--prediction", f"{given.scheme}={given.path}", *image),
        *("--target", given.target, "--rules", given.pack, "--sex", given.sex),
        *("--fail-on", "never", "-o", out),
    )
    if done.returncode:
        said = _without_place(done.stderr, given)
        return f"exit {done.returncode} {hashlib.sha256(said.encode()).hexdigest()[:16]}"
    report = json.dumps(told(json.loads((out / "report.json").read_text())), indent=1)
    report = _without_place(report, given)  # what contradicts a source names its file
    if keep is not None:
        name = "_".join((given.name, given.pack)).replace("/", "_").replace(" ", "_")
        (keep / f"{name}.json").write_text(report)
    voxels = gzip.decompress((out / "labels.nii.gz").read_bytes())
    return " ".join(hashlib.sha256(each).hexdigest()[:16] for each in (voxels, report.encode()))


def _without_place(text: str, given: Given) -> str:
    return text.replace(str(given.path), "FILE")


def told(report: dict[str, Any]) -> dict[str, Any]:
    """Leave out of a report what differs between machines: paths, the program, its own digest."""
    rest = {key: report[key] for key in report if key not in ("tool", "sha256")}
    for part in ("inputs", "remarks"):
        rest[part] = [{k: v for k, v in entry.items() if k != "path"} for entry in report[part]]
    return rest


def main() -> None:
    """Print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=PARTS)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    if options.keep is not None:
        options.keep.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ.setdefault(VARIABLE, str(folder / "plans"))
        parts = {
            "real": real(REAL),
            "large": real(LARGE),
            "silent": silent(folder),
            "planted": planted(folder),
        }
        every = hashlib.sha256()
        for part in PARTS if options.only is None else [options.only]:
            for given in parts[part]:
                found = digest(given, folder, options.keep)
                line = f"{part} | {given.name} | {given.pack} | {found}"
                every.update(line.encode())
                print(line, flush=True)
        print(f"all | {every.hexdigest()[:16]}")


if __name__ == "__main__":
    main()
