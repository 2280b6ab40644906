"""The map before the rules is that of the run, or it is not shown."""

from __future__ import annotations

import nibabel as nib
import numpy as np
import pytest

from calling import call_vesalius
from vesalius.adapters.cases.run_folder import read_run_folder
from vesalius.adapters.report.before import Merges, merged_again
from vesalius.adapters.report.colours import Colours
from vesalius.ontology.load import load_ontology


@pytest.mark.parametrize(("merge", "like"), [("union", "a"), ("vote", "b")])
def test_the_merge_of_the_run_is_found(observers, tmp_path, merge, like):
    assert call_vesalius(*observers, "--merge", merge).returncode == 0
    run = read_run_folder(tmp_path / "out")
    before = merged_again(run, Merges())
    assert before.why == ""
    assert np.array_equal(before.labels, nib.load(tmp_path / f"{like}.nii.gz").get_fdata())
    assert np.argwhere(before.labels != run.labels).tolist() == [[3, 9, 5]]


def test_what_the_run_preferred_is_preferred_again(observers, tmp_path):
    done = call_vesalius(*observers, "--merge", "priority", "--prefer", "amos22#2")
    assert done.returncode == 0, done.stderr
    run = read_run_folder(tmp_path / "out")
    assert run.report["asked"]["prefer"] == ["amos22#2"]
    before = merged_again(run, Merges())
    assert before.why == ""
    assert np.array_equal(before.labels, nib.load(tmp_path / "b.nii.gz").get_fdata())


def test_a_merge_that_an_older_report_does_not_tell_is_not_shown(observers, tmp_path):
    # Most say what the first says, and so does the union; only the second was asked.
    (tmp_path / "c.nii.gz").write_bytes((tmp_path / "a.nii.gz").read_bytes())
    done = call_vesalius(*observers, "--merge", "priority", "--prefer", "amos22#2")
    assert done.returncode == 0, done.stderr
    run = read_run_folder(tmp_path / "out")
    del run.report["asked"]
    before = merged_again(run, Merges())
    assert before.labels is None
    assert before.why == "merging the predictions again gives another map than the run had"


def test_a_target_that_is_not_found_is_said_and_structures_keep_their_names():
    colours = Colours(load_ontology(), "nowhere")
    assert "nowhere" in colours.why
    rows = colours.rows([{"structure": "liver", "integer": 6}])
    assert [(row.integer, row.name) for row in rows] == [(6, "liver")]
