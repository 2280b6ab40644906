"""Which claims of a label count, where several sources can tell it: all, most, or the best's.

Whatever the policy, it decides label by label; between labels the painting rank decides as ever. A
source that cannot tell a label has no vote on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from vesalius.engine.merge.votes import has_majority
from vesalius.engine.plan.plan import Action, Choose, Divide, Paint, Plan
from vesalius.engine.runs.labelmap import Labels

_ANY = -1
Filter = Callable[[Labels], Labels]
"""Takes claimed labels, shape (n, k), a column for each source; gives them with 0 for what does
not count."""


def policy_filter(plan: Plan, given: Sequence[str], metadata: Mapping[str, str]) -> Filter | None:
    """Give the filter of a plan's policy for the sources of a case.

    Parameters
    ----------
    plan : Plan
        Names the policy, and what each source can tell.
    given : sequence of str
        Tokens of the sources of the case, in the order of the columns.
    metadata : mapping of str to str
        Decides choices.

    Returns
    -------
    callable or None
        None for the union, in which every claim counts.
    """
    merging = plan.merging
    if merging.policy == "union":
        return None
    tells = _tells(plan, given, metadata)
    if merging.policy == "vote":
        voters = tells.sum(axis=0)
        return lambda claimed: _with_majority(claimed, voters)
    # Of what no preferred source can tell, every claim counts: no order decides by its own.
    best = np.full(tells.shape[1], _ANY, dtype=np.int64)
    for token in reversed([token for token in merging.preferred if token in given]):
        column = given.index(token)
        best[tells[column]] = column
    return lambda claimed: _of_the_best(claimed, best)


def _with_majority(claimed: Labels, voters: NDArray[np.int64]) -> Labels:
    counted = np.zeros_like(claimed)
    for column in range(claimed.shape[1]):
        label = claimed[:, column]
        votes = np.sum(claimed == label[:, np.newaxis], axis=1)
        counted[:, column] = np.where(has_majority(votes, voters[label]), label, np.uint16(0))
    return counted


def _of_the_best(claimed: Labels, best: NDArray[np.int64]) -> Labels:
    wanted = best[claimed]
    counts = (wanted == np.arange(claimed.shape[1])) | (wanted == _ANY)
    return np.where(counts, claimed, np.uint16(0))


def _tells(plan: Plan, given: Sequence[str], metadata: Mapping[str, str]) -> NDArray[np.bool_]:
    """Tell which source can paint which label, shape (k, 1 + labels)."""
    tables = {table.token: table for table in plan.sources}
    tells = np.zeros((len(given), len(plan.work) + 1), dtype=bool)
    for column, token in enumerate(given):
        for _, action in tables[token].actions:
            tells[column, list(_labels(action, metadata))] = True
    tells[:, 0] = False
    return tells


def _labels(action: Action, metadata: Mapping[str, str]) -> Iterator[int]:
    """Yield the labels that an action can paint in a case."""
    if isinstance(action, Paint):
        yield action.label
    elif isinstance(action, Choose):
        taken = dict(action.options).get(metadata.get(action.key, ""), action.otherwise)
        yield from _labels(taken, metadata)
    elif isinstance(action, Divide):
        for inner in (action.positive, action.negative, action.otherwise):
            yield from _labels(inner, metadata)
