"""The page of a rule: what it wants, why, where it acts, and its pictures."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from vesalius.ontology.reading.listing import listing
from vesalius.ontology.reading.validation import value_at
from vesalius.rules.rule import Pack, Rule, RuleTest

WIDTH: Final = 88
_SHOWN: Final = 12
_LABEL: Final = 11

_FORMS: Final = {
    "each": "each",
    "needs": "needs",
    "when": "when",
    "where": "where",
    "expect": "expects",
    "repair": "repairs",
    "derive": "derives",
}

_OUTCOMES: Final = {
    "changed": "acts",
    "holds": "finds nothing wrong",
    "violated": "reports",
    "skipped": "does not apply",
    "failed": "cannot repair",
}


def rule_page(pack: Pack, rule_id: str, width: int = WIDTH) -> str:
    """Write the page of a rule as plain text.

    Parameters
    ----------
    pack : Pack
        The pack it is in.
    rule_id : str
        The rule.
    width : int
        Columns of a line.

    Returns
    -------
    str
        Lines of at most that width, except for pictures and long names.

    Raises
    ------
    KeyError
        Where the pack has no such rule.
    """
    rule = pack.rule(rule_id)
    head = f"{rule.id}  ({pack.name})"
    lines = [*paragraph(head, width), "", *paragraph(rule.summary, width)]
    for text in rule.reasons:
        lines += ["", *paragraph(text, width)]
    lines += ["", *_fact_lines(pack, rule, width)]
    if rule.tests:
        lines += ["", "Tests"]
        for test in rule.tests:
            lines += ["", *_test(test, width)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _fact_lines(pack: Pack, rule: Rule, width: int) -> Iterator[str]:
    shown = [("for", listing(rule.structures, _SHOWN))] if rule.structures else []
    for name, text in [*shown, *rule_facts(pack, rule)]:
        wrapped = paragraph(text, width - _LABEL - 1)
        yield f"{name:<{_LABEL}} {wrapped[0]}"
        yield from (" " * (_LABEL + 1) + line for line in wrapped[1:])


def rule_facts(pack: Pack, rule: Rule) -> Iterator[tuple[str, str]]:
    """Give what a rule wants and does, but for its structures: a word, and what it is here.

    Parameters
    ----------
    pack : Pack
        The pack it is in.
    rule : Rule
        The rule.
    """
    written = rule.written
    place = pack.order.index(rule.id) + 1
    data = value_at(rule.document, rule.at)
    for key, name in _FORMS.items():
        if key in data:
            yield name, in_words(data[key])
    if written.per is not None:
        yield "per", written.per
    if rule.cure:
        yield "cure", rule.cure
    yield "severity", rule.severity + ("; excludes the case" if rule.exclude else "")
    if rule.changes:
        safety = {"safe": "safe", "unsafe": "unsafe: repairs only where it is asked for"}
        yield "safety", safety[rule.safety]
    if rule.on_missing == "fail":
        yield "missing", "fails where an anchor is missing"
    if rule.source:
        yield "source", ", ".join(rule.source)
    yield "order", f"{place} of {len(pack.order)}{_after(rule)}"
    yield "written in", f"{rule.span.path}:{rule.span.line}"
    if rule.listed.document is not rule.document:
        taken = rule.listed.id_span
        yield "used in", f"{taken.path}:{taken.line}"


def _after(rule: Rule) -> str:
    return f", after {', '.join(rule.after)}" if rule.after else ""


def in_words(value: object, top: bool = True) -> str:
    """Write a piece of YAML on one line, without the outermost braces."""
    if isinstance(value, Mapping):
        inner = ", ".join(f"{key}: {in_words(part, top=False)}" for key, part in value.items())
        return inner if top else f"{{{inner}}}"
    if isinstance(value, list):
        return f"[{', '.join(in_words(part, top=False) for part in value)}]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)


def _test(test: RuleTest, columns: int) -> Iterator[str]:
    given = ", ".join(f"{key} {value}" for key, value in test.case.items())
    seen = f"{test.view} view" + (f"; {given}" if given else "")
    head = f"{test.name}: {_OUTCOMES[test.outcome]} ({test.outcome}; {seen})"
    yield from _hanging("  ", paragraph(head, columns - 4))
    # Blanks that do not break keep a letter beside its name.
    key = ", ".join(f"{letter}\u00a0=\u00a0{name}" for letter, name in test.key.items())
    lines = paragraph(key, columns - 6)
    yield from _hanging("    ", [line.replace("\u00a0", " ") for line in lines])
    before = _picture(test.before)
    if test.after is None:
        yield from ("    " + row for row in before)
        return
    after = _picture(test.after)
    width = max((len(row) for row in before), default=0)
    rows = max(len(before), len(after))
    for number in range(rows):
        left = before[number] if number < len(before) else ""
        right = after[number] if number < len(after) else ""
        arrow = "->" if number == 0 else "  "
        yield f"    {left:<{width}}  {arrow}  {right}"


def _picture(text: str) -> list[str]:
    return textwrap.dedent(text).strip("\n").splitlines()


def _hanging(indent: str, lines: Sequence[str]) -> Iterator[str]:
    yield indent + lines[0]
    yield from (f"{indent}  {line}" for line in lines[1:])


def paragraph(text: str, width: int) -> list[str]:
    """Break a text between words only; at least one line."""
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False) or [""]
