"""Every kind of the engine has its oracle, its module, and a strategy that draws every field."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import fields
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from oracle import kinds as oracle
from oracle.drawing import every_kind
from vesalius.engine import kinds

TABLES = [
    pytest.param(oracle.JUDGES, kinds.EXPECTS, id="expectations"),
    pytest.param(oracle.GIVERS, kinds.REPAIRS, id="repairs"),
    pytest.param(oracle.MAKERS, kinds.DERIVES, id="derivations"),
]
ALL = [kind for group in (kinds.EXPECTS, kinds.REPAIRS, kinds.DERIVES) for kind, _ in group]


@pytest.mark.parametrize(("ours", "theirs"), TABLES)
def test_every_kind_has_an_oracle(ours, theirs):
    assert set(ours) == {kind for kind, _ in theirs}


def test_every_kind_has_a_module_named_after_it():
    snake = {re.sub(r"(?<=.)([A-Z])", r"_\1", kind.__name__).lower() for kind in ALL}
    folder = Path(oracle.__file__).parent
    assert {path.stem for path in folder.glob("*.py")} - {"__init__"} == snake


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_every_field_of_a_kind_is_drawn(kind):
    """With two values at least: a field that is always the same is not tested."""
    seen = defaultdict(set)

    @settings(
        max_examples=150,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(drawn=every_kind().get(kind, st.nothing()))
    def draw(drawn):
        for field in fields(drawn):
            seen[field.name].add(repr(getattr(drawn, field.name)))

    draw()
    assert {name for name, values in seen.items() if len(values) < 2} == set()
    assert set(seen) == {field.name for field in fields(kind)}
