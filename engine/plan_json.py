"""The plan as a file: one text per plan, the same bytes everywhere, read back exactly."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn, TypeVar

from vesalius.engine.plan import (
    PLAN_SCHEMA,
    Action,
    Anchor,
    BoxAnchor,
    Choose,
    Divide,
    Ignore,
    LevelAnchor,
    Lost,
    Paint,
    Plan,
    PlaneAnchor,
    SourceTable,
    WorkLabel,
)
from vesalius.engine.plan_check import require_valid
from vesalius.engine.step_json import step_from_data, step_to_data

LINE_WIDTH = 100
"""A list or mapping that fits this many columns is written on one line."""

T = TypeVar("T")


def plan_to_json(plan: Plan) -> str:
    """Write a plan as JSON.

    Keys are sorted, numbers have their shortest exact form, and the layout depends on the
    content alone: equal plans give equal bytes.

    Parameters
    ----------
    plan : Plan
        Any plan whose numbers are finite.

    Returns
    -------
    str
        ASCII text with a newline at its end.

    Raises
    ------
    ValueError
        If a number is not finite.
    """
    data = {
        "schema": PLAN_SCHEMA,
        "target": plan.target,
        "work": [_work_data(entry) for entry in plan.work],
        "sources": [_table_data(table) for table in plan.sources],
        "anchors": [_anchor_data(anchor) for anchor in plan.anchors],
        "rule_anchors": [_anchor_data(anchor) for anchor in plan.rule_anchors],
        "steps": [step_to_data(step) for step in plan.steps],
        "connectivity": int(plan.connectivity),
        "whole_share": _number(plan.whole_share),
    }
    return _layout(data, 0) + "\n"


def plan_from_json(text: str) -> Plan:
    """Read a plan written by :func:`plan_to_json`.

    Parameters
    ----------
    text : str
        JSON with the schema of this version.

    Returns
    -------
    Plan
        Equal to the plan that was written.

    Raises
    ------
    ValueError
        If the text is no JSON, has another schema, an unknown, repeated, missing or wrong
        value, or describes a plan that cannot run. The text names the place.
    """
    try:
        data = json.loads(text, object_pairs_hook=_unique_keys, parse_constant=_refuse_constant)
    except (json.JSONDecodeError, RecursionError) as error:
        raise ValueError(f"not a plan: {error}") from error
    if not isinstance(data, dict) or "schema" not in data:
        raise ValueError(f"not a plan: no `schema` key, expected {PLAN_SCHEMA!r}")
    if data["schema"] != PLAN_SCHEMA:
        raise ValueError(
            f"the plan has the schema {data['schema']!r}, this version reads {PLAN_SCHEMA!r}; "
            "compile it again"
        )
    plan = _read_plan(_Node(data, "plan"))
    require_valid(plan)
    return plan


def plan_digest(plan: Plan) -> str:
    """SHA-256 of the plan's JSON text, as 64 hexadecimal digits."""
    return hashlib.sha256(plan_to_json(plan).encode("utf-8")).hexdigest()


# Writing


def _work_data(entry: WorkLabel) -> dict[str, object]:
    return {
        "label": int(entry.label),
        "token": entry.token,
        "rank": int(entry.rank),
        "tier": int(entry.tier),
        "ancestors": [int(label) for label in entry.ancestors],
        "output": int(entry.output),
    }


def _table_data(table: SourceTable) -> dict[str, object]:
    return {
        "token": table.token,
        "open": bool(table.open),
        "actions": [[int(integer), _action_data(action)] for integer, action in table.actions],
    }


def _action_data(action: Action) -> dict[str, object]:
    if isinstance(action, Paint):
        return {"op": "paint", "label": int(action.label)}
    if isinstance(action, Ignore):
        return {"op": "ignore"}
    if isinstance(action, Lost):
        return {"op": "lost", "token": action.token}
    if isinstance(action, Choose):
        return {
            "op": "choose",
            "key": action.key,
            "options": [[value, _action_data(option)] for value, option in action.options],
            "otherwise": _action_data(action.otherwise),
        }
    return {
        "op": "divide",
        "anchor": int(action.anchor),
        "positive": _action_data(action.positive),
        "negative": _action_data(action.negative),
        "otherwise": _action_data(action.otherwise),
    }


def _anchor_data(anchor: Anchor) -> dict[str, object]:
    common: dict[str, object] = {
        "token": anchor.token,
        "labels": [int(label) for label in anchor.labels],
        "min_points": int(anchor.min_points),
    }
    if isinstance(anchor, LevelAnchor):
        return common | {
            "op": "level",
            "direction": _vector(anchor.direction),
            "at": anchor.at,
            "combine": anchor.combine,
        }
    if isinstance(anchor, BoxAnchor):
        return common | {
            "op": "box",
            "margin_low_mm": _vector(anchor.margin_low_mm),
            "margin_high_mm": _vector(anchor.margin_high_mm),
        }
    return common | {
        "op": "plane",
        "toward": _vector(anchor.toward),
        "max_tilt_deg": _number(anchor.max_tilt_deg),
        "max_residual_mm": _number(anchor.max_residual_mm),
        "within": None if anchor.within is None else _vector(anchor.within),
    }


def _number(value: float) -> float:
    # One spelling per value: 30 and 30.0 are equal, and so are 0.0 and -0.0.
    return float(value) + 0.0


def _vector(values: tuple[float, float, float]) -> list[float]:
    return [_number(value) for value in values]


def _layout(value: object, indent: int, before: int = 0) -> str:
    """Write a value that stands `before` columns after its line's indent."""
    flat = json.dumps(value, sort_keys=True, allow_nan=False)
    fits = indent + before + len(flat) <= LINE_WIDTH
    if not isinstance(value, (dict, list)) or not value or fits:
        return flat
    inner = indent + 1
    if isinstance(value, dict):
        keys = {key: f"{json.dumps(key)}: " for key in sorted(value)}
        parts = [text + _layout(value[key], inner, len(text)) for key, text in keys.items()]
    else:
        parts = [_layout(item, inner) for item in value]
    opening, closing = ("{", "}") if isinstance(value, dict) else ("[", "]")
    margin = "\n" + " " * inner
    return opening + margin + f",{margin}".join(parts) + "\n" + " " * indent + closing


# Reading


class _Node:
    """A JSON value with its place, read with the type it must have."""

    def __init__(self, value: object, place: str) -> None:
        self.value = value
        self.place = place

    def fail(self, expected: str) -> NoReturn:
        raise ValueError(f"{self.place}: expected {expected}, not {json.dumps(self.value)[:60]}")

    def keys(self, *names: str) -> Mapping[str, _Node]:
        """Members of a mapping that has exactly these keys."""
        if not isinstance(self.value, dict):
            self.fail("a mapping")
        for key in self.value:
            if key not in names:
                raise ValueError(f"{self.place}: unknown key `{key}`")
        for name in names:
            if name not in self.value:
                raise ValueError(f"{self.place}: the key `{name}` is missing")
        return {name: _Node(self.value[name], f"{self.place}.{name}") for name in names}

    def op(self) -> str:
        if not isinstance(self.value, dict) or not isinstance(self.value.get("op"), str):
            self.fail("a mapping with an `op`")
        return str(self.value["op"])

    def items(self) -> Sequence[_Node]:
        if not isinstance(self.value, list):
            self.fail("a list")
        return [_Node(item, f"{self.place}[{at}]") for at, item in enumerate(self.value)]

    def each(self, read: Callable[[_Node], T]) -> tuple[T, ...]:
        return tuple(read(item) for item in self.items())

    def pair(self) -> tuple[_Node, _Node]:
        items = self.items()
        if len(items) != 2:
            self.fail("a list of two")
        return items[0], items[1]

    def integer(self) -> int:
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            self.fail("an integer")
        return self.value

    def number(self) -> float:
        if not isinstance(self.value, (int, float)) or isinstance(self.value, bool):
            self.fail("a number")
        return float(self.value)

    def text(self) -> str:
        if not isinstance(self.value, str):
            self.fail("a text")
        return self.value

    def truth(self) -> bool:
        if not isinstance(self.value, bool):
            self.fail("true or false")
        return self.value

    def vector(self) -> tuple[float, float, float]:
        values = self.each(_Node.number)
        if len(values) != 3:
            self.fail("three numbers")
        return values[0], values[1], values[2]


def _unique_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    data = dict(pairs)
    if len(data) != len(pairs):
        names = [key for key, _ in pairs]
        twice = next(key for key in names if names.count(key) > 1)
        raise ValueError(f"not a plan: the key `{twice}` is written twice")
    return data


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(f"not a plan: {text} is not a finite number")


def _read_plan(node: _Node) -> Plan:
    part = node.keys(
        "schema", "target", "work", "sources", "anchors", "rule_anchors", "steps",
        "connectivity", "whole_share",
    )  # fmt: skip
    return Plan(
        target=part["target"].text(),
        work=part["work"].each(_read_work),
        sources=part["sources"].each(_read_table),
        anchors=part["anchors"].each(_read_anchor),
        rule_anchors=part["rule_anchors"].each(_read_anchor),
        steps=part["steps"].each(lambda step: step_from_data(step.value, step.place)),
        connectivity=part["connectivity"].integer(),
        whole_share=part["whole_share"].number(),
    )


def _read_work(node: _Node) -> WorkLabel:
    part = node.keys("label", "token", "rank", "tier", "ancestors", "output")
    return WorkLabel(
        label=part["label"].integer(),
        token=part["token"].text(),
        rank=part["rank"].integer(),
        tier=part["tier"].integer(),
        ancestors=part["ancestors"].each(_Node.integer),
        output=part["output"].integer(),
    )


def _read_table(node: _Node) -> SourceTable:
    part = node.keys("token", "open", "actions")
    return SourceTable(
        token=part["token"].text(),
        actions=part["actions"].each(_read_entry),
        open=part["open"].truth(),
    )


def _read_entry(node: _Node) -> tuple[int, Action]:
    integer, action = node.pair()
    return integer.integer(), _read_action(action)


def _read_option(node: _Node) -> tuple[str, Action]:
    value, action = node.pair()
    return value.text(), _read_action(action)


def _read_action(node: _Node) -> Action:
    op = node.op()
    if op == "paint":
        return Paint(node.keys("op", "label")["label"].integer())
    if op == "ignore":
        node.keys("op")
        return Ignore()
    if op == "lost":
        return Lost(node.keys("op", "token")["token"].text())
    if op == "choose":
        part = node.keys("op", "key", "options", "otherwise")
        return Choose(
            key=part["key"].text(),
            options=part["options"].each(_read_option),
            otherwise=_read_action(part["otherwise"]),
        )
    if op == "divide":
        part = node.keys("op", "anchor", "positive", "negative", "otherwise")
        return Divide(
            anchor=part["anchor"].integer(),
            positive=_read_action(part["positive"]),
            negative=_read_action(part["negative"]),
            otherwise=_read_action(part["otherwise"]),
        )
    raise ValueError(f"{node.place}: unknown op `{op}`; ops: paint, ignore, lost, choose, divide")


def _read_anchor(node: _Node) -> Anchor:
    op = node.op()
    if op == "plane":
        part = node.keys(
            "op", "token", "labels", "min_points", "toward", "max_tilt_deg", "max_residual_mm",
            "within",
        )  # fmt: skip
        within = part["within"]
        return PlaneAnchor(
            token=part["token"].text(),
            labels=part["labels"].each(_Node.integer),
            min_points=part["min_points"].integer(),
            toward=part["toward"].vector(),
            max_tilt_deg=part["max_tilt_deg"].number(),
            max_residual_mm=part["max_residual_mm"].number(),
            within=None if within.value is None else within.vector(),
        )
    if op == "level":
        part = node.keys("op", "token", "labels", "min_points", "direction", "at", "combine")
        return LevelAnchor(
            token=part["token"].text(),
            labels=part["labels"].each(_Node.integer),
            min_points=part["min_points"].integer(),
            direction=part["direction"].vector(),
            at=part["at"].text(),
            combine=part["combine"].text(),
        )
    if op == "box":
        part = node.keys("op", "token", "labels", "min_points", "margin_low_mm", "margin_high_mm")
        return BoxAnchor(
            token=part["token"].text(),
            labels=part["labels"].each(_Node.integer),
            min_points=part["min_points"].integer(),
            margin_low_mm=part["margin_low_mm"].vector(),
            margin_high_mm=part["margin_high_mm"].vector(),
        )
    raise ValueError(f"{node.place}: unknown op `{op}`; ops: plane, level, box")
