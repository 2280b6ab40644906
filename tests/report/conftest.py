"""A small cohort that was run, and its pages."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from calling import call_vesalius
from small_cohort import HOSTILE, organs, run_cohort, save


@pytest.fixture(scope="session")
def hostile() -> str:
    """Name of a case that a browser would run if it were not escaped."""
    return HOSTILE


@pytest.fixture(scope="session")
def ran(tmp_path_factory) -> Path:
    """A folder with the files of a cohort, and what a run wrote of it in `out`."""
    return run_cohort(tmp_path_factory.mktemp("cohort"))


@pytest.fixture
def copied(ran, tmp_path) -> Path:
    """A copy of it that a test may damage."""
    shutil.copytree(ran, tmp_path / "c")
    return tmp_path / "c"


@pytest.fixture(scope="session")
def pages(ran) -> Path:
    """The pages of that cohort."""
    done = call_vesalius("report", "out", "-o", "pages", cwd=ran)
    assert done.returncode == 0, done.stderr
    return ran / "pages"


@pytest.fixture
def observers(ran, tmp_path) -> list[str]:
    """Arguments of a run on three label sets of one scan: the first has a larger liver."""
    smaller = organs()
    smaller[1, 1:5, 2:8] = 0
    for name, array in {"a": organs(), "b": smaller, "c": smaller}.items():
        save(tmp_path / f"{name}.nii.gz", array)
    given = [word for name in "abc" for word in ("-p", f"amos22={tmp_path / name}.nii.gz")]
    rules = str(ran / "rules.yaml")
    return ["run", *given, "-t", "amos22", "--rules", rules, "-o", str(tmp_path / "out")]
