"""The exact text of every message about pictures.

Write the texts anew with `VESALIUS_UPDATE_GOLDEN=1` and review the difference.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from vesalius.adapters.code_pages import code_pages
from vesalius.adapters.rule_tests.check_pictures import picture_problems
from vesalius.ontology.reading.render import render_human
from vesalius.rules.library import load_pack

FOLDER = Path(__file__).parent / "golden"
CODES = sorted(code for code in code_pages() if code.startswith("PIC"))


@pytest.mark.parametrize("code", CODES)
def test_golden(code, ontology, anchors, monkeypatch):
    monkeypatch.chdir(FOLDER)
    problems = picture_problems(load_pack(Path(f"{code}.yaml"), ontology, anchors), ontology)
    assert {problem.code for problem in problems} == {code}
    text = render_human(problems)
    golden = FOLDER / f"{code}.txt"
    if os.environ.get("VESALIUS_UPDATE_GOLDEN"):
        golden.write_text(text)
    assert text == golden.read_text()


def test_every_golden_has_a_code():
    assert {path.stem for path in FOLDER.glob("PIC*")} == set(CODES)
