"""Every problem of the nnU-Net commands: one clear message each, kept word for word.

`VESALIUS_UPDATE_GOLDEN=1` writes the texts again; read the diff.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from golden_texts import check_all_kept, check_page, codes_of, compare, listed, refused
from nnunet.wrong_jobs import BAD, REMARKS, Case

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def case(mini, ontology, save, change, write_scheme, monkeypatch):
    return Case(mini, ontology, save, change, write_scheme, monkeypatch)


@pytest.mark.parametrize(
    ("code", "maker"), listed(BAD, REMARKS), ids=lambda x: getattr(x, "__name__", x)
)
def test_text(case, code, maker):
    if maker in BAD.get(code, ()):
        found = [d for d in refused(maker, case) if d.severity == "error"]
    else:
        found = [d for d in maker(case) if d.code == code]
        assert all(d.severity != "error" for d in found)
    case.monkeypatch.undo()
    compare(GOLDEN, code, maker, found)


def test_every_code_has_a_case():
    check_all_kept(GOLDEN, codes_of("NNU"), BAD, REMARKS)


@pytest.mark.parametrize("code", codes_of("NNU"))
def test_every_code_has_a_page(code):
    check_page(code)
