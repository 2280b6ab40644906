"""A rule, its tests and its pack as plain data: what is written, after names were looked up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from vesalius.ontology.reading.comments import comment_above
from vesalius.ontology.reading.diagnostics import Diagnostic, Span
from vesalius.ontology.reading.document import Document, YamlPath
from vesalius.ontology.reading.form import Form
from vesalius.rules.conditions import When
from vesalius.rules.each import EACH_SOURCE, Turn
from vesalius.rules.entry import Entry
from vesalius.rules.language import Outcome, RuleForm, View
from vesalius.rules.places.relation_models import Relations


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
    sources : tuple of str
        Pictures of what each source says; none for a case of one source.
    outcome : {"changed", "holds", "violated", "skipped", "failed"}
        What the rule must end as.
    span : Span
        Where the name is written.
    at : tuple of str or int
        Path of the test in its document, for spans of what is inside.
    document : Document
        The file it is in.
    """

    name: str
    view: View
    spacing_mm: tuple[float, float, float] | None
    case: Mapping[str, str]
    key: Mapping[str, str]
    hu: Mapping[str, float] | None
    before: str
    after: str | None
    sources: tuple[str, ...]
    outcome: Outcome
    span: Span
    at: YamlPath
    document: Document = field(repr=False)


@dataclass(frozen=True, eq=False)
class Rule:
    """One rule.

    Parameters
    ----------
    id : str
        ``phase/name``.
    phase : str
        One of the pack's phases.
    summary, cure, why : str
        What is wrong, what becomes of it (may be empty), and why it must hold.
    source : tuple of str
        Where it comes from.
    structures : tuple of str
        What is judged, in ontology order; empty where the expectation names its own.
    turns : tuple of Turn
        For what it is judged, one after the other; a single one without `each`.
    when, where, expects, repair, derive
        As written; an expectation of one word as the form it stands for, a repair of one word as
        that word.
    per : {"component", "voxel"}
        What is judged and moved as one.
    severity, safety, exclude, on_missing
        As in :class:`vesalius.engine.plan.step.Step`.
    after : tuple of str
        Rules of the same phase that run before.
    tests : tuple of RuleTest
        The rule's own tests, in the rule or beside it.
    span : Span
        Where the id is written.
    at : tuple of str or int
        Path of the rule in the document.
    written : RuleForm
        The whole rule as written.
    document : Document
        The file it is in.
    listed : Entry
        Where its pack lists it: the rule itself, or the `use` that takes it from another pack.
    """

    id: str
    phase: str
    summary: str
    cure: str
    why: str
    source: tuple[str, ...]
    structures: tuple[str, ...]
    turns: tuple[Turn, ...]
    when: When | None
    where: Relations | None
    per: Literal["component", "voxel"]
    expects: tuple[Form, ...]
    repair: Form | str | None
    derive: Form | None
    severity: Literal["error", "warning", "info"]
    safety: Literal["safe", "unsafe"]
    exclude: bool
    on_missing: Literal["skip", "fail"]
    after: tuple[str, ...]
    tests: tuple[RuleTest, ...]
    span: Span
    at: YamlPath
    written: RuleForm = field(repr=False)
    document: Document = field(repr=False)
    listed: Entry = field(repr=False)

    @property
    def judges_sources(self) -> bool:
        """Whether each source is judged by itself, not the map that is made of them."""
        return self.written.each == EACH_SOURCE

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it must hold, and what the comment right above it says, where they are written."""
        return tuple(text for text in (self.why, comment_above(self.document, self.at)) if text)

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
    turns : int
        All phases run so often, at most, until nothing changes.
    path : str
        The file; the first of a pack of several.
    text : str
        What the files of its rules say.
    warnings : tuple of Diagnostic
        What was found but does not stop the work.
    """

    name: str
    about: str
    phases: tuple[str, ...]
    rules: tuple[Rule, ...]
    order: tuple[str, ...]
    path: str
    text: str = field(repr=False)
    warnings: tuple[Diagnostic, ...] = ()
    turns: int = 1

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
