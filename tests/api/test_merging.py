"""Several models of one scan, put together in each way, from Python, the command and a cohort."""

from __future__ import annotations

import json

import nibabel as nib
import numpy as np
import pytest

import vesalius
from vesalius.adapters.cli.main import cli
from vesalius.adapters.cli.outcome import guard

LIVER = 6


@pytest.fixture
def three():
    """What three models say of five voxels of a liver."""
    said = ([1, 1, 1, 0, 0], [1, 1, 0, 1, 0], [1, 0, 0, 0, 1])
    return [(np.array([[row]], np.uint8) * LIVER, np.eye(4)) for row in said]


@pytest.mark.parametrize(
    ("how", "prefer", "becomes"),
    [
        ("union", (), [1, 1, 1, 1, 1]),
        ("vote", (), [1, 1, 0, 0, 0]),
        ("priority", ("amos22#3",), [1, 0, 0, 0, 1]),
    ],
)
def test_ways_to_merge(three, how, prefer, becomes):
    made = vesalius.merge({"amos22": three}, target="amos22", rules=None, how=how, prefer=prefer)
    assert (made.array.ravel() // LIVER).tolist() == becomes


def test_who_cannot_tell_a_structure_has_no_vote(three):
    liver, _ = three[0]
    spine = (np.array([[[20, 20, 20, 20, 20]]], np.uint8), np.eye(4))
    made = vesalius.merge(
        {"amos22": (liver, np.eye(4)), "verse": spine}, target="dap_atlas", rules=None, how="vote"
    )
    found = {row["structure"]: row["voxels"] for row in made.table()}
    assert found["liver"] + next(v for k, v in found.items() if k != "liver") == 5


def test_the_command_and_a_cohort_vote_too(three, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, (array, affine) in zip("abc", three, strict=True):
        (tmp_path / name).mkdir()
        nib.save(nib.Nifti1Image(array, affine), f"{name}/one.nii.gz")
    given = [word for name in "abc" for word in ("-p", f"amos22={name}/one.nii.gz")]
    common = ["-t", "amos22", "--rules", "none"]
    assert guard(cli, ["run", *given, *common, "--merge", "vote", "-o", "out"]) == 0
    voted = nib.load("out/labels.nii.gz").get_fdata().ravel() // LIVER
    assert voted.tolist() == [1, 1, 0, 0, 0]
    # What was outvoted is told by source.
    report = json.loads((tmp_path / "out/report.json").read_text())
    lost = {s["source"]: s["classes"][0]["lost_to"] for s in report["sources"]}
    assert lost["amos22"] == {"background": 1}
    (tmp_path / "cohort.yaml").write_text(
        "schema: cohort/1\ncohort: study\npredictions:\n"
        + "".join(f"  {n}: {{scheme: amos22, path: '{n}/{{case}}.nii.gz'}}\n" for n in "abc")
        + "target: amos22\nrules: none\ncases: [one]\nmerge: priority\nprefer: [c, a]\n"
    )
    assert guard(cli, ["run", "cohort.yaml", "-o", "many"]) == 0
    best = nib.load("many/one/labels.nii.gz").get_fdata().ravel() // LIVER
    assert best.tolist() == [1, 0, 0, 0, 1]
    text = (tmp_path / "cohort.yaml").read_text().replace("prefer: [c, a]", "prefer: [d]")
    (tmp_path / "cohort.yaml").write_text(text)
    capsys.readouterr()
    assert guard(cli, ["run", "cohort.yaml", "-o", "other"]) == 2
    said = capsys.readouterr().err
    assert "cohort.yaml:11:9" in said
    assert "its predictions: a, b, c" in said
