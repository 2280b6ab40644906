"""The oracle shares data classes with the code that it judges, and nothing else."""

from __future__ import annotations

import ast
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import UnionType
from typing import get_origin

import pytest

from vesalius.engine import kinds
from vesalius.engine.plan import plan, step, where

HERE = Path(__file__).parent
MODULES = [p for p in sorted(HERE.rglob("*.py")) if not p.name.startswith(("test_", "conftest"))]
SHARED = {
    "vesalius.engine.plan.plan": {
        "Action",
        "Anchor",
        "BoxAnchor",
        "Choose",
        "Divide",
        "Ignore",
        "LevelAnchor",
        "Paint",
        "Plan",
        "PlaneAnchor",
    },
    "vesalius.engine.plan.meant": {"Meant", "NearTo"},
    "vesalius.engine.plan.step": {"Derive", "Expect", "Repair", "Step"},
    "vesalius.engine.plan.where": {
        "Ahead",
        "AllOf",
        "AnyOf",
        "Condition",
        "Guard",
        "HasImage",
        "MetadataIs",
        "Not",
        "Region",
        "Seen",
        "Uncut",
    },
    "vesalius.engine.kinds": {
        kind.__name__
        for group in (kinds.EXPECTS, kinds.REPAIRS, kinds.DERIVES)
        for kind, _ in group
    }
    | {"Exclusive", "FacingPart", "Follows", "HuRange", "Pool", "UsualSize"},
}
"""All that may be imported, by module: the plan, the class of each kind, and their parts."""
OTHERS = {"numpy", "scipy", "oracle"}


def imports(path: Path) -> list[tuple[str, str]]:
    """Return (module, name) of everything that a module imports, wherever it does."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [(alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found += [(node.module or ".", alias.name) for alias in node.names]
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(HERE)))
def test_nothing_but_data_is_shared(path):
    """No import by other ways either."""
    for module, name in imports(path):
        top = module.partition(".")[0]
        if top == "vesalius":
            assert name in SHARED.get(module, ()), f"{path.name} imports {name} from {module}"
        elif top not in OTHERS:
            assert top in {"__future__", "collections", "dataclasses", "fractions", "itertools",
                           "math", "typing", "hypothesis"}, module  # fmt: skip
    assert not {"importlib", "__import__"} & {
        node.id for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Name)
    }


def test_only_the_drawing_of_steps_needs_hypothesis():
    users = [p.name for p in MODULES if any(m.startswith("hypothesis") for m, _ in imports(p))]
    assert sorted(users) == ["drawing.py", "drawing_measures.py"]


CLASSES = {
    shared
    for module in (plan, step, where, kinds)
    for name in SHARED[module.__name__]
    if is_dataclass(shared := getattr(module, name))
}


def test_what_is_shared_is_data():
    """Frozen dataclasses, unions of such, and tuples of such."""
    for module in (plan, step, where, kinds):
        for name in SHARED[module.__name__]:
            shared = getattr(module, name)
            if not isinstance(shared, UnionType) and get_origin(shared) is not tuple:
                assert shared in CLASSES, name
                assert shared.__dataclass_params__.frozen, name


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(HERE)))
def test_no_method_of_a_shared_class_is_used(path):
    """What a step says of itself, such as its footprint, is code that the oracle judges."""
    methods = {
        name
        for shared in CLASSES
        for name, value in vars(shared).items()
        if not name.startswith("__") and not isinstance(value, str | int | float | tuple | None)
        if name not in {field.name for field in fields(shared)}
    }
    used = {n.attr for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.Attribute)}
    assert used & methods == set()
