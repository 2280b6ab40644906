"""First pass over a rule pack: shape, ids and phases. No name is looked up yet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from vesalius.ontology.diagnostics import Diagnostic, Note, Span, suggest
from vesalius.ontology.document import Document, YamlPath
from vesalius.ontology.validation import check_schema, listing, validate
from vesalius.rules.rule_models import SCHEMA, PackForm, RuleForm


@dataclass(frozen=True)
class WrittenRule:
    """A rule whose shape is right."""

    form: RuleForm
    phase: str
    at: YamlPath
    span: Span


@dataclass(frozen=True)
class WrittenPack:
    """A pack as written; rules with a wrong shape are left out."""

    head: PackForm
    rules: tuple[WrittenRule, ...]
    document: Document


def read_pack(document: Document) -> tuple[WrittenPack | None, list[Diagnostic]]:
    """Read a rule pack.

    Parameters
    ----------
    document : Document
        The file.

    Returns
    -------
    WrittenPack or None
        None where the head of the file is wrong.
    list of Diagnostic
        YML0xx, RUL002 (an id written twice), RUL003 (no such phase).
    """
    problems = check_schema(document, SCHEMA)
    if problems:
        return None, problems
    head, problems = validate(PackForm, document)
    if head is None:
        return None, problems
    problems += _phases_twice(head, document)
    rules: list[WrittenRule] = []
    for position in range(len(head.rules)):
        at: YamlPath = ("rules", position)
        form, found = validate(RuleForm, document, at)
        problems += found
        if form is None:
            continue
        span = document.span((*at, "id"))
        phase, wrong = _phase(form.id, head.phases, span)
        problems += wrong
        problems += _tests_twice(form, document, at)
        if phase is not None:
            rules.append(WrittenRule(form, phase, at, span))
    kept, twice = _keep_first(rules)
    return WrittenPack(head, kept, document), problems + twice


def _phases_twice(head: PackForm, document: Document) -> list[Diagnostic]:
    return [
        Diagnostic(
            "RUL003",
            "error",
            f"the phase `{phase}` is written twice",
            span=document.span(("phases", position)),
        )
        for position, phase in enumerate(head.phases)
        if phase in head.phases[:position]
    ]


def _phase(rule_id: str, phases: Iterable[str], span: Span) -> tuple[str | None, list[Diagnostic]]:
    phase, slash, name = rule_id.partition("/")
    known = list(phases)
    if slash and name and phase in known:
        return phase, []
    if not slash or not name:
        message = f"the id `{rule_id}` does not say its phase"
        advice = f"write phase/name, such as `{known[0]}/{rule_id.strip('/')}`"
    else:
        message = f"there is no phase `{phase}`"
        advice = suggest(phase, known) or f"phases: {listing(known)}"
    return None, [Diagnostic("RUL003", "error", message, span=span, help=advice)]


def _keep_first(rules: Iterable[WrittenRule]) -> tuple[tuple[WrittenRule, ...], list[Diagnostic]]:
    kept: dict[str, WrittenRule] = {}
    problems = []
    for rule in rules:
        first = kept.setdefault(rule.form.id, rule)
        if first is not rule:
            problems.append(
                Diagnostic(
                    "RUL002",
                    "error",
                    f"two rules have the id `{rule.form.id}`",
                    span=rule.span,
                    notes=(Note("first written here", first.span),),
                )
            )
    return tuple(kept.values()), problems


def _tests_twice(form: RuleForm, document: Document, at: YamlPath) -> list[Diagnostic]:
    names = [test.name for test in form.tests]
    return [
        Diagnostic(
            "RUL031",
            "error",
            f"two tests of the rule are called `{name}`",
            span=document.span((*at, "tests", position, "name")),
        )
        for position, name in enumerate(names)
        if name in names[:position]
    ]
