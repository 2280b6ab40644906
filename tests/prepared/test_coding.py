"""What is kept reads as it was written, and can become nothing but values of ours."""

from __future__ import annotations

import json

import pytest

from vesalius.adapters.keeping.coding import decode_value, encode_value
from vesalius.engine.plan.plan_json import plan_to_json
from vesalius.engine.plan.reason import Reason
from vesalius.ontology.reading.problem import Diagnostic, Note, Span
from vesalius.rules.idle import Idle
from vesalius.session import Session

B, C = Reason("b"), Reason("c", absent=("d",))


@pytest.mark.parametrize(
    "value",
    [
        None,
        (),
        (1, 1.0, True, "", None, ("a", (2,))),
        {1: "a", "b": (2, 0.1)},
        frozenset({"b", "a"}),
        Diagnostic("A1", "info", "x", Span("p", 1, 2, 3), notes=(Note("n", Span("q", 1, 1, 2)),)),
        (Idle("a", (B,)), Idle("a", (B,)), Idle("a", (B, C))),
        1e-300,
        0.1 + 0.2,
        "\u2028 \ud7ff é",
    ],
)  # fmt: skip
def test_values_come_back_as_they_were(value):
    back = decode_value(encode_value(value))
    assert back == value
    assert type(back) is type(value)
    # A set is written in an order of its own.
    if not isinstance(value, frozenset):
        assert repr(back) == repr(value)


@pytest.mark.parametrize("rules", ["recommended", "dap_atlas", None])
def test_plans_come_back_to_the_byte(rules):
    compiled = Session(["totalsegmentator_v2", "amos22"], rules=rules).compiled
    for plan in (compiled.plan, compiled.reading):
        back = decode_value(encode_value(plan))
        assert back == plan
        assert plan is None or plan_to_json(back) == plan_to_json(plan)


def test_equal_values_are_written_once():
    one, two = Idle("a" * 99, (B,)), Idle("a" * 99, (B,))
    assert len(encode_value((one, two))) < len(encode_value(one)) + 30


@pytest.mark.parametrize("value", [[1], {1, 2}, object(), b"x", Session, float("nan")])
def test_what_is_no_plain_value_is_refused(value):
    with pytest.raises((TypeError, ValueError)):
        encode_value(value)


@pytest.mark.parametrize(
    "kind",
    [
        ["os:_Environ"],
        ["vesalius.__main__:main"],
        ["vesalius.adapters.files.atomic:Outputs"],
        ["vesalius.rules.idle:dataclass"],
        ["vesalius.rules.idle:Idle", "rule"],
        ["vesalius.engine.plan.nothing:Plan"],
    ],
)
def test_nothing_is_made_but_the_values_that_are_kept(kind):
    text = json.dumps({"classes": [kind], "values": [[0, "x"]], "top": {"@": 0}})
    with pytest.raises(ValueError, match="no value that can be read"):
        decode_value(text)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"classes": [], "values": [[0]], "top": 1}']
)
def test_damaged_texts_are_no_values(text):
    with pytest.raises(ValueError, match="no value that can be read"):
        decode_value(text)
