"""Projects at the command line: the example from an empty folder, and what every verb knows."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from calling import call_vesalius

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "aortic_calcification"
# A box of aorta, 52 in the scheme of the source, with two bright spots and one outside of it.
AORTA = np.s_[2:8, 2:8, 1:9]
SPOTS = (np.s_[2, 2:4, 1:5], np.s_[7, 7, 8])
SPINE = np.s_[3:6, 10, 1:9]


@pytest.fixture(scope="module")
def vesalius():
    """Call the command in this process."""
    clean = {k: v for k, v in os.environ.items() if k != "VESALIUS_PROJECT"}

    def run(*arguments, cwd, **env):
        return call_vesalius(*arguments, cwd=cwd, environment={**clean, **env})

    return run


@pytest.fixture
def example(tmp_path):
    """A folder with nothing but the example in it."""
    shutil.copytree(EXAMPLE, tmp_path / "work")
    return tmp_path / "work"


def save(path, array):
    image = nib.Nifti1Image(array, np.eye(4))
    image.set_sform(image.affine, code=1)
    image.set_qform(image.affine, code=1)
    nib.save(image, path)


@pytest.fixture
def case(tmp_path):
    """Write the aorta of a model that knows no calcification, and the CT."""
    folder = tmp_path / "case"
    folder.mkdir()
    labels = np.zeros((10, 12, 10), np.uint8)
    labels[AORTA] = 52
    hu = np.full(labels.shape, -1000, np.int16)
    hu[1:9, 1:, :] = 40
    for bright in (*SPOTS, SPINE):
        hu[bright] = 500
    save(folder / "labels.nii.gz", labels)
    save(folder / "ct.nii.gz", hu)
    return folder


def calcified():
    """Give the result by hand: 1 is aorta, 2 its calcification."""
    expected = np.zeros((10, 12, 10), np.uint8)
    expected[AORTA] = 1
    for spot in SPOTS:
        expected[spot] = 2
    return expected


def run_case(vesalius, cwd, case, *more, before=(), **env):
    source = f"totalsegmentator_v2={case / 'labels.nii.gz'}"
    options = ("-p", source, "-i", case / "ct.nii.gz", "-o", case / "out", *more)
    return vesalius(*before, "run", *options, cwd=cwd, **env)


def test_the_example_is_three_small_files_and_no_python():
    files = sorted(str(p.relative_to(EXAMPLE)) for p in EXAMPLE.rglob("*") if p.is_file())
    assert files == [
        "rules/calcification.yaml",
        "schemes/aorta_and_calcium.yaml",
        "structures/calcification.yaml",
        "vesalius.yaml",
    ]
    assert all(len((EXAMPLE / file).read_text().splitlines()) <= 30 for file in files)


def test_the_example_passes_its_own_checks(vesalius, example):
    done = vesalius("lint", cwd=example)
    assert (done.returncode, done.stdout, done.stderr) == (0, "4 files: no problems\n", "")
    done = vesalius("test", "calcification", cwd=example)
    assert done.returncode == 0
    assert re.fullmatch(r"2 tests in \d+ variants: 2 passed\n", done.stdout)


def test_the_example_makes_the_structure(vesalius, example, case):
    done = run_case(vesalius, example, case)
    assert done.returncode == 0, done.stderr
    made = np.asanyarray(nib.load(case / "out" / "labels.nii.gz").dataobj)
    assert np.array_equal(made, calcified())
    report = json.loads((case / "out" / "report.json").read_text())
    assert report["rules"] == "recommended + calcification"
    changed = [rule["rule"] for rule in report["outcomes"] if rule["status"] == "changed"]
    assert changed == ["calcification/bright-aorta"]
    names = (case / "out" / "labels.txt").read_text()
    assert "aortic_calcification" in names


def test_the_project_is_found_from_below(vesalius, example, case):
    below = example / "data" / "more"
    below.mkdir(parents=True)
    assert run_case(vesalius, below, case).returncode == 0
    made = np.asanyarray(nib.load(case / "out" / "labels.nii.gz").dataobj)
    assert np.array_equal(made, calcified())


def test_the_project_is_named(vesalius, example, case):
    elsewhere = case
    for before, env in (
        (("--project", example), {}),
        (("--project", example / "vesalius.yaml"), {}),
        ((), {"VESALIUS_PROJECT": str(example)}),
    ):
        done = run_case(vesalius, elsewhere, case, before=before, **env)
        assert done.returncode == 0, done.stderr
        made = np.asanyarray(nib.load(case / "out" / "labels.nii.gz").dataobj)
        assert np.array_equal(made, calcified())
        shutil.rmtree(case / "out")


def test_what_is_said_goes_before_the_defaults(vesalius, example, case):
    done = run_case(vesalius, example, case, "--target", "totalsegmentator_v2", "--rules", "none")
    assert done.returncode == 0, done.stderr
    made = np.asanyarray(nib.load(case / "out" / "labels.nii.gz").dataobj)
    assert np.array_equal(made, np.where(calcified() > 0, 52, 0))


def test_without_the_project_nothing_of_it_is_known(vesalius, example, case):
    done = run_case(vesalius, example, case, "-t", "aorta_and_calcium", before=("--no-project",))
    assert done.returncode == 2
    assert "error[SCH001]: no scheme is called `aorta_and_calcium`" in done.stderr
    done = vesalius("--no-project", "lint", cwd=example)
    assert (done.returncode, "a project" in done.stderr) == (2, True)


def test_packs_are_given_one_after_the_other(vesalius, example, case):
    packs = ("--rules", "calcification", "--rules", "dap_atlas")
    assert run_case(vesalius, example, case, *packs).returncode == 0
    report = json.loads((case / "out" / "report.json").read_text())
    ids = [rule["rule"] for rule in report["outcomes"]]
    assert ids[0] == "calcification/bright-aorta"
    assert any(rule_id.startswith("sides/") for rule_id in ids[1:])


def test_segmentations_are_linted_by_the_projects_rules(vesalius, example, case):
    save(case / "made.nii.gz", calcified())
    arguments = ("lint", case / "made.nii.gz", "--scheme", "aorta_and_calcium")
    done = vesalius(*arguments, "-i", case / "ct.nii.gz", "--format", "json", cwd=example)
    outcomes = {o["rule"]: o["status"] for o in json.loads(done.stdout)["outcomes"]}
    # A lint makes nothing; it says so.
    assert outcomes["calcification/bright-aorta"] == "skipped"
    assert len(outcomes) > 1


@pytest.mark.parametrize("fail_on", ["error", "info"])
def test_fail_on_of_the_project(vesalius, example, fail_on):
    file = example / "vesalius.yaml"
    file.write_text(file.read_text().replace("{target", f"{{fail_on: {fail_on}, target"))
    structures = example / "structures" / "spleen.yaml"
    structures.write_text(
        "schema: structures/1\nstructures:\n"
        "  spleen: {title: Spleen, part_of: body, level: organ, components: one, replace: true}\n"
    )
    done = vesalius("lint", cwd=example)
    assert "info[PRJ004]: the structure `spleen` of the project stands instead" in done.stdout
    assert done.returncode == {"error": 0, "info": 1}[fail_on]


@pytest.mark.parametrize(
    "verb", [("run",), ("compile", "-s", "totalsegmentator_v2", "--stage", "linked")]
)
def test_what_is_replaced_is_said_once(vesalius, example, case, verb):
    (example / "structures" / "spleen.yaml").write_text(
        "schema: structures/1\nstructures:\n"
        "  spleen: {title: Spleen, part_of: body, level: organ, components: one, replace: true}\n"
    )
    done = run_case(vesalius, example, case) if verb == ("run",) else vesalius(*verb, cwd=example)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("info[PRJ004]") == 1


def test_a_name_that_is_taken_stops_the_work(vesalius, example, case):
    (example / "structures" / "spleen.yaml").write_text(
        "schema: structures/1\nstructures:\n"
        "  spleen: {title: Spleen, part_of: body, level: organ, components: one}\n"
    )
    done = run_case(vesalius, example, case)
    assert done.returncode == 2
    assert "error[PRJ003]: the structure `spleen` is shipped already" in done.stderr
    assert not (case / "out").exists()
    done = vesalius("lint", cwd=example)
    assert done.returncode == 1
    assert done.stdout.count("error[") == 1


def test_a_project_that_cannot_be_read(vesalius, example):
    file = example / "vesalius.yaml"
    file.write_text(file.read_text().replace("schemes: schemes", "schemes: scheme"))
    done = vesalius("ls", "schemes", cwd=example)
    assert done.returncode == 2
    assert "error[PRJ001]: there is no file or folder `scheme`" in done.stderr
    assert "did you mean `schemes`?" in done.stderr
    # Its page can be read all the same.
    assert vesalius("explain", "PRJ001", cwd=example).stdout.startswith("# PRJ001: ")


def test_defaults_that_nobody_knows(vesalius, example):
    file = example / "vesalius.yaml"
    file.write_text(file.read_text().replace("target: aorta", "target: aotra"))
    done = vesalius("lint", "--format", "concise", cwd=example)
    assert done.returncode == 1
    (line,) = done.stdout.splitlines()
    where, _, what = line.partition(": ")
    assert where == "vesalius.yaml:6:20"
    assert what.startswith("error[SCH001] no scheme is called `aotra_and_calcium`")


def test_ls_marks_what_is_the_projects(vesalius, example):
    def own(*arguments):
        rows = json.loads(vesalius("ls", *arguments, "--format", "json", cwd=example).stdout)
        assert {row["from"] for row in rows} <= {"project", "shipped"}
        return [row["name"] for row in rows if row["from"] == "project"]

    assert own("structures") == ["aortic_calcification"]
    assert own("schemes") == ["aorta_and_calcium"]
    assert own("rules") == ["calcification/bright-aorta"]
    assert own("attributes") == []
    rows = json.loads(vesalius("ls", "schemes", "--format", "json", cwd=example.parent).stdout)
    assert all("from" not in row for row in rows)


def test_explain_tells_the_file(vesalius, example):
    page = vesalius("explain", "aortic_calcification", cwd=example).stdout
    assert "structures/calcification.yaml:3" in page
    assert "aorta_and_calcium" in page
    page = vesalius("explain", "aorta_and_calcium", cwd=example).stdout
    assert "schemes/aorta_and_calcium.yaml" in page
    page = vesalius("explain", "calcification/bright-aorta", cwd=example).stdout
    assert "rules/calcification.yaml:6" in page


def test_schemas_know_the_project(vesalius, example):
    scheme = json.loads(vesalius("schema", "scheme", cwd=example).stdout)
    assert "aortic_calcification" in scheme["$defs"]["Structure"]["enum"]
    project = json.loads(vesalius("schema", "project", cwd=example).stdout)
    assert project["properties"]["schema"]["const"] == "project/1"


def digest(vesalius, cwd):
    done = vesalius(
        "compile",
        "-s",
        "totalsegmentator_v2",
        "--rules",
        "calcification",
        "-o",
        "plan.json",
        cwd=cwd,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr.split()[-1]


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("schemes/aorta_and_calcium.yaml", "2: aortic", "3: aortic"),
        ("rules/calcification.yaml", "derive: {hu: [130", "derive: {hu: [140"),
    ],
)
def test_the_plan_follows_the_files(vesalius, example, file, old, new):
    before = digest(vesalius, example)
    assert digest(vesalius, example) == before
    text = (example / file).read_text()
    assert old in text
    (example / file).write_text(text.replace(old, new))
    assert digest(vesalius, example) != before


def test_the_plan_follows_the_structures(vesalius, example):
    """A source's calcification rolls up into what it is part of."""
    (example / "schemes" / "calcium.yaml").write_text(
        "schema: scheme/1\nscheme: calcium\ntitle: Calcium\nlabels: {1: aortic_calcification}\n"
    )
    options = ("-s", "calcium", "-t", "totalsegmentator_v2", "--stage", "linked")
    file = example / "structures" / "calcification.yaml"
    for whole in ("aorta", "spleen"):
        text = file.read_text()
        file.write_text(re.sub("part_of: .*", f"part_of: {whole}", text))
        done = vesalius("compile", *options, cwd=example)
        assert done.returncode == 0, done.stderr
        assert "rolled up from aortic_calcification" in done.stdout
        assert whole in done.stdout


COHORT = """\
schema: cohort/1
cohort: calcium
image: ct.nii.gz
predictions: {totalsegmentator_v2: labels.nii.gz}
target: aorta_and_calcium
rules: {pack: [recommended, calcification]}
cases: [one]
output: "{case}.nii.gz"
"""


def test_a_cohort_runs_again_what_the_project_changes(vesalius, example, case):
    (case / "cohort.yaml").write_text(COHORT)

    def run():
        done = vesalius("run", case / "cohort.yaml", "-o", case / "out", cwd=example)
        assert done.returncode == 0, done.stderr
        made = np.asanyarray(nib.load(case / "out" / "one.nii.gz").dataobj)
        return done.stdout.splitlines()[-1].split(";")[0], (made == 2).sum()

    calcium = (calcified() == 2).sum()
    assert run() == ("1 written", calcium)
    assert run() == ("0 written, 1 done before", calcium)
    # A remark changes nothing that is written; a limit does.
    scheme = example / "schemes" / "aorta_and_calcium.yaml"
    scheme.write_text(scheme.read_text() + "# a remark\n")
    assert run() == ("0 written, 1 done before", calcium)
    rules = example / "rules" / "calcification.yaml"
    rules.write_text(rules.read_text().replace("{hu: [130, 3000]", "{hu: [501, 3000]"))
    assert run() == ("1 written", 0)
