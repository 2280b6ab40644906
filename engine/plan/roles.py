"""What the fields of a step are for.

A step says the role of each field in its annotation, ``labels: LabelsJudged``. What the step reads
and writes, what may take back what, and whether its figures are possible follow from the roles; so
does what is written of it. Fields that only say yes or no, or one of a few words, need none.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from enum import Enum
from functools import cache
from typing import Annotated, Any, NamedTuple, get_args, get_type_hints


class Role(Enum):
    """What a field is for; the aliases below are what annotations use."""

    JUDGED = "labels that are judged, and moved where they are at fault"
    ENCLOSING = "labels that are judged by the background they enclose; that is moved"
    READ = "labels that are looked at"
    AMONG = "some of the labels that other fields name"
    GIVEN = "labels that parts may become"
    NEAR = "labels, each with those that its parts may become; they are looked at"
    ANY_BUT = "parts may become every label but these; all others are looked at"
    AND_BACKGROUND = "whether they may become background too, and it is looked at"
    BACKGROUND_TOO = "whether background is looked at, too"
    MADE = "a label that is made, and looked at"
    PAINTED = "labels that may be painted over, 0 for background"
    BESIDES_BACKGROUND = "labels that are painted over, besides background"
    DECLARED = "labels that a step says it reads or writes"
    ANCHOR = "an anchor, by its place in the plan"
    PLANE = "an anchor that divides: no box"
    DIRECTION = "a patient direction, RAS+"
    DIRECTIONS = "patient directions, RAS+"
    SIZE = "a figure that is not negative"
    FIGURE = "a figure"
    LIMITS = "labels, each with a figure that is not negative"
    SHARE = "a figure from 0 to 1"
    COUNT = "a number of things"
    CONNECTIVITY = "6, 18 or 26"


Labels = tuple[int, ...]
Pairs = tuple[tuple[int, int], ...]

LabelsJudged = Annotated[Labels, Role.JUDGED]
PairsJudged = Annotated[Pairs, Role.JUDGED]
LabelsEnclosing = Annotated[Labels, Role.ENCLOSING]
LabelsRead = Annotated[Labels, Role.READ]
LabelsAmong = Annotated[Labels, Role.AMONG]
LabelGiven = Annotated[int, Role.GIVEN]
PairsGiven = Annotated[Pairs, Role.GIVEN]
Neighbours = Annotated[tuple[tuple[int, Labels], ...], Role.NEAR]
AnyLabelBut = Annotated[Labels, Role.ANY_BUT]
AndBackground = Annotated[bool, Role.AND_BACKGROUND]
BackgroundToo = Annotated[bool, Role.BACKGROUND_TOO]
LabelMade = Annotated[int, Role.MADE]
LabelsPainted = Annotated[Labels, Role.PAINTED]
LabelsBesidesBackground = Annotated[Labels, Role.BESIDES_BACKGROUND]
LabelsDeclared = Annotated[Labels, Role.DECLARED]
AnchorNumber = Annotated[int, Role.ANCHOR]
PlaneNumber = Annotated[int, Role.PLANE]
Direction = Annotated[tuple[float, float, float], Role.DIRECTION]
Directions = Annotated[tuple[tuple[float, float, float], ...], Role.DIRECTIONS]
Millimetres = Annotated[float, Role.SIZE]
SquareMillimetres = Annotated[float, Role.SIZE]
Millilitres = Annotated[float, Role.SIZE]
Times = Annotated[float, Role.SIZE]
Limits = Annotated[tuple[tuple[int, float], ...], Role.LIMITS]
Bound = Annotated[float, Role.FIGURE]
Hounsfield = Annotated[float, Role.FIGURE]
Share = Annotated[float, Role.SHARE]
Count = Annotated[int, Role.COUNT]
Connectivity = Annotated[int, Role.CONNECTIVITY]


class Held(NamedTuple):
    """What a field holds.

    Parameters
    ----------
    place : str
        The field, with those that it is nested in.
    role : Role
        What it is for.
    value : object
        What it holds; not None.
    """

    place: str
    role: Role
    value: Any


def held_by(value: object, place: str = "") -> Iterator[Held]:
    """Yield what the fields of a value hold, with those of the values nested in them.

    Parameters
    ----------
    value : object
        A step or a part of one; of a tuple each entry is looked at.
    place : str
        Where it stands.

    Yields
    ------
    Held
        In the order of the fields; those that have no role or hold None are left out.
    """
    if isinstance(value, tuple):
        for at, entry in enumerate(value):
            yield from held_by(entry, f"{place}[{at}]")
        return
    kind: type = type(value)
    for name, role in _fields_of(kind):
        held = getattr(value, name)
        if held is None:
            continue
        inner = f"{place}.{name}" if place else name
        if role is not None:
            yield Held(inner, role, held)
        else:
            yield from held_by(held, inner)


def integers(value: object) -> tuple[int, ...]:
    """Return the integers of nested tuples, in order; of one integer that alone."""
    if isinstance(value, tuple):
        if all(type(entry) is int for entry in value):
            return value
        return tuple(number for entry in value for number in integers(entry))
    return (int(value),)  # type: ignore[call-overload]  # fields of labels hold nothing else


@cache
def hints_of(kind: type) -> Mapping[str, Any]:
    """Return the annotation of each field of a dataclass, with its role, in their order."""
    hints = get_type_hints(kind, include_extras=True)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind)}


@cache
def _fields_of(kind: type) -> tuple[tuple[str, Role | None], ...]:
    """Return the fields of a dataclass and their roles; none of what is not one."""
    names = hints_of(kind) if dataclasses.is_dataclass(kind) else ()
    return tuple((name, roles_of(kind).get(name)) for name in names)


@cache
def roles_of(kind: type) -> Mapping[str, Role]:
    """Return the role of each field of a dataclass that has one."""
    found = {name: _role(hint) for name, hint in hints_of(kind).items()}
    return {name: role for name, role in found.items() if role is not None}


def _role(hint: object) -> Role | None:
    """Return the role in an annotation; that of `Annotated[...] | None` is inside."""
    own = [note for note in getattr(hint, "__metadata__", ()) if isinstance(note, Role)]
    if own:
        return own[0]
    if type(None) in get_args(hint):
        return next((role for role in map(_role, get_args(hint)) if role is not None), None)
    return None
