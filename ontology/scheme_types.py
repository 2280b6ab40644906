"""What a scheme is after parsing: integers, names and where each class goes.

A scheme is the integer table of one dataset or model. These are plain frozen values; reading
them from YAML is :mod:`vesalius.ontology.schemes`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from vesalius.ontology.diagnostics import Span
from vesalius.ontology.document import Document


@dataclass(frozen=True)
class To:
    """The class is one structure."""

    structure: str


@dataclass(frozen=True)
class Drop:
    """The class is known and left out on purpose: its voxels become background."""


@dataclass(frozen=True)
class Ignore:
    """The voxels were not annotated: the source has no opinion there."""


@dataclass(frozen=True)
class BySex:
    """The class means another structure for each sex of the case's metadata."""

    male: Target
    female: Target
    unknown: Target


@dataclass(frozen=True)
class BySide:
    """The class is split by the midline of the patient."""

    left: Target
    right: Target
    unknown: Target


@dataclass(frozen=True)
class Place:
    """One case of :class:`ByPlace`: what a piece is where it lies above or below a structure.

    Parameters
    ----------
    relation : str
        ``"above"`` or ``"below"``.
    structure : str
        The structure it is compared with.
    then : Target
        What the piece is there.
    """

    relation: str
    structure: str
    then: Target


@dataclass(frozen=True)
class ByPlace:
    """The class means another structure in another place; the first case that holds decides."""

    cases: tuple[Place, ...]
    otherwise: Target
    unknown: Target


Target = To | Drop | Ignore | BySex | BySide | ByPlace


@dataclass(frozen=True)
class SchemeEntry:
    """One integer of a scheme.

    Parameters
    ----------
    integer : int
        The value in the file, 0 to 65535.
    name : str
        The dataset's own class name; the structure's name where the dataset uses that.
    target : Target
        Where the class goes.
    span : Span
        The place of the target in the YAML.
    """

    integer: int
    name: str
    target: Target
    span: Span


@dataclass(frozen=True)
class Scheme:
    """The integer table of one dataset or model.

    Parameters
    ----------
    name : str
        Short name, equal to the stem of the file.
    title, about, source, evidence : str
        Words for people.
    closed : bool
        An integer that is not listed is an error (True) or has no opinion (False).
    regions : tuple of str
        Body regions where the model may be believed; empty means everywhere.
    join : tuple of str
        Structures that several integers share on purpose.
    reversed : tuple of str
        Sequences whose class names are numbered against anatomy.
    numbering_of : str or None
        The packaged scheme whose numbering this one follows on purpose.
    despite_name : dict of int to str
        Integers whose class name misleads, each with the reason.
    entries : tuple of SchemeEntry
        In the order of the file.
    folder : str
        How a folder of one file per class names its files; ``{name}`` is the class name.
    background : int
        The integer of "nothing here".
    path : str
        The YAML file.
    document : Document
        Its text, for messages.
    """

    name: str
    title: str
    about: str
    evidence: str
    closed: bool
    regions: tuple[str, ...]
    join: tuple[str, ...]
    reversed: tuple[str, ...]
    entries: tuple[SchemeEntry, ...]
    folder: str
    background: int
    path: str
    document: Document = field(repr=False, compare=False)
    source: str = ""
    numbering_of: str | None = None
    despite_name: dict[int, str] = field(default_factory=dict, hash=False)

    def by_integer(self) -> dict[int, SchemeEntry]:
        """Give the entries by their integer."""
        return {entry.integer: entry for entry in self.entries}

    def integer_of(self, structure: str) -> int | None:
        """Give the integer that is this structure without a condition; the lowest if joined."""
        integers = [e.integer for e in self.entries if e.target == To(structure)]
        return min(integers, default=None)

    def structures(self) -> tuple[str, ...]:
        """Give every structure some integer can become, each once, in the order of the file."""
        found = (s for entry in self.entries for s in structures_of(entry.target))
        return tuple(dict.fromkeys(found))


def branches(target: Target) -> Iterator[tuple[tuple[str | int, ...], Target]]:
    """Give the simple targets inside a target, each with its path in the YAML.

    Yields
    ------
    path : tuple
        Keys below the entry, empty for a simple target.
    target : To or Drop or Ignore
        A target without conditions.
    """
    for path, inner in _inner(target):
        for below, simple in branches(inner):
            yield path + below, simple
    if isinstance(target, To | Drop | Ignore):
        yield (), target


def structures_of(target: Target) -> tuple[str, ...]:
    """Give the structures a target can become, each once, in writing order."""
    return tuple(dict.fromkeys(t.structure for _, t in branches(target) if isinstance(t, To)))


def _inner(target: Target) -> Iterator[tuple[tuple[str | int, ...], Target]]:
    if isinstance(target, BySex):
        yield ("male",), target.male
        yield ("female",), target.female
        yield ("unknown",), target.unknown
    elif isinstance(target, BySide):
        yield ("left",), target.left
        yield ("right",), target.right
        yield ("unknown",), target.unknown
    elif isinstance(target, ByPlace):
        for index, case in enumerate(target.cases):
            yield ("where", index, "is"), case.then
        yield ("otherwise",), target.otherwise
        yield ("unknown",), target.unknown
