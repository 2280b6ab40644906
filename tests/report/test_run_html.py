"""`vesalius run --html`, and the command that repeats a run."""

from __future__ import annotations

import json
import shlex

import pytest

from calling import call_vesalius
from page_reader import Page


def repeat_of(page: Page) -> str:
    return next(line for line in page.text.splitlines() if line.startswith("vesalius run"))


def test_the_command_of_a_case_makes_the_same_again(observers, tmp_path):
    more = ["--merge", "priority", "--prefer", "amos22#2", "--select", "all/one-liver", "--html"]
    done = call_vesalius(*observers, *more, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "pages: " in done.stderr
    first = (tmp_path / "out/report.json").read_bytes()
    words = shlex.split(repeat_of(Page(tmp_path / "out/html/index.html")))
    (tmp_path / "out/report.json").unlink()
    again = call_vesalius(*words[1:], cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert (tmp_path / "out/report.json").read_bytes() == first


def test_pages_of_a_cohort_lie_in_its_output_and_name_its_file(copied):
    done = call_vesalius("run", "cohort.yaml", "-o", "out", "--html", cwd=copied)
    page = Page(copied / "out/html/index.html")
    assert page.headings[0] == "Cohort small"
    assert json.loads((copied / "out/cohort.json").read_text())["file"] == "../cohort.yaml"
    assert repeat_of(page) == "vesalius run cohort.yaml -o out"
    assert done.returncode == 4  # one case is broken, and its pages are written all the same


@pytest.mark.parametrize("other", [["--diff"], ["--dry-run"], ["--shard", "1/2"]])
def test_pages_need_a_whole_result(copied, other):
    words = ["run", "cohort.yaml"] if other != ["--diff"] else ["run", "-p", "amos22=x.nii.gz"]
    done = call_vesalius(*words, "-o", "new", "--html", *other, cwd=copied)
    assert done.returncode == 2
    assert "--html needs a whole result" in done.stderr
    assert not (copied / "new").exists()
