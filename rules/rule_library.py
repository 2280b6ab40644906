"""The rule packs that are shipped, and how a pack is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from vesalius.ontology.diagnostics import Diagnostic, DiagnosticError, has_errors, suggest
from vesalius.ontology.document import Document, load_document
from vesalius.ontology.ontology import Ontology
from vesalius.rules.anchors import AnchorSpec
from vesalius.rules.check_rules import check_rules
from vesalius.rules.link_rules import Scope, link_rule
from vesalius.rules.order_rules import schedule
from vesalius.rules.parse_rules import read_pack
from vesalius.rules.rule_types import Pack


def packs_folder() -> Path:
    """Give the folder of the shipped rule packs."""
    return Path(__file__).resolve().parent / "packs"


def pack_paths() -> dict[str, Path]:
    """Give the shipped rule packs by name."""
    return {path.stem: path for path in sorted(packs_folder().glob("*.yaml"))}


def load_pack(
    name_or_path: str | Path, ontology: Ontology, anchors: Mapping[str, AnchorSpec]
) -> Pack:
    """Load a rule pack by the name of a shipped one, or from a file.

    Parameters
    ----------
    name_or_path : str or Path
        ``recommended``, or a path; a text with a slash or the ending .yaml is a path.
    ontology : Ontology
        Structures and sequences the rules speak of.
    anchors : Mapping of str to AnchorSpec
        Places the rules speak of.

    Returns
    -------
    Pack
        Its `warnings` do not stop the work.

    Raises
    ------
    DiagnosticError
        RUL001 for an unknown name, else every problem of the file, warnings included.
    """
    pack, problems = parse_pack(load_document(_pack_path(name_or_path)), ontology, anchors)
    if pack is None:
        raise DiagnosticError(problems)
    return pack


def parse_pack(
    document: Document, ontology: Ontology, anchors: Mapping[str, AnchorSpec]
) -> tuple[Pack | None, list[Diagnostic]]:
    """Read, link, check and order a rule pack.

    Returns
    -------
    Pack or None
        None where a problem is an error.
    list of Diagnostic
        Everything that was found, warnings included.
    """
    written, problems = read_pack(document)
    if written is None:
        return None, problems
    scope = Scope(ontology, anchors, document)
    rules = tuple(link_rule(rule, scope) for rule in written.rules)
    touched, found = check_rules(rules, scope)
    problems += found
    complete = len(rules) == len(written.head.rules)
    order, found = schedule(rules, written.head.phases, touched, document, complete)
    problems = sorted(problems + found, key=_line)
    if has_errors(problems):
        return None, problems
    pack = Pack(
        name=written.head.pack,
        about=written.head.about.strip(),
        phases=tuple(written.head.phases),
        rules=rules,
        order=order,
        path=document.path,
        document=document,
        warnings=tuple(problems),
    )
    return pack, problems


def _line(problem: Diagnostic) -> int:
    return problem.span.line if problem.span else 0


def _pack_path(name_or_path: str | Path) -> Path:
    shipped = pack_paths()
    text = str(name_or_path)
    if isinstance(name_or_path, str) and text in shipped:
        return shipped[text]
    path = Path(name_or_path)
    is_path = not isinstance(name_or_path, str) or path.suffix in {".yaml", ".yml"}
    if is_path or len(path.parts) > 1 or path.is_file():
        return path
    message = f"no rule pack is called `{text}`"
    advice = suggest(text, shipped) or "`vesalius ls rules` lists them; or give a path"
    raise DiagnosticError([Diagnostic("RUL001", "error", message, help=advice)])
