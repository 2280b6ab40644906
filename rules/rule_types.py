"""Rules as plain data: what a pack says after its names were checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from vesalius.engine.plan import Anchor
from vesalius.engine.steps import Step
from vesalius.ontology.diagnostics import Diagnostic, Span
from vesalius.ontology.document import Document, YamlPath
from vesalius.rules.expect_models import ExpectForm
from vesalius.rules.place_models import Relations, When
from vesalius.rules.repair_models import DeriveForm, RepairForm
from vesalius.rules.rule_models import Outcome, RuleForm, View


@dataclass(frozen=True)
class RuleTest:
    """A test of a rule as written; pictures are not read here.

    Parameters
    ----------
    name : str
        Unique in its rule.
    view : {"coronal", "axial", "sagittal"}
        How the pictures are seen.
    spacing_mm : tuple of float, shape (3,), or None
        Voxel size along patient x, y, z.
    case : Mapping of str to str
        Metadata of the case.
    key : Mapping of str to str
        Letter to structure.
    hu : Mapping of str to float, or None
        Letter to Hounsfield value; None for a case without an image.
    before, after : str, str or None
        Pictures; None where nothing changes.
    outcome : {"changed", "holds", "violated", "skipped", "failed"}
        What the rule must end as.
    span : Span
        Where the name is written.
    at : tuple of str or int
        Path of the test in the document, for spans of what is inside.
    """

    name: str
    view: View
    spacing_mm: tuple[float, float, float] | None
    case: Mapping[str, str]
    key: Mapping[str, str]
    hu: Mapping[str, float] | None
    before: str
    after: str | None
    outcome: Outcome
    span: Span
    at: YamlPath


@dataclass(frozen=True, eq=False)
class Rule:
    """One rule.

    Parameters
    ----------
    id : str
        ``phase/name``.
    phase : str
        One of the pack's phases.
    summary, why : str
        For lists and pages.
    source : tuple of str
        Where it comes from.
    structures : tuple of str
        What is judged, in ontology order; empty where the expectation names its own.
    when, where, expect, repair, derive
        As written; see the models.
    per : {"component", "voxel"}
        What is judged and moved as one.
    severity, safety, exclude, on_missing
        As in :class:`vesalius.engine.steps.Step`.
    after : tuple of str
        Rules of the same phase that run before.
    tests : tuple of RuleTest
        The rule's own tests.
    span : Span
        Where the id is written.
    at : tuple of str or int
        Path of the rule in the document.
    written : RuleForm
        The whole rule as written.
    """

    id: str
    phase: str
    summary: str
    why: str
    source: tuple[str, ...]
    structures: tuple[str, ...]
    when: When | None
    where: Relations | None
    per: Literal["component", "voxel"]
    expect: ExpectForm | None
    repair: RepairForm | None
    derive: DeriveForm | None
    severity: Literal["error", "warning", "info"]
    safety: Literal["safe", "unsafe"]
    exclude: bool
    on_missing: Literal["skip", "fail"]
    after: tuple[str, ...]
    tests: tuple[RuleTest, ...]
    span: Span
    at: YamlPath
    written: RuleForm = field(repr=False)

    @property
    def changes(self) -> bool:
        """Whether the rule can change voxels."""
        return self.repair is not None or self.derive is not None


@dataclass(frozen=True, eq=False)
class Pack:
    """A rule pack.

    Parameters
    ----------
    name, about : str
        What it is called and what it is for.
    phases : tuple of str
        In the order they run.
    rules : tuple of Rule
        As written.
    order : tuple of str
        Ids in the order they run.
    path : str
        The file.
    document : Document
        The parsed file.
    warnings : tuple of Diagnostic
        What was found but does not stop the work.
    """

    name: str
    about: str
    phases: tuple[str, ...]
    rules: tuple[Rule, ...]
    order: tuple[str, ...]
    path: str
    document: Document = field(repr=False)
    warnings: tuple[Diagnostic, ...] = ()

    def rule(self, rule_id: str) -> Rule:
        """Give the rule of an id.

        Raises
        ------
        KeyError
            Where the pack has none.
        """
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise KeyError(rule_id)


@dataclass(frozen=True)
class Idle:
    """A rule that cannot act in a working space, and why."""

    rule: str
    reason: str


@dataclass(frozen=True)
class LoweredRules:
    """Rules as steps of the engine.

    Parameters
    ----------
    steps : tuple of Step
        In the order they run.
    anchors : tuple of Anchor
        Referred to by position.
    idle : tuple of Idle
        Rules without a step.
    diagnostics : tuple of Diagnostic
        What cannot act.
    """

    steps: tuple[Step, ...]
    anchors: tuple[Anchor, ...]
    idle: tuple[Idle, ...]
    diagnostics: tuple[Diagnostic, ...]
