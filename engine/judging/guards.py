"""Guards: whether a step applies, true, false or unknown, and the facts that decide it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from vesalius.engine.judging.about import none_of, some_names
from vesalius.engine.judging.context import Context
from vesalius.engine.judging.measures import cut_at_ends, main_measures
from vesalius.engine.plan.reason import Reason
from vesalius.engine.plan.where import (
    Ahead,
    AllOf,
    AnyOf,
    Guard,
    HasImage,
    MetadataIs,
    Not,
    Seen,
    Uncut,
)
from vesalius.engine.runs.halfspace import evaluate
from vesalius.engine.runs.projection import along, settled


class Answer(NamedTuple):
    """An answer and what it rests on.

    Parameters
    ----------
    truth : bool or None
        None where it is unknown.
    facts : tuple of Reason
        The facts that decide it.
    lacks : bool
        Whether it rests on what is not there, not said or cut, and not on what the case is.
    """

    truth: bool | None
    facts: tuple[Reason, ...] = ()
    lacks: bool = False


def ask(guard: Guard, context: Context) -> Answer:
    """Answer a guard for a case.

    Parameters
    ----------
    guard : Guard
        What is asked.
    context : Context
        The present state of the case.

    Raises
    ------
    TypeError
        If no function answers this kind of guard.
    """
    answer = ANSWERS.get(type(guard))
    if answer is None:
        raise TypeError(f"no function answers {type(guard).__name__}")
    return answer(guard, context)


def _metadata_is(guard: MetadataIs, context: Context) -> Answer:
    value = context.metadata.get(guard.key, "")
    if value == "":
        return Answer(None, (Reason(f"the case does not say {guard.key}"),), lacks=True)
    return Answer(value in guard.values, (Reason(f"{guard.key} is {value}"),))


def _seen(guard: Seen, context: Context) -> Answer:
    there = context.present(guard.labels)
    absent = tuple(label for label in guard.labels if label not in there)
    truth = not absent if guard.all_of else bool(there)
    facts: list[Reason] = []
    if there:
        facts.append(Reason(f"present: {context.names(there)}"))
    if absent:
        facts.append(_all_absent(absent, context))
    # What is present decides an "any" that holds, what is absent an "all" that does not.
    decisive = facts[-1:] if guard.all_of and absent else facts[:1]
    return Answer(truth, tuple(decisive), lacks=not truth)


def _uncut(guard: Uncut, context: Context) -> Answer:
    there = context.present(guard.labels)
    found = main_measures(guard.labels, context)
    ended = set(found.label[cut_at_ends(found, guard.directions)].tolist())
    cut = [label for label in there if label in ended]
    if cut:
        names = tuple(context.name(label) for label in cut)
        fact = Reason(f"cut by the border of the scan: {context.names(cut)}", cut=names)
        return Answer(False, (fact,), lacks=True)
    absent = [label for label in guard.labels if label not in there]
    if absent:
        return Answer(None, (_all_absent(absent, context),), lacks=True)
    whole = f"not cut by the border of the scan: {context.names(guard.labels)}"
    return Answer(True, (Reason(whole),))


def _has_image(guard: HasImage, context: Context) -> Answer:
    del guard
    if context.image is None:
        return Answer(False, (Reason("the case has no image in HU"),), lacks=True)
    return Answer(True, (Reason("the case has an image"),))


def _ahead(guard: Ahead, context: Context) -> Answer:
    heights = []
    for labels in (guard.others, guard.labels):
        found = main_measures(labels, context)
        if not len(found):
            return Answer(None, (none_of(labels, context),), lacks=True)
        centre_ijk = found.index_sum.sum(axis=0) / found.voxels.sum()
        heights.append(evaluate(along(found.grid, guard.direction), *centre_ijk))
    ahead = float(settled(heights[1] - heights[0])) > 0
    first, second = (some_names(labels, context) for labels in (guard.labels, guard.others))
    fact = f"{first} {'ahead of' if ahead else 'not ahead of'} {second}"
    return Answer(ahead, (Reason(fact),))


def _all_absent(labels: Sequence[int], context: Context) -> Reason:
    """Say of each of some labels that it is not there."""
    names = tuple(context.name(label) for label in labels)
    return Reason(f"absent: {', '.join(names)}", absent=names)


def _not(guard: Not, context: Context) -> Answer:
    truth, facts, lacks = ask(guard.guard, context)
    return Answer(None if truth is None else not truth, facts, lacks)


def _all_of(guard: AllOf, context: Context) -> Answer:
    return _joined([ask(inner, context) for inner in guard.guards], decisive=False)


def _any_of(guard: AnyOf, context: Context) -> Answer:
    return _joined([ask(inner, context) for inner in guard.guards], decisive=True)


def _joined(answers: list[Answer], *, decisive: bool) -> Answer:
    """Return `decisive` where one answer is, else unknown where one is, else the opposite."""
    for truth in (decisive, None, not decisive):
        chosen = [answer for answer in answers if answer.truth is truth]
        if chosen:
            facts = dict.fromkeys(fact for answer in chosen for fact in answer.facts)
            return Answer(truth, tuple(facts), all(answer.lacks for answer in chosen))
    return Answer(not decisive)


ANSWERS: Mapping[type, Callable[[Any, Context], Answer]] = {
    MetadataIs: _metadata_is,
    Seen: _seen,
    Uncut: _uncut,
    HasImage: _has_image,
    Ahead: _ahead,
    Not: _not,
    AllOf: _all_of,
    AnyOf: _any_of,
}
