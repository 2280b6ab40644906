"""Finding rule packs, rules and tests, and making them ready to run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vesalius.adapters.files.yaml_files import find_yaml
from vesalius.adapters.rule_tests.check_pictures import labels_of_tests
from vesalius.adapters.rule_tests.run_test import Bench
from vesalius.ontology.graph import Ontology
from vesalius.ontology.pack_files import head_of, is_pack_folder
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError, suggest
from vesalius.ontology.reading.document import load_document
from vesalius.ontology.reading.real_path import real_path
from vesalius.ontology.reading.side_files import YAML_ENDINGS
from vesalius.rules.compile.lower_rules import compile_rules
from vesalius.rules.language import SCHEMA
from vesalius.rules.library import load_pack
from vesalius.rules.pack_places import pack_paths
from vesalius.rules.places import AnchorSpec
from vesalius.rules.rule import Pack, Rule, RuleTest

_TEST = "::"


@dataclass(frozen=True, eq=False)
class Item:
    """A test of a rule of a pack."""

    pack: Pack
    rule: Rule
    test: RuleTest

    @property
    def name(self) -> str:
        """How the test is called: ``phase/rule::test``."""
        return f"{self.rule.id}{_TEST}{self.test.name}"


def select_tests(
    words: Sequence[str], ontology: Ontology, anchors: Mapping[str, AnchorSpec]
) -> tuple[Item, ...]:
    """Find tests.

    Parameters
    ----------
    words : sequence of str
        Packs by name, files or folders of packs, rules (``phase/rule``) and tests
        (``phase/rule::test``). Without a pack all that have a name are searched, without a rule all
        rules are taken.
    ontology, anchors
        What packs speak of.

    Returns
    -------
    tuple of Item
        By pack, rule and test as written; each once.

    Raises
    ------
    DiagnosticError
        CLI001 for a rule or test that no pack has, and all problems of the packs.
    """
    shipped = pack_paths(ontology.project)
    packs = [word for word in words if _is_pack(word, shipped)]
    paths = [path for word in packs for path in _paths(word, shipped)]
    loaded = _load(paths if packs else shipped.values(), ontology, anchors)
    items = [Item(p, rule, test) for p in loaded for rule in p.rules for test in rule.tests]
    wanted = [word for word in words if word not in packs]
    if not wanted:
        return tuple(items)
    problems = [p for word in wanted if (p := _unknown(word, loaded, items))]
    if problems:
        raise DiagnosticError(problems)
    return tuple(item for item in items if {item.name, item.rule.id} & set(wanted))


def make_bench(
    rule: Rule, pack: Pack, ontology: Ontology, anchors: Mapping[str, AnchorSpec]
) -> Bench:
    """Compile a rule for its tests: alone, in a working space of all structures."""
    labels = labels_of_tests(rule, ontology)
    lowered = compile_rules(pack, ontology, anchors, labels, only={rule.id})
    idle = "; ".join(entry.reason for entry in lowered.idle)
    return Bench(rule.id, lowered.steps, lowered.anchors, labels, idle)


def _is_pack(word: str, shipped: Mapping[str, Path]) -> bool:
    path = Path(word)
    return word in shipped or path.suffix in YAML_ENDINGS or path.exists()


def _paths(word: str, shipped: Mapping[str, Path]) -> tuple[Path, ...]:
    path = shipped.get(word, Path(word))
    if not path.is_dir() or is_pack_folder(path):
        return (path,)
    return tuple(found for found in find_yaml([path]) if _is_rules(found))


def _is_rules(path: Path) -> bool:
    data = load_document(path).data
    return isinstance(data, dict) and data.get("schema") == SCHEMA


def _load(
    paths: Iterable[Path], ontology: Ontology, anchors: Mapping[str, AnchorSpec]
) -> list[Pack]:
    packs: list[Pack] = []
    problems: list[Diagnostic] = []
    for path in dict.fromkeys(real_path(head_of(path)) for path in paths):
        try:
            packs.append(load_pack(path, ontology, anchors))
        except DiagnosticError as error:
            problems += error.diagnostics
    if problems:
        raise DiagnosticError(problems)
    return packs


def _unknown(word: str, packs: Iterable[Pack], items: Iterable[Item]) -> Diagnostic | None:
    rules = {rule.id: rule for pack in packs for rule in pack.rules}
    names = {item.name for item in items}
    if word in names or (word in rules and rules[word].tests):
        return None
    if word in rules:
        message, advice = f"the rule `{word}` has no test", None
    elif _TEST in word:
        message, advice = f"no rule has a test `{word}`", suggest(word, names)
    else:
        message, advice = f"no pack or rule is called `{word}`", suggest(word, rules)
    return Diagnostic(
        "CLI001",
        "error",
        message,
        help=advice or "give a pack, a file, `phase/rule` or `rule::test`",
    )
