"""What rules and schemes have to do with structures and places: who judges, compares, places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel

from vesalius.engine.plan.plan import Anchor
from vesalius.engine.plan.roles import Role, held_by, integers
from vesalius.engine.plan.step import Step
from vesalius.ontology.graph import Ontology
from vesalius.ontology.scheme.meaning import BySide, walk
from vesalius.ontology.scheme.scheme import Scheme
from vesalius.rules.compile.check_rules import universe
from vesalius.rules.compile.lower_rules import compile_rules
from vesalius.rules.places.relation_models import RegionName, Relations
from vesalius.rules.places.specs import MIDLINE, AnchorSpec, RegionSpec
from vesalius.rules.rule import Pack, Rule
from vesalius.rules.scope import Scope

JUDGES: Final = "judges"
MAKES: Final = "makes"
PAINTS_OVER: Final = "paints over"
COMPARES: Final = "compares with"
ASKS_FOR: Final = "asks for"
MOVES_TO: Final = "may move to"
PARTS: Final = (JUDGES, MAKES, PAINTS_OVER, COMPARES, ASKS_FOR, MOVES_TO)
"""What a structure may be to a rule, the most telling first."""

_OF_EXPECT: Final = {Role.JUDGED: JUDGES, Role.ENCLOSING: JUDGES, Role.READ: COMPARES}
_OF_REPAIR: Final = {Role.GIVEN: MOVES_TO}
_OF_DERIVE: Final = {
    Role.MADE: MAKES,
    Role.GIVEN: MAKES,
    Role.PAINTED: PAINTS_OVER,
    Role.BESIDES_BACKGROUND: PAINTS_OVER,
}
_OF_GUARD: Final = {Role.READ: ASKS_FOR}


@dataclass(frozen=True, eq=False)
class RuleUses:
    """What one rule speaks of.

    Parameters
    ----------
    rule : Rule
        The rule.
    parts : Mapping of str to tuple of str
        What each structure is to the rule, in the order of :data:`PARTS`. Structures that an
        anchor is fitted from are not among them, nor those that parts become only where they lie
        beside them.
    anchors : frozenset of str
        Anchors and regions that it needs, by name; those behind a region too.
    """

    rule: Rule
    parts: Mapping[str, tuple[str, ...]]
    anchors: frozenset[str]


def uses_of(
    pack: Pack, ontology: Ontology, anchors: Mapping[str, AnchorSpec]
) -> tuple[RuleUses, ...]:
    """Tell of each rule what it speaks of, as if a target listed every structure.

    Parameters
    ----------
    pack : Pack
        A pack without errors.
    ontology : Ontology
        The one the pack was checked against.
    anchors : Mapping of str to AnchorSpec
        The ones the pack was checked against.

    Returns
    -------
    tuple of RuleUses
        In the order in which the rules run.
    """
    rules = [pack.rule(rule_id) for rule_id in pack.order]
    if not rules:
        return ()
    labels = universe(Scope(ontology, anchors, rules[0].document))
    lowered = compile_rules(pack, ontology, anchors, labels)
    names = {label: name for name, label in labels.items()}
    steps: dict[str, list[Step]] = {rule.id: [] for rule in rules}
    for step in lowered.steps:
        steps[step.rule].append(step)
    return tuple(
        RuleUses(
            rule,
            _parts(rule, steps[rule.id], names),
            frozenset(_fitted(steps[rule.id], lowered.anchors)) | _regions(rule, anchors),
        )
        for rule in rules
    )


def anchors_of_scheme(scheme: Scheme) -> frozenset[str]:
    """Give the anchors that divide classes of a scheme."""
    meanings = (meaning for entry in scheme.entries for meaning in walk(entry.target))
    return frozenset({MIDLINE} if any(isinstance(m, BySide) for m in meanings) else ())


def _parts(rule: Rule, steps: list[Step], names: Mapping[int, str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {}
    for step in steps:
        for label, part in _said(step):
            if label in names:
                found.setdefault(names[label], set()).add(part)
    # Of two that are judged by each other the engine takes one for the measure.
    for name in found.keys() & set(rule.structures):
        found[name].add(JUDGES)
    return {name: tuple(part for part in PARTS if part in said) for name, said in found.items()}


def _said(step: Step) -> Iterator[tuple[int, str]]:
    """Yield what each label is to a step."""
    for held_in, meant in (
        (step.expect, _OF_EXPECT),
        (step.repair, _OF_REPAIR),
        (step.derive, _OF_DERIVE),
        (step.guard, _OF_GUARD),
    ):
        for held in held_by(held_in):
            labels: tuple[int, ...] = ()
            part = meant.get(held.role)
            if part is not None:
                labels = integers(held.value)
            elif held.role is Role.NEAR:
                part, labels = MOVES_TO, integers(tuple(near for _, near in held.value))
            if part is not None:
                yield from ((label, part) for label in labels)


def _fitted(steps: list[Step], anchors: tuple[Anchor, ...]) -> Iterator[str]:
    for step in steps:
        for held in held_by((step.guard, step.expect, step.repair, step.derive)):
            if held.role in (Role.ANCHOR, Role.PLANE):
                yield anchors[held.value].token


def _regions(rule: Rule, anchors: Mapping[str, AnchorSpec]) -> set[str]:
    """Give the regions that a rule names, and those that these name."""
    waiting = [
        name
        for form in (rule.where, *rule.expects, rule.repair, rule.derive)
        if isinstance(form, BaseModel)
        for name in _enclosing(form)
    ]
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        spec = anchors.get(name)
        if isinstance(spec, RegionSpec) and name not in found:
            found.add(name)
            waiting += _enclosing(spec.where)
    return found


def _enclosing(written: object) -> Iterator[str]:
    """Yield the places that relations are inside or outside of, at any depth."""
    if isinstance(written, RegionName):
        yield written.root
    elif isinstance(written, BaseModel):
        if isinstance(written, Relations):
            yield from (name for key, name in written.pairs() if key in ("inside", "outside"))
        for key in type(written).model_fields:
            yield from _enclosing(getattr(written, key))
    elif isinstance(written, list):
        for entry in written:
            yield from _enclosing(entry)
