"""The order of rules, and pairs that undo each other."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

REMOVE = "expect: absent, repair: remove"


def rule(name, body, after=()):
    more = f", after: [{', '.join(after)}]" if after else ""
    return f"- {{id: {name}, summary: x, {body}{more}}}\n"


def order_of(read, *rules):
    pack, problems = read("".join(rules))
    codes = [p.code for p in problems]
    return (pack.order if pack else None), codes


def every_order(read, *rules):
    """The order of a pack, which must not depend on how the file is sorted."""
    found = {order_of(read, *p)[0] for p in itertools.permutations(rules)}
    codes = {tuple(order_of(read, *p)[1]) for p in itertools.permutations(rules)}
    assert codes == {()}
    (order,) = found
    return order


def test_phases_come_first(read):
    order = every_order(
        read,
        rule("pieces/a", "for: liver, " + REMOVE),
        rule("areas/b", "for: liver, " + REMOVE),
        rule("sides/c", "for: liver, " + REMOVE),
    )
    assert order == ("areas/b", "sides/c", "pieces/a")


def test_after(read):
    order = every_order(
        read,
        rule("areas/a", "for: liver, " + REMOVE, after=["areas/b"]),
        rule("areas/b", "for: liver, " + REMOVE, after=["areas/c"]),
        rule("areas/c", "for: liver, " + REMOVE),
    )
    assert order == ("areas/c", "areas/b", "areas/a")


def test_who_writes_comes_before_who_only_reads(read):
    order = every_order(
        read,
        rule("areas/a-check", "for: liver, expect: present"),
        rule("areas/b-repair", "for: liver, " + REMOVE),
        rule("areas/c-moves", "for: gonads, expect: absent, repair: {move_to: liver}",
             after=["areas/b-repair"]),
    )  # fmt: skip
    assert order == ("areas/b-repair", "areas/c-moves", "areas/a-check")


def test_giving_to_one_structure_needs_no_order(read):
    order = every_order(
        read,
        rule("areas/b", "for: gonads, expect: absent, repair: {move_to: liver}"),
        rule("areas/a", "for: spleen, expect: absent, repair: {move_to: liver}"),
    )
    assert order == ("areas/a", "areas/b")


def test_what_is_removed_may_be_derived_over(read):
    order = every_order(
        read,
        rule("areas/a", "derive: {hu: [1, 2], to: skull, over: unlabelled}"),
        rule("areas/b", "for: gonads, " + REMOVE),
    )
    assert order == ("areas/b", "areas/a")


@pytest.mark.parametrize(
    ("first", "second", "conflict"),
    [
        ("for: liver, " + REMOVE, "for: liver, " + REMOVE, True),
        ("for: liver, " + REMOVE, "for: spleen, " + REMOVE, False),
        # Each reads what the other writes.
        (
            "for: liver, expect: absent, repair: {move_to: spleen}",
            "for: spleen, expect: absent, repair: {move_to: brain}",
            False,
        ),
        (
            "for: liver, expect: {components: {at_most: 1}}, "
            "repair: {keep: largest, rest: surrounding}",
            "for: spleen, " + REMOVE,
            True,
        ),
        (
            "derive: {hu: [1, 2], to: skull, over: unlabelled}",
            "derive: {rest_of_body: {to: body_mask}}",
            True,
        ),
        (
            "for: liver, when: {case: {sex: male}}, " + REMOVE,
            "for: liver, when: {case: {sex: female}}, " + REMOVE,
            False,
        ),
        (
            "for: liver, when: {case: {sex: male}}, " + REMOVE,
            "for: liver, when: {case: {sex: [female, male]}}, " + REMOVE,
            True,
        ),
    ],
)
def test_only_the_file_decides(read, first, second, conflict):
    for one, other in ((first, second), (second, first)):
        _, codes = order_of(read, rule("areas/b", one), rule("areas/a", other))
        assert codes == (["RUL021"] if conflict else [])


def test_a_conflict_is_settled_by_the_file(read):
    rules = [rule("areas/b", "for: liver, " + REMOVE), rule("areas/a", "for: liver, " + REMOVE)]
    assert order_of(read, *rules) == (("areas/b", "areas/a"), ["RUL021"])
    assert order_of(read, *rules[::-1]) == (("areas/a", "areas/b"), ["RUL021"])


def test_a_circle_of_three_is_reported_once_and_settled_by_the_file(read):
    names = ["liver", "spleen", "brain"]
    rules = [
        rule(f"areas/{k}", f"for: {names[k]}, expect: absent, repair: {{move_to: {names[k - 2]}}}")
        for k in (2, 0, 1)
    ]
    order, codes = order_of(read, *rules)
    assert codes == ["RUL021"]
    assert order == ("areas/2", "areas/0", "areas/1")


UNDO = [
    # (first, second, whether the second undoes the first)
    ("where: {above: head_base}", "where: {above: head_base}", True),
    ("where: {above: head_base}", "where: {below: head_base}", False),
    ("where: {above: head_base}", "where: {left_of: midline}", True),
    ("where: {above: head_base}", "where: {not: {inside: head}}", False),
    ("where: {inside: belly}", "where: {outside: belly, above: head_base}", False),
    ("when: {case: {sex: male}}", "when: {case: {sex: female}}", False),
]


@pytest.mark.parametrize(("first", "second", "undone"), UNDO)
def test_rules_that_undo_each_other(read, first, second, undone):
    rules = [
        rule("areas/a", f"for: liver, {first}, expect: absent, repair: {{move_to: spleen}}"),
        rule("sides/b", f"for: spleen, {second}, expect: absent, repair: {{move_to: liver}}"),
    ]
    assert order_of(read, *rules)[1] == (["RUL020"] if undone else [])


def test_moves_by_side_are_apart(read):
    sides = "for: [kidney_left, kidney_right], expect: {on_own_side: midline}, repair: swap_side"
    move = "for: kidney_{}, where: {{{}: midline}}, expect: absent, repair: {{move_to: mirror}}"
    # A left kidney on the right becomes a right one; that is what the other rule wants too.
    agrees = order_of(
        read, rule("areas/a", sides), rule("sides/b", move.format("left", "right_of"))
    )
    assert agrees[1] == []
    # A right kidney on the right becomes a left one, which the first rule turns back.
    undoes = order_of(
        read, rule("areas/a", sides), rule("sides/b", move.format("right", "right_of"))
    )
    assert undoes[1] == ["RUL020"]


BODIES = [
    "for: liver, expect: absent, repair: remove",
    "for: liver, expect: present",
    "for: spleen, expect: absent, repair: {move_to: liver}",
    "for: brain, expect: {touches: liver}",
    "for: gonads, expect: {components: {at_most: 1}}, repair: {keep: largest, rest: background}",
    "for: gonads, when: {present: brain}, expect: absent, repair: {move_to: spleen}",
    "derive: {hu: [350, 3000], to: skull, over: unlabelled}",
    "for: skull, expect: {inside: brain}",
]


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_without_diagnostics_the_file_does_not_matter(read, data):
    chosen = data.draw(st.lists(st.sampled_from(BODIES), min_size=2, max_size=6))
    phases = data.draw(
        st.lists(st.sampled_from(["areas", "sides"]), min_size=len(chosen), max_size=len(chosen))
    )
    names = [f"{phase}/{number}" for number, phase in enumerate(phases)]
    rules = []
    for position, (name, body) in enumerate(zip(names, chosen, strict=True)):
        earlier = [n for n in names[:position] if n.split("/")[0] == name.split("/")[0]]
        after = data.draw(st.lists(st.sampled_from(earlier), unique=True)) if earlier else []
        rules.append(rule(name, body, after))
    order, codes = order_of(read, *rules)
    again, codes_again = order_of(read, *data.draw(st.permutations(rules)))
    # A conflict stays a conflict, though a circle may be told by other members.
    assert bool(codes) == bool(codes_again)
    assert sorted(order) == sorted(names)
    places = {name: place for place, name in enumerate(order)}
    for text in rules:
        name = text.split("id: ")[1].split(",")[0]
        for other in names:
            if "after" in text and other in text.split("after: ")[1]:
                assert places[other] < places[name]
    if not codes:
        assert order == again


def test_a_long_chain(read):
    rules = [
        rule(f"areas/{k:02d}", "for: liver, " + REMOVE, [f"areas/{k + 1:02d}"] if k < 29 else [])
        for k in range(30)
    ]
    order, codes = order_of(read, *rules)
    assert codes == []
    assert order == tuple(f"areas/{k:02d}" for k in reversed(range(30)))
