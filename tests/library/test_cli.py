"""`vesalius test`: what it finds, prints and returns."""

from __future__ import annotations

import json

import pytest

from vesalius.adapters.cli import test as verb
from vesalius.adapters.cli.outcome import guard
from vesalius.adapters.rule_tests import collect

GOOD = """
- name: acts
  key: {g: gonads, 6: vertebrae_C6}
  before: |
    . g
    6 .
  after: |
    . .
    6 .
  outcome: changed
- name: leaves
  key: {g: gonads, 6: vertebrae_C6}
  before: |
    6 .
    . g
  outcome: holds
"""
BAD = GOOD.replace("outcome: holds", "outcome: violated")
UNREADABLE = GOOD.replace("    . g\n    6 .\n  after", "    . q\n    6 .\n  after")


@pytest.fixture
def run(capsys):
    def run(*arguments):
        code = guard(verb.command, [*map(str, arguments)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def test_all_pass(run, pack):
    code, out, err = run(pack("p", one=GOOD, two=GOOD))
    assert (code, err) == (0, "")
    assert out == "4 tests in 392 variants: 4 passed\n"


def test_one_orientation(run, pack):
    code, out, _ = run(pack("p", one=GOOD), "--orientations", "1")
    assert (code, out) == (0, "2 tests in 8 variants: 2 passed\n")


def test_a_failure(run, pack):
    code, out, _ = run(pack("p", one=GOOD, two=BAD))
    assert code == 1
    assert out.startswith("missing: areas/two::leaves\n  --> ")
    assert out.endswith("\n4 tests in 392 variants: 3 passed, 1 missing\n")


def test_json(run, pack):
    code, out, _ = run(pack("p", one=BAD), "--format", "json")
    assert code == 1
    assert [r["word"] for r in json.loads(out)["results"]] == ["passed", "missing"]


def test_an_unreadable_picture_does_not_hide_the_other_tests(run, pack):
    code, out, err = run(pack("p", one=UNREADABLE))
    assert code == 2
    assert out == "1 test in 98 variants: 1 passed\n"
    assert "error[PIC001]: the letter `q` is not in the key" in err


def test_rules_and_tests_by_name(run, pack, tmp_path):
    pack("p", one=GOOD)
    pack("q", two=GOOD, three=GOOD)
    (tmp_path / "other.yaml").write_text("schema: scheme/1\n")
    assert run(tmp_path)[1].startswith("6 tests")
    assert run(tmp_path / "p.yaml", tmp_path)[1].startswith("6 tests")
    assert run(tmp_path, "areas/two")[1].startswith("2 tests")
    assert run(tmp_path, "areas/two", "areas/one::acts")[1].startswith("3 tests")
    assert run(tmp_path, "areas/one::acts", "areas/one")[1].startswith("2 tests")


def test_unknown_names(run, pack):
    path = pack("p", one=GOOD)
    code, out, err = run(path, "areas/on", "areas/one::act")
    assert (code, out) == (2, "")
    assert "error[CLI001]: no pack or rule is called `areas/on`" in err
    assert "did you mean `areas/one`?" in err
    assert "error[CLI001]: no rule has a test `areas/one::act`" in err
    assert "did you mean `areas/one::acts`?" in err


def test_no_test(run, tmp_path):
    code, _, err = run(tmp_path)
    assert (code, err) == (3, "no test found\n")


def test_without_words_the_shipped_packs_are_tested(run, pack, monkeypatch):
    shipped = {"p": pack("p", one=GOOD), "q": pack("q", two=GOOD)}
    monkeypatch.setattr(collect, "pack_paths", lambda project: shipped)
    assert run()[1].startswith("4 tests")
    assert run("q")[1].startswith("2 tests")
    assert run("areas/two")[1].startswith("2 tests")
    assert run("areas/two", "p")[0] == 2


def test_a_broken_pack_says_so(run, tmp_path):
    path = tmp_path / "p.yaml"
    path.write_text("schema: rules/1\npack: p\n")
    code, _, err = run(path)
    assert code == 2
    assert "error[" in err
