"""Selectors: examples by hand, and the algebra against sets worked out by brute force."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vesalius.ontology.load import load_folder
from vesalius.ontology.reading.diagnostics import DiagnosticError
from vesalius.ontology.reading.document import parse_document
from vesalius.ontology.selector import parse_selector, parse_selector_text, select

LINES = """\
  system: {title: System, part_of: body, abstract: true, region: abdomen}
  duct: {title: Duct, part_of: system, region: [abdomen, thorax]}
  duct_left: {title: Duct Left, is_a: duct, part_of: kidney_left, side: left, mirror: none}
  rest: {title: Rest, part_of: duct, residual: true, priority: 3}
  hilum: {title: Hilum, part_of: kidney_left, abstract: true}
  lefts: {title: Lefts, is_a: system, abstract: true, side: left}
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory, write):
    text = f"schema: structures/1\nstructures:\n{LINES}"
    return load_folder(write(tmp_path_factory.mktemp("o"), **{"structures/b.yaml": text}))


ALL = ("kidney", "kidney_left", "kidney_right", "liver", "duct", "duct_left", "rest")


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("liver", ("liver",)),
        ("kidney", ("kidney",)),
        # An abstract name stands for what is below it.
        ("system", ("duct", "duct_left", "rest")),
        ("body", ALL),
        (["liver", "system"], ("liver", "duct", "duct_left", "rest")),
        ({"side": "left"}, ("kidney_left", "duct_left")),
        ({"side": ["left", "right"]}, ("kidney_left", "kidney_right", "duct_left")),
        ({"region": "thorax"}, ("liver", "duct", "duct_left")),
        ({"region": ["thorax", "abdomen"]}, ALL[:-1]),
        ({"side": "left", "region": "thorax"}, ("duct_left",)),
        ({"residual": True}, ("rest",)),
        ({"residual": False, "region": "thorax"}, ("liver", "duct", "duct_left")),
        ({"priority": 3}, ("rest",)),
        ({"priority": 0, "side": "right"}, ("kidney_right",)),
        ({"mirror": "kidney_left"}, ("kidney_right",)),
        ({"is_a": "kidney"}, ("kidney", "kidney_left", "kidney_right")),
        ({"is_a": ["kidney_left", "duct_left"]}, ("kidney_left", "duct_left")),
        ({"part_of": "system"}, ("duct", "duct_left", "rest")),
        ({"part_of": "kidney"}, ("duct_left",)),
        ({"part_of": "duct"}, ("rest",)),
        ({"below": "kidney"}, ("kidney_left", "kidney_right", "duct_left")),
        ({"name": "system"}, ("duct", "duct_left", "rest")),
        ({"name": ["liver", "rest"]}, ("liver", "rest")),
        ({"code": "64033007"}, ("kidney", "kidney_left", "kidney_right")),
        ({"code": "uberon:UBERON:0002113", "side": "left"}, ("kidney_left",)),
        ({"not": "kidney"}, tuple(n for n in ALL if n != "kidney")),
        ({"not": {"not": "kidney"}}, ("kidney",)),
        ({"is_a": "kidney", "not": [{"side": "left"}, "kidney"]}, ("kidney_right",)),
        ({"any": [{"side": "right"}, {"all": [{"residual": True}]}]}, ("kidney_right", "rest")),
        ({"all": [{"region": "thorax"}, {"region": "abdomen"}]}, ("liver", "duct", "duct_left")),
        ({"abstract": True}, ("body", "system", "hilum", "lefts")),
        # A concrete name never stands for what is below it.
        ({"abstract": True, "name": "kidney"}, ()),
        ({"abstract": False}, ALL),
        ({"abstract": True, "side": "left"}, ("lefts",)),
        ({"abstract": True, "not": {"side": "left"}}, ("body", "system", "hilum")),
        ({"abstract": True, "name": "system"}, ("system",)),
        ({"abstract": True, "below": "body"}, ("system", "hilum", "lefts")),
        ({"abstract": [True, False], "side": "left"}, ("kidney_left", "duct_left", "lefts")),
        ([{"abstract": True, "side": "left"}, {"side": "left"}],
         ("kidney_left", "duct_left", "lefts")),
        ({"side": "midline"}, ()),
    ],
)  # fmt: skip
def test_select(made, selector, expected):
    order = list(made.structures)
    assert select(selector, made) == tuple(sorted(expected, key=order.index))
    assert select(parse_selector(selector, made), made) == select(selector, made)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("liver", "liver"),
        ("liver|duct", ["liver", "duct"]),
        ("side:left", {"side": "left"}),
        ("side:left,region:thorax|abdomen", {"side": "left", "region": ["thorax", "abdomen"]}),
        ("side:left,!region:thorax", {"side": "left", "not": {"region": "thorax"}}),
        ("!side:left,!liver", {"not": [{"side": "left"}, "liver"]}),
        ("region:thorax,region:abdomen", {"all": [{"region": "thorax"}, {"region": "abdomen"}]}),
        ("region:thorax,!liver,duct", {"all": ["duct"], "region": "thorax", "not": "liver"}),
        ("side:left;liver", [{"side": "left"}, "liver"]),
        (" side : left | right ; ! body ", [{"side": ["left", "right"]}, {"not": "body"}]),
        ("abstract:true,side:left", {"abstract": True, "side": "left"}),
        ("abstract:true;liver", [{"abstract": True}, "liver"]),
        ("residual:true", {"residual": True}),
        ("priority:3", {"priority": 3}),
        ("code:uberon:UBERON:0002113", {"code": "uberon:UBERON:0002113"}),
        ("code:64033007", {"code": "64033007"}),
        ("part_of:system,!below:duct", {"part_of": "system", "not": {"below": "duct"}}),
    ],
)
def test_text_means_the_same_as_yaml(made, text, same):
    assert select(text, made) == select(same, made)
    assert select(parse_selector_text(text, made), made) == select(same, made)


@pytest.mark.parametrize("text", ["", "a,,b", ";", "!", "side:", ":left", "side:left|", "liver;"])
def test_text_with_a_hole(made, text):
    with pytest.raises(DiagnosticError) as caught:
        parse_selector_text(text, made)
    (problem,) = caught.value.diagnostics
    assert problem.code == "SEL004"
    assert problem.message.endswith(f"(in the selector `{text}`)")


@pytest.mark.parametrize("number", ["9" * 6000, "-" + "9" * 6000, "0x" + "f" * 6000, ".inf"])
@pytest.mark.parametrize("key", ["priority", "residual", "abstract"])
def test_numbers_beyond_all_use_are_refused(made, key, number):
    with pytest.raises(DiagnosticError) as caught:
        select(f"{key}:{number}", made)
    assert len(caught.value.diagnostics) == 1


def test_all_problems_of_a_text(made):
    with pytest.raises(DiagnosticError) as caught:
        parse_selector_text("sid:left,side:lft|rght;livr", made)
    assert [(d.code, d.help) for d in caught.value.diagnostics] == [
        ("SEL001", "did you mean `side`?"),
        ("SEL002", "did you mean `left`?"),
        ("SEL002", "did you mean `right`?"),
        ("SEL003", "did you mean `liver`?"),
    ]


def test_places(made):
    text = "for:\n  side: [left, lft]\n  any: [liver, {is_a: kidny}]\nother: 1\n"
    document = parse_document(text, "r.yaml")
    with pytest.raises(DiagnosticError) as caught:
        parse_selector(document.data["for"], made, document, ("for",))
    assert [(d.code, d.span.line, d.span.column) for d in caught.value.diagnostics] == [
        ("SEL002", 2, 16),
        ("SEL003", 3, 23),
    ]


# The algebra, against a model that knows only sets.

LEAVES = {
    "side": ["left", "right", "midline"],
    "region": ["abdomen", "thorax", "head"],
    "residual": [True, False],
    "name": ["liver", "duct", "system", "body"],
    "is_a": ["kidney", "duct", "system"],
    "part_of": ["system", "body", "kidney", "duct"],
    "below": ["kidney", "system", "duct"],
}
NAMES = st.sampled_from(["liver", "duct", "system", "body", "kidney"])


@st.composite
def selectors(draw, depth=3):
    """Draw a selector: a name, a list, or a mapping of one to three keys."""
    form = draw(st.integers(0, 4 if depth else 1))
    if form == 0:
        return draw(NAMES)
    if form == 1:
        key = draw(st.sampled_from(sorted(LEAVES)))
        return {key: draw(st.lists(st.sampled_from(LEAVES[key]), min_size=1, max_size=2))}
    several = st.lists(selectors(depth - 1), min_size=1, max_size=3)
    if form == 2:
        return draw(several)
    keys = draw(st.lists(st.sampled_from(["not", "any", "all", "side"]), min_size=1, unique=True))
    parts = {"not": selectors(depth - 1), "any": several, "all": several, "side": st.just("left")}
    return {key: draw(parts[key]) for key in keys}


def upwards(ontology, name):
    """(ancestor, whether a part_of lies on the way, whether only is_a does) for every path."""
    found = set()
    for kind in ("is_a", "part_of"):
        for parent in getattr(ontology.structures[name], kind):
            found.add((parent, kind))
            found |= {
                (above, kind if kind == way else "part_of")
                for above, way in upwards(ontology, parent)
            }
    return found


def holds(ontology, key, value, name, universe):
    above = upwards(ontology, name)
    match key:
        case "is_a":
            return name == value or (value, "is_a") in above
        case "part_of":
            return (value, "part_of") in above
        case "below":
            return value in {a for a, _ in above}
        case "name":
            group = ontology.structures[value].abstract and value not in universe
            return name == value or (group and value in {a for a, _ in above})
        case "region":
            return value in (ontology.structures[name].attributes.get("region") or ())
    return ontology.structures[name].attributes.get(key) == value


def brute(ontology, selector, universe):
    if isinstance(selector, str):
        return {n for n in universe if holds(ontology, "name", selector, n, universe)}
    if isinstance(selector, list):
        return set().union(*(brute(ontology, s, universe) for s in selector))
    picked = set(universe)
    for key, value in selector.items():
        if key == "not":
            picked -= brute(ontology, value, universe)
        elif key == "any":
            picked &= set().union(*(brute(ontology, s, universe) for s in value))
        elif key == "all":
            for part in value:
                picked &= brute(ontology, part, universe)
        else:
            values = value if isinstance(value, list) else [value]
            picked = {
                n for n in picked if any(holds(ontology, key, v, n, universe) for v in values)
            }
    return picked


def concrete(ontology):
    return {n for n, s in ontology.structures.items() if not s.abstract}


@settings(deadline=None, max_examples=120)
@given(selectors())
def test_against_sets(made, selector):
    expected = brute(made, selector, concrete(made))
    assert set(select(selector, made)) == expected
    assert select(selector, made) == tuple(n for n in made.structures if n in expected)


@settings(deadline=None, max_examples=60)
@given(selectors(), st.sampled_from([[True], [False], [True, False]]))
def test_against_sets_among_others(made, selector, flags):
    universe = {n for n, s in made.structures.items() if s.abstract in flags}
    selected = select({"abstract": flags, "all": [selector]}, made)
    assert set(selected) == brute(made, selector, universe)


@settings(deadline=None, max_examples=60)
@given(selectors())
def test_not_not(made, selector):
    assert select({"not": {"not": selector}}, made) == select(selector, made)
    both = {*select(selector, made), *select({"not": selector}, made)}
    assert both == concrete(made)


@settings(deadline=None, max_examples=60)
@given(selectors(2), selectors(2), selectors(2))
def test_and_distributes_over_or(made, a, b, c):
    left = select({"all": [a, {"any": [b, c]}]}, made)
    right = select({"any": [{"all": [a, b]}, {"all": [a, c]}]}, made)
    assert left == right
    assert select({"not": {"any": [a, b]}}, made) == select({"all": [{"not": a}, {"not": b}]}, made)


def refusal(act):
    """Give the codes with which something is refused; None where it is not."""
    try:
        act()
    except DiagnosticError as error:
        return {problem.code for problem in error.diagnostics}
    return None


@settings(deadline=None, max_examples=150)
@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.sampled_from(["liver", "x", "left", "", "a:b"]),
        lambda inner: st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*LEAVES, "not", "any", "all", "abstract", "code", "volume_ml", "zz"]),
            inner,
            max_size=3,
        ),
        max_leaves=10,
    )
)  # fmt: skip
def test_any_data_is_a_selector_or_is_refused(made, data):
    codes = refusal(lambda: parse_selector(data, made).pick(made))
    assert codes is None or (codes and codes <= {"SEL001", "SEL002", "SEL003", "SEL004"})


@settings(deadline=None, max_examples=120)
@given(st.text(alphabet="!|,;: " + "abcdelsit", max_size=25))
def test_any_text_is_a_selector_or_is_refused(made, text):
    codes = refusal(lambda: parse_selector_text(text, made).pick(made))
    assert codes is None or (codes and codes <= {"SEL001", "SEL002", "SEL003", "SEL004"})


TERMS = st.tuples(
    st.booleans(),
    st.one_of(
        st.tuples(st.just("name"), st.lists(NAMES, min_size=1, max_size=3)),
        st.sampled_from(sorted(LEAVES)).flatmap(
            lambda key: st.tuples(
                st.just(key), st.lists(st.sampled_from(LEAVES[key]), min_size=1, max_size=3)
            )
        ),
    ),
    st.booleans(),
)
"""Whether it is negated, key and values, and whether a bare name is written."""


def typed(term):
    negated, (key, values), bare = term
    words = "|".join(str(v).lower() if isinstance(v, bool) else v for v in values)
    return ("!" if negated else "") + (words if bare and key == "name" else f"{key}:{words}")


def as_yaml(term):
    negated, (key, values), _ = term
    return {"not": {key: values}} if negated else {key: values}


@settings(deadline=None, max_examples=150)
@given(st.lists(st.lists(TERMS, min_size=1, max_size=4), min_size=1, max_size=3))
def test_the_command_line_means_what_yaml_means(made, groups):
    text = ";".join(", ".join(typed(term) for term in group) for group in groups)
    data = {"any": [{"all": [as_yaml(term) for term in group]} for group in groups]}
    assert set(parse_selector_text(text, made).pick(made)) == brute(made, data, concrete(made))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("side:[left,right]", "brackets mean nothing on the command line"),
        ("not(side:left)", "brackets mean nothing on the command line"),
        ("not:side:left", "`not:` is for YAML only"),
        ("any:liver", "`any:` is for YAML only"),
    ],
)
def test_forms_of_yaml_are_refused_on_the_command_line(made, text, message):
    with pytest.raises(DiagnosticError) as caught:
        parse_selector_text(text, made)
    (found,) = caught.value.diagnostics
    assert (found.code, found.message) == ("SEL004", f"{message} (in the selector `{text}`)")
    assert "`!` NOT" in found.help
