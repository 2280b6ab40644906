"""Plant small mistakes all over the engine, one at a time, and see which ones no test catches.

Run by hand from the top of the checkout, in the environment of the tests:

    python tests/mutants/sweep.py --sample 60 --seed 1 --minutes 12 engine/kinds engine/merge

Each mistake is one changed comparison, `and`, `or`, `&`, `|`, `min`, `max`, `+`, `-` or number; the
tests of its module run in a process of their own (`plant.py`), those with results written by hand
before the random ones, until one fails. A survivor is a missing test, or a change that means the
same: read it and decide.
"""

from __future__ import annotations

import argparse
import ast
import copy
import json
import os
import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

# The tests need these, and importing them once is enough: children are forked.
import hypothesis.strategies  # noqa: F401
import networkx  # noqa: F401
import pydantic  # noqa: F401
import pytest
import scipy.ndimage
import scipy.spatial  # noqa: F401

ROOT = Path(__file__).parents[2]
_NOT_RUN = 99
CPU_SECONDS = 150
"""A mistake that makes the tests work longer than this is caught: they hang."""

COMPARISONS = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
OPERATORS = {
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
}
NAMES = {"min": "max", "minimum": "maximum", "argmin": "argmax", "floor": "ceil"}
NAMES |= {new: old for old, new in NAMES.items()}

DRAWN = ["engine_rules", "engine_rules_measures", "kinds"]
"""Folders of the tests of kinds."""
BY_PLACE = {"Absent", "Present", "Pieces", "OnOwnSide", "Located", "Plausible", "Into"}
BY_PLACE |= {f"Into{word}" for word in ("Sides", "Surrounding", "Neighbour", "Other", "Regions")}
"""Kinds that the random steps of `engine_rules` draw; `engine_rules_measures` has all others."""
RANDOM = {
    "engine_rules": "tests/engine_rules/test_against_oracle.py",
    "engine_rules_measures": "tests/engine_rules_measures/test_against_oracle.py",
    "engine_merge": "tests/engine_merge/test_against_oracle.py",
}


class Mistake(NamedTuple):
    """A changed place of a module, and the text of the whole module with it."""

    path: Path
    line: int
    what: str
    text: str

    def __str__(self) -> str:
        return f"{self.path.relative_to(ROOT)}:{self.line}: {self.what}"


def mistakes(path: Path) -> list[Mistake]:
    """All mistakes that can be planted in a module."""
    tree = ast.parse(path.read_text())
    skipped = {id(node) for node in _not_code(tree)}
    found = []
    for at, node in enumerate(ast.walk(tree)):
        if id(node) in skipped:
            continue
        for change in range(_changes(node)):
            changed = copy.deepcopy(tree)
            there = next(n for k, n in enumerate(ast.walk(changed)) if k == at)
            before = ast.unparse(there)
            _apply(there, change)
            after = ast.unparse(there)
            found.append(Mistake(path, node.lineno, f"{before}  ->  {after}", ast.unparse(changed)))
    return found


def _not_code(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield what is text or type only: annotations, messages of errors, `__all__`."""
    for node in ast.walk(tree):
        inner: list[ast.AST | None] = []
        if isinstance(node, ast.AnnAssign | ast.arg):
            inner = [node.annotation]
        elif isinstance(node, ast.FunctionDef):
            inner = [node.returns, *node.decorator_list]
        elif isinstance(node, ast.ClassDef):
            inner = [*node.decorator_list]
        elif isinstance(node, ast.Raise):
            inner = [node.exc]
        elif isinstance(node, ast.JoinedStr):
            inner = [node]
        elif isinstance(node, ast.Assign) and "Callable" in ast.unparse(node.value):
            inner = [node.value]
        for one in inner:
            if one is not None:
                yield from ast.walk(one)


def _changes(node: ast.AST) -> int:
    """How many ways there are to change a node."""
    if isinstance(node, ast.Compare):
        return sum(type(op) in COMPARISONS for op in node.ops)
    if isinstance(node, ast.BoolOp | ast.BinOp | ast.AugAssign):
        return int(type(node.op) in OPERATORS)
    if isinstance(node, ast.Name | ast.Attribute):
        return int((node.id if isinstance(node, ast.Name) else node.attr) in NAMES)
    if isinstance(node, ast.Constant):
        return int(isinstance(node.value, int | float) and not isinstance(node.value, bool))
    return 0


def _apply(node: ast.AST, change: int) -> None:
    if isinstance(node, ast.Compare):
        at = [k for k, op in enumerate(node.ops) if type(op) in COMPARISONS][change]
        node.ops[at] = COMPARISONS[type(node.ops[at])]()
    elif isinstance(node, ast.BoolOp | ast.BinOp | ast.AugAssign):
        node.op = OPERATORS[type(node.op)]()
    elif isinstance(node, ast.Name):
        node.id = NAMES[node.id]
    elif isinstance(node, ast.Attribute):
        node.attr = NAMES[node.attr]
    elif isinstance(node, ast.Constant):
        node.value = node.value + 1 if isinstance(node.value, int) else node.value * 1.25 or 0.25


def tests_of(path: Path) -> list[list[str]]:
    """The tests of a module in two rounds: those with results written by hand, then the random."""
    folder = path.relative_to(ROOT).parts[1]
    if folder == "kinds":
        name = "".join(word.capitalize() for word in path.stem.split("_"))
        by_hand = [test for test in _by_hand(DRAWN) if name in (ROOT / test).read_text()]
        if name in BY_PLACE:
            return [by_hand, [RANDOM["engine_rules"]]]
        chosen = {"AsCounted": "Counted", "IntoEnclosing": "Filled"}.get(name, name)
        return [by_hand, [RANDOM["engine_rules_measures"], "-k", chosen]]
    if folder in ("merge", "plan", "execute.py", "run.py"):
        return [[*_by_hand(["engine_merge"]), *_by_hand(DRAWN)], [RANDOM["engine_merge"]]]
    if folder == "runs":
        return [_by_hand(["engine"]), list(RANDOM.values())]
    return [_by_hand(DRAWN), list(RANDOM.values())]


def _by_hand(folders: list[str]) -> list[str]:
    """All tests of some folders but those against the oracle."""
    return [
        str(path.relative_to(ROOT))
        for folder in folders
        for path in sorted((ROOT / "tests" / folder).glob("test_*.py"))
        if str(path.relative_to(ROOT)) not in RANDOM.values()
    ]


def caught(mistake: Mistake) -> str:
    """Run the tests of a module with a mistake: `caught`, `hangs`, `broken` or `survives`."""
    module = "vesalius." + ".".join(mistake.path.relative_to(ROOT).with_suffix("").parts)
    planted = {"module": module.removesuffix(".__init__"), "text": mistake.text}
    for tests in tests_of(mistake.path):
        code = _run(planted, tests)
        if code < 0:
            return "hangs"
        if code != 0:
            # Other codes than 1: the module cannot even be imported.
            return "caught" if code == 1 else "broken"
    return "survives"


def _run(planted: dict[str, str], tests: list[str]) -> int:
    """Run tests in a child; it has what this process has imported already. Return its end."""
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        os.environ["VESALIUS_MUTANT"] = json.dumps(planted)
        for stream in (1, 2):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
        options = ["-q", "-x", "--tb=no", "-p", "no:cacheprovider", "--hypothesis-seed=0"]
        options += ["-W", "ignore::pytest.PytestAssertRewriteWarning", "-p", "mutants.plant"]
        code = _NOT_RUN
        try:
            code = pytest.main([*options, *tests])
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main() -> None:
    parser = argparse.ArgumentParser(description="Plant mistakes and list what no test catches.")
    parser.add_argument("paths", nargs="+", help="modules or folders, such as engine/kinds")
    parser.add_argument("--sample", type=int, help="so many mistakes, by chance; else all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=float("inf"), help="stop after these")
    parser.add_argument("--list", action="store_true", help="only say what would be planted")
    options = parser.parse_args()
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT / "tests"))
    modules = [
        path
        for word in options.paths
        for path in ([ROOT / word] if word.endswith(".py") else sorted((ROOT / word).rglob("*.py")))
    ]
    planned = [mistake for path in modules for mistake in mistakes(path)]
    if options.sample is not None:
        rng = random.Random(options.seed)
        planned = rng.sample(planned, min(options.sample, len(planned)))
    begin, words = time.monotonic(), Counter()
    for mistake in planned:
        if time.monotonic() - begin > 60 * options.minutes:
            print(f"stopped after {words.total()} of {len(planned)}")
            break
        word = "planned" if options.list else caught(mistake)
        words[word] += 1
        print(f"{word}: {mistake}", flush=True)
    print(", ".join(f"{count} {word}" for word, count in words.items()))


if __name__ == "__main__":
    main()
