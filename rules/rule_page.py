"""The page of a rule: what it wants, why, where it acts, and its pictures."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from vesalius.ontology.validation import value_at
from vesalius.rules.rule_types import Pack, Rule, RuleTest

WIDTH: Final = 88
_SHOWN: Final = 12
_LABEL: Final = 11

_FORMS: Final = {
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


def rule_page(pack: Pack, rule_id: str) -> str:
    """Write the page of a rule as plain text.

    Parameters
    ----------
    pack : Pack
        The pack it is in.
    rule_id : str
        The rule.

    Returns
    -------
    str
        Lines of at most 88 columns, except for pictures and long names.

    Raises
    ------
    KeyError
        Where the pack has no such rule.
    """
    rule = pack.rule(rule_id)
    lines = [f"{rule.id}  ({pack.name})", "", *_paragraph(rule.summary)]
    if rule.why:
        lines += ["", *_paragraph(rule.why)]
    lines += ["", *_facts(pack, rule)]
    if rule.tests:
        lines += ["", "Tests"]
        for test in rule.tests:
            lines += ["", *_test(test)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _facts(pack: Pack, rule: Rule) -> Iterator[str]:
    written = rule.written
    place = pack.order.index(rule.id) + 1
    facts: list[tuple[str, str]] = []
    if rule.structures:
        facts.append(("for", _structures(rule.structures)))
    data = value_at(pack.document, rule.at)
    for key, name in _FORMS.items():
        if key in data:
            facts.append((name, in_words(data[key])))
    if written.per is not None:
        facts.append(("per", written.per))
    facts.append(("severity", rule.severity + ("; excludes the case" if rule.exclude else "")))
    if rule.changes:
        safety = {"safe": "safe", "unsafe": "unsafe: repairs only where it is asked for"}
        facts.append(("safety", safety[rule.safety]))
    if rule.on_missing == "fail":
        facts.append(("missing", "fails where an anchor is missing"))
    if rule.source:
        facts.append(("source", ", ".join(rule.source)))
    facts.append(("order", f"{place} of {len(pack.order)}{_after(rule)}"))
    facts.append(("written in", f"{rule.span.path}:{rule.span.line}"))
    for name, text in facts:
        wrapped = textwrap.wrap(text, WIDTH - _LABEL - 1, break_long_words=False) or [""]
        yield f"{name:<{_LABEL}} {wrapped[0]}"
        yield from (" " * (_LABEL + 1) + line for line in wrapped[1:])


def _after(rule: Rule) -> str:
    return f", after {', '.join(rule.after)}" if rule.after else ""


def _structures(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_SHOWN])
    more = len(names) - _SHOWN
    return shown + (f" and {more} more" if more > 0 else "")


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


def _test(test: RuleTest) -> Iterator[str]:
    given = ", ".join(f"{key} {value}" for key, value in test.case.items())
    seen = f"{test.view} view" + (f"; {given}" if given else "")
    yield f"  {test.name}: {_OUTCOMES[test.outcome]} ({test.outcome}; {seen})"
    yield "    " + ", ".join(f"{letter} = {name}" for letter, name in test.key.items())
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


def _paragraph(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, break_long_words=False) or [""]
