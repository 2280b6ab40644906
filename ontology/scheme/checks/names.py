"""Checks of what class names say against where the classes go.

One mistake often touches many lines: a list that slipped by one place is wrong everywhere
below. So the checks run from the widest explanation to the narrowest, and each takes the
integers it explains; the next one sees only the rest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final, TypeAlias

from vesalius.ontology.reading.diagnostics import Diagnostic
from vesalius.ontology.scheme.checks.sequences import is_declared_reversed, reversed_names
from vesalius.ontology.scheme.meaning import To
from vesalius.ontology.scheme.named_scheme import NamedEntry, NamedScheme
from vesalius.ontology.scheme.wording import doubt, listed, problem

LEAST_SHIFTED = 3


@dataclass(frozen=True)
class Explanation:
    """A diagnostic with the integers it explains."""

    diagnostic: Diagnostic
    integers: frozenset[int] = field(default_factory=frozenset)


Flaw: TypeAlias = tuple[str, str | None]
"""The message and the help of what is wrong with one entry."""
NameCheck: TypeAlias = Callable[[NamedScheme, Sequence[NamedEntry]], list[Explanation]]
EntryCheck: TypeAlias = Callable[[NamedScheme, NamedEntry], Flaw | None]


def check_names(subject: NamedScheme) -> tuple[list[Diagnostic], frozenset[int]]:
    """Run every check of names; see the module for the order.

    Returns
    -------
    list of Diagnostic
        What is wrong.
    frozenset of int
        The integers these messages are about.
    """
    count = Counter(subject.written_names.values())
    twice = {i for i, name in subject.written_names.items() if count[name] > 1}
    # A name that two classes have is reported as such and says nothing about either.
    excused = twice | set(subject.scheme.despite_name)
    left = [named for named in subject.named if named.integer not in excused]
    found: list[Diagnostic] = []
    explained: set[int] = set()
    for check in NAME_CHECKS:
        for finding in check(subject, left):
            found.append(finding.diagnostic)
            explained |= finding.integers
            left = [named for named in left if named.integer not in finding.integers]
    return [*found, *needless_excuses(subject)], frozenset(explained)


def reversed_sequences(subject: NamedScheme, left: Sequence[NamedEntry]) -> list[Explanation]:
    """SCH013: the numbers in the names run against the sequence, and nothing says so."""
    families = {
        name: family
        for name, family in reversed_names(subject, left).items()
        if name not in subject.scheme.reversed
    }
    if not families:
        return []
    entries = [named for family in families.values() for named in family]
    names = listed(f"`{name}`" for name in families)
    first, last = entries[0], next(iter(families.values()))[-1]
    message = (
        f"the numbers in the class names run against {names}: `{first.entry.name}` goes to "
        f"`{first.targets[0]}`, `{last.entry.name}` to `{last.targets[0]}`"
    )
    help_ = (
        f"if the dataset counts this way, add `reversed: [{', '.join(families)}]`; else turn the "
        "numbers round"
    )
    diagnostic = problem("SCH013", message, first.entry.span, help_)
    return [Explanation(diagnostic, frozenset(n.integer for n in entries))]


def interchanged_names(subject: NamedScheme, left: Sequence[NamedEntry]) -> list[Explanation]:
    """SCH008: pairs of classes of which each goes where the other's name says."""
    wrong = [n for n in left if _is_wrong(subject, n)]
    pairs: list[tuple[NamedEntry, NamedEntry]] = []
    paired: set[int] = set()
    for place, one in enumerate(wrong):
        for two in wrong[place + 1 :]:
            if {one.integer, two.integer} & paired or not _are_interchanged(subject, one, two):
                continue
            pairs.append((one, two))
            paired |= {one.integer, two.integer}
    if not pairs:
        return []
    (one, two), *_ = pairs
    if len(pairs) == 1:
        message = f"the structures of {one.integer} and {two.integer} are interchanged"
    else:
        every = listed(f"{a.integer}/{b.integer}" for a, b in pairs)
        message = f"the structures of {len(pairs)} pairs are interchanged: {every}"
    help_ = f"write `{one.integer}: {_words(two)}` and `{two.integer}: {_words(one)}`"
    notes = (subject.note(one), subject.note(two))
    diagnostic = problem("SCH008", message, one.entry.span, help_, notes)
    return [Explanation(diagnostic, frozenset(paired))]


def shifted_names(subject: NamedScheme, left: Sequence[NamedEntry]) -> list[Explanation]:
    """SCH010: a list that slipped by one place, as happens in lists without integers."""
    ordered = sorted(left, key=lambda n: n.integer)
    found: list[Explanation] = []
    for step in (1, -1):
        for start, stop in _slipped_runs(subject, ordered, step):
            finding = _shift(subject, ordered[start:stop], step)
            if not any(finding.integers & earlier.integers for earlier in found):
                found.append(finding)
    return found


def wrong_side(subject: NamedScheme, named: NamedEntry) -> Flaw | None:
    """SCH007: the name says one side and the structure is on the other."""
    target = subject.other_side(named)
    if target is None:
        return None
    said = subject.index.read(named.entry.name).side
    mirror = subject.ontology.mirror(target)
    return (
        f"the name `{named.entry.name}` says {said}, but `{target}` is not on that side",
        f"did you mean `{mirror}`?" if mirror else None,
    )


def other_structure(subject: NamedScheme, named: NamedEntry) -> Flaw | None:
    """SCH009: the name is exactly that of another structure."""
    if not _is_contradicted(subject, named):
        return None
    meant = listed(f"`{s}`" for s in named.meant)
    targets = listed(f"`{s}`" for s in named.targets)
    return (
        f"the name `{named.entry.name}` means {meant}, not {targets}",
        f"write `{named.integer}: {named.meant[0]}`; if the name misleads, say why: "
        f"`despite_name: {{{named.integer}: REASON}}`",
    )


def two_sexes(subject: NamedScheme, named: NamedEntry) -> Flaw | None:
    """SCH016: a name for structures of both sexes goes to one of them."""
    if not isinstance(named.entry.target, To) or not named.targets:
        return None
    by_sex = subject.index.by_sex(named.entry.name)
    if len(by_sex) < 2:
        return None
    both = listed(f"`{s}`" for s in by_sex.values())
    branches = ", ".join(f"{sex}: {structure}" for sex, structure in by_sex.items())
    return (
        f"the name `{named.entry.name}` holds {both}, which differ by sex",
        f"write `{named.integer}: {{{branches}, unknown: drop}}`",
    )


def side_thrown_away(subject: NamedScheme, named: NamedEntry) -> Flaw | None:
    """SCH027: the name says a side and the structure holds both, though it has sided kinds."""
    said = subject.index.read(named.entry.name).side
    target = named.entry.target
    if said is None or not isinstance(target, To) or target.structure in subject.scheme.join:
        return None
    kind = _kind_of_side(subject, target.structure, said)
    if kind is None:
        return None
    return (
        f"the name `{named.entry.name}` says {said}, but `{target.structure}` holds both sides",
        f"did you mean `{kind}`? If the sides are in doubt, say so: "
        f"`despite_name: {{{named.integer}: REASON}}`",
    )


def _one_by_one(
    subject: NamedScheme, left: Sequence[NamedEntry], code: str, check: EntryCheck
) -> list[Explanation]:
    found = []
    for named in left:
        flaw = check(subject, named)
        if flaw is not None:
            message, help_ = flaw
            notes = (subject.note(named),)
            diagnostic = problem(code, message, named.entry.span, help_, notes)
            found.append(Explanation(diagnostic, frozenset({named.integer})))
    return found


def needless_excuses(subject: NamedScheme) -> list[Diagnostic]:
    """SCH018: an entry of `despite_name` whose name does not mislead."""
    document = subject.scheme.document
    by_integer = {named.integer: named for named in subject.named}
    found = []
    for integer in subject.scheme.despite_name:
        named = by_integer.get(integer)
        if named is not None and any(check(subject, named) for check in ENTRY_CHECKS.values()):
            continue
        message = f"the name of {integer} does not mislead"
        if named is None:
            message = f"{integer} is not under `labels`"
        span = document.span(("despite_name", integer), key=True)
        found.append(doubt("SCH018", message, span, "remove it from `despite_name`"))
    return found


ENTRY_CHECKS: Final[dict[str, EntryCheck]] = {
    "SCH007": wrong_side,
    "SCH009": other_structure,
    "SCH016": two_sexes,
    "SCH027": side_thrown_away,
}
NAME_CHECKS: Final[tuple[NameCheck, ...]] = (
    reversed_sequences,
    interchanged_names,
    shifted_names,
    *(partial(_one_by_one, code=code, check=check) for code, check in ENTRY_CHECKS.items()),
)


def _kind_of_side(subject: NamedScheme, structure: str, side: str) -> str | None:
    """Give the kind of an unsided structure that lies on a side, if it has one for each."""
    ontology = subject.ontology
    if structure not in ontology.structures or subject.index.side_of[structure] is not None:
        return None
    return next(
        (
            child
            for child in ontology.descendants(structure, edges=("is_a",))
            if structure in ontology.structures[child].is_a
            and ontology.mirror(child) is not None
            and subject.index.side_of[child] == side
        ),
        None,
    )


def _is_contradicted(subject: NamedScheme, named: NamedEntry) -> bool:
    return subject.contradicts(named) and not is_declared_reversed(subject, named)


def _is_wrong(subject: NamedScheme, named: NamedEntry) -> bool:
    return _is_contradicted(subject, named) or subject.other_side(named) is not None


def _are_interchanged(subject: NamedScheme, one: NamedEntry, two: NamedEntry) -> bool:
    if subject.agrees(one, two) and subject.agrees(two, one):
        return True
    mine, theirs = subject.index.read(one.entry.name), subject.index.read(two.entry.name)
    sides = {subject.index.side_of[t] for t in (*one.targets, *two.targets)}
    return (
        mine.bag == theirs.bag
        and mine.side != theirs.side
        and {mine.side, theirs.side} == sides
        and {subject.ontology.mirror(t) for t in one.targets} == set(two.targets)
    )


def _slipped_runs(
    subject: NamedScheme, ordered: Sequence[NamedEntry], step: int
) -> list[tuple[int, int]]:
    """Find runs in which each name belongs to the structure `step` places further.

    An entry whose name is not known, or that is wrong in another way, neither starts nor breaks
    a run; a wrong one at an end of the run belongs to it.
    """
    wrong = [_is_wrong(subject, n) for n in ordered]
    slipped = [
        wrong[i] and 0 <= i + step < len(ordered) and subject.agrees(ordered[i], ordered[i + step])
        for i in range(len(ordered))
    ]
    runs: list[tuple[int, int]] = []
    start: int | None = None
    last = 0
    for i, named in enumerate(ordered):
        fine = bool(named.meant) and bool(named.targets) and not wrong[i]
        if slipped[i]:
            start, last = (i if start is None else start), i
        if start is not None and (fine or i == len(ordered) - 1):
            runs.append((start, last + 1))
            start = None
    kept = []
    for begin, end in runs:
        if sum(slipped[begin:end]) < LEAST_SHIFTED:
            continue
        while begin > 0 and wrong[begin - 1]:
            begin -= 1  # noqa: PLW2901  # the run grows at its ends
        while end < len(ordered) and wrong[end]:
            end += 1  # noqa: PLW2901
        kept.append((begin, end))
    return kept


def _shift(subject: NamedScheme, run: Sequence[NamedEntry], step: int) -> Explanation:
    first, last = run[0], run[-1]
    where = "later" if step > 0 else "earlier"
    message = (
        f"from {first.integer} to {last.integer} the structures are one place off: the structure "
        f"that a name means stands one place {where}"
    )
    after = "a structure too many" if step > 0 else "a structure too few"
    help_ = f"look for {after} near {first.integer}; everything after it moves by one"
    notes = (subject.note(first), subject.note(last))
    diagnostic = problem("SCH010", message, first.entry.span, help_, notes)
    integers = {n.integer for n in run} | _left_over(subject, run, step)
    return Explanation(diagnostic, frozenset(integers))


def _left_over(subject: NamedScheme, run: Sequence[NamedEntry], step: int) -> set[int]:
    """Give the named integer beside a slipped list for which no structure was left."""
    mapped = subject.scheme.by_integer()
    end = run[-1] if step < 0 else run[0]
    beside = end.integer - step
    name = subject.written_names.get(beside)
    if name is None or beside in mapped:
        return set()
    return {beside} if set(subject.index.meant(name)) & set(end.targets) else set()


def _words(named: NamedEntry) -> str:
    return listed(named.targets)
