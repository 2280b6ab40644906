"""Cases whose names are no text, or mean something elsewhere: run, merged, measured and shown."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from calling import call_vesalius
from vesalius.adapters.cohort.merge_shards import merge_shards
from vesalius.adapters.cohort.shard import Shard

NAMES = (os.fsdecode(b"a\xff"), "d{e}f", "\U0001f480", "c<d>&\"'", " x ")


@pytest.fixture
def odd(study):
    """The study with cases of odd names alone, and without a table."""
    for name in "abc":
        Path(f"images/{name}_0000.nii.gz").unlink()
    try:
        for number, name in enumerate(NAMES):
            study.case(name, number)
    except OSError:
        pytest.skip("this file system wants text")
    text = Path("cohort.yaml").read_text()
    metadata = next(line for line in text.splitlines() if line.startswith("metadata:"))
    study.cohort(f"{metadata}\n", "")
    study.run("one")
    return study


def test_shards_give_what_one_run_gives(odd, digests):
    for number in (1, 2):
        odd.run("out", shard=Shard(number, 2))
    merge_shards(Path("out"))
    assert {k: v for k, v in digests("out").items() if k[:7] != "shards/"} == digests("one")
    record = json.loads(Path("one/cohort.json").read_bytes())
    assert sorted(case["case"] for case in record["cases"]) == sorted(NAMES)


@pytest.mark.parametrize(
    "words",
    ["stats one -o o", "stats cohort.yaml -o o", "compare preds one -s amos22 -o o",
     "concordance -p amos22=one -p amos22=preds --rules none --maps -o o", "report one -o o",
     "sample one -n 5", "run cohort.yaml -o o --emit snakemake"],
)  # fmt: skip
def test_all_that_follows_takes_them(odd, words):
    for name in "abc":
        Path(f"preds/{name}.nii.gz").unlink()
    done = call_vesalius(*words.split())
    assert done.returncode == 0, done.stderr[-2000:]


def test_measures_of_two_names_lie_in_two_places(odd):
    assert call_vesalius("stats", "one", "-o", "o").returncode == 0
    assert len(list(Path("o/cases/stats").glob("*.json"))) == len(NAMES)
