"""Which rules a session runs: a pack, all of it or some."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias

from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError, suggest

if TYPE_CHECKING:
    from vesalius.ontology.graph import Ontology
    from vesalius.rules.places import AnchorSpec
    from vesalius.rules.rule import Pack

NO_RULES = "none"


class Rules(Protocol):
    """A pack, or a brief of one."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def order(self) -> tuple[str, ...]:
        """Ids of its rules, in the order they run."""


@dataclass(frozen=True)
class RuleSet:
    """Rules that a plan is compiled with.

    Parameters
    ----------
    pack : Pack or None
        All rules; None where none are wanted.
    only : frozenset of str or None
        Ids of those that are wanted; None for all.
    """

    pack: Pack | None
    only: frozenset[str] | None


RulesRef: TypeAlias = str | os.PathLike[str] | Sequence[str | os.PathLike[str]] | None
"""A rule pack by name or YAML file, several that run one after the other, or none."""


def pack_names(rules: RulesRef) -> tuple[str | Path, ...]:
    """List the packs that are wanted; `NO_RULES` is none."""
    if rules is None:
        return ()
    several = [rules] if isinstance(rules, str | os.PathLike) else rules
    # A text may be a name; what is a path is one, whatever it is called.
    return tuple(x if isinstance(x, str) else Path(x) for x in several if x != NO_RULES)


def read_rules(
    rules: RulesRef,
    select: Sequence[str],
    ontology: Ontology,
    anchors: Mapping[str, AnchorSpec],
) -> RuleSet:
    """Load rule packs and choose among their rules.

    Parameters
    ----------
    rules : str, path, sequence of them, or None
        Packs by name, or YAML files; None or `NO_RULES` where no rules are wanted.
    select : sequence of str
        Ids of rules, or patterns such as ``sides/*``; empty means all.
    ontology : Ontology
        What rules speak of.
    anchors : mapping of str to AnchorSpec
        Places rules speak of.

    Raises
    ------
    DiagnosticError
        RUL001 for an unknown name, else every problem of the files; CLI003 for each pattern that
        no rule matches, and where there are no rules to choose from.
    """
    names = pack_names(rules)
    if not names and select:
        raise DiagnosticError([_nothing_to_choose_from(select)])
    if not names:
        return RuleSet(None, None)
    from vesalius.rules.library import load_packs  # noqa: PLC0415 - reads YAML

    pack = load_packs(names, ontology, anchors)
    return RuleSet(pack, matching_rules(pack, names, select) if select else None)


def matching_rules(pack: Rules, rules: RulesRef, patterns: Iterable[str]) -> frozenset[str]:
    """Give the ids of rules that patterns match.

    Parameters
    ----------
    pack : Rules
        All rules.
    rules : str, path, or sequence of them
        What the user calls the packs.
    patterns : iterable of str
        Ids, or patterns such as ``sides/*``.

    Raises
    ------
    DiagnosticError
        CLI003 for each pattern that no rule matches.
    """
    matching = {
        pattern: [rule for rule in pack.order if fnmatchcase(rule, pattern)] for pattern in patterns
    }
    problems = [
        _no_such_rule(pattern, pack, rules) for pattern, found in matching.items() if not found
    ]
    if problems:
        raise DiagnosticError(problems)
    return frozenset(chain.from_iterable(matching.values()))


def _nothing_to_choose_from(patterns: Sequence[str]) -> Diagnostic:
    return Diagnostic(
        code="CLI003",
        severity="error",
        message=f"`{patterns[0]}` is to be chosen, and there are no rules to choose from",
        help="name the pack that has it, such as `--rules recommended`",
    )


def _no_such_rule(pattern: str, pack: Rules, rules: RulesRef) -> Diagnostic:
    listing = " and ".join(f"`vesalius ls rules --pack {name}`" for name in pack_names(rules))
    verb = "lists" if len(pack_names(rules)) == 1 else "list"
    return Diagnostic(
        code="CLI003",
        severity="error",
        message=f"no rule of `{pack.name}` is called `{pattern}`",
        help=suggest(pattern, pack.order) or f"{listing} {verb} them",
    )
