"""Bad input of every kind: one clear message each, kept word for word, and nothing written.

`VESALIUS_UPDATE_GOLDEN=1` writes the texts again; read the diff.
"""

from pathlib import Path

import pytest
from files.doubtful_files import REMARKS
from files.wrong_files import BAD, Case
from golden_texts import check_all_kept, check_page, codes_of, compare, listed, refused

from vesalius.adapters.code_pages import code_page
from vesalius.adapters.files.io_diagnostics import NO_INPUT_CODES, USAGE_CODES

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def case(tmp_path, monkeypatch, save, patch, scheme):
    monkeypatch.chdir(tmp_path)
    return Case(save, patch, scheme, monkeypatch)


@pytest.mark.parametrize(
    ("code", "maker"), listed(BAD, REMARKS), ids=lambda x: getattr(x, "__name__", x)
)
def test_text(case, code, maker):
    bad = maker in BAD.get(code, ())
    found = refused(maker, case) if bad else maker(case)
    assert all((d.severity == "error") is bad for d in found)
    case.monkeypatch.undo()
    compare(GOLDEN, code, maker, found)


def test_every_code_has_a_case():
    # The text of IO044 stands with those of a cohort: the names lie beside its label maps.
    check_all_kept(GOLDEN, {*codes_of("IO")} - {"IO044"}, BAD, REMARKS)


@pytest.mark.parametrize("code", codes_of("IO"))
def test_every_code_has_a_page(code):
    check_page(code)


def test_codes_with_an_exit_code_of_their_own_exist():
    for code in NO_INPUT_CODES | USAGE_CODES:
        assert code_page(code) is not None, code
