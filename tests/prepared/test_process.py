"""A whole process whose plan is known: what it loads, and that it writes what it would without."""

from __future__ import annotations

import os
import subprocess
import sys

import nibabel as nib
import numpy as np
import pytest

from vesalius.adapters.files.nifti_write import write_labels
from vesalius.adapters.keeping.cache_folder import VARIABLE
from vesalius.adapters.phantom import load_description, make_phantom
from vesalius.adapters.phantom.predict import clean_prediction
from vesalius.engine.runs import kernels
from vesalius.engine.runs.grid import Grid
from vesalius.ontology.load import load_ontology, load_scheme

MAY_LOAD = {"click", "isal", "numpy", "vesalius"}
"""Packages beside Python's own."""
WITHOUT_KERNELS = {"scipy", "charset_normalizer"}
"""What the engine loads for components and distances where no compiled kernels are at hand: scipy,
which takes all of numpy, and with it what numpy's Fortran reader likes to have."""


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    """Write a phantom as models see it: a side swapped, in bits, empty, in other schemes."""
    folder = tmp_path_factory.mktemp("cases")
    ontology = load_ontology()
    phantom = make_phantom(load_description(), (10.0, 10.0, 10.0))
    fine = make_phantom(load_description(), (6.0, 6.0, 6.0))
    whole = clean_prediction(fine, load_scheme("amos22", ontology), ontology)
    write_labels(folder / "whole.nii.gz", np.asfortranarray(whole), fine.grid)
    noisy = fine.ct + np.random.default_rng(0).normal(0, 10, fine.ct.shape)
    nib.save(nib.Nifti1Image(noisy.astype(np.int16), fine.grid.affine), folder / "ct.nii.gz")
    labels, older = (
        np.asfortranarray(clean_prediction(phantom, load_scheme(name, ontology), ontology))
        for name in ("totalsegmentator_v2", "totalsegmentator_v1")
    )
    swapped = labels.copy(order="F")
    swapped[: labels.shape[0] // 3] = labels[::-1][: labels.shape[0] // 3]
    bits = labels.copy(order="F")
    bits[::3, ::3, ::2] = 0
    maps = {"older": older, "swapped": swapped, "bits": bits, "empty": 0 * labels}
    for name, voxels in maps.items():
        write_labels(folder / f"{name}.nii.gz", voxels, Grid(voxels.shape, phantom.grid.affine))
    return folder


CODE = """
import sys
from vesalius.adapters.cli.main import cli
try:
    cli.main(sys.argv[1:], standalone_mode=False)
except Exception as ended:
    print("ended:", repr(ended), file=sys.stderr)
site = {n.split(".")[0] for n, m in sys.modules.items() if getattr(m, "__file__", None)}
own = {n for n in site if not n.startswith("_")} - set(sys.stdlib_module_names)
print("loaded:", *sorted(own), file=sys.stderr)
"""


def loaded(folder, cache, *arguments):
    """Run the command line in a process of its own; give the packages it loaded."""
    done = subprocess.run(
        [sys.executable, "-c", CODE, "--no-project", *arguments],
        cwd=folder, capture_output=True, text=True, check=False,
        env={**os.environ, VARIABLE: str(cache)},
    )  # fmt: skip
    last = done.stderr.splitlines()[-1]
    assert last.startswith("loaded: "), done.stderr[-2000:]
    return {*last.split()[1:]} - {"sitecustomize", "usercustomize"}


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "-p", "amos22=whole.nii.gz", "-o", "out"),
        ("lint", "whole.nii.gz", "--scheme", "amos22"),
        ("lint", "whole.nii.gz", "--scheme", "amos22", "--image", "ct.nii.gz"),
        ("convert", "whole.nii.gz", "--from", "amos22", "--to", "btcv", "-o", "converted.nii.gz"),
        ("identify", "whole.nii.gz"),
        ("stats", "whole.nii.gz", "--scheme", "amos22", "--image", "ct.nii.gz"),
        ("validate", "--pred", "whole.nii.gz", "--truth", "whole.nii.gz", "--scheme-pred", "amos22",
         "--scheme-truth", "amos22", "--no-surfaces"),
        ("compare", "whole.nii.gz", "whole.nii.gz", "--scheme", "amos22"),
        ("concordance", "-p", "amos22=whole.nii.gz", "-p", "amos22=whole.nii.gz"),
    ],
    ids=["run", "lint", "lint with a CT", "convert", "identify", "stats", "validate", "compare",
         "concordance"],
)  # fmt: skip
def test_a_known_plan_is_run_without_what_reads_yaml_and_headers(cases, tmp_path, arguments):
    assert "yaml" in loaded(cases, tmp_path, *arguments)
    may_load = MAY_LOAD if kernels.compiled else MAY_LOAD | WITHOUT_KERNELS
    assert loaded(cases, tmp_path, *arguments) - may_load == set()


@pytest.mark.parametrize("rules", ["recommended", "dap_atlas"])
def test_all_is_written_to_the_byte_as_without_a_cache(cases, rules, tmp_path, monkeypatch):
    from vesalius.session import Session

    monkeypatch.chdir(cases)
    written = {}
    for cache in ("off", str(tmp_path), str(tmp_path)):
        monkeypatch.setenv(VARIABLE, cache)
        session = Session("totalsegmentator_v2", rules=rules, trace=True)
        for name in ("swapped", "bits", "empty"):
            done = session.merge({"totalsegmentator_v2": f"{name}.nii.gz"}, case={"sex": "male"})
            folder = tmp_path / "out"
            done.save_folder(folder)
            files = {path.name: path.read_bytes() for path in folder.iterdir()}
            lint = session.lint(f"{name}.nii.gz").report
            written.setdefault(name, []).append((files, lint, done.remarks))
    for name, (without, made, kept) in written.items():
        assert without == made == kept, name
        assert {"labels.nii.gz", "report.json"} <= without[0].keys()


def test_a_wrong_scheme_is_doubted_all_the_same(cases, tmp_path, monkeypatch):
    from vesalius.session import Session

    monkeypatch.chdir(cases)
    told = []
    for cache in ("off", str(tmp_path), str(tmp_path)):
        monkeypatch.setenv(VARIABLE, cache)
        told.append(Session("totalsegmentator_v2", rules=None).convert("older.nii.gz").remarks)
    assert "IDN002" in {remark.code for remark in told[0]}
    assert told[0] == told[1] == told[2]
