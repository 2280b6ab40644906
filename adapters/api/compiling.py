"""Reading and compiling what a session asks for: all of it, and what of it is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from vesalius.adapters.cases.briefs import ClassBrief, PackBrief, Prepared, RuleBrief, SchemeBrief
from vesalius.adapters.identify.ontology_looks import known_looks
from vesalius.adapters.prepared.asked import Asked
from vesalius.adapters.prepared.kept import Kept
from vesalius.engine.plan.plan_json import plan_digest
from vesalius.ontology.graph import Ontology
from vesalius.ontology.load import load_ontology
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError
from vesalius.ontology.scheme.scheme import Scheme, SchemeEntry
from vesalius.rule_set import read_rules
from vesalius.rules.compile.compiler import Compiled, compile_plan
from vesalius.rules.kinds import sentences
from vesalius.rules.kinds.components import ComponentsExpect
from vesalius.rules.places import read_anchors
from vesalius.rules.rule import Pack, Rule
from vesalius.scheme_set import SchemeSet, label_rows, read_schemes


@dataclass(frozen=True)
class Whole:
    """All that was read and compiled.

    Parameters
    ----------
    ontology : Ontology
        What schemes and rules speak of.
    schemes : SchemeSet
        Sources and target.
    compiled : Compiled
        The plan, its rules and its remarks; sources are put together by union.
    project_remarks : tuple of Diagnostic
        Which shipped structures, attributes and anchors the project replaces.
    """

    ontology: Ontology
    schemes: SchemeSet
    compiled: Compiled
    project_remarks: tuple[Diagnostic, ...]


def compile_whole(asked: Asked) -> Whole:
    """Read schemes and rules and compile them.

    Raises
    ------
    DiagnosticError
        With every problem of the YAML; SCH001, RUL001, CLI003 for names that are not known.
    """
    ontology = load_ontology(asked.project)
    refs = [ref for _, ref in asked.sources]
    tokens = [token for token, _ in asked.sources if token is not None]
    named = dict(zip(tokens, refs, strict=True)) if tokens else refs
    schemes = read_schemes(named, asked.target, ontology, asked.ranks)
    anchors, replaced = read_anchors(ontology)
    if anchors is None:
        raise DiagnosticError(replaced)
    try:
        chosen = read_rules(asked.rules, asked.select, ontology, anchors)
    except DiagnosticError as error:
        raise DiagnosticError([*schemes.remarks, *error.diagnostics]) from None
    compiled = compile_plan(
        ontology, schemes.target, schemes.sources, anchors, chosen.pack, chosen.only
    )
    return Whole(ontology, schemes, compiled, (*ontology.warnings, *replaced))


def brief(whole: Whole) -> Kept:
    """Take what running, linting and reporting cases need out of all that was compiled."""
    compiled, schemes = whole.compiled, whole.schemes
    prepared = Prepared(
        digest=plan_digest(compiled.plan),
        plan=compiled.plan,
        reading=compiled.reading,
        pack=None if compiled.pack is None else _pack(compiled.pack),
        idle=compiled.idle,
        reading_idle=compiled.reading_idle,
        diagnostics=compiled.diagnostics,
        schemes={
            token: _scheme(scheme, whole.ontology) for token, scheme in schemes.sources.items()
        },
        rows=label_rows(schemes.target, whole.ontology),
    )
    return Kept(
        prepared=prepared,
        looks=known_looks(_structures(schemes.sources.values()), whole.ontology),
        given=schemes.given,
        scheme_remarks=schemes.remarks,
        project_remarks=whole.project_remarks,
    )


def _structures(schemes: Iterable[Scheme]) -> set[str]:
    return {structure for scheme in schemes for structure in scheme.structures()}


def _scheme(scheme: Scheme, ontology: Ontology) -> SchemeBrief:
    return SchemeBrief(
        name=scheme.name,
        path=scheme.path,
        folder=scheme.folder,
        background=scheme.background,
        entries=tuple(_class(entry, ontology) for entry in scheme.entries),
    )


def _class(entry: SchemeEntry, ontology: Ontology) -> ClassBrief:
    structures = entry.structures
    limits = ontology.get(structures[0], "hu") if len(structures) == 1 else None
    hu = None if limits is None else (float(limits[0]), float(limits[1]))
    return ClassBrief(entry.integer, entry.name, structures, hu)


def _pack(pack: Pack) -> PackBrief:
    return PackBrief(
        name=pack.name,
        rules=tuple(_rule(rule) for rule in pack.rules),
        order=pack.order,
        digest=hashlib.sha256(pack.text.encode()).hexdigest(),
        warnings=pack.warnings,
        sentences=dict(sentences()),
    )


def _rule(rule: Rule) -> RuleBrief:
    counted = [e for e in rule.expects if isinstance(e, ComponentsExpect)]
    pieces = counted[0] if counted else None
    return RuleBrief(
        id=rule.id,
        phase=rule.phase,
        summary=rule.summary,
        structures=rule.structures,
        severity=rule.severity,
        safety=rule.safety,
        exclude=rule.exclude,
        changes=rule.changes,
        judges_sources=rule.judges_sources,
        expects=bool(rule.expects),
        pooled=pieces is not None and pieces.components.together,
        finds_all=pieces is not None and pieces.finds_all,
        path=rule.span.path,
        line=rule.span.line,
    )
