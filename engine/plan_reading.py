"""Reading a plan from JSON values, strictly, with the place of whatever is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn, TypeVar

from vesalius.engine.plan import (
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
from vesalius.engine.step_json import step_from_data

T = TypeVar("T")


def read_plan(data: object) -> Plan:
    """Read a plan from the values of its JSON text.

    Raises
    ------
    ValueError
        If a value is unknown, missing or wrong. The text names the place.
    """
    return _read_plan(_Node(data, "plan"))


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
