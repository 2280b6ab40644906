"""A study of tiny cases, and ways to run it."""

from __future__ import annotations

import hashlib
import importlib
import os
import subprocess
import sys
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from vesalius.adapters.cli.run_cohort import CohortOptions, run_cohort
from vesalius.adapters.cohort.case_tasks import prepare_tasks
from vesalius.adapters.cohort.case_worker import do_case
from vesalius.adapters.cohort.cohort_file import load_cohort
from vesalius.adapters.cohort.cohort_job import CohortJob
from vesalius.adapters.cohort.selection import select_cases
from vesalius.engine.plan.plan_json import plan_digest
from vesalius.ontology.load import load_ontology
from vesalius.session import Session

COHORT = """\
schema: cohort/1
cohort: small
image: images/{case}_0000.nii.gz
predictions:
  amos22: preds/{case}.nii.gz
target: amos22
rules: none
metadata: {table: cases.csv, case: name, sex: Sex, values: {sex: {M: male, F: female}}}
cases: {from: image}
"""
TABLE = """\
name,Sex,age,subject,study_uid
a,M,50,S1,1.2.840.11111
b,F,60,S2,1.2.840.22222
c,M,70,S3,1.2.840.33333
"""


class Study:
    """Files of a study in the working directory."""

    @staticmethod
    def volume(path: str, array: np.ndarray, affine: np.ndarray | None = None) -> Path:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        nib.save(
            nib.Nifti1Image(array, np.diag([1.0, 1, 2, 1]) if affine is None else affine), path
        )
        return Path(path)

    def case(self, name: str, seed: int = 0, shape: tuple[int, int, int] = (5, 6, 7)) -> None:
        rng = np.random.default_rng(seed)
        self.volume(f"images/{name}_0000.nii.gz", rng.integers(-9, 9, shape).astype(np.int16))
        self.volume(f"preds/{name}.nii.gz", rng.integers(0, 14, shape).astype(np.uint8))

    @staticmethod
    def cohort(old: str = "", new: str = "", *more: str, text: str = COHORT) -> Path:
        """Write the cohort file with pieces of it replaced."""
        for one, other in zip((old, *more[::2]), (new, *more[1::2]), strict=True):
            assert one in text
            text = text.replace(one, other)
        Path("cohort.yaml").write_text(text)
        return Path("cohort.yaml")

    @staticmethod
    def table(text: str) -> None:
        Path("cases.csv").write_text(text)

    @staticmethod
    def preflight(output: str = "out"):
        """Do what is done before any work starts; give cohort, selection and tasks."""
        cohort = load_cohort(Path("cohort.yaml"), load_ontology())
        selection = select_cases(cohort)
        tokens = [source.name for source in cohort.sources]
        return cohort, selection, prepare_tasks(cohort, selection, tokens, Path(output))

    @staticmethod
    def run(output: str = "out", **changes) -> None:
        """Run in this process."""
        options = {
            "workers": 1, "keep_going": False, "force": False, "dry_run": False, "as_json": False,
        }  # fmt: skip
        run_cohort(
            Path("cohort.yaml"),
            CohortOptions(output=Path(output), **{**options, **changes}),
            executor=lambda job, tasks, workers: (do_case(job, task) for task in tasks),
        )


@pytest.fixture
def study(tmp_path, monkeypatch) -> Study:
    """Three cases a, b, c with images, predictions and a table, and a cohort file."""
    monkeypatch.chdir(tmp_path)
    study = Study()
    for seed, name in enumerate("abc"):
        study.case(name, seed, (5, 6, 7 + seed))
    study.table(TABLE)
    study.cohort()
    return study


@pytest.fixture(scope="session")
def digests():
    """Give the sha256 of every file below a folder."""

    def digests(folder: str | Path) -> dict[str, str]:
        return {
            str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(Path(folder).rglob("*"))
            if path.is_file()
        }

    return digests


@pytest.fixture(scope="session")
def vesalius():
    """Start the installed command."""
    script = Path(sys.executable).parent / "vesalius"

    def start(*arguments: object, **options) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [str(script), *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "NO_COLOR": "1"},
            **options,
        )

    return start


@pytest.fixture
def deadly(monkeypatch):
    """Tasks that kill or sleep; workers inherit the path they are found on."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    return importlib.import_module("deadly")


@pytest.fixture
def job():
    session = Session("amos22", "amos22", rules=None)
    digest = plan_digest(session.compiled.plan)
    return CohortJob(session, digest, resample=False, force=True)
