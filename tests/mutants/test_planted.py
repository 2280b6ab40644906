"""The mistakes of `planted.py`: the named tests fail with each of them.

That they pass without them is seen where they stand.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest
from mutants.planted import PLANTED

from processes import PATIENCE_S

NAMES = [planted.name for planted in PLANTED]


def run(root, planted) -> subprocess.CompletedProcess[str]:
    """Run the tests of a mistake in a process of their own, all of them to the end."""
    command = [sys.executable, "-m", "pytest", "-q", "-rf", "--tb=no", "-p", "no:cacheprovider"]
    env = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(root / "tests"), *_path()]),
        "VESALIUS_MUTANT": json.dumps(planted._asdict()),
    }
    return subprocess.run(
        [*command, "-p", "mutants.plant", *planted.caught_by],
        cwd=root,
        env=env,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


def _path() -> list[str]:
    return [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]


@pytest.mark.parametrize("planted", PLANTED, ids=NAMES)
def test_every_planted_mistake_is_caught_by_each_named_test(planted, root):
    done = run(root, planted)
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout + done.stderr
    for test in planted.caught_by:
        failed = re.search(rf"^FAILED {re.escape(test)}(\[| |$)", done.stdout, re.MULTILINE)
        assert failed, done.stdout


def test_names_are_unique():
    assert len(set(NAMES)) == len(NAMES)
