"""Files that are right, to be mutated: what is shipped, and small ones made here."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Final

import nibabel as nib
import numpy as np

import vesalius.adapters.cohort
import vesalius.adapters.selftrain
import vesalius.ontology
import vesalius.rules
from vesalius.session import Session

VOLUME: Final = "seg.nii.gz"
_ONTOLOGY, _RULES, _COHORT, _SELFTRAIN = (
    Path(package.__file__).parent
    for package in (
        vesalius.ontology, vesalius.rules, vesalius.adapters.cohort, vesalius.adapters.selftrain
    )
)  # fmt: skip
RULES: Final = """\
schema: rules/1
pack: mine
about: Two rules.
phases: [pieces, place]
rules:
  - id: pieces/one
    summary: More than one piece.
    for: [liver, {level: organ, side: left}]
    when: {case: {sex: male}}
    expect: {components: {at_most: 1}}
    repair: {keep: largest, rest: background}
  - id: place/above
    summary: The brain lies above.
    for: brain
    expect: {within: {above: vertebrae_C3}}
    severity: warning
"""
TEXTS: Final[dict[str, tuple[bytes, ...]]] = {
    "scheme": tuple(
        (_ONTOLOGY / "schemes" / f"{name}.yaml").read_bytes() for name in ("amos22", "btcv")
    ),
    "rules": (RULES.encode(),),
    "cohort": ((_COHORT / "first_cohort.yaml").read_bytes(),),
    "selftrain": ((_SELFTRAIN / "first_pipeline.yaml").read_bytes(),),
    "anchors": ((_RULES / "anchors.yaml").read_bytes(),),
}
TREE: Final = Path(__file__).parents[2]
ONTOLOGY_FILES: Final = ("attributes.yaml", "sequences.yaml", "structures/a.yaml")
PROJECT_FILES: Final = (
    "vesalius.yaml", "structures/calcification.yaml", "schemes/aorta_and_calcium.yaml",
    "rules/calcification.yaml",
)  # fmt: skip
DATASET: Final = (
    json.dumps({"labels": {"background": 0, "spleen": 1, "right kidney": 2}}, indent=1).encode(),
    json.dumps({"labels": {"0": "background", "1": "spleen"}}).encode(),
    json.dumps(
        {"labels": {"background": 0, "whole": [1, 2], "core": 2}, "regions_class_order": [1, 2]}
    ).encode(),
)
TABLE: Final = (b"name,Sex,age\na,M,50\nb,F,60\nc,,70\n", b'name\tuid\na\t1.2\nb\t"1\t2"\n')
_XML: Final = (
    '<?xml version="1.0" encoding="UTF-8"?><CaretExtension><VolumeInformation><LabelTable>'
    '<Label Key="1" Red="0"><![CDATA[spleen]]></Label><Label Key="2">right kidney</Label>'
    "</LabelTable></VolumeInformation></CaretExtension>"
)


def volume(dtype: type[np.generic] = np.uint8) -> nib.Nifti1Image:
    """Give labels of AMOS, lying obliquely."""
    rng = np.random.default_rng(0)
    affine = np.array([[-1.5, 0.1, 0, 9], [0.1, 1.5, 0, -7], [0, 0, 2, 5], [0, 0, 0, 1]])
    return nib.Nifti1Image(rng.integers(0, 15, (9, 8, 7)).astype(dtype), affine)


def volume_bytes(dtype: type[np.generic] = np.uint8, extension: bool = False) -> bytes:
    """Give the same as the bytes of a file that is not compressed."""
    image = volume(dtype)
    if extension:
        image.header.extensions.append(nib.nifti1.Nifti1Extension(0, _XML.encode()))
    return bytes(image.to_bytes())


def small_folders(folder: Path) -> dict[str, bytes]:
    """Write a small ontology and a project; give their files by their place in the folder."""
    places = {
        "base": (TREE / "tests/ontology/golden/base", ONTOLOGY_FILES),
        "project": (TREE / "docs/examples/aortic_calcification", PROJECT_FILES),
    }
    found = {}
    for name, (source, files) in places.items():
        shutil.copytree(source, folder / name)
        found |= {f"{name}/{file}": (source / file).read_bytes() for file in files}
    return found


def report_folder(folder: Path) -> bytes:
    """Write what a run writes into a folder; give its report."""
    folder.mkdir(parents=True, exist_ok=True)
    nib.save(volume(), folder.parent / VOLUME)
    Session("amos22", "amos22", rules=None).merge({"amos22": folder.parent / VOLUME}).save_folder(
        folder
    )
    report = (folder / "report.json").read_bytes()
    (folder / "before.json").write_bytes(report)
    return report
