"""Structures: checks that goldens do not show, inheritance against a brute-force model."""

from __future__ import annotations

import json
from itertools import pairwise, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vesalius.ontology.attributes_file import parse_attributes
from vesalius.ontology.concept_codes import Code
from vesalius.ontology.hierarchy import build_hierarchy
from vesalius.ontology.inheritance import effective_values
from vesalius.ontology.link import read_ontology
from vesalius.ontology.reading.diagnostics import has_errors
from vesalius.ontology.reading.document import parse_document
from vesalius.ontology.reading.render import render_human
from vesalius.ontology.structure_checks import check_circles
from vesalius.ontology.structures_file import parse_structures


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        # Fine: explicit absence, own value over a clash, both parents agreeing, nearer wins.
        ("  lobe: {title: Lobe, part_of: body, side: left, mirror: none}\n", []),
        (
            "  a: {title: A, part_of: body, level: organ}\n"
            "  b: {title: B, part_of: body, level: part}\n"
            "  c: {title: C, is_a: [a, b], level: tissue}\n"
            "  d: {title: D, is_a: [c, a]}\n",
            # d: c and a are equally near.
            [("ONT009", 4)],
        ),
        (
            "  a: {title: A, part_of: body, level: organ}\n"
            "  b: {title: B, part_of: body, level: organ}\n"
            "  c: {title: C, is_a: [a, b]}\n",
            [],
        ),
        # A clash is told once, not again by everything below.
        (
            "  a: {title: A, part_of: body, level: organ}\n"
            "  b: {title: B, part_of: body, level: part}\n"
            "  f: {title: F, part_of: e}\n"
            "  c: {title: C, is_a: [a, b]}\n"
            "  d: {title: D, is_a: c}\n"
            "  e: {title: E, part_of: d}\n",
            [("ONT009", 4)],
        ),
        # side is inherited along is_a only, so a part need not agree.
        (
            "  a: {title: A, is_a: kidney_left, mirror: b}\n"
            "  b: {title: B, is_a: kidney_right, mirror: a}\n"
            "  c: {title: C, part_of: a}\n",
            [],
        ),
        # An inherited side is checked as an own one.
        (
            "  a: {title: A, is_a: kidney_left, mirror: b}\n"
            "  b: {title: B, is_a: kidney_left, mirror: a}\n",
            [("ONT012", 1)],
        ),
        ("  a: {title: A, is_a: kidney_left}\n", [("ONT014", 1)]),
        ("  a: {title: A, is_a: kidney_left, abstract: true}\n", []),
        # A group and its members may be told apart by the plural only.
        ("  kidneys: {title: Kidneys, part_of: body, abstract: true}\n", []),
        ("  a: {title: A, part_of: body, aliases: [kidneys]}\n", [("ONT015", 1)]),
        ("  a: {title: A, part_of: body, aliases: [a, A]}\n", []),
        # Every problem at once, in file order within a check.
        (
            "  a: {title: A, part_of: bdy, sid: left}\n"
            "  b: {part_of: body}\n"
            "  c: {title: C, is_a: c, level: x}\n",
            [("ONT007", 1), ("YML011", 2), ("ONT008", 3), ("ONT004", 1), ("ONT005", 3)],
        ),
        # What could not be read is still known by nobody, but its own problem is told first.
        (
            "  a: {part_of: body}\n  b: {title: B, part_of: a}\n",
            [("YML011", 1), ("ONT004", 2)],
        ),
    ],
)
def test_checks(found, lines, expected):
    assert found(lines) == expected


def test_parents_as_text_or_list(read):
    ontology, problems = read("  a: {title: A, is_a: [kidney], part_of: body}\n")
    assert problems == []
    assert (ontology.structures["a"].is_a, ontology.structures["a"].part_of) == (
        ("kidney",),
        ("body",),
    )


def test_span_of_a_parent_written_alone_and_in_a_list(read):
    _, problems = read("  a: {title: A, is_a: x1}\n  b: {title: B, is_a: [body, x2]}\n")
    assert [(d.span.line - 2, d.span.column) for d in problems] == [(1, 23), (2, 30)]


def test_warnings_do_not_stop(read):
    lines = '  a: {title: A, part_of: body, codes: {sct: {code: "64033007", match: exact}}}\n'
    ontology, problems = read(lines)
    assert [d.code for d in problems] == ["ONT016"]
    assert ontology.warnings == tuple(problems)


@pytest.mark.parametrize(
    "lines",
    [
        '  a: {title: A, part_of: body, codes: {sct: {code: "64033007", match: closest}}}\n',
        '  a: {title: A, part_of: body, codes: {fma: {code: "64033007", match: exact}}}\n',
        "  a: {title: A, part_of: body, abstract: true,"
        ' codes: {sct: {code: "64033007", match: exact}}}\n',
        '  a: {title: A, part_of: body, codes: {sct: {code: "64033007", match: exact,'
        ' modifier: {code: "1"}}}}\n',
    ],
)
def test_codes_that_do_not_clash(found, lines):
    assert found(lines) == []


def test_codes(read):
    lines = """\
  a: {title: A, is_a: kidney_left, mirror: none, codes: {uberon: {code: U1, match: closest}}}
  b: {title: B, is_a: a, mirror: none}
  c: {title: C, is_a: b, side: midline}
  d: {title: D, part_of: kidney}
"""
    structures = read(lines)[0].structures
    kidney = Code("sct", "64033007", "Kidney", "exact")
    left = Code("sct", "7771000", "Left", "exact")
    right = Code("sct", "24028007", "Right", "exact")
    uberon = Code("uberon", "UBERON:0002113", "", "exact")

    def inherited(code, match, modifier=None, giver="kidney"):
        return Code(code.system, code.code, code.meaning, match, modifier, "", giver)

    assert structures["kidney"].codes == (kidney, uberon)
    assert structures["kidney_left"].codes == (
        inherited(kidney, "composed", left),
        inherited(uberon, "broader"),
    )
    assert structures["kidney_right"].codes[0] == inherited(kidney, "composed", right)
    own = Code("uberon", "U1", "", "closest")
    # The modifier follows from the structure's own side and the side of the giver.
    assert structures["a"].codes == (inherited(kidney, "composed", left), own)
    assert structures["b"].codes == (
        inherited(kidney, "composed", left),
        inherited(own, "closest", giver="a"),
    )
    assert structures["c"].codes[0] == inherited(kidney, "broader")
    assert structures["d"].codes == ()


def test_a_precoordinated_code_gets_no_modifier(read):
    lines = """\
  k: {title: K, is_a: kidney_left, mirror: none, codes: {sct: {code: "9846003", match: exact}}}
  l: {title: L, is_a: k, mirror: none}
  m: {title: M, is_a: k, side: right, mirror: none}
"""
    structures = read(lines)[0].structures
    assert structures["l"].codes[0] == Code("sct", "9846003", "", "broader", inherited_from="k")


def test_ranks_share_a_place(base):
    assert [base.rank_of("level", v) for v in ("tissue", "bone", "muscle", "organ", "part")] == [
        0, 1, 1, 2, 3,
    ]  # fmt: skip
    with pytest.raises(KeyError):
        base.rank_of("side", "left")
    with pytest.raises(KeyError):
        base.rank_of("level", "vessel")


def test_default_of_choices_is_a_tuple():
    text = (
        "schema: attributes/1\nattributes:\n  region: {type: choices, values: [a, b], default: a}\n"
    )
    attributes, problems = parse_attributes(parse_document(text, "attributes.yaml"))
    assert problems == []
    assert attributes["region"].default == ("a",)


def test_a_list_takes_declared_values_only_and_ranks_them():
    at = "{type: list, values: [up, mid, low], ordered: true}"
    text = f"schema: attributes/1\nattributes:\n  at: {at}\n"
    attributes, problems = parse_attributes(parse_document(text, "attributes.yaml"))
    assert problems == []
    at = attributes["at"]
    assert at.problem(["up", "low"]) is None
    assert at.problem(["up", "lwo"]) == ("`at` has no value `lwo`", "did you mean `low`?")
    assert at.problem("up") == ("`at` expects a list; found the text `up`", None)
    assert at.ranks == {"up": 0, "mid": 1, "low": 2}


# Inheritance against a model that walks all paths.

ATTRIBUTES = """\
schema: attributes/1
attributes:
  p: {type: int, inherited_along: [is_a]}
  q: {type: int, inherited_along: [is_a, part_of], default: 9}
  r: {type: int, inherited_along: [part_of]}
  s: {type: int, default: 7}
"""


@st.composite
def graphs(draw, cyclic=False):
    """Draw structures whose parents come before them; with cycles anywhere."""
    count = draw(st.integers(1, 7))
    names = [f"n{i}" for i in range(count)]
    entries = {}
    for position, name in enumerate(names):
        above = names if cyclic else names[:position]
        parents = (
            st.lists(st.sampled_from(above), max_size=2, unique=True) if above else st.just([])
        )
        entry = {"title": name, "is_a": draw(parents), "part_of": draw(parents)}
        for key in "pqrs":
            if draw(st.booleans()):
                entry[key] = draw(st.integers(0, 2))
        entries[name] = entry
    order = draw(st.permutations(names))
    return {name: entries[name] for name in order}


def written(entries):
    attributes, _ = parse_attributes(parse_document(ATTRIBUTES, "a.yaml"))
    text = json.dumps({"schema": "structures/1", "structures": entries})
    found, problems = parse_structures(parse_document(text, "s.yaml"), attributes)
    assert problems == []
    return {s.name: s for s in found}, attributes


def paths(entries, name, edges):
    """All upward paths from a structure, each a list of names; brute force."""
    found = [[name]]
    for parent in dict.fromkeys(p for e in edges for p in entries[name][e]):
        found += [[name, *path] for path in paths(entries, parent, edges)]
    return found


def model(entries, name, key, edges, default):
    """The value by the definition: the set of values at the smallest distance."""
    if key in entries[name]:
        return {entries[name][key]}
    distance = {}
    for path in paths(entries, name, edges):
        end = path[-1]
        distance[end] = min(distance.get(end, 99), len(path) - 1)
    givers = [n for n in distance if n != name and key in entries[n]]
    nearest = min((distance[n] for n in givers), default=None)
    values = {entries[n][key] for n in givers if distance[n] == nearest}
    return values or ({default} if default is not None else set())


ALONG = {
    "p": (("is_a",), None),
    "q": (("is_a", "part_of"), 9),
    "r": (("part_of",), None),
    "s": ((), 7),
}


def hierarchy(structures):
    return build_hierarchy({name: s.parents for name, s in structures.items()})


@settings(deadline=None, max_examples=80)
@given(graphs())
def test_inheritance(entries):
    structures, attributes = written(entries)
    for name in entries:
        values, problems = effective_values(name, structures, hierarchy(structures), attributes)
        clashes = {d.message.split("`")[3] for d in problems}
        for key, (edges, default) in ALONG.items():
            expected = model(entries, name, key, edges, default)
            assert (len(expected) > 1) == (key in clashes)
            if len(expected) == 1:
                assert {values[key]} == expected
            elif not expected:
                assert key not in values


def reachable(entries):
    """Transitive closure by repeated squaring over pairs."""
    pairs = {(n, p) for n, e in entries.items() for p in (*e["is_a"], *e["part_of"])}
    while True:
        more = {(a, d) for (a, b), (c, d) in product(pairs, pairs) if b == c} - pairs
        if not more:
            return pairs
        pairs |= more


@settings(deadline=None, max_examples=80)
@given(graphs(cyclic=True))
def test_cycles(entries):
    structures, _ = written(entries)
    closure = reachable(entries)
    problems = check_circles(structures, hierarchy(structures))
    assert bool(problems) == any((n, n) in closure for n in entries)
    for problem in problems:
        chain = problem.message.split("`")[1::2]
        assert chain[0] == chain[-1]
        for child, parent in pairwise(chain):
            assert parent in (*entries[child]["is_a"], *entries[child]["part_of"])


# Whatever is in the files, the user gets diagnostics and no traceback.

WORDS = [
    *("a", "b", "title", "is_a", "part_of", "side", "mirror", "codes", "sct", "code", "match"),
    *("type", "values", "opposites", "flips", "members", "variants", "name", "after"),
    *("direction", "aliases", "abstract", "level", "region", "default"),
]
junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 300)
    | st.sampled_from(["", "left", "right", "organ", "a", "b", "none", "is_a", "exact", "choice"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(WORDS),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(deadline=None, max_examples=120)
@given(junk, st.sampled_from(["attributes", "structures", "sequences"]), st.booleans())
def test_no_traceback(tmp_path_factory, write, data, kind, wrap):
    if wrap:
        data = {"a": data, "b": data}
    text = json.dumps({"schema": f"{kind}/1", kind: data})
    name = "structures/b.yaml" if kind == "structures" else f"{kind}.yaml"
    ontology, problems = read_ontology(write(tmp_path_factory.mktemp("o"), **{name: text}))
    assert (ontology is None) == has_errors(problems)
    assert all(problem.span or problem.path for problem in problems)
    assert render_human(problems, limit=None).count("\n\n") == max(len(problems) - 1, 0)
