"""What the judgements of whole labels share: parts, findings and reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from vesalius.engine.judging.context import Context
from vesalius.engine.judging.measures import cut_at_ends
from vesalius.engine.judging.verdict import (
    Faults,
    Reason,
    Values,
    Verdict,
    findings_by_part,
    grouped_faults,
)

# More names than this are not read by anyone.
_NAMES = 4


def label_faults(labels: Sequence[int], context: Context) -> Faults | None:
    """Make one part of each label, in ascending order of the labels.

    Parameters
    ----------
    labels : sequence of int
        Labels that are present, none twice.
    context : Context
        The map.
    """
    ordered = sorted(labels)
    runs = context.part(ordered)
    return grouped_faults(runs, np.searchsorted(ordered, runs.label), len(ordered))


def label_verdict(
    wrong: Sequence[tuple[int, str, Values]],
    judged: int,
    unsaid: Sequence[Reason],
    context: Context,
) -> Verdict:
    """Return the verdict on labels that were judged one by one.

    Parameters
    ----------
    wrong : sequence of (label, kind, values)
        The labels at fault; each becomes a part and a finding.
    judged : int
        How many labels could be judged.
    unsaid : sequence of Reason
        Why nothing can be said about the other present ones: they are passed over.
    context : Context
        The map.

    Returns
    -------
    Verdict
        Missing only where labels are present and none of them could be judged.
    """
    reasons = tuple(dict.fromkeys(unsaid))
    if not judged and unsaid:
        return Verdict(lacks=reasons, unsaid=reasons)
    faults = label_faults([label for label, _, _ in wrong], context)
    ascending = sorted(wrong, key=lambda entry: entry[0])
    findings = tuple(
        replace(finding, kind=kind, values=values)
        for (_, kind, values), finding in zip(ascending, findings_by_part(faults, ""), strict=True)
    )
    return Verdict(findings, faults, unsaid=reasons)


def some_names(labels: Sequence[int], context: Context) -> str:
    """Return the names of labels, the first few of many."""
    if len(labels) <= _NAMES:
        return context.names(labels)
    return f"{context.names(labels[: _NAMES - 1])} and {len(labels) - _NAMES + 1} more"


def cut_reasons(labels: Sequence[int], context: Context) -> dict[int, Reason]:
    """Return, for those of the labels that the border of the scan cuts, the reason to give."""
    found = context.measures(labels)
    cut = found.label[cut_at_ends(found)].tolist()
    return {label: cut_reason(label, context) for label in cut}


def cut_reason(label: int, context: Context) -> Reason:
    """Say that the border of the scan cuts a label."""
    name = context.name(label)
    return Reason(f"{name} is cut by the border of the scan", cut=(name,))


def none_of(labels: Sequence[int], context: Context) -> Reason:
    """Say that none of some labels is there."""
    names = tuple(context.name(label) for label in labels)
    return Reason(f"absent: {some_names(labels, context)}", absent=names)


def too_few(labels: Sequence[int], context: Context) -> Reason:
    """Say that some labels have too few voxels to be compared."""
    return Reason(f"too few voxels to compare: {some_names(labels, context)}")
