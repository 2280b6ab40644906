"""Checks of classes that belong to an ordered sequence."""

from __future__ import annotations

from collections.abc import Sequence as Ordered
from itertools import combinations, pairwise

from vesalius.ontology.names.split_name import stated_number
from vesalius.ontology.reading.diagnostics import Diagnostic, suggest
from vesalius.ontology.scheme.meaning import To
from vesalius.ontology.scheme.named_scheme import NamedEntry, NamedScheme
from vesalius.ontology.scheme.wording import doubt, listed, problem

LEAST_REVERSED = 3
LEAST_ORDERED = 5


def reversed_names(
    subject: NamedScheme, left: Ordered[NamedEntry]
) -> dict[str, tuple[NamedEntry, ...]]:
    """Find the sequences whose class names are numbered against anatomy.

    Returns
    -------
    dict
        Per sequence its entries in the order of the sequence; at least three that all agree.
    """
    found = {}
    for sequence in subject.ontology.sequences:
        stated = _stated_ranks(subject, sequence, left)
        if len(stated) >= LEAST_REVERSED and _falls([rank for _, rank in stated]):
            found[sequence] = tuple(named for named, _ in stated)
    return found


def is_declared_reversed(subject: NamedScheme, named: NamedEntry) -> bool:
    """Tell whether a name differs only because its sequence is declared reversed."""
    for sequence in subject.scheme.reversed:
        if sequence not in subject.ontology.sequences:
            continue
        members = subject.ontology.sequences[sequence].members
        for meant in named.meant:
            for target in named.targets:
                if meant in members and target in members:
                    return members.index(meant) + members.index(target) == len(members) - 1
    return False


def needless_reversals(subject: NamedScheme) -> list[Diagnostic]:
    """SCH019: a sequence under `reversed` that is unknown or whose names do not run backwards."""
    scheme = subject.scheme
    against = reversed_names(subject, subject.named)
    found = []
    for place, sequence in enumerate(scheme.reversed):
        span = scheme.document.span(("reversed", place))
        if sequence not in subject.ontology.sequences:
            known = tuple(subject.ontology.sequences)
            help_ = suggest(sequence, known) or f"sequences: {', '.join(known)}"
            found.append(problem("SCH019", f"unknown sequence `{sequence}`", span, help_))
        elif sequence not in against:
            message = f"`{sequence}` is under `reversed`, but its class names do not run backwards"
            found.append(doubt("SCH019", message, span, "remove it from `reversed`"))
    return found


def interchanged_neighbours(subject: NamedScheme) -> list[Diagnostic]:
    """SCH014: integers follow a sequence except for two neighbours."""
    found = []
    for sequence in subject.ontology.sequences:
        ordered = _by_integer(subject, sequence)
        ranks = [rank for _, rank in ordered]
        place = _one_interchange(ranks)
        if place is None:
            continue
        one, two = ordered[place][0], ordered[place + 1][0]
        if _is_named(one) and _is_named(two):
            continue
        message = (
            f"{one.integer} and {two.integer} stand against the order in which all other integers "
            f"follow `{sequence}`"
        )
        help_ = f"did you mean `{one.integer}: {two.targets[0]}`? if not, write their `names`"
        found.append(doubt("SCH014", message, one.entry.span, help_))
    return found


def opposite_directions(subject: NamedScheme) -> list[Diagnostic]:
    """SCH015: integers ascend along one sequence and descend along its mirror image."""
    found = []
    for sequence, mirror in _mirrored_sequences(subject):
        one, two = _by_integer(subject, sequence), _by_integer(subject, mirror)
        if all(_is_named(named) for named, _ in (*one, *two)):
            continue
        mine, theirs = _direction(one), _direction(two)
        if not mine or not theirs or mine == theirs:
            continue
        ways = {1: "ascend", -1: "descend"}
        message = f"integers {ways[mine]} along `{sequence}` but {ways[theirs]} along `{mirror}`"
        help_ = "turn one of them round; if the dataset does this, write its `names`"
        found.append(doubt("SCH015", message, two[0][0].entry.span, help_))
    return found


def left_out_members(subject: NamedScheme, explained: frozenset[int]) -> list[Diagnostic]:
    """SCH028: a sequence goes on behind a member that no class is, and no names confirm it.

    Parameters
    ----------
    subject : NamedScheme
        The scheme.
    explained : frozenset of int
        Integers that another message is about; it is silent where one may have hidden a member.
    """
    found: list[Diagnostic] = []
    if subject.unread or any(not named.targets for named in subject.named_structures):
        return found
    anywhere = {*subject.scheme.structures(), *subject.named_only}
    for sequence in subject.ontology.sequences:
        members = subject.ontology.sequences[sequence].members
        inside = sorted(_by_integer(subject, sequence), key=lambda pair: pair[1])
        copied = len({rank for _, rank in inside}) < len(inside)
        told = any(named.integer in explained for named, _ in inside)
        if len(inside) < LEAST_ORDERED or copied or told:
            continue
        for (before, rank), (after, next_rank) in pairwise(inside):
            absent = [m for m in members[rank + 1 : next_rank] if m not in anywhere]
            if not absent or (_is_named(before) and _is_named(after)):
                continue
            late = max(before, after, key=lambda named: named.entry.span)
            message = (
                f"no class is {listed(f'`{m}`' for m in absent)}, between "
                f"{before.integer} `{before.targets[0]}` and {after.integer} `{after.targets[0]}`"
            )
            help_ = (
                f"did the list slip at {late.integer}? If the dataset has no such class, write "
                f"the `names` of {before.integer} and {after.integer}"
            )
            found.append(doubt("SCH028", message, late.entry.span, help_))
    return found


SEQUENCE_CHECKS = (
    needless_reversals,
    interchanged_neighbours,
    opposite_directions,
)


def _stated_ranks(
    subject: NamedScheme, sequence: str, left: Ordered[NamedEntry]
) -> list[tuple[NamedEntry, int]]:
    """Give the members' entries in the sequence's order with the rank their name states.

    The name states a rank by meaning a member or, where no name does, by its number.
    """
    members = subject.ontology.sequences[sequence].members
    rank = {name: place for place, name in enumerate(members)}
    inside = sorted(
        (n for n in left if isinstance(n.entry.target, To) and n.entry.target.structure in rank),
        key=lambda n: rank[n.targets[0]],
    )
    meant = [
        (named, next(rank[s] for s in named.meant if s in rank))
        for named in inside
        if any(s in rank for s in named.meant)
    ]
    if meant:
        return meant
    numbers = ((named, stated_number(named.entry.name)) for named in inside)
    return [(named, number) for named, number in numbers if number is not None]


def _falls(ranks: Ordered[int]) -> bool:
    return all(b < a for a, b in pairwise(ranks))


def _by_integer(subject: NamedScheme, sequence: str) -> list[tuple[NamedEntry, int]]:
    members = subject.ontology.sequences[sequence].members
    inside = (
        (named, members.index(named.entry.target.structure))
        for named in subject.named
        if isinstance(named.entry.target, To) and named.entry.target.structure in members
    )
    return sorted(inside, key=lambda pair: pair[0].integer)


def _one_interchange(ranks: list[int]) -> int | None:
    """Give the place of the only two neighbours that break the order, or None."""
    if len(set(ranks)) < len(ranks) or len(ranks) < LEAST_ORDERED:
        return None
    for wanted in (sorted(ranks), sorted(ranks, reverse=True)):
        places = [i for i, (a, b) in enumerate(zip(ranks, wanted, strict=True)) if a != b]
        if len(places) == 2 and places[1] == places[0] + 1:
            return places[0]
    return None


def _direction(ordered: list[tuple[NamedEntry, int]]) -> int:
    """Give 1 where integers rise along the sequence, -1 where they fall, 0 where neither."""
    ranks = [rank for _, rank in ordered]
    if len(ranks) < LEAST_REVERSED:
        return 0
    if _falls(ranks):
        return -1
    return 1 if _falls(ranks[::-1]) else 0


def _mirrored_sequences(subject: NamedScheme) -> list[tuple[str, str]]:
    """Give pairs of sequences whose members mirror each other, each pair once."""
    sequences = subject.ontology.sequences
    mirrored = {
        name: tuple(subject.ontology.mirror(member) for member in sequence.members)
        for name, sequence in sequences.items()
    }
    return [
        (one, two)
        for one, two in combinations(sequences, 2)
        if mirrored[one] == tuple(sequences[two].members)
    ]


def _is_named(named: NamedEntry) -> bool:
    """Tell whether a written class name confirms the target."""
    return named.explicit and bool(set(named.meant) & set(named.targets))
