"""What is fed with mutated files, and what must hold of it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import nibabel as nib
import numpy as np

from fuzz.cohort_targets import cohort_targets
from fuzz.command_targets import command_targets
from fuzz.mutating import mutate_bytes, mutate_header, mutate_text, packed
from fuzz.seeds import (
    DATASET,
    TABLE,
    TEXTS,
    report_folder,
    small_folders,
    volume_bytes,
)
from fuzz.target import READ, REFUSED, SilentChangeError, Target
from vesalius.adapters.cases.run_folder import read_run_folder
from vesalius.adapters.cohort.case_table import read_table
from vesalius.adapters.cohort.cohort_file import load_cohort
from vesalius.adapters.files.label_volume import read_labels
from vesalius.adapters.files.names_beside import names_in_dataset_json
from vesalius.adapters.yaml_lint import lint_yaml
from vesalius.ontology.load import load_ontology
from vesalius.ontology.names.label_tables import classes_from_file
from vesalius.ontology.project import read_project
from vesalius.ontology.reading.diagnostics import Span
from vesalius.ontology.reading.render import render_human


def _labels(path: Path) -> str:
    volume = read_labels(path)
    try:
        image = _by_nibabel(path)
        theirs = np.asanyarray(image.dataobj)
    except Exception as error:
        # What nibabel cannot read at all must not be read otherwise.
        raise SilentChangeError(f"nibabel refuses it: {type(error).__name__}: {error}") from None
    theirs = theirs.reshape(theirs.shape[:3])
    if not np.array_equal(np.asarray(volume.array, np.float64), np.rint(theirs)):
        raise SilentChangeError("other voxels than nibabel reads")
    if not np.allclose(volume.grid.affine, image.affine, atol=1e-4, equal_nan=True):
        raise SilentChangeError("another place than nibabel reads")
    return READ


def _by_nibabel(path: Path) -> nib.Nifti1Image:
    """Read without extensions: nibabel refuses a volume for a name that is not text in one."""
    data = path.read_bytes()
    plain = bytearray(gzip.decompress(data) if path.name.endswith(".gz") else data)
    kind = nib.Nifti2Image if plain[:1] in (b"\x1c", b"\x00") and b"n+2" in plain[:8] else None
    if kind is None:
        plain[348] = 0
    return (kind or nib.Nifti1Image).from_bytes(bytes(plain))


def _yaml(path: Path) -> str:
    found = lint_yaml([path]).diagnostics
    render_human(found)
    return REFUSED if any(d.severity == "error" for d in found) else READ


def _in_project(path: Path) -> str:
    project = read_project(next(p for p in path.parents if p.name == "project") / "vesalius.yaml")
    found = lint_yaml(project.files, project).diagnostics
    render_human(found)
    return REFUSED if any(d.severity == "error" for d in found) else READ


def _cohort(path: Path) -> str:
    load_cohort(path, load_ontology())
    return READ


def _dataset(path: Path) -> str:
    # As a neighbour it is read or passed over, never more.
    with suppress(OSError, ValueError):
        names_in_dataset_json(path)
    classes_from_file(path)
    return READ


def _table(path: Path) -> str:
    table = read_table(path, Span("cohort.yaml", 1, 1, 2))
    return READ if "name" in table.columns and not table.by_case("name")[1] else REFUSED


def _report(path: Path) -> str:
    before = path.with_name("before.json").read_bytes()
    run = read_run_folder(path.parent)
    if path.read_bytes() != before and run.report != json.loads(before):
        raise SilentChangeError("a report is believed that was changed")
    return READ


def targets(folder: Path) -> list[Target]:
    """Give all targets; some need a folder with files of their own."""
    plain = volume_bytes()
    report = report_folder(folder / "report")
    found = [
        Target("labels.nii", (plain, volume_bytes(extension=True)), mutate_header, _labels),
        Target("bytes.nii", (plain, volume_bytes(np.int16)), mutate_bytes, _labels),
        Target("labels.nii.gz", (gzip.compress(plain, mtime=0),), mutate_bytes, _labels),
        Target("header.nii.gz", (plain,), packed(mutate_header), _labels),
        Target("dataset.json", DATASET, mutate_text, _dataset),
        Target("cases.csv", TABLE, mutate_text, _table),
        Target("cohort.yaml", TEXTS["cohort"], mutate_text, _cohort),
        Target("report/report.json", (report,), mutate_bytes, _report),
        Target("report/report.json", (report,), mutate_text, _report),
    ]
    yaml: Mapping[str, tuple[bytes, ...]] = {k: v for k, v in TEXTS.items() if k != "cohort"}
    found += [Target(f"{kind}.yaml", seeds, mutate_text, _yaml) for kind, seeds in yaml.items()]
    small = small_folders(folder)
    found += [
        Target(name, (seed,), mutate_text, _in_project if name.startswith("project") else _yaml)
        for name, seed in small.items()
    ]
    return [*found, *cohort_targets(folder), *command_targets(folder)]
