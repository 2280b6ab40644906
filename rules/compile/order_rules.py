"""The order of rules: phases, then `after`, then who writes before who reads.

Where two rules of a phase each read what the other writes, only a person can say which is first.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping, Sequence

from vesalius.engine.plan.footprint import Footprint
from vesalius.ontology.reading.diagnostics import Diagnostic, Note, suggest
from vesalius.ontology.reading.listing import listing
from vesalius.rules.conditions import required_metadata
from vesalius.rules.rule import Rule

Edges = dict[str, set[str]]  # rule to the rules that must run before it


def schedule(
    rules: Sequence[Rule],
    phases: Sequence[str],
    touched: Mapping[str, Footprint],
    complete: bool = True,
) -> tuple[tuple[str, ...], list[Diagnostic]]:
    """Order the rules of a pack.

    Parameters
    ----------
    rules : sequence of Rule
        As written.
    phases : sequence of str
        In the order they run.
    touched : Mapping of str to Footprint
        What each rule reads and writes, by id.
    complete : bool
        Whether these are all rules of the pack; where one could not be read, `after` may mean it.

    Returns
    -------
    tuple of str
        Ids in the order they run. Without diagnostics it does not depend on the order in the files.
    list of Diagnostic
        RUL006 (no such rule in the phase), RUL007 (a circle of `after`), RUL021 (only the file
        decides).
    """
    problems: list[Diagnostic] = []
    order: list[str] = []
    for phase in phases:
        inside = [rule for rule in rules if rule.phase == phase]
        asked, found = _asked(inside, rules)
        circles = _circles(inside, asked)
        problems += circles + (found if complete else [])
        if circles:
            order += [rule.id for rule in inside]
            continue
        flow, found = _flow(inside, asked, touched)
        problems += found
        order += _sorted(inside, flow)
    return tuple(order), problems


def _asked(inside: Sequence[Rule], rules: Sequence[Rule]) -> tuple[Edges, list[Diagnostic]]:
    """Read `after`."""
    names = [rule.id for rule in inside]
    phase_of = {rule.id: rule.phase for rule in rules}
    edges: Edges = {name: set() for name in names}
    problems = []
    for rule in inside:
        for position, other in enumerate(rule.after):
            if other in edges and other != rule.id:
                edges[rule.id].add(other)
                continue
            advice = None
            if other == rule.id:
                message = "a rule cannot run after itself"
            elif other in phase_of:
                message = f"`{other}` is in the phase `{phase_of[other]}`"
                advice = "phases already order their rules; `after` names rules of one phase"
            else:
                message = f"there is no rule `{other}`"
                near = suggest(other, [name for name in names if name != rule.id])
                advice = near or f"rules of the phase: {listing(names)}"
            span = rule.listed.span("after", position)
            problems.append(Diagnostic("RUL006", "error", message, span=span, help=advice))
    return edges, problems


def _circles(inside: Sequence[Rule], edges: Edges) -> list[Diagnostic]:
    """Report one circle of `after` for each group of rules that wait for each other."""
    before = _all_before(edges)
    reported: set[str] = set()
    problems = []
    for rule in inside:
        if rule.id in reported or rule.id not in before[rule.id]:
            continue
        circle = _walk_circle(rule.id, edges, before)
        reported |= {name for name in before if name in before[rule.id]}
        shown = " after ".join(f"`{name}`" for name in (*circle, rule.id))
        span = rule.listed.span("after", key=True)
        message = f"these rules wait for each other: {shown}"
        problems.append(Diagnostic("RUL007", "error", message, span=span))
    return problems


def _walk_circle(start: str, edges: Edges, before: Mapping[str, Collection[str]]) -> list[str]:
    """Follow `after` from a rule back to itself, by the shortest way."""
    ways = [[start]]
    while True:
        longer = []
        for way in ways:
            for following in sorted(edges[way[-1]]):
                if following == start:
                    return way
                if following not in way and start in before[following]:
                    longer.append([*way, following])
        ways = longer


def _all_before(edges: Edges) -> dict[str, set[str]]:
    """Give everything that runs before each rule, directly or not."""
    found: dict[str, set[str]] = {}
    for name in edges:
        seen: set[str] = set()
        pending = list(edges[name])
        while pending:
            other = pending.pop()
            if other not in seen:
                seen.add(other)
                pending += edges[other]
        found[name] = seen
    return found


def _flow(
    inside: Sequence[Rule], asked: Edges, touched: Mapping[str, Footprint]
) -> tuple[Edges, list[Diagnostic]]:
    """Add to `after` what follows from reads and writes, and report what only the file decides.

    A rule that writes what another reads comes first. Two that do so in turn are taken in file
    order, and so is a circle of several.
    """
    before = _all_before(asked)
    edges: Edges = {name: set(others) for name, others in asked.items()}
    by_file: list[tuple[Rule, Rule]] = []
    mutual: list[tuple[Rule, Rule]] = []
    for first, second in itertools.combinations(inside, 2):
        if first.id in before[second.id] or second.id in before[first.id]:
            continue
        if not can_meet(first, second):
            continue
        forward = touched[first.id].writes & touched[second.id].reads
        backward = touched[second.id].writes & touched[first.id].reads
        if forward and backward:
            mutual.append((first, second))
        elif forward:
            edges[second.id].add(first.id)
        elif backward:
            edges[first.id].add(second.id)
        if forward or backward:
            by_file.append((first, second))
    waits = _all_before(edges)
    circle = [rule for rule in inside if rule.id in waits[rule.id]]
    problems = [_only_by_file(first, second) for first, second in mutual]
    if circle:
        edges = {name: set(others) for name, others in asked.items()}
        problems.append(_only_by_file(circle[0], circle[-1]))
    for first, second in by_file if circle else mutual:
        if second.id not in _all_before(edges)[first.id]:
            edges[second.id].add(first.id)
    return edges, problems


def can_meet(first: Rule, second: Rule) -> bool:
    """Tell whether a case can have the metadata that both rules ask for."""
    one, other = required_metadata(first.when), required_metadata(second.when)
    return all(one[key] & other[key] for key in one.keys() & other.keys())


def _only_by_file(first: Rule, second: Rule) -> Diagnostic:
    message = (
        f"`{first.id}` and `{second.id}` touch the same structures, and only their place in the "
        "file decides which is first"
    )
    return Diagnostic(
        "RUL021",
        "warning",
        message,
        span=second.listed.id_span,
        help=f"add `after: [{first.id}]`, or put one of them into another phase",
        notes=(Note("the other rule", first.listed.id_span),),
    )


def _sorted(inside: Sequence[Rule], edges: Edges) -> list[str]:
    """Sort rules behind those they wait for; by id where several could be next."""
    waiting = {rule.id: set(edges[rule.id]) for rule in inside}
    order: list[str] = []
    while waiting:
        ready = min(name for name, others in waiting.items() if not others)
        order.append(ready)
        del waiting[ready]
        for others in waiting.values():
            others.discard(ready)
    return order
