"""The files of the shipped packs: short, each in its place, and no pack is warned of."""

from __future__ import annotations

import re

import pytest

from vesalius.adapters.files.yaml_files import find_yaml
from vesalius.adapters.yaml_lint import lint_yaml
from vesalius.ontology.pack_files import head_of, parts_of
from vesalius.rules.pack_places import pack_paths, packs_folder

PACKS = pack_paths()


def test_lint_says_nothing():
    lint = lint_yaml(find_yaml([packs_folder()]))
    assert lint.diagnostics == ()
    assert lint.files == sum(1 + len(parts_of(path)) for path in PACKS.values())


def test_a_file_has_at_most_400_lines():
    files = [part for path in PACKS.values() for part in (head_of(path), *parts_of(path))]
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in files}
    assert {path.name: count for path, count in lines.items() if count > 400} == {}


def rule_lines(path):
    """Yield the id of each rule of a file and how many lines it has, without comments."""
    name, count = "", 0
    for line in path.read_text(encoding="utf-8").splitlines():
        begins = re.match(r"  - \{?(?:id|use): ([^,\s]+)", line)
        if begins and name:
            yield name, count
        if begins:
            name, count = begins[1], 0
        count += bool(line.strip()) and not line.lstrip().startswith("#")
    if name:
        yield name, count


def test_a_rule_has_at_most_ten_lines():
    files = [part for part in parts_of(PACKS["recommended"]) if ".tests" not in part.name]
    found = dict(each for path in files for each in rule_lines(path))
    assert len(found) > 150
    assert {name: count for name, count in found.items() if count > 10} == {}


@pytest.mark.parametrize("name", PACKS)
def test_a_pack_is_called_as_its_folder(name):
    assert f"\npack: {name}\n" in head_of(PACKS[name]).read_text(encoding="utf-8")
