"""`vesalius lint` of many segmentations: folders of cases, the summary, the table."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from vesalius.adapters.cli.lint_files import missing_hint
from vesalius.adapters.cli.lint_summary import COLUMNS


@pytest.fixture
def many(case, save):
    """Three cases in a folder: one with errors, one empty of them, one cut off."""
    folder = case.parent / "cases"
    folder.mkdir()
    shutil.copy(case, folder / "a.nii.gz")
    shutil.copy(case, folder / "b.nii.gz")
    (folder / "c.nii.gz").write_bytes(case.read_bytes()[:60])
    return folder


@pytest.fixture
def lint(vesalius, pack):
    def run(*arguments: object, **options):
        return vesalius("lint", "-s", "amos22", "--rules", pack, *arguments, **options)

    return run


def test_a_folder_of_label_maps(lint, many):
    done = lint(many.name, cwd=many.parent)
    assert done.returncode == 4
    _, summary = done.stdout.split("\n\n", 1)
    head, _, *rows = summary.splitlines()
    assert head == "3 segmentations: 2 with errors, 1 not judged"
    assert rows[1].split() == ["error", "pieces/liver", "2", "2", "cases/a.nii.gz"]
    assert "the worst: cases/a.nii.gz (1 error), cases/b.nii.gz (1 error)" in rows
    assert rows[-1] == "not judged: cases/c.nii.gz"


def test_what_is_true_of_many_files_is_said_once(lint, many):
    (many / "dataset.json").write_text('{"labels": {"background": 0, "liver": 1, "lung": 2}}')
    done = lint(many.name, "--fail-on", "never", cwd=many.parent)
    assert done.stderr.count("`dataset.json` beside the file") == 1
    assert "warning[IO044] the same of 1 more file: cases/b.nii.gz\n" in done.stderr
    done = lint(many.name, "-i", "no_such_image.nii.gz", cwd=many.parent)
    assert done.stderr.count("there is no such file") == 1
    assert "error[IO001] the same of 2 more files: cases/b.nii.gz, cases/c.nii.gz\n" in done.stderr


@pytest.mark.parametrize("form", ["human", "json"])
def test_workers_tell_the_same_in_the_same_order(lint, many, save, form):
    images = many.parent / "images"
    images.mkdir()
    # The second case has no image, the third is cut off.
    shutil.copy(many / "a.nii.gz", images / "a.nii.gz")
    shutil.copy(many / "a.nii.gz", images / "c.nii.gz")
    shutil.copy(many / "a.nii.gz", many / "d.nii.gz")
    shutil.copy(many / "a.nii.gz", images / "d.nii.gz")
    command = (many.name, "-i", images.name, "--format", form)
    one = lint(*command, cwd=many.parent)
    two = lint(*command, "--workers", "2", cwd=many.parent)
    assert (two.stdout, two.stderr, two.returncode) == (one.stdout, one.stderr, 4)
    assert [name for name in "abcd" if f"cases/{name}.nii.gz" in one.stdout] == [*"abcd"]


def test_a_row_for_each_finding(lint, many):
    done = lint(many.name, "--format", "csv", cwd=many.parent)
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert tuple(rows[0]) == COLUMNS
    assert [row["path"] for row in rows] == ["cases/a.nii.gz"] * 3 + ["cases/b.nii.gz"] * 3
    assert (rows[0]["rule"], rows[0]["i"], rows[0]["j"], rows[0]["k"]) == (
        "pieces/liver", "9", "7", "5",
    )  # fmt: skip


def test_folders_of_masks_and_what_a_run_wrote(lint, case, save):
    root = case.parent / "all"
    (root / "ran").mkdir(parents=True)
    (root / "masks").mkdir()
    (root / "nothing").mkdir()
    shutil.copy(case, root / "ran" / "labels.nii.gz")
    shutil.copy(save("liver.nii.gz", (case_array(case) == 6).astype("uint8")), root / "masks")
    done = lint("all", "--format", "concise", cwd=case.parent)
    assert {line.split(":")[0] for line in done.stdout.splitlines()} == {
        "all/ran/labels.nii.gz", "all/masks",
    }  # fmt: skip


def test_the_trace_of_a_run_is_no_case(vesalius, lint, case, pack):
    merge = ("run", "-p", f"amos22={case}", "-t", "amos22", "--rules", pack, "--trace")
    ran = vesalius(*merge, "-o", "ran", cwd=case.parent)
    assert ran.returncode == 0
    assert (case.parent / "ran/trace.nii.gz").exists()
    done = lint("ran", "--format", "concise", "--fail-on", "never", cwd=case.parent)
    assert (done.returncode, "trace" in done.stdout + done.stderr) == (0, False)
    done = vesalius("stats", "ran", "-s", "amos22", cwd=case.parent)
    assert (done.returncode, done.stderr) == (0, "")
    # Without the report it is any file.
    (case.parent / "ran/report.json").unlink()
    assert "trace" in lint("ran", "--format", "concise", cwd=case.parent).stdout


def test_masks_of_unknown_names_are_no_cases(lint, case, save):
    folder = case.parent / "masks"
    folder.mkdir()
    shutil.copy(save("leber.nii.gz", (case_array(case) == 6).astype("uint8")), folder)
    done = lint("masks", cwd=case.parent)
    assert done.returncode == 4
    assert "IO031" in done.stderr


def test_csv_is_no_form_for_yaml(vesalius, pack):
    done = vesalius("lint", pack, "--format", "csv")
    assert done.returncode == 2
    assert "--format csv" in done.stderr


def case_array(path):
    import nibabel as nib
    import numpy as np

    return np.asarray(nib.load(path).dataobj)


def test_a_folder_of_label_maps_with_the_scheme_to_be_found(vesalius, many):
    """What each file is is found for each; none is taken for a mask of one class."""
    (many / "c.nii.gz").unlink()
    done = vesalius("lint", many.name, "-s", "auto", "--rules", "none", cwd=many.parent)
    assert "IO033" not in done.stderr
    named = [line for line in done.stderr.splitlines() if "-->" in line]
    told = done.stdout + done.stderr
    assert "cases/a.nii.gz" in told
    assert "cases/b.nii.gz" in told
    assert named or done.stdout


@pytest.mark.parametrize("scheme", ["amos22", "auto"])
def test_the_first_file_alone_does_not_decide(vesalius, many, save, scheme):
    """It may be empty, cut off, or have one structure: the folder is one of cases all the same."""
    shutil.move(many / "c.nii.gz", many / "0_cut.nii.gz")
    empty, one = np.zeros((6, 5, 4), np.uint8), np.zeros((6, 5, 4), np.uint8)
    one[1:3, 1:3, 1:3] = 6
    for name, array in (("1_empty", empty), ("2_liver_alone", one)):
        shutil.move(save(f"{name}.nii.gz", array), many / f"{name}.nii.gz")
    done = vesalius("lint", many.name, "-s", scheme, "--rules", "none", cwd=many.parent)
    assert not re.search("IO03[13]", done.stderr)
    told = done.stdout + done.stderr
    assert all(f"cases/{path.name}" in told for path in many.iterdir())


def test_folders_that_are_called_as_files_alone(lint, many):
    """So they come out of some archives: the file lies inside."""
    for name in "abc":
        file = (many / f"{name}.nii.gz").rename(many / "kept")
        (many / f"{name}.nii.gz").mkdir()
        file.rename(many / f"{name}.nii.gz" / f"{name}.nii.gz")
    done = lint(many.name, "--format", "json", cwd=many.parent)
    judged = [each["path"] for each in json.loads(done.stdout)]
    assert judged == [f"cases/{name}.nii.gz" for name in "abc"]
    assert "is `cases/b.nii.gz/b.nii.gz` the file that is meant?" in done.stderr


def test_what_lies_in_folders_beside_label_maps_is_judged_too(lint, many):
    (many / "c.nii.gz").unlink()
    for name, file in (("masks", "liver.nii.gz"), ("ran", "labels.nii.gz")):
        (many / name).mkdir()
        shutil.copy(many / "a.nii.gz", many / name / file)
    (many / "d.nii.gz").mkdir()
    shutil.copy(many / "a.nii.gz", many / "d.nii.gz" / "d.nii.gz")
    (many / "pictures").mkdir()
    shutil.copy(many / "a.nii.gz", many / "pictures" / "other.nii.gz")
    done = lint(many.name, "--format", "json", cwd=many.parent)
    judged = [each["path"] for each in json.loads(done.stdout)]
    assert judged == [
        "cases/a.nii.gz", "cases/b.nii.gz", "cases/d.nii.gz", "cases/masks",
        "cases/ran/labels.nii.gz",
    ]  # fmt: skip
    assert "is `cases/d.nii.gz/d.nii.gz` the file that is meant?" in done.stderr


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("https://example.org/seg.nii.gz", "Addresses are not read: download the file first."),
        ("cases/*.nii.gz", "No file fits this pattern"),
        ("cases/d.nii.gz", "Did you mean `"),
    ],
)
def test_a_path_that_is_not_there_is_answered(many, path, words):
    assert missing_hint(many.parent / path if "cases" in path else Path(path)).startswith(words)
