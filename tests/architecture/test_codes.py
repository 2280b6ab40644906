"""Every diagnostic code has a page, and every page a code."""

from __future__ import annotations

import re

from vesalius.adapters.code_pages import code_pages

CODE = re.compile(r"\"([A-Z]{2,3}\d{3})\"")


def test_pages_and_codes_agree(root):
    used = {
        code
        for layer in ("ontology", "rules", "adapters")
        for path in (root / layer).rglob("*.py")
        for code in CODE.findall(path.read_text())
    }
    assert sorted(used) == sorted(code_pages())


def test_every_page_starts_with_its_code_and_says_how_to_mend():
    for code, page in code_pages().items():
        text = page.read_text()
        assert text.startswith(f"# {code}: "), page
        assert len(text.splitlines()) >= 4, page


def test_every_code_has_a_golden_text(root):
    """A text that a test compares in full, not a mention."""
    goldens = "\n".join(
        path.read_text()
        for path in (root / "tests").rglob("*.txt")
        if "golden" in path.parts and path.is_file()
    )
    assert [code for code in code_pages() if f"[{code}]" not in goldens] == []
