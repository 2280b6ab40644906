"""The order of the tests, the plans that they keep, and what tests of several folders need.

The files that take longest begin, so that none is left running alone.
"""

from __future__ import annotations

import gc
import os
import shutil
import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from calling import call_vesalius
from small_cohort import run_cohort
from vesalius.adapters.keeping.cache_folder import VARIABLE

# Examples that are the same on every machine and in every run, and no clock that judges them: what
# is found by chance fails one run in many. `pytest --hypothesis-profile random` looks for more.
settings.register_profile(
    "vesalius",
    deadline=None,
    derandomize=True,
    database=None,
    max_examples=60,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "random", settings.get_profile("vesalius"), derandomize=False, max_examples=200
)
settings.load_profile("vesalius")

# As the command does (`adapters/cli/main.py`), which most tests call without its `main`: what is
# read of YAML and planned is no garbage, and looking for some takes a seventh of the time.
gc.set_threshold(50_000, 20, 100)

LONGEST = (
    "selftrain/test_real_selftrain.py",
    # One after the other, so that one worker has them and trains once.
    "nnunet/test_real_training.py",
    "nnunet/test_real_prediction.py",
    "nnunet/test_real_mirroring.py",
    "nnunet/test_real_planning.py",
    "nnunet/test_real_datasets.py",
    "corruption/test_kinds.py",
    "library/test_rules.py",
    "cli/test_round_trips.py",
    "corruption/test_clean.py",
    "prepared/test_process.py",
    "engine_rules_measures/test_against_oracle.py",
    "silent/test_silent.py",
    "corruption/test_storage.py",
    "cohort/test_killed_runs.py",
    "cases/test_verdict.py",
    "packs/test_recommended.py",
    "docs/test_tutorials.py",
)
"""Files of minutes or, for the last ones, more than half a minute; longest first."""


def pytest_collection_modifyitems(items) -> None:
    """Move the tests of the longest files to the front; all others keep their order."""

    def place(item) -> int:
        path = item.path.as_posix()
        found = (number for number, name in enumerate(LONGEST) if path.endswith(f"/tests/{name}"))
        return next(found, len(LONGEST))

    items.sort(key=place)


def pytest_collection_finish() -> None:
    """Leave what stays to the end, half a million objects, out of what is looked at for garbage."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _plans_of_these_tests(tmp_path_factory):
    """Keep plans in a folder of this run: nobody's own cache is read or written by tests."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # What one worker compiled the other need not.
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, str(folder / "plans"))
        yield


@pytest.fixture(scope="session", autouse=True)
def _nothing_has_to_reach_the_disk():
    """What this process writes need not outlive the machine, only the process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda descriptor: None)
        yield


@pytest.fixture
def interruptible():
    """SIGINT means what it does at a terminal, here and in what is started from here.

    Tests that run in the background of a shell find it ignored, and so would their children.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session")
def ran(tmp_path_factory) -> Path:
    """The folder of the small cohort, and what a run wrote of it in `out`; it stays as it is."""
    return run_cohort(tmp_path_factory.mktemp("cohort"))


@pytest.fixture
def copied(ran, tmp_path) -> Path:
    """A copy of the cohort that was run, which a test may damage."""
    shutil.copytree(ran, tmp_path / "c")
    return tmp_path / "c"


@pytest.fixture(scope="session")
def pages(ran, tmp_path_factory) -> Path:
    """The pages of the small cohort."""
    folder = tmp_path_factory.mktemp("pages")
    done = call_vesalius("report", "out", "-o", folder / "of_small", cwd=ran)
    assert done.returncode == 0, done.stderr
    return folder / "of_small"


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real cases; tests that need it skip where it is absent."""
    folder = Path(os.environ.get("VESALIUS_DATA", "../shared/data"))
    if not folder.is_dir():
        pytest.skip("VESALIUS_DATA is absent")
    return folder.resolve()
