"""Which rules a command runs: a pack, some of its rules, and whether unsafe repairs are meant."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TypeVar

import click

from vesalius.adapters.cli.outcome import show
from vesalius.engine.run_steps import Options
from vesalius.ontology.diagnostics import Diagnostic, DiagnosticError, suggest
from vesalius.ontology.ontology import Ontology
from vesalius.rules.anchors import AnchorSpec
from vesalius.rules.rule_library import load_pack
from vesalius.rules.rule_types import Pack

NONE = "none"
DEFAULT_PACK = "recommended"

F = TypeVar("F", bound=Callable[..., object])


@dataclass(frozen=True)
class RuleChoice:
    """What the options say.

    Parameters
    ----------
    name : str
        A shipped pack, a YAML path, or `NONE`.
    select : tuple of str
        Ids of rules, or patterns such as ``sides/*``; empty means all.
    unsafe : bool
        Whether unsafe repairs run.
    repair : bool
        Whether anything may be changed.
    trace : bool
        Whether to note the last writer of each voxel.
    """

    name: str
    select: tuple[str, ...] = ()
    unsafe: bool = False
    repair: bool = True
    trace: bool = False

    def load(self, ontology: Ontology, anchors: Mapping[str, AnchorSpec]) -> Pack | None:
        """Load the pack; None where no rules are wanted. Its warnings go to stderr.

        Raises
        ------
        DiagnosticError
            With every problem of the pack.
        """
        if self.name == NONE:
            return None
        pack = load_pack(self.name, ontology, anchors)
        show(pack.warnings)
        return pack

    def selected(self, pack: Pack) -> frozenset[str] | None:
        """Give the ids of the rules that are wanted; None for all.

        Raises
        ------
        DiagnosticError
            CLI003 for a pattern that no rule of the pack matches.
        """
        if not self.select:
            return None
        found: set[str] = set()
        problems = []
        for pattern in self.select:
            matching = [rule_id for rule_id in pack.order if fnmatchcase(rule_id, pattern)]
            found.update(matching)
            if not matching:
                problems.append(self._no_such_rule(pattern, pack))
        if problems:
            raise DiagnosticError(problems)
        return frozenset(found)

    def _no_such_rule(self, pattern: str, pack: Pack) -> Diagnostic:
        return Diagnostic(
            code="CLI003",
            severity="error",
            message=f"no rule of `{pack.name}` is called `{pattern}`",
            help=suggest(pattern, pack.order)
            or f"`vesalius ls rules --pack {self.name}` lists them",
        )

    def options(self) -> Options:
        """Give what the engine needs to know."""
        return Options(repair=self.repair, unsafe=self.unsafe, trace=self.trace)


def rule_options(command: F) -> F:
    """Add `--rules` and `--select` to a command."""
    for option in (
        click.option(
            "--select", "select", multiple=True, metavar="RULE",
            help="Run only this rule; patterns such as 'sides/*' work. May be given several times.",
        ),
        click.option(
            "--rules", default=DEFAULT_PACK, show_default=True, metavar="PACK",
            help="A rule pack by name or YAML path, or `none`.",
        ),
    ):  # fmt: skip
        command = option(command)
    return command
