"""The exact text of every message of the ontology layer.

`golden/CODE.yaml` holds files to put over `golden/base`, each after a line `#: path`; a file
`(none)` is left out. `golden/CODE.txt` is what the user sees. Write the texts anew with
`VESALIUS_UPDATE_GOLDEN=1` and review the difference.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from vesalius.adapters.code_pages import code_pages
from vesalius.ontology.link import read_ontology
from vesalius.ontology.reading.diagnostics import DiagnosticError
from vesalius.ontology.reading.document import parse_document
from vesalius.ontology.reading.render import render_human
from vesalius.ontology.selector import parse_selector

FOLDER = Path(__file__).parent / "golden"
CODES = sorted(code for code in code_pages() if code[:3] in {"YML", "ONT", "SEL"})


def sections(text: str) -> dict[str, str | None]:
    parts = re.split(r"^#: (.*)\n", text, flags=re.M)
    assert parts[0] == ""
    return {
        name: None if body == "(none)\n" else body
        for name, body in zip(parts[1::2], parts[2::2], strict=True)
    }


def problems_of(code, base, write, folder):
    texts = sections((FOLDER / f"{code}.yaml").read_text())
    if code[:3] != "SEL":
        return read_ontology(write(folder, **texts))[1]
    document = parse_document(texts["selectors.yaml"], "selectors.yaml")
    Path("selectors.yaml").write_text(document.text)
    found = []
    for position, selector in enumerate(document.data):
        with pytest.raises(DiagnosticError) as caught:
            parse_selector(selector, base, document, (position,))
        found += caught.value.diagnostics
    return found


@pytest.mark.parametrize("code", CODES)
def test_golden(code, base, write, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    problems = problems_of(code, base, write, Path())
    assert code in {problem.code for problem in problems}
    # One kind of mistake gives one kind of message.
    assert {problem.code for problem in problems} - {code} == set()
    text = render_human(problems)
    golden = FOLDER / f"{code}.txt"
    if os.environ.get("VESALIUS_UPDATE_GOLDEN"):
        golden.write_text(text)
    assert text == golden.read_text()


def test_every_golden_has_a_code():
    written = {path.stem for path in FOLDER.glob("*.*")}
    assert written == set(CODES)
