"""What came of a rule's test, in one word."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from vesalius.engine.judging.verdict import Status
from vesalius.ontology.reading.diagnostics import Span

Word = Literal["passed", "noisy", "missing", "wrong", "unstable"]

MEANINGS: Final[Mapping[Word, str]] = {
    "passed": "as drawn, in every orientation",
    "noisy": "speaks where it should keep still",
    "missing": "keeps still where it should speak",
    "wrong": "speaks, but says or does something else",
    "unstable": "depends on how the array lies in memory",
}

#: Outcomes that say nothing against the case.
QUIET: Final[frozenset[Status]] = frozenset({"holds", "skipped"})


@dataclass(frozen=True)
class TestResult:
    """What came of one test.

    Parameters
    ----------
    rule, test : str
        Names.
    word : {"passed", "noisy", "missing", "wrong", "unstable"}
        See `MEANINGS`.
    expected, got : {"changed", "holds", "violated", "skipped", "failed"}
        Outcomes.
    reason : str
        What the rule itself says about its outcome.
    details : tuple of str
        What is not as it should be, one sentence each.
    picture : tuple of str
        Lines that show before, expected and got; empty where they agree.
    span : Span
        Where the test is written.
    variants : int
        Combinations of orientation, memory order and type that were run.
    """

    __test__ = False  # no test class for pytest

    rule: str
    test: str
    word: Word
    expected: Status
    got: Status
    reason: str
    details: tuple[str, ...]
    picture: tuple[str, ...]
    span: Span
    variants: int

    @property
    def name(self) -> str:
        """How the test is called: ``phase/rule::test``."""
        return f"{self.rule}::{self.test}"

    @property
    def passed(self) -> bool:
        """Whether all is as it should be."""
        return self.word == "passed"


def summary(results: Iterable[TestResult]) -> str:
    """Count the words, such as ``12 passed, 1 noisy``."""
    found = [result.word for result in results]
    counts = {word: found.count(word) for word in MEANINGS}
    return ", ".join(f"{n} {word}" for word, n in counts.items() if n) or "no test"


def render_result(result: TestResult) -> str:
    """Render a result for a person, with the picture where something is not as drawn."""
    span = result.span
    head = f"{result.word}: {result.name}"
    if result.passed:
        return head + "\n"
    lines = [head, f"  --> {span.path}:{span.line}:{span.column}"]
    lines += [f"  {detail}" for detail in result.details]
    lines += [f"    {line}".rstrip() for line in result.picture]
    return "\n".join(lines) + "\n"


def to_json(results: Iterable[TestResult]) -> dict[str, object]:
    """Give results as plain data, schema ``rule-tests/1``."""
    found = list(results)
    return {
        "schema": "rule-tests/1",
        "summary": {word: sum(r.word == word for r in found) for word in MEANINGS},
        "results": [
            {
                "rule": result.rule,
                "test": result.test,
                "word": result.word,
                "expected": result.expected,
                "got": result.got,
                "reason": result.reason,
                "details": list(result.details),
                "picture": list(result.picture),
                "path": result.span.path,
                "line": result.span.line,
                "variants": result.variants,
            }
            for result in found
        ],
    }
