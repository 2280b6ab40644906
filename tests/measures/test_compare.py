"""The table `compare` against numpy, and what reports say of rules."""

from __future__ import annotations

import json

import numpy as np
import pytest

import vesalius
from vesalius.adapters.measures.comparison import Changes, moves_of

AFFINE = np.diag([2.0, 2.0, 2.0, 1.0])
AMOS, BTCV = "amos22", "btcv"
LIVER = 6


@pytest.fixture
def new(organs):
    """The small piece of the liver is gone, and one slice is added at its side."""
    changed = organs.copy()
    changed[0:2, 8:10, 6] = 0
    changed[4, 2:8, 0:4] = LIVER
    return changed


def by_structure(table):
    return {row["structure"]: row for row in table}


def test_figures_are_those_of_numpy(organs, new):
    row = by_structure(vesalius.compare((organs, AFFINE), (new, AFFINE), AMOS).table())["liver"]
    one, other = organs == LIVER, new == LIVER
    voxel_ml = 0.008
    assert row["old_ml"] == pytest.approx(one.sum() * voxel_ml)
    assert row["lost_ml"] == pytest.approx((one & ~other).sum() * voxel_ml)
    assert row["gained_ml"] == pytest.approx((other & ~one).sum() * voxel_ml)
    assert row["difference_ml"] == pytest.approx((int(other.sum()) - int(one.sum())) * voxel_ml)
    assert row["iou"] == pytest.approx((one & other).sum() / (one | other).sum(), abs=1e-6)
    assert row["rules"] is None


def test_schemes_may_differ(organs):
    turned = np.zeros_like(organs)
    turned[organs == LIVER], turned[organs == 1] = 6, 1
    turned[organs == 10] = 11
    table = vesalius.compare((organs, AFFINE), (turned, AFFINE), AMOS, BTCV).table()
    assert {row["iou"] for row in table if row["state"] == "both"} == {1.0}


def test_a_repaired_map_tells_which_rules_touched_what(organs, pack):
    repaired = vesalius.repair((organs, AFFINE), AMOS, rules=pack)
    found = by_structure(vesalius.compare((organs, AFFINE), repaired, AMOS).table())
    assert found["liver"]["lost_ml"] == pytest.approx(4 * 0.008)
    assert found["liver"]["rules"] == "parts/one-liver (0.03 ml)"
    assert found["spleen"]["rules"] is None


def test_output_of_a_run_is_compared_with_its_source(tmp_path, save, organs, command, pack):
    save("old/a.nii.gz", organs, AFFINE)
    save("old/b.nii.gz", np.where(organs == LIVER, 0, organs).astype(np.uint8), AFFINE)
    for name in ("a", "b"):
        assert command("run", "-p", f"amos22={tmp_path}/old/{name}.nii.gz", "-t", AMOS, "--fail-on",
                       "never", "--rules", pack, "-o", tmp_path / "new" / name)[0] == 0  # fmt: skip
    out = tmp_path / "out"
    code, said, err = command("compare", tmp_path / "old", tmp_path / "new", "-s", AMOS, "-o", out)
    assert code == 0, err
    assert "changed in 1 of 2 cases" in said
    report = json.loads((out / "compare.json").read_text())["summary"]
    assert report["changed_ml_by_case"]["b"] == 0
    assert report["changed_cases"] == {"liver": ["a"]}
    assert report["rules"] == {"liver": ["parts/one-liver"]}
    assert "parts/one-liver" in said


def test_the_share_above_nine_tenths():
    rows = [
        {"case": case, "structure": name, "iou": iou, "lost_ml": 0.0, "gained_ml": 0.0}
        for name, ious in {"a": (0.95, 0.2, 0.99), "b": (0.9, 0.9, 0.9), "c": (None,) * 3}.items()
        for case, iou in zip("xyz", ious, strict=True)
    ]
    found = Changes().add(rows)
    assert found.agreeing == ("a",)  # b is not above, c is undefined
    assert found.to_json()["share_above_0.9"] == 0.5


@pytest.mark.parametrize("report", [{}, {"outcomes": None}, {"outcomes": [3]}, {"rules": "x"}])
def test_what_is_no_report_names_no_rule(report):
    assert moves_of(report) == {}


def test_two_versions_of_one_real_scan(data, rows):
    folder = data / "ts_example_ct_3mm"
    table = rows(
        "compare", folder / "seg_v1_full.nii.gz", folder / "seg_v2_fast_force_split.nii.gz",
        "--scheme-old", "totalsegmentator_v1", "--scheme-new", "totalsegmentator_v2",
    )  # fmt: skip
    found = by_structure(table)
    assert 0.9 < found["liver"]["iou"] < 1
    # Version 1 has no class for the whole: its chambers and its wall make it.
    assert found["heart"]["old_from"] == "5 classes"
