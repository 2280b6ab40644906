"""What a run needs of schemes and rules: plain values, without the texts they were read from.

They are made once from what was compiled, and kept with the plan (`vesalius.adapters.prepared`),
so that a run whose plan is known reads no YAML.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from vesalius.adapters.files.label_tables import LabelRow
from vesalius.engine.plan.footprint import subject
from vesalius.engine.plan.plan import Plan
from vesalius.ontology.reading.problem import Diagnostic
from vesalius.rules.idle import Idle


@dataclass(frozen=True)
class ClassBrief:
    """One integer of a scheme.

    Parameters
    ----------
    integer : int
        The value in the file.
    name : str
        The dataset's own class name.
    structures : tuple of str
        Every structure that it can become.
    hu : tuple of float, or None
        The least and the most that the mean of its Hounsfield values may be, where it stands for
        one structure of which that is declared.
    """

    integer: int
    name: str
    structures: tuple[str, ...]
    hu: tuple[float, float] | None = None


@dataclass(frozen=True)
class SchemeBrief:
    """A scheme.

    Parameters
    ----------
    name, path, folder, background
        As in :class:`vesalius.ontology.scheme.scheme.Scheme`.
    entries : tuple of ClassBrief
        In the order of the file.
    """

    name: str
    path: str
    folder: str
    background: int
    entries: tuple[ClassBrief, ...]

    def by_integer(self) -> dict[int, ClassBrief]:
        """Give the entries by their integer."""
        return {entry.integer: entry for entry in self.entries}


@dataclass(frozen=True, eq=False)
class RuleBrief:
    """A rule.

    Parameters
    ----------
    id, phase, summary, structures, severity, safety, exclude
        As in :class:`vesalius.rules.rule.Rule`.
    changes : bool
        Whether it can change voxels.
    judges_sources : bool
        Whether each source is judged by itself, not the map that is made of them.
    expects : bool
        Whether it expects something; else it makes a structure.
    pooled : bool
        Whether it counts the pieces of several structures together.
    finds_all : bool
        Whether every piece beyond the largest is a finding, where it counts pieces.
    path, line : str, int
        Where it is written.
    """

    id: str
    phase: str
    summary: str
    structures: tuple[str, ...]
    severity: Literal["error", "warning", "info"]
    safety: Literal["safe", "unsafe"]
    exclude: bool
    changes: bool
    judges_sources: bool
    expects: bool
    pooled: bool
    finds_all: bool
    path: str
    line: int


@dataclass(frozen=True, eq=False)
class PackBrief:
    """The rules in use.

    Parameters
    ----------
    name : str
        What the pack is called; of several that run one after the other, all names.
    rules : tuple of RuleBrief
        As written.
    order : tuple of str
        Ids in the order they run.
    digest : str
        sha256 of what the files of the rules say.
    warnings : tuple of Diagnostic
        What was found but does not stop the work.
    sentences : mapping of str to str
        What is said of each kind of finding.
    """

    name: str
    rules: tuple[RuleBrief, ...]
    order: tuple[str, ...]
    digest: str
    warnings: tuple[Diagnostic, ...]
    sentences: Mapping[str, str] = field(repr=False)

    def rule(self, rule_id: str) -> RuleBrief:
        """Give the rule of an id.

        Raises
        ------
        KeyError
            Where the pack has none.
        """
        return self._by_id[rule_id]

    @cached_property
    def _by_id(self) -> dict[str, RuleBrief]:
        return {rule.id: rule for rule in self.rules}


def tokens_of(plan: Plan) -> dict[int, str]:
    """Give the name of each work label of a plan; 0 is background."""
    return {0: "background"} | {work.label: work.token for work in plan.work}


@dataclass(frozen=True, eq=False)
class Prepared:
    """The plan, and what reading, judging and reporting a case need besides it.

    Parameters
    ----------
    digest : str
        sha256 of the plan's JSON.
    plan, reading, idle, reading_idle, diagnostics
        As in :class:`vesalius.rules.compile.compiler.Compiled`.
    pack : PackBrief or None
        The rules in use.
    schemes : mapping of str to SchemeBrief
        Scheme of each source, by token.
    rows : tuple of LabelRow
        Integers, names and colours of the target.
    """

    digest: str
    plan: Plan
    reading: Plan | None
    pack: PackBrief | None
    idle: tuple[Idle, ...]
    reading_idle: tuple[Idle, ...]
    diagnostics: tuple[Diagnostic, ...]
    schemes: Mapping[str, SchemeBrief]
    rows: tuple[LabelRow, ...]

    @cached_property
    def judged(self) -> dict[str, tuple[int, ...]]:
        """The work labels that each rule with a step in the plan is about, ascending."""
        found: dict[str, set[int]] = {}
        for step in self.plan.steps:
            found.setdefault(step.rule, set()).update(subject(step))
        return {rule: tuple(sorted(labels)) for rule, labels in found.items()}
