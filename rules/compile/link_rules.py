"""Second pass: every name of a rule becomes a structure, a sequence or a place."""

from __future__ import annotations

from vesalius.ontology.reading.diagnostics import suggest
from vesalius.ontology.reading.document import YamlPath
from vesalius.ontology.reading.listing import listing
from vesalius.ontology.reading.validation import value_at
from vesalius.rules.compile.read_rules import WrittenRule
from vesalius.rules.compile.read_tests import WrittenTest
from vesalius.rules.each import Turn, names_of_each, turns_of
from vesalius.rules.language import RuleForm, meant_expectations, meant_repair
from vesalius.rules.rule import Rule, RuleTest
from vesalius.rules.scope import Scope


def link_rule(written: WrittenRule, scope: Scope) -> Rule:
    """Give a rule with its structures looked up.

    Parameters
    ----------
    written : WrittenRule
        The rule.
    scope : Scope
        Of the pack; takes the problems.

    Returns
    -------
    Rule
    """
    form, at = written.form, written.place.at
    document = written.place.document
    scope = scope.of(document)
    turns = _turns(form.each, scope, at)
    judged = {name for turn in turns for name in judged_at(written.form, at, scope.at_turn(turn))}
    structures = scope.ontology.in_order(judged)
    return Rule(
        id=form.id,
        phase=written.phase,
        summary=form.summary.strip(),
        cure=form.cure.strip(),
        why=form.why.strip(),
        source=tuple(form.source),
        structures=structures,
        turns=turns,
        when=form.when,
        where=form.where,
        per=form.per or "component",
        expects=meant_expectations(form.expect),
        repair=None if form.repair is None else meant_repair(form.repair),
        derive=form.derive,
        severity=form.severity,
        safety=form.safety,
        exclude=form.exclude,
        on_missing=form.on_missing,
        after=tuple(form.after),
        tests=tuple(_link_test(test, scope.of(test.document)) for test in written.tests),
        span=written.place.id_span,
        at=at,
        written=form,
        document=document,
        listed=written.listed,
    )


def judged_at(form: RuleForm, at: YamlPath, scope: Scope) -> tuple[str, ...]:
    """Give what a rule judges at the turn of a scope, in ontology order.

    Parameters
    ----------
    form : RuleForm
        The rule as written.
    at : tuple of str or int
        Where in the document.
    scope : Scope
        Of the turn.
    """
    member = scope.turn.member
    if form.for_ is None:
        return () if member is None else (member,)
    return scope.select(form.for_, (*at, "for"))


def _turns(each: str | None, scope: Scope, at: YamlPath) -> tuple[Turn, ...]:
    turns = turns_of(each, scope.ontology)
    if not turns:
        known = names_of_each(scope.ontology)
        advice = suggest(str(each), known) or f"known: {listing(known)}"
        message = f"`{each}` is neither `side`, `source` nor a sequence"
        scope.report("RUL005", message, (*at, "each"), advice)
    return turns


def _link_test(written_test: WrittenTest, scope: Scope) -> RuleTest:
    test, at = written_test.form, written_test.at
    written = value_at(scope.document, (*at, "key"))
    for letter, name in test.key.items():
        scope.structure(name, (*at, "key", letter if letter in written else int(letter)))
    spacing = test.spacing_mm
    return RuleTest(
        name=test.name,
        view=test.view,
        spacing_mm=None if spacing is None else (spacing[0], spacing[1], spacing[2]),
        case=dict(test.case),
        key=dict(test.key),
        hu=None if test.hu is None else dict(test.hu),
        sources=tuple(test.sources),
        before=test.before,
        after=test.after,
        outcome=test.outcome,
        span=written_test.span,
        at=at,
        document=scope.document,
    )
