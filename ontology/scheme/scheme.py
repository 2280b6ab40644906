"""What a scheme is after parsing: integers, names and what each class means.

A scheme is the integer table of one dataset or model. These are plain frozen values; reading
them from YAML is :mod:`vesalius.ontology.scheme.read`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from vesalius.ontology.reading.problem import Span
from vesalius.ontology.scheme.meaning import Meaning, To, structures_of

if TYPE_CHECKING:
    from vesalius.ontology.reading.document import Document


@dataclass(frozen=True)
class SchemeEntry:
    """One integer of a scheme.

    Parameters
    ----------
    integer : int
        The value in the file, 0 to 65535.
    name : str
        The dataset's own class name; the structure's name where the dataset uses that.
    target : Meaning
        Where the class goes.
    span : Span
        The place of the target in the YAML.
    """

    integer: int
    name: str
    target: Meaning
    span: Span

    @cached_property
    def structures(self) -> tuple[str, ...]:
        """Every structure that it can become, each once, in writing order."""
        return structures_of(self.target)


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
    replaces : bool
        Whether it says that it stands instead of the shipped scheme of its name.
    aliases : tuple of str
        Other names that it is found by.
    entries : tuple of SchemeEntry
        In the order of the file.
    folder : str
        How a folder of one file per class names its files; ``{name}`` is the class name.
    background : int
        The integer of "nothing here".
    path : str
        The YAML file.
    written : Document or None
        Its text, for messages; None where the scheme was kept from another time.
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
    source: str = ""
    numbering_of: str | None = None
    despite_name: dict[int, str] = field(default_factory=dict, hash=False)
    replaces: bool = False
    aliases: tuple[str, ...] = ()
    written: Document | None = field(default=None, repr=False, compare=False)

    @cached_property
    def document(self) -> Document:
        """Its text, for messages; read again where the scheme was kept from another time."""
        if self.written is not None:
            return self.written
        from vesalius.ontology.reading.document import load_document  # noqa: PLC0415 - reads YAML

        return load_document(self.path)

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
