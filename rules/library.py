"""How a rule pack is loaded."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from vesalius.ontology.graph import Ontology
from vesalius.ontology.pack_files import head_of, is_pack_folder, name_of
from vesalius.ontology.project import Project
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError, has_errors, suggest
from vesalius.ontology.reading.document import Document, load_document
from vesalius.ontology.reading.real_path import real_path
from vesalius.ontology.reading.side_files import YAML_ENDINGS
from vesalius.ontology.replacing import KEY, check_replacing
from vesalius.rules.compile.check_rules import check_rules
from vesalius.rules.compile.link_rules import link_rule
from vesalius.rules.compile.order_rules import schedule
from vesalius.rules.compile.read_rules import WrittenPack, read_pack, same_id
from vesalius.rules.language import PackForm
from vesalius.rules.pack_places import pack_paths
from vesalius.rules.places.specs import AnchorSpec
from vesalius.rules.rule import Pack, Rule
from vesalius.rules.scope import Scope


def load_pack(
    name_or_path: str | Path,
    ontology: Ontology,
    anchors: Mapping[str, AnchorSpec],
    tests: bool = True,
) -> Pack:
    """Load a rule pack by its name, or from a file or folder.

    Parameters
    ----------
    name_or_path : str or Path
        ``recommended``, or a path; a text with a slash or the ending .yaml is a path,
        and so is a folder with a pack.yaml.
    ontology : Ontology
        Structures and sequences the rules speak of; its project may hold the pack.
    anchors : Mapping of str to AnchorSpec
        Places the rules speak of.
    tests : bool
        Whether to read the files of tests too; to run rules they are not needed.

    Returns
    -------
    Pack
        Its `warnings` do not stop the work.

    Raises
    ------
    DiagnosticError
        RUL001 for an unknown name, else every problem of the files, warnings included.
    """
    pack, problems = parse_pack(
        load_document(pack_path(name_or_path, ontology.project)), ontology, anchors, tests
    )
    if pack is None:
        raise DiagnosticError(problems)
    return pack


def load_packs(
    names: Sequence[str | Path], ontology: Ontology, anchors: Mapping[str, AnchorSpec]
) -> Pack:
    """Load rule packs to run them, one after the other, without their files of tests.

    Raises
    ------
    DiagnosticError
        With every problem of every pack; RUL002 for a rule id that two of them have.
    """
    packs: list[Pack] = []
    problems: list[Diagnostic] = []
    for name in names:
        try:
            packs.append(load_pack(name, ontology, anchors, tests=False))
        except DiagnosticError as error:
            problems += error.diagnostics
    first: dict[str, Rule] = {}
    for rule in (rule for pack in packs for rule in pack.rules):
        other = first.setdefault(rule.id, rule)
        if other is not rule:
            problems.append(same_id(rule.id, rule.listed.id_span, other.listed.id_span))
    if problems:
        raise DiagnosticError(problems)
    if len(packs) == 1:
        return packs[0]
    return Pack(
        name=" + ".join(pack.name for pack in packs),
        about="\n\n".join(pack.about for pack in packs),
        phases=tuple(dict.fromkeys(phase for pack in packs for phase in pack.phases)),
        rules=tuple(rule for pack in packs for rule in pack.rules),
        order=tuple(rule_id for pack in packs for rule_id in pack.order),
        path=packs[0].path,
        text="\n".join(pack.text for pack in packs),
        warnings=tuple(warning for pack in packs for warning in pack.warnings),
        turns=max(pack.turns for pack in packs),
    )


def parse_pack(
    document: Document,
    ontology: Ontology,
    anchors: Mapping[str, AnchorSpec],
    tests: bool = True,
) -> tuple[Pack | None, list[Diagnostic]]:
    """Read, link, check and order a rule pack.

    Parameters
    ----------
    document : Document
        The file, or the head of a pack of several.
    ontology, anchors, tests
        As for :func:`load_pack`.

    Returns
    -------
    Pack or None
        None where a problem is an error.
    list of Diagnostic
        Everything that was found, warnings included.
    """
    written, problems = read_pack(document, lambda name: pack_path(name, ontology.project), tests)
    if written is None:
        return None, problems
    scope = Scope(ontology, anchors, document)
    rules = tuple(link_rule(rule, scope) for rule in written.rules)
    touched, found = check_rules(rules, scope)
    problems += found
    order, found = schedule(rules, written.head.phases, touched, written.complete)
    problems += check_name_in_project(written.head, document, ontology)
    files = [document.path for document in written.documents]
    problems = sorted(problems + found, key=lambda problem: _place(problem, files))
    if has_errors(problems):
        return None, problems
    pack = Pack(
        name=written.head.pack,
        about=written.head.about.strip(),
        phases=tuple(written.head.phases),
        rules=rules,
        order=order,
        path=document.path,
        text="\n".join(part.text for part in _rule_files(written)),
        warnings=tuple(problems),
        turns=written.head.turns,
    )
    return pack, problems


def check_name_in_project(
    head: PackForm, document: Document, ontology: Ontology
) -> list[Diagnostic]:
    """PRJ003, PRJ004, PRJ005: whether a pack stands instead of a shipped one, and says so."""
    project = ontology.project
    if project is None or not project.holds(document.path):
        return []
    file = real_path(document.path)
    name = next((name_of(path) for path in project.rules if head_of(path) == file), file.stem)
    shipped = pack_paths()
    instead_of = load_document(head_of(shipped[name])).span(("pack",)) if name in shipped else None
    replaces = document.span((KEY,)) if head.replace else None
    span = document.span(("pack",))
    return check_replacing("rule pack", name, span, replaces, instead_of, shipped)


def _rule_files(written: WrittenPack) -> Iterator[Document]:
    """Give the files that say what the rules of a pack are."""
    taken = (document for rule in written.rules for document in rule.documents)
    yield from dict.fromkeys((written.documents[0], *taken))


def _place(problem: Diagnostic, files: Sequence[str]) -> tuple[int, int]:
    """Sort by file of the pack, then by line; what is in no file of it comes last."""
    if problem.span is None:
        return 0, 0
    path, line = problem.span.path, problem.span.line
    return (files.index(path) if path in files else len(files)), line


def pack_path(name_or_path: str | Path, project: Project | None = None) -> Path:
    """Give the first file of a rule pack by its name or path.

    Raises
    ------
    DiagnosticError
        RUL001 for an unknown name.
    """
    known = pack_paths(project)
    text = str(name_or_path)
    if isinstance(name_or_path, str) and text in known:
        return head_of(known[text])
    path = Path(name_or_path)
    is_path = not isinstance(name_or_path, str) or path.suffix in YAML_ENDINGS
    if is_path or len(path.parts) > 1 or os.path.isfile(path) or is_pack_folder(path):
        return head_of(path)
    message = f"no rule pack is called `{text}`"
    advice = suggest(text, known) or "`vesalius ls rules` lists them; or give a path"
    raise DiagnosticError([Diagnostic("RUL001", "error", message, help=advice)])
