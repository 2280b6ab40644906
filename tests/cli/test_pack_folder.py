"""A rule pack that is a folder, in the commands that take packs."""

from __future__ import annotations

import json

import pytest

RULE = "  - {id: amount/%s, summary: None there., for: %s, expect: absent}\n"
FILES = {
    "pack.yaml": "schema: rules/1\npack: mine\nabout: A test.\nphases: [amount]\n"
    "topics: [one, two]\n",
    "one.yaml": "schema: rule-topic/1\nrules:\n" + RULE % ("liver", "liver"),
    "two.yaml": "schema: rule-topic/1\nrules:\n" + RULE % ("spleen", "spleen"),
    "one.tests.yaml": "schema: rule-tests/1\ntests:\n  amount/liver:\n"
    "    - {name: one, key: {l: liver}, before: l, outcome: violated}\n"
    "    - {name: none, key: {s: spleen}, before: s, outcome: holds}\n",
}


@pytest.fixture
def mine(tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text)
    return folder


@pytest.mark.parametrize("part", ["", *FILES])
def test_a_file_of_a_pack_is_checked_with_the_pack(vesalius, mine, part):
    done = vesalius("lint", mine / part, "--format", "concise", cwd=mine.parent)
    assert done.returncode == 0
    (line,) = done.stdout.splitlines()
    assert line.startswith("mine/two.yaml:3:")
    assert "RUL030" in line


def test_a_part_without_its_pack(vesalius, mine):
    (mine / "pack.yaml").unlink()
    for name in ("one.yaml", "one.tests.yaml"):
        done = vesalius("lint", mine / name, "--format", "json", cwd=mine.parent)
        found = json.loads(done.stdout)["findings"]
        wanted = "RUL023" if name == "one.yaml" else "YML013"
        assert [finding["code"] for finding in found] == [wanted]


def test_its_tests_are_run(vesalius, mine):
    done = vesalius("test", "mine", "--orientations", "1", cwd=mine.parent)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "2 tests in 8 variants: 2 passed\n"
    (mine / "one.tests.yaml").write_text(FILES["one.tests.yaml"].replace("holds", "violated"))
    done = vesalius("test", mine, "amount/liver::none", "--orientations", "1", cwd=mine.parent)
    assert done.returncode == 1
    assert "--> mine/one.tests.yaml:5:" in done.stdout


@pytest.mark.parametrize("rules", ["mine", "mine/pack.yaml", "./mine/"])
def test_a_case_is_judged_by_it_in_silence(vesalius, case, mine, rules):
    """That a rule is not tested is for who writes the pack."""
    options = ("--scheme", "amos22", "--rules", rules, "--format", "json")
    done = vesalius("lint", case, *options, cwd=mine.parent)
    assert done.stderr == ""
    found = json.loads(done.stdout)["findings"]
    assert {finding["rule"] for finding in found} == {"amount/liver", "amount/spleen"}
