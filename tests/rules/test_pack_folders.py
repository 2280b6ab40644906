"""A pack of several files: topics, tests beside them, and rules that are taken from other packs."""

from __future__ import annotations

from pathlib import Path

import pytest

from vesalius.ontology.load import load_ontology
from vesalius.ontology.project import read_project
from vesalius.ontology.reading.diagnostics import DiagnosticError
from vesalius.ontology.reading.document import load_document
from vesalius.rules.library import load_pack, parse_pack
from vesalius.rules.places import load_anchors

HEAD = "schema: rules/1\npack: %s\nabout: A test.\nphases: [areas, sides]\n"
TOPIC = "schema: rule-topic/1\nrules:\n"
TESTS = "schema: rule-tests/1\ntests:\n"
EYES = "  - {id: areas/eyes, summary: Eyes., for: {is_a: eyeball}, expect: absent}\n"
LIVER = """\
  - id: sides/liver
    summary: Liver.
    cure: Look.
    source: [A]
    for: liver
    expect: absent
    severity: info
    tests: [{name: none, key: {s: spleen}, before: s, outcome: holds}]
"""
SPLEEN = "  - {id: sides/spleen, summary: Spleen., for: spleen, expect: absent}\n"
SHOWN = "    - {name: one, key: {l: liver}, before: l, outcome: violated}\n"


@pytest.fixture
def load(ontology, tmp_path, monkeypatch):
    """Write files and give the pack of one of them, and what was found; `own` is a project."""
    monkeypatch.chdir(tmp_path)

    def load(pack: str, **texts: str):
        for name, text in texts.items():
            path = Path(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        own = "vesalius.yaml" in texts
        known = load_ontology(read_project(tmp_path)) if own else ontology
        return parse_pack(load_document(pack), known, load_anchors(known))

    return load


def folder(topics: str, **more: str) -> dict[str, str]:
    files = {"p/pack.yaml": HEAD % "p" + topics}
    return files | {f"p/{name}": text for name, text in more.items()}


TWO = folder("topics: [one, two]\n", **{"one.yaml": TOPIC + LIVER, "two.yaml": TOPIC + EYES})


def test_the_rules_of_all_topics(load):
    pack, problems = load("p/pack.yaml", **TWO)
    assert problems == []
    assert [rule.id for rule in pack.rules] == ["sides/liver", "areas/eyes"]
    assert pack.order == ("areas/eyes", "sides/liver")
    assert pack.path == "p/pack.yaml"
    liver, eyes = pack.rules
    assert (liver.span.path, liver.span.line) == ("p/one.yaml", 3)
    assert (eyes.span.path, eyes.span.line) == ("p/two.yaml", 3)
    assert (liver.cure, eyes.cure) == ("Look.", "")
    # What the rules are run for depends on all files that say what they are.
    assert pack.text == "\n".join(TWO.values())


def test_a_pack_in_one_file_and_in_several_means_the_same(load):
    whole, _ = load("p.yaml", **{"p.yaml": HEAD % "p" + "rules:\n" + LIVER + EYES})
    parts, _ = load("p/pack.yaml", **TWO)
    assert [rule.written for rule in parts.rules] == [rule.written for rule in whole.rules]
    assert (parts.order, parts.phases, parts.about) == (whole.order, whole.phases, whole.about)


def test_the_order_of_topics_means_nothing(load):
    first, _ = load("p/pack.yaml", **TWO)
    turned = TWO | {"p/pack.yaml": HEAD % "p" + "topics: [two, one]\n"}
    assert load("p/pack.yaml", **turned)[0].order == first.order


def test_rules_in_the_head_too(load):
    files = folder("topics: [two]\nrules:\n" + LIVER, **{"two.yaml": TOPIC + EYES})
    pack, problems = load("p/pack.yaml", **files)
    assert problems == []
    assert [rule.id for rule in pack.rules] == ["sides/liver", "areas/eyes"]


def test_a_problem_is_shown_in_its_file(load):
    """One of a structure, one of `after`, one of a repair: from three passes."""
    wrong = (
        "  - {id: areas/a, summary: x, for: eyebal_left, expect: absent}\n"
        "  - {id: areas/b, summary: x, for: liver, expect: absent, after: [areas/d]}\n"
        "  - {id: areas/c, summary: x, for: liver, expect: present, repair: remove}\n"
    )
    _, problems = load("p/pack.yaml", **TWO | {"p/two.yaml": TOPIC + wrong})
    assert [(d.code, d.span.path, d.span.line) for d in problems] == [
        ("SEL003", "p/two.yaml", 3),
        ("RUL006", "p/two.yaml", 4),
        ("RUL012", "p/two.yaml", 5),
    ]


def test_one_selector_in_two_files_is_looked_up_twice(load):
    """The first rule of each topic has the same path in its file."""
    files = TWO | {
        "p/one.yaml": TOPIC + "  - {id: areas/a, summary: x, for: liver, expect: absent}\n",
        "p/two.yaml": TOPIC + "  - {id: areas/b, summary: x, for: spleen, expect: absent}\n",
    }
    pack, _ = load("p/pack.yaml", **files)
    assert [rule.structures for rule in pack.rules] == [("liver",), ("spleen",)]


def test_an_id_in_two_topics(load):
    _, problems = load("p/pack.yaml", **TWO | {"p/two.yaml": TOPIC + LIVER})
    assert [(d.code, d.span.path) for d in problems] == [("RUL002", "p/two.yaml")]
    assert problems[0].notes[0].span.path == "p/one.yaml"


def test_a_topic_that_cannot_be_read_is_one_problem(load):
    """Not one more for each `after` and each test of its rules."""
    files = TWO | {
        "p/one.yaml": TOPIC + LIVER + "    after: [sides/spleen]\n",
        "p/two.yaml": TOPIC.replace("rules", "ruels") + SPLEEN,
        "p/two.tests.yaml": TESTS + "  sides/spleen:\n" + SHOWN,
    }
    _, problems = load("p/pack.yaml", **files)
    assert [(d.code, d.span.path) for d in problems] == [("YML010", "p/two.yaml")]


# Tests beside -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["p/one.tests.yaml", "p/two.tests.yaml", "p/pack.tests.yaml"])
def test_tests_beside_are_added(load, name):
    files = TWO | {name: TESTS + "  sides/liver:\n" + SHOWN}
    pack, problems = load("p/pack.yaml", **files)
    assert problems == []
    inside, beside = pack.rule("sides/liver").tests
    assert (inside.name, inside.span.path) == ("none", "p/one.yaml")
    assert (beside.name, beside.span.path, beside.span.line) == ("one", name, 4)
    assert beside.document.path == name


def test_tests_beside_a_pack_of_one_file(load):
    files = {
        "p.yaml": HEAD % "p" + "rules:\n" + LIVER,
        "p.tests.yaml": TESTS + "  sides/liver:\n" + SHOWN,
    }
    pack, problems = load("p.yaml", **files)
    assert problems == []
    assert [test.name for test in pack.rules[0].tests] == ["none", "one"]


def test_to_run_rules_their_tests_are_not_read(load, ontology):
    load("p/pack.yaml", **TWO | {"p/one.tests.yaml": "no: tests\n"})
    pack = load_pack("p", ontology, load_anchors(ontology), tests=False)
    assert [test.name for test in pack.rule("sides/liver").tests] == ["none"]
    with pytest.raises(DiagnosticError) as caught:
        load_pack("p", ontology, load_anchors(ontology))
    assert [(d.code, d.span.path) for d in caught.value.diagnostics] == [
        ("YML013", "p/one.tests.yaml")
    ]


# `use` ------------------------------------------------------------------------------------------

PROJECT = {"vesalius.yaml": "schema: project/1\nrules: [p, q.yaml]\n"}
Q = HEAD % "q" + "rules:\n"


def test_a_rule_of_another_pack(load):
    beside = {"p/one.tests.yaml": TESTS + "  sides/liver:\n" + SHOWN}
    own = {"q.tests.yaml": TESTS + "  sides/liver:\n" + SHOWN.replace("one", "mine")}
    files = TWO | beside | own | PROJECT | {"q.yaml": Q + "  - use: p/sides/liver\n"}
    pack, problems = load("q.yaml", **files)
    assert problems == []
    (rule,) = pack.rules
    assert (rule.id, rule.phase, rule.summary, rule.severity) == (
        "sides/liver", "sides", "Liver.", "info",
    )  # fmt: skip
    assert (rule.document.path, rule.span.path, rule.span.line) == ("p/one.yaml", "p/one.yaml", 3)
    assert (rule.listed.id_span.path, rule.listed.id_span.line) == ("q.yaml", 6)
    assert [(test.name, test.span.path) for test in rule.tests] == [
        ("none", "p/one.yaml"),
        ("one", "p/one.tests.yaml"),
        ("mine", "q.tests.yaml"),
    ]
    # A change in the other pack is one of this pack.
    assert pack.text == "\n".join([files["q.yaml"], files["p/one.yaml"]])


def test_what_a_use_may_say_anew(load):
    use = (
        "  - use: p/sides/liver\n    id: areas/liver\n    why: Because.\n    source: [B]\n"
        "    severity: warning\n    after: [areas/eyes]\n  - use: p/areas/eyes\n"
    )
    pack, problems = load("q.yaml", **TWO | PROJECT | {"q.yaml": Q + use})
    assert problems == []
    rule = pack.rule("areas/liver")
    assert (rule.phase, rule.why, rule.source, rule.severity, rule.after) == (
        "areas", "Because.", ("B",), "warning", ("areas/eyes",),
    )  # fmt: skip
    assert (rule.summary, rule.structures) == ("Liver.", ("liver",))
    assert pack.order == ("areas/eyes", "areas/liver")


def test_after_is_not_taken_over_and_is_shown_where_it_is_written(load):
    two = TWO | {
        "p/two.yaml": TOPIC + EYES + SPLEEN.replace("absent}", "absent, after: [sides/liver]}")
    }
    files = two | PROJECT | {"q.yaml": Q + "  - use: p/sides/spleen\n"}
    pack, problems = load("q.yaml", **files)
    assert (problems, pack.rules[0].after) == ([], ())
    files["q.yaml"] += "    after: [sides/liver]\n"
    _, problems = load("q.yaml", **files)
    assert [(d.code, d.span.path, d.span.line) for d in problems] == [("RUL006", "q.yaml", 7)]


def test_a_use_of_a_use(load):
    files = TWO | {
        "vesalius.yaml": "schema: project/1\nrules: [p, q.yaml, r.yaml]\n",
        "q.yaml": Q + "  - {use: p/sides/liver, id: areas/liver, source: [B]}\n",
        "q.tests.yaml": TESTS + "  areas/liver:\n" + SHOWN,
        "r.yaml": HEAD % "r" + "rules:\n  - {use: q/areas/liver, severity: error}\n",
    }
    pack, problems = load("r.yaml", **files)
    assert problems == []
    (rule,) = pack.rules
    assert (rule.id, rule.source, rule.severity) == ("areas/liver", ("B",), "error")
    assert rule.document.path == "p/one.yaml"
    assert [test.name for test in rule.tests] == ["none", "one"]


def test_an_id_that_is_taken_twice(load):
    use = "  - use: p/sides/liver\n  - {use: p/areas/eyes, id: sides/liver}\n"
    _, problems = load("q.yaml", **TWO | PROJECT | {"q.yaml": Q + use})
    assert [(d.code, d.span.path, d.span.line) for d in problems] == [("RUL002", "q.yaml", 7)]
    assert problems[0].notes[0].span.line == 6


def test_a_phase_that_this_pack_does_not_have(load):
    head = Q.replace("[areas, sides]", "[mine]")
    _, problems = load("q.yaml", **TWO | PROJECT | {"q.yaml": head + "  - use: p/sides/liver\n"})
    assert [(d.code, d.span.path, d.span.line) for d in problems] == [("RUL003", "q.yaml", 6)]


# What is said where something is wrong ----------------------------------------------------------

USED = TWO | PROJECT
WRONG = {
    "RUL023-no_file": folder("topics: [one, tow]\n", **{"one.yaml": TOPIC + EYES}),
    "RUL023-misspelt": folder("topics: [on]\n", **{"one.yaml": "schema: rules/1\n"}),
    "RUL023-twice": folder("topics: [one, one]\n", **{"one.yaml": TOPIC + EYES}),
    "RUL023-unlisted": TWO | {"p/pack.yaml": HEAD % "p" + "topics: [one]\n"},
    "RUL023-no_folder": {"p.yaml": HEAD % "p" + "topics: [one]\n"},
    "RUL023-tests": TWO | {"p/tow.tests.yaml": TESTS + "  sides/liver:\n" + SHOWN},
    "YML013-topic": TWO | {"p/two.yaml": "schema: rules/1\nrules: []\n"},
    "YML011-no_rules": {"p.yaml": HEAD % "p"},
    "YML010-topic": TWO | {"p/two.yaml": "schema: rule-topic/1\npack: p\nrules: []\n"},
    "YML010-test_beside": TWO
    | {"p/one.tests.yaml": TESTS + "  sides/liver:\n" + SHOWN.replace("before", "befor")},
    "RUL031-beside": TWO
    | {"p/one.tests.yaml": TESTS + "  sides/liver:\n" + SHOWN.replace("one", "none")},
    "RUL032": TWO | {"p/one.tests.yaml": TESTS + "  sides/livr:\n" + SHOWN},
    "RUL024-pack": USED | {"q.yaml": Q + "  - use: recomended/sides/liver\n"},
    "RUL024-rule": USED | {"q.yaml": Q + "  - use: p/sides/livr\n"},
    "RUL024-no_rule": USED | {"q.yaml": Q + "  - use: p/sides\n"},
    "RUL024-itself": USED | {"q.yaml": Q + LIVER + "  - {use: q/sides/liver, id: areas/x}\n"},
    "RUL024-circle": {
        "vesalius.yaml": "schema: project/1\nrules: [q.yaml, r.yaml]\n",
        "q.yaml": Q + "  - use: r/sides/a\n",
        "r.yaml": HEAD % "r" + "rules:\n  - use: q/sides/a\n",
    },
    "YML010-use": USED | {"q.yaml": Q + "  - {use: p/sides/liver, summary: Mine.}\n"},
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_golden(name, load, golden):
    files = WRONG[name]
    first = next(file for file in ("q.yaml", "p.yaml", "p/pack.yaml") if file in files)
    _, problems = load(first, **files)
    assert {problem.code for problem in problems} == {name.partition("-")[0]}
    golden(name, problems)
