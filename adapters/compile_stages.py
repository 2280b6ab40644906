"""The passes of the compiler, written out for a reader."""

from __future__ import annotations

from vesalius.engine.plan.plan import Action, Choose, Divide, Ignore, Plan
from vesalius.ontology.scheme.meaning import ByPlace, BySex, BySide, Drop, Meaning, To
from vesalius.ontology.scheme.meaning import Ignore as NoOpinion
from vesalius.rules.compile.compiler import Compiled

STAGES = ("linked", "lowered", "scheduled")


def show_stage(compiled: Compiled, stage: str) -> str:
    """Write one pass as text.

    Parameters
    ----------
    compiled : Compiled
        What the compiler made.
    stage : {"linked", "lowered", "scheduled"}
        Which pass: what each integer means, what the engine does with it, in which order
        structures are painted.

    Returns
    -------
    str
    """
    if stage == "linked":
        return "\n".join(_linked(compiled))
    if stage == "lowered":
        return "\n".join(_lowered(compiled.plan))
    return "\n".join(_scheduled(compiled))


def _linked(compiled: Compiled) -> list[str]:
    lines = []
    for source in compiled.linked.sources:
        lines.append(f"{source.token} -> {compiled.linked.target.name}")
        lines += [
            f"  {entry.integer:>5}  {entry.name:<36} {_meaning(entry.meaning)}"
            for entry in source.entries
        ]
    return lines


def _meaning(meaning: Meaning) -> str:
    if isinstance(meaning, To):
        return meaning.structure + ("" if meaning.via == "itself" else f"  ({meaning.via})")
    if isinstance(meaning, Drop):
        return "dropped on purpose"
    if isinstance(meaning, NoOpinion):
        return "no opinion"
    if isinstance(meaning, BySex):
        return (
            f"male: {_meaning(meaning.male)} | female: {_meaning(meaning.female)} | "
            f"unknown: {_meaning(meaning.unknown)}"
        )
    if isinstance(meaning, BySide):
        return (
            f"left: {_meaning(meaning.left)} | right: {_meaning(meaning.right)} | "
            f"no midline: {_meaning(meaning.unknown)}"
        )
    return _by_place(meaning)


def _by_place(meaning: ByPlace) -> str:
    said = _meaning(meaning.otherwise)
    for case in reversed(meaning.cases):
        said = (
            f"{case.relation} {case.structure}: {_meaning(case.then)} | "
            f"else: {said} | not seen: {_meaning(meaning.unknown)}"
        )
    return said


def _lowered(plan: Plan) -> list[str]:
    tokens = {work.label: work.token for work in plan.work}
    tokens[0] = "nothing"
    lines = [
        f"anchor {position}: {anchor.token}, {len(anchor.labels)} labels"
        for position, anchor in enumerate(plan.anchors)
    ]
    for source in plan.sources:
        lines.append(source.token)
        for integer, action in source.actions:
            lines.append(f"  {integer:>5}  {_action(action, tokens)}")
    return lines


def _action(action: Action, tokens: dict[int, str]) -> str:
    if isinstance(action, Ignore):
        return "ignore"
    if isinstance(action, Choose):
        options = ", ".join(f"{value}: {_action(a, tokens)}" for value, a in action.options)
        return f"choose by {action.key} ({options}, otherwise: {_action(action.otherwise, tokens)})"
    if isinstance(action, Divide):
        return (
            f"divide by anchor {action.anchor} (positive: {_action(action.positive, tokens)}, "
            f"negative: {_action(action.negative, tokens)}, "
            f"otherwise: {_action(action.otherwise, tokens)})"
        )
    return f"paint {action.label} ({tokens[action.label]})"


def _scheduled(compiled: Compiled) -> list[str]:
    lines = ["first painted ... last painted (a later one keeps a voxel that both claim)"]
    lines += [
        f"  {rank:>4}  tier {painted.tier}  priority {painted.priority:>3}  "
        f"{painted.integer or '-':>5}  {painted.name}"
        for rank, painted in enumerate(compiled.order, start=1)
    ]
    return lines
