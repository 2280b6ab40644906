"""A structure as it is after linking; reading them is :mod:`vesalius.ontology.structures_file`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vesalius.ontology.concept_codes import Code
from vesalius.ontology.reading.problem import Span


@dataclass(frozen=True)
class Structure:
    """A structure of the linked ontology.

    Parameters
    ----------
    name, title : str
        The identifier, and how it is shown.
    abstract : bool
        Whether it only groups others and never is in a volume.
    is_a, part_of : tuple of str
        Its parents along the two kinds of edge, as written.
    aliases : tuple of str
        Other names for it, those of `words` among them.
    words : mapping of str to tuple of str
        Names in other languages and conventions, by language.
    attributes : mapping of str to object
        Effective values: own, inherited or default. Lists are tuples.
    own : mapping of str to object
        The values written on the structure itself.
    codes : tuple of Code
        Effective codes, own or inherited along `is_a`.
    notes : str
        Free text.
    span : Span
        Where its name is written.
    """

    name: str
    title: str
    abstract: bool
    is_a: tuple[str, ...]
    part_of: tuple[str, ...]
    aliases: tuple[str, ...]
    words: Mapping[str, tuple[str, ...]]
    attributes: Mapping[str, object]
    own: Mapping[str, object]
    codes: tuple[Code, ...]
    notes: str
    span: Span
