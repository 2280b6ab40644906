"""Every code of a scheme has a page and an example whose rendered text is kept.

Write the texts anew with `VESALIUS_UPDATE_GOLDEN=1` and review the difference.
"""

import os
import re
from pathlib import Path

import pytest

from vesalius.ontology.names.label_tables import classes_from_file
from vesalius.ontology.packaged import packaged_root
from vesalius.ontology.reading.diagnostics import DiagnosticError
from vesalius.ontology.reading.document import parse_document
from vesalius.ontology.reading.render import render_human
from vesalius.ontology.scheme.checks import twins as scheme_twins
from vesalius.ontology.scheme.read import parse_scheme

GOLDEN = Path(__file__).parent / "golden"
TWINS = Path(__file__).parent / "packaged"
INPUTS = sorted(p for p in GOLDEN.iterdir() if p.suffix != ".txt")
# SCH001 is an unknown scheme name; the library owns its page and its test.
CODES = sorted(
    {
        code
        for module in packaged_root().rglob("*.py")
        for code in re.findall(r'"(SCH\d{3})"', module.read_text(encoding="utf-8"))
    }
    - {"SCH001"}
)


def diagnose(path, ontology):
    """Give the diagnostics of an example under a name that does not depend on the folder."""
    if path.suffix == ".yaml":
        text = path.read_text(encoding="utf-8")
        return "demo.yaml", parse_scheme(parse_document(text, "demo.yaml"), ontology)[1]
    with pytest.raises(DiagnosticError) as raised:
        classes_from_file(path)
    return path.name, list(raised.value.diagnostics)


@pytest.mark.parametrize("path", INPUTS, ids=lambda p: p.stem)
def test_rendered_text(path, small, monkeypatch):
    monkeypatch.setattr(scheme_twins, "PACKAGED", TWINS)
    monkeypatch.chdir(GOLDEN)
    shown, found = diagnose(path, small)
    rendered = render_human(found, sources={shown: path.read_text(encoding="utf-8")})
    # The twin of SCH017 lies in another folder than the example.
    rendered = rendered.replace(str(TWINS), "packaged")
    assert {d.code for d in found} == {path.stem}
    if os.environ.get("VESALIUS_UPDATE_GOLDEN"):
        path.with_suffix(".txt").write_text(rendered, encoding="utf-8")
    assert rendered == path.with_suffix(".txt").read_text(encoding="utf-8")


def test_every_code_has_an_example():
    assert [p.stem for p in INPUTS] == CODES


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_a_page(code):
    lines = (packaged_root() / "codes" / f"{code}.md").read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith(f"# {code}: ")
    assert len(lines) <= 15
    assert [line for line in lines if line in ("What it means", "Example", "How to mend")] == [
        "What it means",
        "Example",
        "How to mend",
    ]
