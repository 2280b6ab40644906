"""The exact text of every message about projects.

`golden/CODE.yaml` holds the files of a project, each after a line `#: path`; `golden/CODE.txt` is
what the user sees. Write the texts anew with `VESALIUS_UPDATE_GOLDEN=1` and review the difference.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from vesalius.adapters.code_pages import code_pages
from vesalius.ontology.link import read_ontology
from vesalius.ontology.packaged import packaged_root
from vesalius.ontology.project import read_project
from vesalius.ontology.reading.diagnostics import DiagnosticError
from vesalius.ontology.reading.render import render_human

FOLDER = Path(__file__).parent / "golden"
CODES = sorted(code for code in code_pages() if code.startswith("PRJ"))


def problems_of(folder):
    try:
        return read_ontology(packaged_root(), read_project(folder))[1]
    except DiagnosticError as error:
        return error.diagnostics


def without_lines(text):
    """Leave out at which line of a shipped file something stands, and so how wide the margin is."""
    text = re.sub(r"(ontology/[\w/]+\.yaml):\d+:", r"\1:LINE:", text)
    return re.sub(r"(?m)^ +(?:\d+ )?(\||-->|=)", r" \1", text)


@pytest.mark.parametrize("code", CODES)
def test_golden(code, write):
    parts = re.split(r"^#: (.*)\n", (FOLDER / f"{code}.yaml").read_text(), flags=re.M)
    write(**dict(zip(parts[1::2], parts[2::2], strict=True)))
    problems = problems_of(Path())
    assert {problem.code for problem in problems} == {code}
    text = without_lines(render_human(problems).replace(str(packaged_root()), "ontology"))
    golden = FOLDER / f"{code}.txt"
    if os.environ.get("VESALIUS_UPDATE_GOLDEN"):
        golden.write_text(text)
    assert text == golden.read_text()


def test_every_golden_has_a_code():
    assert {path.stem for path in FOLDER.glob("*.*")} == set(CODES)
