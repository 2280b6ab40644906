"""What an integer of a scheme means: a structure, nothing, or one of several under a condition.

The one account of it: schemes are read into it, the compiler links it to a target, and whoever
asks what a class is walks it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class To:
    """The class is one structure.

    Parameters
    ----------
    structure : str
        Its name.
    via : str
        How it was found, where a target has no place for the one that the scheme names.
    """

    structure: str
    via: str = "itself"


@dataclass(frozen=True)
class Drop:
    """The class is known and left out on purpose: its voxels become background."""


@dataclass(frozen=True)
class Ignore:
    """The voxels were not annotated: the source has no opinion there."""


@dataclass(frozen=True)
class BySex:
    """The class means another structure for each sex of the case's metadata."""

    male: Meaning
    female: Meaning
    unknown: Meaning


@dataclass(frozen=True)
class BySide:
    """The class is split by the midline of the patient."""

    left: Meaning
    right: Meaning
    unknown: Meaning


@dataclass(frozen=True)
class Place:
    """One case of :class:`ByPlace`: what a piece is where it lies above or below a structure.

    Parameters
    ----------
    relation : str
        ``"above"`` or ``"below"``.
    structure : str
        The structure it is compared with.
    then : Meaning
        What the piece is there.
    """

    relation: str
    structure: str
    then: Meaning


@dataclass(frozen=True)
class ByPlace:
    """The class means another structure in another place; the first case that holds decides."""

    cases: tuple[Place, ...]
    otherwise: Meaning
    unknown: Meaning


Meaning = To | Drop | Ignore | BySex | BySide | ByPlace


def branches(meaning: Meaning) -> Iterator[tuple[tuple[str | int, ...], Meaning]]:
    """Give the simple meanings inside a meaning, each with its path in the YAML.

    Yields
    ------
    path : tuple
        Keys below the entry, empty for a simple meaning.
    meaning : To or Drop or Ignore
        A meaning without conditions.
    """
    for path, inner in _inner(meaning):
        for below, simple in branches(inner):
            yield path + below, simple
    if isinstance(meaning, To | Drop | Ignore):
        yield (), meaning


def walk(meaning: Meaning) -> Iterator[Meaning]:
    """Give a meaning and everything inside it."""
    yield meaning
    for _, inner in _inner(meaning):
        yield from walk(inner)


def structures_of(meaning: Meaning) -> tuple[str, ...]:
    """Give the structures a class can become, each once, in writing order."""
    return tuple(dict.fromkeys(t.structure for _, t in branches(meaning) if isinstance(t, To)))


def replaced(meaning: Meaning, each: Callable[[Meaning], Meaning]) -> Meaning:
    """Give a meaning of which every direct branch is replaced; one without branches as it is.

    Parameters
    ----------
    meaning : Meaning
        Any.
    each : callable
        What becomes of a branch.
    """
    if isinstance(meaning, BySex):
        return BySex(each(meaning.male), each(meaning.female), each(meaning.unknown))
    if isinstance(meaning, BySide):
        return BySide(each(meaning.left), each(meaning.right), each(meaning.unknown))
    if isinstance(meaning, ByPlace):
        cases = tuple(replace(case, then=each(case.then)) for case in meaning.cases)
        return ByPlace(cases, each(meaning.otherwise), each(meaning.unknown))
    return meaning


def of_sex(meaning: Meaning, sex: str) -> Meaning:
    """Give what a class means in a patient of a sex; any word but "male", "female" is unknown."""
    if isinstance(meaning, BySex):
        known = {"male": meaning.male, "female": meaning.female}
        return of_sex(known.get(sex, meaning.unknown), sex)
    return replaced(meaning, lambda inner: of_sex(inner, sex))


def _inner(meaning: Meaning) -> Iterator[tuple[tuple[str | int, ...], Meaning]]:
    if isinstance(meaning, BySex):
        yield ("male",), meaning.male
        yield ("female",), meaning.female
        yield ("unknown",), meaning.unknown
    elif isinstance(meaning, BySide):
        yield ("left",), meaning.left
        yield ("right",), meaning.right
        yield ("unknown",), meaning.unknown
    elif isinstance(meaning, ByPlace):
        for index, case in enumerate(meaning.cases):
            yield ("where", index, "is"), case.then
        yield ("otherwise",), meaning.otherwise
        yield ("unknown",), meaning.unknown
