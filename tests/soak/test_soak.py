"""A short form of `make soak`: each fault once or twice; what it finds, it finds."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from soak.faults import FAULTS
from soak.soaking import soak
from soak.waiting import wait
from soak.worker_start import killed_at_start

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="children are forked"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # forked beside other threads
]


@pytest.mark.parametrize("name", [name for name in FAULTS if "workers" not in name])
def test_a_cohort_ends_as_it_always_does(tmp_path, name):
    tally = soak(name, FAULTS[name], tmp_path, 2, random.Random(name))
    assert tally.tries == 2
    assert (tally.lost, tally.partial, tally.hung) == ([], [], [])


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
def test_a_worker_killed_while_it_starts_costs_its_case_alone(tmp_path):
    tally = soak("start", killed_at_start, tmp_path, 2, random.Random(4))
    assert (tally.lost, tally.partial, tally.hung) == ([], [], [])


def test_what_is_lost_is_seen(tmp_path):
    def spoil(study, output, rng, usual_s):
        wait(study.start(output, lambda: None))
        (study.root / output / "c1" / "stray.txt").write_text("stray")
        Path(study.scratch, "left").touch()
        return "0"

    tally = soak("spoil", spoil, tmp_path, 1, random.Random(0))
    assert len(tally.lost) == 1
    assert "stray.txt" in tally.lost[0]
    assert len(tally.partial) == 1
