"""Judging each source of a case by itself, before its structures are repaired one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from vesalius.engine.judging.context import Context, Source, start
from vesalius.engine.judging.doubted import Doubted
from vesalius.engine.judging.findings import Finding
from vesalius.engine.judging.verdict import Verdict
from vesalius.engine.plan.reason import Reason
from vesalius.engine.plan.step import Expect
from vesalius.engine.runs.build import join
from vesalius.engine.runs.labelmap import LabelMap
from vesalius.engine.runs.sweeps import refine, union

Judge = Callable[[Expect, Context], Verdict]


@dataclass(frozen=True, eq=False)
class SourcesVerdict:
    """What an expectation says of each source.

    Parameters
    ----------
    verdict : Verdict
        All findings, each with its source; missing only where no source could be judged.
    doubted : mapping of int to tuple of int
        Labels of a source, by its number, that cannot be believed.
    """

    verdict: Verdict
    doubted: Mapping[int, tuple[int, ...]]


def sources_of(context: Context) -> tuple[Source, ...]:
    """Give the sources of a case; where none is known, the map itself is the only one."""
    return context.shared.sources or (Source("", context.work),)


def judge_sources(expect: Expect, context: Context, judge: Judge) -> SourcesVerdict:
    """Judge what each source says by itself.

    Parameters
    ----------
    expect : Expect
        What must hold of each.
    context : Context
        The case as it begins; its sources are those of :func:`sources_of`.
    judge : callable
        Judges one map.
    """

    def make() -> SourcesVerdict:
        findings: list[Finding] = []
        doubted: dict[int, tuple[int, ...]] = {}
        lacks: dict[Reason, None] = {}
        judged = 0
        for number, (source, alone) in enumerate(contexts_of_sources(context)):
            said = judge(expect, alone)
            if said.lacks:
                lacks.update(dict.fromkeys(said.lacks))
                continue
            judged += 1
            findings += [replace(finding, source=source.name) for finding in said.findings]
            if said.doubted:
                doubted[number] = said.doubted
        if lacks and not judged:
            return SourcesVerdict(Verdict(lacks=tuple(lacks)), {})
        return SourcesVerdict(Verdict(tuple(findings)), doubted)

    # A source never changes.
    return context.cached("each source", (), make, expect)


def contexts_of_sources(context: Context) -> Sequence[tuple[Source, Context]]:
    """Give what is known of each source; kept, for several expectations judge them."""

    def make() -> tuple[tuple[Source, Context], ...]:
        sources = sources_of(context)
        if len(sources) == 1 and sources[0].labels is context.work:
            return ((sources[0], replace(context, divided=sources[0].divided)),)
        shared = context.shared
        found = []
        for source in sources:
            alone = start(
                source.labels, shared.anchors, shared.metadata, shared.image, shared.tokens
            )
            found.append((source, replace(alone, divided=source.divided)))
        return tuple(found)

    found = context.cached("sources", (), make)
    if len(found) == 1:
        return found
    return tuple((source, replace(alone, around=context)) for source, alone in found)


def distrusted_sources(doubted: Mapping[int, Iterable[int]], context: Context) -> frozenset[int]:
    """Give the numbers of the sources of which every label is doubted.

    Parameters
    ----------
    doubted : mapping of int to iterable of int
        Labels by the number of their source.
    context : Context
        The case as it begins.
    """
    sources = sources_of(context)
    return frozenset(
        number
        for number, labels in doubted.items()
        if set(sources[number].labels.labels().tolist()) <= set(labels)
    )


def doubted_voxels(doubted: Mapping[int, Sequence[int]], context: Context) -> Doubted | None:
    """Give the voxels of the map that come from labels that cannot be believed.

    Parameters
    ----------
    doubted : mapping of int to sequence of int
        Labels by the number of their source.
    context : Context
        The case as it begins.

    Returns
    -------
    Doubted or None
        Where the map has the doubted label of a doubted source; None where that is nowhere.
    """
    sources = sources_of(context)
    maps = [_where(sources[number].labels, labels, context) for number, labels in doubted.items()]
    maps = [voxels for voxels in maps if len(voxels)]
    if not maps:
        return None
    voxels = union(maps)
    painted = {label for labels in doubted.values() for label in labels}
    return Doubted(voxels, tuple(sorted(painted)), tuple(sources[n].name for n in doubted))


def _where(source: LabelMap, labels: Sequence[int], context: Context) -> LabelMap:
    start_, stop, both = refine([source, context.work])
    same = (both[:, 0] == both[:, 1]) & np.isin(both[:, 0], list(labels))
    return join(context.work, start_, stop, same.astype(np.uint16))
