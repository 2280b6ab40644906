"""What steps say of a map that has none of the labels they look at.

A case shows a part of a body, so most steps look at nothing that is there. What such a step says
follows from the plan and from what is said of the case (metadata that guards ask for, whether it
has an image, how many sources), not from any voxel: it is the same for all cases of a cohort, and
found once. This rests on what the fields of a step say it looks at: `Options.check_reads` runs a
step on those labels alone, and the tests of every rule and of random plans do so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from vesalius.engine.judging.context import Context
from vesalius.engine.judging.verdict import Outcome
from vesalius.engine.plan.plan import Anchor
from vesalius.engine.plan.step import Step
from vesalius.engine.plan.where import AllOf, AnyOf, Guard, MetadataIs, Not
from vesalius.engine.unchanged import labels_read

_KEPT = 8
"""Of so many plans and sorts of cases it is kept, the latest."""


@dataclass(frozen=True, eq=False)
class NoneThere:
    """What is known of steps where none of the labels that they look at is there.

    Parameters
    ----------
    looked_at : tuple of frozenset of int, or None
        The labels that the judgement of each step looks at; None where it looks at more than the
        voxels of some labels: at background, at what each source says, or at what it makes.
    """

    looked_at: tuple[frozenset[int] | None, ...]
    _outcomes: dict[int, Outcome] = field(default_factory=dict)

    def is_about(self, at: int, context: Context) -> bool:
        """Tell whether no label is there that a step looks at."""
        labels = self.looked_at[at]
        return labels is not None and labels.isdisjoint(context.known.labels_there)

    def outcome(self, at: int) -> Outcome | None:
        """Give what became of a step in another case, if it is known."""
        return self._outcomes.get(at)

    def keep(self, at: int, outcome: Outcome) -> None:
        """Keep what became of a step that found nothing, in a case that it is about."""
        self._outcomes[at] = outcome.timed(0.0)


@dataclass(frozen=True, eq=False)
class _Entry:
    """What an outcome follows from besides the step, and what is known under it."""

    steps: Sequence[Step]
    anchors: Sequence[Anchor]
    tokens: Mapping[int, str]
    keys: frozenset[str]
    metadata: Mapping[str, str]
    has_image: bool
    sources: int
    known: NoneThere


_ENTRIES: list[_Entry] = []


def none_there(steps: Sequence[Step], context: Context) -> NoneThere:
    """Give what is known of the steps of a plan, for cases of which the same is said.

    Parameters
    ----------
    steps : sequence of Step
        A tuple: it is known again as the object that it is.
    context : Context
        The case.
    """
    shared = context.shared
    has_image, sources = shared.image is not None, len(shared.sources)
    for entry in _ENTRIES:
        if (
            entry.steps is steps
            and entry.anchors is shared.anchors
            and entry.has_image is has_image
            and entry.sources == sources
            and entry.metadata == _said(shared.metadata, entry.keys)
            and entry.tokens == shared.tokens
        ):
            return entry.known
    known = NoneThere(tuple(_looked_at(step, shared.anchors) for step in steps))
    if isinstance(steps, tuple):
        keys = frozenset(key for step in steps for key in _keys(step.guard))
        asked = shared.tokens, keys, _said(shared.metadata, keys)
        _ENTRIES.append(_Entry(steps, shared.anchors, *asked, has_image, sources, known))
        del _ENTRIES[:-_KEPT]
    return known


def _said(metadata: Mapping[str, str], keys: Iterable[str]) -> dict[str, str]:
    return {key: metadata.get(key, "") for key in keys}


def _keys(guard: Guard | None) -> Iterator[str]:
    """Yield the keys of the metadata that a guard asks for."""
    if isinstance(guard, MetadataIs):
        yield guard.key
    elif isinstance(guard, Not):
        yield from _keys(guard.guard)
    elif isinstance(guard, AllOf | AnyOf):
        for inner in guard.guards:
            yield from _keys(inner)


def _looked_at(step: Step, anchors: Sequence[Anchor]) -> frozenset[int] | None:
    if step.expect is None or step.each_source or step.expect.between_sources:
        return None
    return labels_read(step.judgement, anchors)
