"""Reading an ontology folder: the structures of all files, linked into one graph and checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from vesalius.ontology.attribute import EDGES, Attribute
from vesalius.ontology.attributes_file import parse_attributes
from vesalius.ontology.graph import Ontology
from vesalius.ontology.hierarchy import Hierarchy, build_hierarchy
from vesalius.ontology.inheritance import effective_codes, effective_values
from vesalius.ontology.project import Project
from vesalius.ontology.reading.diagnostics import (
    Diagnostic,
    DiagnosticError,
    display_path,
    has_errors,
)
from vesalius.ontology.reading.document import Document, load_document
from vesalius.ontology.replacing import check_replacing
from vesalius.ontology.sequence import Sequence
from vesalius.ontology.sequences_file import parse_sequences
from vesalius.ontology.structure import Structure
from vesalius.ontology.structure_checks import (
    CHECKS,
    Unchecked,
    check_circles,
    check_one_root,
    check_parents,
    declared_twice,
    keep_first,
)
from vesalius.ontology.structures_file import WrittenStructure, parse_structures

_Entry = Attribute | WrittenStructure


def read_ontology(
    directory: Path, project: Project | None = None
) -> tuple[Ontology | None, list[Diagnostic]]:
    """Load and link an ontology; give every problem instead of raising.

    Parameters
    ----------
    directory : Path
        The folder with attributes.yaml, sequences.yaml and structures/.
    project : Project, optional
        What is there adds to the folder's; what says so takes the place of the folder's.

    Returns
    -------
    Ontology or None
        None where a problem is an error.
    list of Diagnostic
        Errors, warnings, and what was replaced.
    """
    problems: list[Diagnostic] = []
    attributes = _read_attributes(directory / "attributes.yaml", project, problems)
    if has_errors(problems):
        # Wrong declarations would be found again in every structure.
        return None, problems
    written = _read_structures(directory / "structures", attributes, project, problems)
    hierarchy = build_hierarchy({name: s.parents for name, s in written.items()})
    linked = _link(written, hierarchy, attributes, problems)
    sequences: dict[str, Sequence] = {}
    document = _read(directory / "sequences.yaml", problems)
    if document is not None:
        sequences, found = parse_sequences(document, written)
        problems += found
    if linked is None or has_errors(problems):
        return None, problems
    structures = {name: _structure(s, linked) for name, s in written.items()}
    ontology = Ontology(structures, attributes, sequences, hierarchy, tuple(problems), project)
    return ontology, problems


def _read(path: Path, problems: list[Diagnostic]) -> Document | None:
    try:
        return load_document(path)
    except DiagnosticError as error:
        problems += error.diagnostics
        return None


def _read_attributes(
    path: Path, project: Project | None, problems: list[Diagnostic]
) -> dict[str, Attribute]:
    shipped: dict[str, Attribute] = {}
    document = _read(path, problems)
    if document is not None:
        shipped, found = parse_attributes(document)
        problems += found
    own: dict[str, Attribute] = {}
    for each in project.attributes if project else ():
        document = _read(each, problems)
        if document is None:
            continue
        read, found = parse_attributes(document, {**shipped, **own})
        problems += found
        for name, attribute in read.items():
            first = own.setdefault(name, attribute)
            if first is not attribute:
                problems.append(declared_twice("attribute", name, attribute.span, first.span))
    problems += _check_replacing("attribute", shipped, own)
    return {**shipped, **own}


def _read_structures(
    folder: Path,
    attributes: Mapping[str, Attribute],
    project: Project | None,
    problems: list[Diagnostic],
) -> dict[str, WrittenStructure]:
    paths = sorted(folder.glob("*.yaml"))
    if not paths:
        message = "the folder holds no structures (*.yaml)"
        problems.append(Diagnostic("ONT020", "error", message, path=display_path(folder)))
    shipped = _parse_all(paths, attributes, problems)
    own = _parse_all(project.structures if project else (), attributes, problems)
    problems += _check_replacing("structure", shipped, own)
    # What is replaced keeps its place in the order.
    return {**shipped, **own}


def _check_replacing(
    what: str, shipped: Mapping[str, _Entry], own: Mapping[str, _Entry]
) -> list[Diagnostic]:
    """Check that of two of one name the project's says that it is meant; see `replacing`."""
    found = [
        d
        for n, entry in shipped.items()
        for d in check_replacing(what, n, entry.span, entry.replaces, None)
    ]
    for name, entry in own.items():
        instead_of = shipped[name].span if name in shipped else None
        found += check_replacing(what, name, entry.span, entry.replaces, instead_of, shipped)
    return found


def _parse_all(
    paths: Iterable[Path], attributes: Mapping[str, Attribute], problems: list[Diagnostic]
) -> dict[str, WrittenStructure]:
    found: list[WrittenStructure] = []
    for path in paths:
        document = _read(path, problems)
        if document is not None:
            structures, wrong = parse_structures(document, attributes)
            found += structures
            problems += wrong
    first, wrong = keep_first(found)
    problems += wrong
    return first


def _link(
    written: Mapping[str, WrittenStructure],
    hierarchy: Hierarchy,
    attributes: Mapping[str, Attribute],
    problems: list[Diagnostic],
) -> Unchecked | None:
    problems += check_parents(written)
    problems += check_one_root(written)
    circles = check_circles(written, hierarchy)
    problems += circles
    inherited = {name: effective_values(name, written, hierarchy, attributes) for name in written}
    values = {name: found for name, (found, _) in inherited.items()}
    problems += _highest({name: wrong for name, (_, wrong) in inherited.items()}, written)
    codes = {
        name: effective_codes(name, written, hierarchy, values, attributes) for name in written
    }
    unchecked = Unchecked(written, attributes, values, codes)
    for check in CHECKS:
        problems += check(unchecked)
    return None if circles else unchecked


def _highest(
    problems: Mapping[str, list[Diagnostic]], written: Mapping[str, WrittenStructure]
) -> list[Diagnostic]:
    """Leave out what a structure only repeats of one of its parents."""
    return [
        problem
        for name, found in problems.items()
        for problem in found
        if not any(
            problem.notes == other.notes
            for edge in EDGES
            for parent in written[name].parents[edge]
            for other in problems.get(parent, ())
        )
    ]


def _structure(structure: WrittenStructure, linked: Unchecked) -> Structure:
    return Structure(
        name=structure.name,
        title=structure.title,
        abstract=structure.abstract,
        is_a=tuple(dict.fromkeys(structure.parents["is_a"])),
        part_of=tuple(dict.fromkeys(structure.parents["part_of"])),
        aliases=(*structure.aliases, *(w for words in structure.words.values() for w in words)),
        words=structure.words,
        attributes=linked.values[structure.name],
        own=structure.own,
        codes=linked.codes[structure.name],
        notes=structure.notes,
        span=structure.span,
    )
