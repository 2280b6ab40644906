"""Reports name files so that two machines write the same, and explain finds them from anywhere."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

import vesalius.rules
from vesalius.adapters.cases.explain_voxel import explain_voxel
from vesalius.adapters.cases.file_names import name_of, place_of, problems_json, run_from
from vesalius.adapters.cases.run_folder import read_run_folder
from vesalius.ontology.reading.diagnostics import Diagnostic
from vesalius.session import Session

SHAPE = (6, 5, 4)


def save(path, integer):
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    array = np.zeros(SHAPE, np.uint8)
    array[1:4, 1:4, 1:3] = integer
    nib.save(nib.Nifti1Image(array, np.diag([2.0, 2, 2, 1])), path)


@pytest.fixture(scope="module")
def session():
    return Session("amos22", "amos22")


def run(session, output, prediction="preds/a.nii.gz"):
    done = session.merge({"amos22": prediction})
    done.save_folder(output)
    return json.loads(Path(output, "report.json").read_text())


def said(folder):
    (source,) = explain_voxel(read_run_folder(Path(folder)), (2, 2, 2)).sources
    return source.integer, source.remark


def texts(value):
    if isinstance(value, dict):
        return [t for item in value.values() for t in texts(item)]
    if isinstance(value, list):
        return [t for item in value for t in texts(item)]
    return [value] if isinstance(value, str) else []


def test_no_text_of_a_report_holds_a_folder_of_the_machine(session, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save("preds/a.nii.gz", 6)
    report = run(session, "out")
    installed = Path(vesalius.rules.__file__).resolve().parent.parent
    folders = (str(tmp_path), str(installed), str(Path.home()))
    assert not [text for text in texts(report) if any(f in text for f in folders)]
    assert report["sources"][0]["scheme_file"] == "vesalius/ontology/schemes/amos22.yaml"
    places = {outcome["defined_at"].rpartition("/")[0] for outcome in report["outcomes"]}
    assert places == {"vesalius/rules/packs/recommended"}
    assert "run_from" not in report


def test_no_remark_and_no_problem_holds_a_folder_of_the_installation(tmp_path, monkeypatch):
    """Two sources of ribs without a midline, which is said of a file that is shipped."""
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b"):
        save(f"{name}.nii.gz", 3)
    given = {"ribseg_v2": Path("a.nii.gz"), "btcv": Path("b.nii.gz")}
    report = Session(list(given), "dap_atlas").merge(given).report
    (place,) = {row["path"] for row in report["remarks"] if row["code"] == "CMP003"}
    assert place == "vesalius/rules/anchors.yaml"
    installed = Path(vesalius.rules.__file__).parent
    assert not [t for t in texts(report) if str(installed) in t or str(installed.resolve()) in t]
    hint = f"copy {installed / 'anchors.yaml'}"
    (row,) = problems_json([Diagnostic("RUN001", "error", "no", path=str(installed), help=hint)])
    assert row["help"] == "copy vesalius/rules/anchors.yaml"


def test_what_was_typed_stays_as_it_was_typed(session, tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    save("../there/a.nii.gz", 6)
    for typed in ("../there/a.nii.gz", str(tmp_path / "there/a.nii.gz")):
        assert run(session, "out", typed)["inputs"][0]["path"] == typed


@pytest.mark.parametrize("output", ["out", "deep/er/out", "../beside/out"])
def test_inputs_are_found_from_any_working_directory(session, tmp_path, monkeypatch, output):
    (tmp_path / "study").mkdir()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "study")
    save("preds/a.nii.gz", 6)
    run(session, output)
    folder = (tmp_path / "study" / output).resolve()
    for place in (tmp_path / "study", tmp_path / "elsewhere", folder, tmp_path):
        monkeypatch.chdir(place)
        assert said(folder) == (6, "")


def test_of_several_files_of_a_name_the_one_that_was_merged_is_read(session, tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    save("preds/a.nii.gz", 6)
    run(session, "study/out")
    save("study/preds/a.nii.gz", 1)
    save("elsewhere/preds/a.nii.gz", 1)
    monkeypatch.chdir("elsewhere")
    assert said("../study/out") == (6, "")
    save("../preds/a.nii.gz", 2)
    integer, remark = said("../study/out")
    assert integer == 1
    assert remark.startswith("the file has changed since the run")


def test_a_study_that_was_moved_as_a_whole_is_still_explained(session, tmp_path, monkeypatch):
    (tmp_path / "old").mkdir()
    monkeypatch.chdir(tmp_path / "old")
    save("preds/a.nii.gz", 6)
    run(session, "out")
    monkeypatch.chdir(tmp_path)
    shutil.move("old", "new")
    assert said("new/out") == (6, "")


def test_files_of_a_project_are_named_from_the_working_directory(tmp_path, monkeypatch):
    (tmp_path / "work").mkdir()
    (tmp_path / "vesalius.yaml").touch()
    (tmp_path / "rules.yaml").touch()
    monkeypatch.chdir(tmp_path / "work")
    assert name_of(tmp_path / "rules.yaml") == "../rules.yaml"
    assert place_of("../rules.yaml", tmp_path / "work/out", None) == tmp_path / "rules.yaml"


def test_what_is_shipped_is_found_where_this_program_is():
    path = Path(vesalius.rules.__file__).parent / "anchors.yaml"
    assert place_of(name_of(path), Path("nowhere"), None) == path.resolve()


def test_the_way_back_is_said_only_where_it_is_needed(tmp_path, monkeypatch):
    (tmp_path / "a").mkdir()
    monkeypatch.chdir(tmp_path / "a")
    assert run_from(Path("out"), [Path("x")]) is None
    assert run_from(tmp_path / "b", [tmp_path / "a/x"]) is None
    assert run_from(tmp_path / "b/c", [Path("x")]) == "../../a"
