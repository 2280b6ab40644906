"""What tests of pages look at besides the small cohort."""

from __future__ import annotations

import pytest

from small_cohort import HOSTILE, organs, save


@pytest.fixture(scope="session")
def hostile() -> str:
    """Name of a case that a browser would run if it were not escaped."""
    return HOSTILE


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
