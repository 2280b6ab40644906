"""The plan as a file: one text per plan, the same bytes everywhere, read back exactly."""

from __future__ import annotations

import hashlib
import json
from typing import NoReturn, TypeVar

from vesalius.engine.plan import (
    PLAN_SCHEMA,
    Action,
    Anchor,
    BoxAnchor,
    Choose,
    Ignore,
    LevelAnchor,
    Lost,
    Paint,
    Plan,
    SourceTable,
    WorkLabel,
)
from vesalius.engine.plan_check import require_valid
from vesalius.engine.plan_reading import read_plan
from vesalius.engine.step_json import step_to_data

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
    plan = read_plan(data)
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


def _unique_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    data = dict(pairs)
    if len(data) != len(pairs):
        names = [key for key, _ in pairs]
        twice = next(key for key in names if names.count(key) > 1)
        raise ValueError(f"not a plan: the key `{twice}` is written twice")
    return data


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(f"not a plan: {text} is not a finite number")
