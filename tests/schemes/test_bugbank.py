"""Mistakes that other projects made, each as a scheme with the codes it must give.

``# expect: SCH006 25`` asks for that code on the line of integer 25, and for nothing else.
"""

import re
from pathlib import Path

import pytest

from vesalius.ontology.load import scheme_paths
from vesalius.ontology.reading.document import load_document, parse_document
from vesalius.ontology.scheme.meaning import To
from vesalius.ontology.scheme.read import parse_scheme

BANK = sorted((Path(__file__).parent / "bugbank").glob("*.yaml"))
SHIPPED = scheme_paths()
COUNTED_BOTH_WAYS = "dap_atlas"


def found_in(document, ontology):
    lines = document.text.splitlines()
    return [
        (d.code, int(re.match(r" *(\d+):", lines[d.span.line - 1])[1]))
        for d in parse_scheme(document, ontology)[1]
    ]


@pytest.mark.parametrize("path", BANK, ids=lambda p: p.stem)
def test_mistake_is_found(path, packaged):
    document = load_document(path)
    expected = re.search(r"^# expect: (.*)$", document.text, re.MULTILINE)[1]
    wanted = [(code, int(n)) for code, n in (item.split() for item in expected.split(", "))]
    assert found_in(document, packaged) == wanted


@pytest.mark.parametrize("name", SHIPPED)
def test_no_false_alarm_on_shipped_schemes(name, packaged):
    scheme, found = parse_scheme(load_document(SHIPPED[name]), packaged)
    assert found == []
    assert scheme is not None
    assert scheme.name == name


@pytest.mark.parametrize("name", sorted(set(SHIPPED) - {COUNTED_BOTH_WAYS}))
def test_no_false_alarm_on_a_renamed_copy(name, packaged):
    text = SHIPPED[name].read_text(encoding="utf-8")
    text = text.replace(f"scheme: {name}", f"scheme: my_{name}", 1)
    assert parse_scheme(parse_document(text, f"my_{name}.yaml"), packaged)[1] == []


def test_a_copy_that_the_names_do_not_settle_must_say_what_it_follows(packaged):
    text = SHIPPED[COUNTED_BOTH_WAYS].read_text(encoding="utf-8")
    text = text.replace(f"scheme: {COUNTED_BOTH_WAYS}", "scheme: mine", 1)
    _, found = parse_scheme(parse_document(text, "mine.yaml"), packaged)
    assert [d.code for d in found] == ["SCH017"]
    said = text.replace("labels:", f"numbering_of: {COUNTED_BOTH_WAYS}\nlabels:", 1)
    assert parse_scheme(parse_document(said, "mine.yaml"), packaged)[1] == []
    other = text.replace("labels:", "numbering_of: dap_atlas_released\nlabels:", 1)
    _, found = parse_scheme(parse_document(other, "mine.yaml"), packaged)
    assert [d.code for d in found] == ["SCH017"]


def test_swapping_any_sided_pair_of_a_shipped_scheme_is_one_message(packaged):
    """Seed the most common mistake in every pair of two tables that are named in words."""
    for name in ("amos22", "dap_atlas_released"):
        document = load_document(SHIPPED[name])
        scheme, _ = parse_scheme(document, packaged)
        entries = scheme.by_integer()
        where = {e.target.structure: i for i, e in entries.items() if isinstance(e.target, To)}
        pairs = [
            (where[s], where[packaged.mirror(s)])
            for s in where
            if packaged.mirror(s) in where and where[s] < where[packaged.mirror(s)]
        ]
        assert len(pairs) > 1
        for one, two in pairs:
            head, labels = document.text.split("\nlabels:\n")
            a, b = entries[one].target.structure, entries[two].target.structure
            swapped = re.sub(rf"^  {one}: {a}\b", f"  {one}: {b}", labels, flags=re.MULTILINE)
            swapped = re.sub(rf"^  {two}: {b}\b", f"  {two}: {a}", swapped, flags=re.MULTILINE)
            assert swapped != labels
            text = f"{head}\nlabels:\n{swapped}"
            _, found = parse_scheme(parse_document(text, document.path), packaged)
            assert [d.code for d in found] == ["SCH008"], (name, one, two)
