"""The rules of all packs there are, and what they have to do with structures and anchors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from vesalius.adapters.cli.terminal import wrapped
from vesalius.ontology.graph import Ontology
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError, suggest
from vesalius.ontology.reading.problem import display_path
from vesalius.rules.library import load_pack
from vesalius.rules.pack_places import pack_paths
from vesalius.rules.places import AnchorSpec, load_anchors
from vesalius.rules.rule import Pack
from vesalius.rules.uses import JUDGES, MAKES, RuleUses, uses_of

_INDENT: Final = 4
LEAST_SUMMARY: Final = 20
"""Columns below which a summary is left out."""


@dataclass(frozen=True, eq=False)
class KnownPack:
    """A pack and what its rules speak of, in the order they run."""

    pack: Pack
    rules: tuple[RuleUses, ...]


@dataclass(frozen=True, eq=False)
class KnownRules:
    """The packs that can be read, and the files of those that cannot."""

    packs: tuple[KnownPack, ...] = ()
    unread: tuple[str, ...] = ()

    def unread_lines(self, width: int | None) -> list[str]:
        """Say which packs could not be read."""
        return [
            line
            for path in self.unread
            for line in wrapped(f"{path} cannot be read; see `vesalius lint {path}`", width, 2)
        ]


def known_rules(ontology: Ontology, anchors: Mapping[str, AnchorSpec]) -> KnownRules:
    """Load every pack, shipped ones and the project's; one that is wrong stops nothing."""
    packs: list[KnownPack] = []
    unread: list[str] = []
    for name, path in sorted(pack_paths(ontology.project).items()):
        try:
            pack = load_pack(name, ontology, anchors, tests=False)
        except DiagnosticError:
            unread.append(display_path(path))
        else:
            packs.append(KnownPack(pack, uses_of(pack, ontology, anchors)))
    return KnownRules(tuple(packs), tuple(unread))


def structure_rules(name: str, ontology: Ontology, width: int | None) -> list[str]:
    """Write which rules judge a structure, and which make it: a line each.

    Parameters
    ----------
    name : str
        A structure; of a group what is judged is below it.
    ontology : Ontology
        Knows it.
    width : int or None
        Columns of a line, to which summaries are shortened; None for whole ones.

    Returns
    -------
    list of str
        By pack, in the order in which its rules run.
    """
    try:
        anchors = load_anchors(ontology)
    except DiagnosticError as error:
        paths = {d.span.path for d in error.diagnostics if d.span is not None}
        return [
            "rules that judge it:",
            *KnownRules(unread=tuple(sorted(paths))).unread_lines(width),
        ]
    known = known_rules(ontology, anchors)
    wanted = set(concrete([name], ontology))
    lines: list[str] = []
    for part, title in ((JUDGES, "rules that judge it:"), (MAKES, "rules that make it:")):
        found = [(each.pack, _with_part(each.rules, wanted, part)) for each in known.packs]
        if any(rules for _, rules in found) or part == JUDGES:
            lines += ([""] if lines else []) + [title]
            lines += _by_pack(found, width) or ["  none"]
    return [*lines, *known.unread_lines(width)]


def _with_part(rules: Iterable[RuleUses], wanted: set[str], part: str) -> list[RuleUses]:
    return [uses for uses in rules if any(part in uses.parts.get(name, ()) for name in wanted)]


def _by_pack(found: Sequence[tuple[Pack, Sequence[RuleUses]]], width: int | None) -> list[str]:
    lines: list[str] = []
    for pack, rules in found:
        if rules:
            lines.append(f"  {pack.name}")
            lines += rule_lines([(u.rule.id, u.rule.summary) for u in rules], width)
    return lines


def rule_lines(rules: Sequence[tuple[str, str]], width: int | None) -> list[str]:
    """Set ids and summaries in two columns, a line each; summaries end where the line does."""
    column = _INDENT + max((len(rule_id) for rule_id, _ in rules), default=0) + 2
    lines = []
    for rule_id, summary in rules:
        head = " " * _INDENT + rule_id
        room = None if width is None else width - column
        said = summary if room is None else _shortened(summary, room)
        lines.append(f"{head:<{column}}{said}".rstrip())
    return lines


def _shortened(text: str, room: int) -> str:
    if len(text) <= room:
        return text
    return "" if room < LEAST_SUMMARY else wrapped(text, room - 4)[0] + " ..."


def concrete(names: Iterable[str], ontology: Ontology) -> tuple[str, ...]:
    """Give the structures that can have voxels: those named, and of a group those below it.

    Raises
    ------
    DiagnosticError
        SEL003 for each name that no structure has.
    """
    problems: list[Diagnostic] = []
    found: dict[str, None] = {}
    for name in names:
        known = ontology.structures.get(name)
        if known is None:
            meant = ontology.resolve(name)
            near = f"did you mean `{meant[0]}`?" if meant else suggest(name, ontology.structures)
            problems.append(Diagnostic("SEL003", "error", f"unknown structure `{name}`", help=near))
            continue
        each = ontology.descendants(name) if known.abstract else (name,)
        found |= dict.fromkeys(one for one in each if not ontology.structures[one].abstract)
    if problems:
        raise DiagnosticError(problems)
    return tuple(found)
