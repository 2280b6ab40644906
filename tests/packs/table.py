"""Table of the shipped packs: by file the rules, the tests that show them, and the lines of YAML.

    PYTHONPATH=.links:tests python tests/packs/table.py [--before COMMIT]

With --before also what an older commit had: rules and lines.
"""

from __future__ import annotations

import argparse
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import yaml
from mutants.thresholds import survivors, thresholds

from vesalius.engine.plan.roles import Role, roles_of
from vesalius.ontology.graph import Ontology
from vesalius.ontology.load import load_ontology
from vesalius.rules.compile.lower_rules import compile_rules
from vesalius.rules.library import load_pack
from vesalius.rules.pack_places import pack_paths
from vesalius.rules.places import load_anchors
from vesalius.rules.rule import Pack, Rule

FIRES = {"changed", "violated", "failed"}
FIGURES = {Role.SIZE, Role.FIGURE, Role.SHARE, Role.COUNT, Role.CONNECTIVITY}
HEAD = "| file | rules | must fire | must not fire | thresholds | shown by a test | twins | lines |"


def twins(pack: Pack, ontology: Ontology, anchors: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Give pairs of rules of which one says of the left what the other says of the right."""
    labels = {name: at for at, name in enumerate(ontology.structures, start=1)}
    mirror = {at: labels[ontology.mirror(name) or name] for name, at in labels.items()}
    said: dict[str, set[str]] = {}
    mirrored: dict[str, set[str]] = {}
    for step in compile_rules(pack, ontology, anchors, labels).steps:
        plain = replace(step, rule="", reads=(), writes=())
        said.setdefault(step.rule, set()).add(repr(plain))
        mirrored.setdefault(step.rule, set()).add(repr(_mirrored(plain, mirror)))
    return [
        (one, other)
        for one in said
        for other in said
        if one < other and said[one] == mirrored[other] != said[other]
    ]


def _mirrored(held: Any, mirror: Mapping[int, int]) -> Any:
    if isinstance(held, tuple):
        return tuple(_mirrored(entry, mirror) for entry in held)
    if not is_dataclass(held) or isinstance(held, type):
        return held
    changed = {}
    roles = roles_of(type(held))
    for field in fields(held):
        value, role = getattr(held, field.name), roles.get(field.name)
        if value is None or role in FIGURES or role in (Role.ANCHOR, Role.PLANE):
            continue
        if role is Role.DIRECTION:
            changed[field.name] = (-value[0], *value[1:])
        elif role is not None and not isinstance(value, bool):
            changed[field.name] = _labels(value, mirror)
        else:
            changed[field.name] = _mirrored(value, mirror)
    return replace(held, **changed)


def _labels(value: Any, mirror: Mapping[int, int]) -> Any:
    if isinstance(value, tuple):
        found = tuple(_labels(entry, mirror) for entry in value)
        return tuple(sorted(found)) if all(isinstance(n, int) for n in found) else found
    return mirror.get(value, value)


def rows(name: str, ontology: Ontology, anchors: Mapping[str, Any]) -> Iterator[list[str]]:
    """Give the line of each file of a pack, and that of all together."""
    pack = load_pack(pack_paths()[name], ontology, anchors)
    unshown = {said.split(" -> ")[0] for said in survivors(pack, ontology, anchors)}
    pairs = Counter(rule for pair in twins(pack, ontology, anchors) for rule in pair)
    by_file: dict[Path, list[Rule]] = {}
    for rule in pack.rules:
        by_file.setdefault(Path(rule.listed.document.path), []).append(rule)
    for path, rules in by_file.items():
        yield [path.stem, *_figures(rules, unshown, pairs), str(_lines(path))]
    lines = sum(_lines(path) for path in by_file)
    yield [f"**{name}**", *_figures(pack.rules, unshown, pairs), str(lines)]


def _figures(rules: Sequence[Rule], unshown: set[str], pairs: Mapping[str, int]) -> list[str]:
    outcomes = [{test.outcome for test in rule.tests} for rule in rules]
    figures = [threshold.name for rule in rules for threshold in thresholds(rule)]
    found = (
        len(rules),
        sum(bool(each & FIRES) for each in outcomes),
        sum(bool(each - FIRES) for each in outcomes),
        len(figures),
        sum(figure not in unshown for figure in figures),
        sum(pairs[rule.id] for rule in rules),
    )
    return [str(number) for number in found]


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def before(commit: str, name: str) -> str:
    """Say how many rules and lines a pack of one file had, and how many lines of it were tests."""
    file = f"{commit}:rules/packs/{name}.yaml"
    text = subprocess.run(["git", "show", file], capture_output=True, text=True, check=True).stdout
    rules = yaml.safe_load(text)["rules"]
    tested = [rule for rule in rules if rule.get("tests")]
    lines = text.splitlines()
    kept, inside = 0, False
    for line in lines:
        indent = len(line) - len(line.lstrip())
        if line.strip().startswith("tests:"):
            inside = True
        elif line.strip() and indent <= 4:
            inside = False
        kept += not inside
    return f"{name} at {commit}: {len(rules)} rules, {len(tested)} with a test, {kept} lines"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--before", help="a commit to compare with")
    options = parser.parse_args()
    ontology = load_ontology()
    anchors = load_anchors(ontology)
    print(HEAD)
    print("|---|" + "---:|" * (HEAD.count("|") - 2))
    for name in pack_paths():
        for row in rows(name, ontology, anchors):
            print(f"| {' | '.join(row)} |")
    if options.before:
        print()
        for name in pack_paths():
            print(before(options.before, name))


if __name__ == "__main__":
    main()
