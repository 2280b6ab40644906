"""The tests of rules, written in the rule or in a file beside it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from vesalius.ontology.reading.diagnostics import Diagnostic, Span, suggest
from vesalius.ontology.reading.document import Document, YamlPath
from vesalius.ontology.reading.validation import validate, value_at
from vesalius.rules.entry import Entry
from vesalius.rules.language import RuleForm, TestForm


@dataclass(frozen=True)
class WrittenTest:
    """A test whose shape is right."""

    form: TestForm
    document: Document
    at: YamlPath

    @property
    def span(self) -> Span:
        """Where the name is written."""
        return self.document.span((*self.at, "name"))


def tests_inside(form: RuleForm, entry: Entry) -> tuple[WrittenTest, ...]:
    """Give the tests that stand in a rule."""
    return tuple(
        WrittenTest(test, entry.document, (*entry.at, "tests", place))
        for place, test in enumerate(form.tests)
    )


def tests_beside(
    documents: Iterable[Document], rule_id: str
) -> tuple[tuple[WrittenTest, ...], list[Diagnostic]]:
    """Give the tests of one rule in files of tests, and what is wrong with their shape."""
    found: list[WrittenTest] = []
    problems: list[Diagnostic] = []
    for document in documents:
        for place in range(len(_by_rule(document).get(rule_id, ()))):
            at: YamlPath = ("tests", rule_id, place)
            form, wrong = validate(TestForm, document, at)
            problems += wrong
            if form is not None:
                found.append(WrittenTest(form, document, at))
    return tuple(found), problems


def of_no_rule(documents: Iterable[Document], known: Collection[str]) -> list[Diagnostic]:
    """Report tests of rules that the pack does not have (RUL032)."""
    problems = []
    for document in documents:
        for rule_id in _by_rule(document):
            if rule_id not in known:
                span = document.span(("tests", rule_id), key=True)
                message = f"there is no rule `{rule_id}`"
                advice = suggest(rule_id, known) or "name a rule of the pack that this lies beside"
                problems.append(Diagnostic("RUL032", "error", message, span=span, help=advice))
    return problems


def _by_rule(document: Document) -> Mapping[str, Sequence[object]]:
    tests: Mapping[str, Sequence[object]] = value_at(document, ("tests",))
    return tests


def named_twice(tests: Sequence[WrittenTest]) -> list[Diagnostic]:
    """Report tests of one rule that have one name (RUL031)."""
    names = [test.form.name for test in tests]
    return [
        Diagnostic(
            "RUL031",
            "error",
            f"two tests of the rule are called `{test.form.name}`",
            span=test.span,
        )
        for place, test in enumerate(tests)
        if test.form.name in names[:place]
    ]
