"""The thresholds of a rule as written, each with the values at which it is deaf or always fires."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from pydantic import BaseModel

from vesalius.adapters.cases.rule_outcomes import ended
from vesalius.adapters.rule_tests.collect import make_bench
from vesalius.adapters.rule_tests.run_test import Bench
from vesalius.adapters.rule_tests.scene import Scene, build_scene
from vesalius.engine.judging.context import ArrayImage
from vesalius.engine.run_steps import Options, run_steps
from vesalius.engine.runs.labelmap import decode, encode
from vesalius.rules.rule import Pack, Rule, RuleTest

HUGE = 1e9
PLACES = ("expects", "repair", "derive")
CONNECTIVITIES = {6: 26, 18: 6, 26: 6}


@dataclass(frozen=True)
class Threshold:
    """A figure of a rule.

    Parameters
    ----------
    rule : Rule
        The rule.
    place : tuple of str or int
        Where it stands in the rule's forms.
    value : float
        As written.
    """

    rule: Rule
    place: tuple[str | int, ...]
    value: float

    @property
    def name(self) -> str:
        """Such as ``contact/humeri: touches gap_mm 30``."""
        words = [str(step) for step in self.place[1:] if not isinstance(step, int)]
        return f"{self.rule.id}: {' '.join(words)} {self.value:g}"

    def others(self) -> tuple[float, ...]:
        """Give the value at each end of what may stand there, but for what is written."""
        return tuple(end for end in self._ends() if end != self.value)

    def _ends(self) -> tuple[float, ...]:
        key = self.place[-1]
        if key == "connectivity":
            return (CONNECTIVITIES[int(self.value)],)
        if isinstance(self.value, int) and key in ("at_most", "at_least", "fewest", "keep_largest"):
            return (1, int(HUGE))
        if key == "whole_share":
            return (0.5, 1.0)  # half of a piece always lies on one side
        if "share" in self.place or "share_of_largest" in self.place:
            return (1e-9, 1.0)
        return (-HUGE if "hu" in self.place or key == "hu_at_least" else 0.0, HUGE)

    def with_value(self, value: float) -> Rule:
        """Give the rule with another value in its place."""
        field, *inner = self.place
        return replace(
            self.rule, **{str(field): _put(getattr(self.rule, str(field)), inner, value)}
        )


def thresholds(rule: Rule) -> Iterator[Threshold]:
    """Give the figures that are written in what a rule expects, repairs and derives."""
    for field in PLACES:
        for place, value in _figures(getattr(rule, field)):
            yield Threshold(rule, (field, *place), value)


def _figures(held: Any) -> Iterator[tuple[tuple[str | int, ...], float]]:
    inner: Iterator[tuple[str | int, Any]] = iter(())
    if isinstance(held, BaseModel):
        inner = ((key, getattr(held, key)) for key in held.model_fields_set)
    elif isinstance(held, (list, tuple)):
        inner = iter(enumerate(held))
    for key, value in sorted(inner, key=lambda entry: str(entry[0])):
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            yield (key,), value
        else:
            yield from (((key, *place), found) for place, found in _figures(value))


def _put(held: Any, place: list[str | int], value: float) -> Any:
    if not place:
        return value
    first, *rest = place
    if isinstance(held, BaseModel):
        return held.model_copy(update={str(first): _put(getattr(held, str(first)), rest, value)})
    parts = list(held)
    parts[int(first)] = _put(parts[int(first)], rest, value)
    return type(held)(parts)


class Shown:
    """The tests of a pack's rules, in the orientation in which they are drawn."""

    def __init__(self, pack: Pack, ontology: Any, anchors: Any) -> None:
        self._pack, self._ontology, self._anchors = pack, ontology, anchors
        self._scenes: dict[int, Scene] = {}

    def bench(self, rule: Rule) -> Bench:
        """Compile a rule that may be another one than the pack's."""
        rules = tuple(rule if own.id == rule.id else own for own in self._pack.rules)
        return make_bench(rule, replace(self._pack, rules=rules), self._ontology, self._anchors)

    def catches(self, threshold: Threshold, value: float) -> str | None:
        """Give the name of a test that fails with another value; None where all pass."""
        return self.fails(threshold.with_value(value))

    def fails(self, rule: Rule) -> str | None:
        """Give the name of a test of a rule that fails; None where all pass."""
        bench = self.bench(rule)
        return next((t.name for t in rule.tests if not self.passes(bench, t)), None)

    def passes(self, bench: Bench, test: RuleTest) -> bool:
        """Tell whether a test ends as drawn."""
        if id(test) not in self._scenes:
            self._scenes[id(test)] = build_scene(test, bench.labels)
        scene = self._scenes[id(test)]
        image = None if scene.image is None else ArrayImage(scene.image)
        work = encode(scene.before, scene.affine)
        sources = scene.said_by_sources(lambda array: encode(array, scene.affine))
        ruled = run_steps(
            bench.steps, bench.anchors, work, scene.metadata, image, Options(unsafe=True), sources
        )
        status = ended(ruled.outcomes)[0] if ruled.outcomes else "skipped"
        return status == test.outcome and np.array_equal(decode(ruled.labels), scene.after)


def survivors(pack: Pack, ontology: Any, anchors: Any) -> list[str]:
    """Plant each other value of each threshold; give those that no test of the rule catches."""
    shown = Shown(pack, ontology, anchors)
    return [
        f"{threshold.name} -> {value:g}"
        for rule in pack.rules
        for threshold in thresholds(rule)
        for value in threshold.others()
        if shown.catches(threshold, value) is None
    ]
