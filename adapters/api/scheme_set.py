"""The schemes of a session, every problem of every one at once."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vesalius.adapters.files.label_tables import LabelRow
from vesalius.adapters.prepared.asked import SchemeRef
from vesalius.ontology.graph import Ontology
from vesalius.ontology.load import read_scheme
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError
from vesalius.ontology.scheme.meaning import structures_of
from vesalius.ontology.scheme.scheme import Scheme
from vesalius.rules.compile.source_tokens import source_tokens


@dataclass(frozen=True)
class SchemeSet:
    """Schemes that were read.

    Parameters
    ----------
    sources : mapping of str to Scheme
        Scheme of each source by its token, in the order given.
    given : mapping of str to str
        How the scheme of each token was named.
    target : Scheme
        Of the output.
    remarks : tuple of Diagnostic
        Warnings about them.
    """

    sources: Mapping[str, Scheme]
    given: Mapping[str, str]
    target: Scheme
    remarks: tuple[Diagnostic, ...]


def read_schemes(
    sources: SchemeRef | Sequence[SchemeRef] | Mapping[str, SchemeRef],
    target: SchemeRef,
    ontology: Ontology,
    places: Sequence[str] | Sequence[int] | None = None,
) -> SchemeSet:
    """Read the schemes of sources and target.

    Parameters
    ----------
    sources : scheme, sequence of schemes, or mapping of str to scheme
        In a mapping the keys name the sources; else a source is called as its scheme, numbered
        where one is given repeatedly.
    target : str or path
        Of the output.
    ontology : Ontology
        What schemes speak of.
    places : sequence of str or of int, optional
        What sources of one scheme are numbered in the order of; by default as given.

    Raises
    ------
    DiagnosticError
        With all problems, warnings included, where one scheme cannot be used.
    """
    if isinstance(sources, str | os.PathLike):
        sources = [sources]
    listed = sources.values() if isinstance(sources, Mapping) else sources
    # A text may be a name; what is a path is one, whatever it is called.
    wanted = [ref if isinstance(ref, str) else Path(ref) for ref in (*listed, target)]
    found: dict[str | Path, Scheme] = {}
    problems: list[Diagnostic] = []
    for ref in dict.fromkeys(wanted):
        try:
            scheme, remarks = read_scheme(ref, ontology)
        except DiagnosticError as error:
            scheme, remarks = None, list(error.diagnostics)
        problems += remarks
        if scheme is not None:
            found[ref] = scheme
    if len(found) < len(set(wanted)):
        raise DiagnosticError(problems)
    *schemes, target_scheme = (found[ref] for ref in wanted)
    tokens = (
        tuple(sources)
        if isinstance(sources, Mapping)
        else source_tokens([scheme.name for scheme in schemes], places)
    )
    return SchemeSet(
        sources=dict(zip(tokens, schemes, strict=True)),
        given=dict(zip(tokens, map(str, wanted), strict=False)),
        target=target_scheme,
        remarks=tuple(problems),
    )


def label_rows(target: Scheme, ontology: Ontology) -> tuple[LabelRow, ...]:
    """Name and colour the integers of a target.

    Parameters
    ----------
    target : Scheme
        Gives integers and names.
    ontology : Ontology
        Gives colours.
    """
    rows = []
    for entry in target.entries:
        structures = structures_of(entry.target)
        if structures:
            color = ontology.get(structures[0], "color")
            rgb = (int(color[0]), int(color[1]), int(color[2])) if color else None
            rows.append(LabelRow(entry.integer, entry.name, rgb))
    return tuple(rows)
