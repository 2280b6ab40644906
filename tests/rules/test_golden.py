"""One golden text per diagnostic of rules: one problem, one message."""

from __future__ import annotations

import pytest

from vesalius.ontology.reading.diagnostics import DiagnosticError
from vesalius.rules.compile.check_tests import untested
from vesalius.rules.library import load_pack

RULE = "- id: areas/x\n  summary: x\n"
GONADS = RULE + "  for: gonads\n"
TESTS = (
    "  tests:\n"
    "    - {name: acts, key: {g: gonads}, before: g, after: ., outcome: changed}\n"
    "    - {name: rests, key: {g: gonads}, before: g, outcome: holds}\n"
)
ABSENT = "  expect: absent\n  repair: remove\n" + TESTS

CASES = {
    "YML010-unknown_key": GONADS + "  expects: absent\n" + ABSENT,
    "YML012-word_of_expect": GONADS + "  expect: absnet\n",
    "YML010-key_of_expect": GONADS + "  expect: {componnents: {at_most: 1}}\n",
    "YML010-moved_into_spare": RULE
    + "  for: liver\n  expect: {components: {at_most: 1, spare_near_mm: 5}}\n",
    "YML010-moved_beside": RULE + "  expect: {ordered: ribs_left, skip_cut: false}\n",
    "YML010-moved_into_only": RULE
    + "  for: [kidney_left, kidney_right]\n  expect: {on_own_side: midline, leave_unsure: true}\n",
    "YML010-word_for_another_kind": RULE
    + "  expect: {contiguous: ribs_left, spare: {lone: true}}\n",
    "YML012-near_what": RULE
    + "  for: liver\n  expect: {components: {at_most: 1}, spare: {near: {of: mirror, mm: 5}}}\n",
    "YML010-key_inside_expect": GONADS + "  expect: {components: {at_mots: 1}}\n",
    "YML012-no_form_of_expect": GONADS + "  expect: {xyz: 1}\n",
    "YML012-no_bound": GONADS + "  expect: {volume_ml: {together: true}}\n",
    "YML012-needs_sure": RULE
    + "  for: [kidney_left, kidney_right]\n"
    + "  expect: {on_own_side: midline, only: {near: {of: mirror, mm: 5}}}\n",
    "YML012-needs_clear_mm": RULE
    + "  expect: {counted: {left: ribs_left, right: ribs_right, anchor: midline,"
    + " like_share: 0.5}}\n",
    "RUL012-numbered": RULE
    + "  expect: {numbered: {sequence: vertebrae}}\n  repair: swap_side\n"
    + TESTS,
    "RUL018-chain": RULE + "  expect: {numbered: {sequence: [vertebrae_C1, vertebrae_C2]}}\n",
    "YML012-empty_range": GONADS + "  expect: {hu: {at_least: 5, at_most: 4}}\n",
    "YML012-declared": GONADS + "  expect: {hu: declred}\n",
    "YML010-relation": GONADS + "  where: {abvoe: head_base}\n  expect: absent\n",
    "YML012-empty_where": GONADS + "  where: {}\n  expect: absent\n",
    "YML010-when": GONADS + "  when: {prsent: liver}\n  expect: absent\n",
    "YML012-word_of_repair": GONADS + "  expect: absent\n  repair: removed\n",
    "YML011-missing_rest": GONADS
    + "  expect: {components: {at_most: 1}}\n  repair: {keep: largest}\n",
    "YML012-outcome": GONADS
    + "  expect: absent\n  tests: [{name: a, key: {g: gonads}, before: g, outcome: change}]\n",
    "RUL002": GONADS + "  expect: absent\n" + GONADS + "  expect: present\n",
    "RUL003-no_such_phase": "- {id: aeras/x, summary: x, for: gonads, expect: absent}\n",
    "RUL003-no_phase": "- {id: eyeballs, summary: x, for: gonads, expect: absent}\n",
    "RUL004-unknown_place": GONADS + "  where: {above: head_bas}\n  expect: absent\n",
    "RUL004-place_before_structure": GONADS + "  where: {above: hed}\n  expect: absent\n",
    "RUL004-structure_is_nearer": GONADS + "  where: {above: livre}\n  expect: absent\n",
    "RUL004-alias": GONADS + "  where: {above: postcava}\n  expect: absent\n",
    "RUL004-nothing_near": GONADS + "  where: {above: xyzzy}\n  expect: absent\n",
    "RUL004-unknown_box": GONADS + "  where: {inside: livr}\n  expect: absent\n",
    "RUL004-unknown_plane": RULE + "  expect: {plausible: midlin}\n",
    "RUL005-unknown_sequence": RULE + "  expect: {ordered: vertebra}\n",
    "RUL005-twice_in_a_list": RULE
    + "  expect: {ordered: [vertebrae_C1, vertebrae_C1], direction: inferior}\n",
    "RUL006-unknown": GONADS + "  expect: absent\n  after: [areas/y]\n",
    "RUL006-itself": GONADS + "  expect: absent\n  after: [areas/x]\n",
    "RUL006-other_phase": GONADS
    + "  expect: absent\n  after: [sides/z]\n"
    + "- {id: sides/z, summary: z, for: liver, expect: present}\n",
    "RUL007": GONADS
    + "  expect: absent\n  after: [areas/y]\n"
    + "- {id: areas/y, summary: y, for: liver, expect: present, after: [areas/z]}\n"
    + "- {id: areas/z, summary: z, for: liver, expect: present, after: [areas/x]}\n",
    "RUL009-neither": GONADS,
    "RUL009-both": GONADS
    + "  expect: absent\n  derive: {hu: [1, 2], to: skull, over: unlabelled}\n"
    + TESTS,
    "RUL010": RULE + "  for: {side: left, name: liver}\n  expect: absent\n",
    "RUL011-box": GONADS + "  where: {above: belly}\n  expect: absent\n",
    "RUL011-across": GONADS + "  where: {above: midline}\n  expect: absent\n",
    "RUL011-inside_a_plane": GONADS + "  where: {inside: midline}\n  expect: absent\n",
    "RUL011-inside_a_structure": GONADS + "  where: {inside: liver}\n  expect: absent\n",
    "RUL011-no_sides": RULE
    + "  for: [kidney_left, kidney_right]\n  expect: {on_own_side: head_base}\n",
    "RUL012-renumber": GONADS + "  expect: absent\n  repair: renumber\n" + TESTS,
    "RUL012-undivided": GONADS + "  expect: {undivided: {}}\n  repair: remove\n" + TESTS,
    "RUL012-several": GONADS
    + "  expect: [{within: {below: head_base}}, {touches: liver}]\n  repair: remove\n"
    + TESTS,
    "RUL012-none_of_several": GONADS
    + "  expect: [present, {volume_ratio: {to: liver, at_most: 1}}]\n  repair: remove\n"
    + TESTS,
    "YML010-key_of_one_of_several": GONADS + "  expect: [present, {touchs: liver}]\n",
    "YML010-two_in_one": GONADS
    + "  expect: {components: {at_most: 1}, volume_ml: {at_least: 5}}\n",
    "YML010-two_in_an_entry": GONADS
    + "  expect: [present, {touches: liver, volume_ml: {at_least: 5}}]\n",
    "YML010-two_repairs": GONADS + "  expect: absent\n  repair: {move_to: liver, fill: self}\n",
    "SEL003-one_of_several": GONADS + "  expect: [present, {touches: livr}]\n",
    "RUL012-keep": GONADS
    + "  expect: absent\n  repair: {keep: largest, rest: background}\n"
    + TESTS,
    "RUL012-present": GONADS + "  expect: present\n  repair: remove\n" + TESTS,
    "RUL012-at_least": GONADS + "  expect: {components: {at_least: 2}}\n  repair: remove\n" + TESTS,
    "RUL013": RULE + "  for: liver\n  expect: {on_own_side: midline}\n",
    "RUL014": RULE + "  for: annulus_proper\n  expect: {volume_ml: declared}\n",
    "RUL015-no_for": RULE + "  expect: absent\n",
    "RUL015-for": GONADS + "  expect: {contiguous: vertebrae}\n",
    "RUL015-where": GONADS + "  where: {above: head_base}\n  expect: present\n",
    "RUL015-per": GONADS + "  per: voxel\n  expect: present\n",
    "RUL016-destination": GONADS + "  expect: absent\n  repair: {move_to: ribs}\n" + TESTS,
    "RUL016-relation": GONADS + "  where: {above: vertebral_column}\n  expect: absent\n",
    "RUL017": GONADS + "  where: {not: {above: head_base, left_of: midline}}\n  expect: absent\n",
    "RUL018-no_direction": RULE + "  expect: {ordered: [vertebrae_C1, vertebrae_C2]}\n",
    "RUL018-counts": RULE
    + "  expect: {counted: {left: ribs_left, right: [rib_right_1, rib_right_2], "
    + "anchor: midline, direction: inferior}}\n",
    "RUL019": RULE + "  derive: {hu: [5, 1], to: skull, over: unlabelled}\n" + TESTS,
    "RUL020": GONADS
    + "  where: {above: head_base}\n  expect: absent\n  repair: {move_to: brain}\n"
    + TESTS
    + "- id: sides/y\n  summary: y\n  for: brain\n  expect: absent\n"
    + "  repair: {move_to: gonads}\n"
    + TESTS,
    "RUL021": GONADS
    + ABSENT
    + "- id: areas/y\n  summary: y\n  for: gonads\n  expect: {components: {at_most: 1}}\n"
    + "  repair: {keep: largest, rest: background}\n"
    + TESTS,
    "RUL005-each": RULE + "  each: sides\n  for: {is_a: kidney}\n  expect: present\n",
    "RUL005-both_sides": RULE + "  expect: {contiguous: ribs}\n",
    "RUL010-other_side": RULE
    + "  each: side\n  for: {is_a: kidney}\n  expect: {touches: hip_left}\n",
    "RUL010-other_sequence": RULE + "  each: side\n  expect: {contiguous: ribs_left}\n",
    "RUL010-in_a_list": RULE
    + "  each: side\n  expect: {ordered: [hip, femur_left], direction: inferior}\n",
    "RUL015-for_and_each": RULE
    + "  each: vertebrae\n  for: liver\n  expect: {touches: [previous, next]}\n",
    "RUL015-each": RULE
    + "  each: side\n  derive: {hu: [1, 2], to: skull, over: unlabelled}\n"
    + TESTS,
    "RUL025-side": RULE + "  each: side\n  for: liver\n  expect: {touches: spleen}\n",
    "RUL026-no_each": RULE + "  for: vertebrae_L1\n  expect: {touches: {vertebrae: next}}\n",
    "RUL026-word": RULE + "  each: vertebrae\n  expect: {touches: {vertebrae: [nxt]}}\n",
    "RUL026-own_side": RULE + "  for: {is_a: kidney}\n  expect: {within: {own_side_of: midline}}\n",
    "RUL031": GONADS + ABSENT + "    - {name: acts, key: {g: liver}, before: g, outcome: holds}\n",
    "SEL003-letter": GONADS
    + "  expect: absent\n  tests: [{name: a, key: {6: livr}, before: '6', outcome: holds}]\n",
    "SEL003-destination": GONADS + "  expect: absent\n  repair: {move_to: surounding}\n" + TESTS,
}


@pytest.mark.parametrize("name", CASES)
def test_golden(name, read_file, golden):
    problems = read_file(CASES[name])[1]
    assert [problem.code for problem in problems] == [name.partition("-")[0]]
    golden(name, problems)


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("RUL030-no_tests", GONADS + "  expect: absent\n  repair: remove\n"),
        (
            "RUL030-one_test",
            GONADS
            + "  expect: absent\n  repair: remove\n"
            + "  tests: [{name: a, key: {g: gonads}, before: g, after: ., outcome: changed}]\n",
        ),
        (
            "RUL030-only_reports",
            GONADS
            + "  expect: absent\n"
            + "  tests: [{name: a, key: {g: liver}, before: g, outcome: holds}]\n",
        ),
    ],
)
def test_untested(name, rule, read_file, golden):
    """Said of a pack that is checked, and never where it is run."""
    pack, problems = read_file(rule)
    assert problems == []
    assert pack.warnings == ()
    assert [problem.code for problem in untested(pack)] == ["RUL030"]
    golden(name, untested(pack))


@pytest.mark.parametrize(
    ("fires", "rests"), [("changed", "holds"), ("violated", "skipped"), ("failed", "holds")]
)
def test_tested(fires, rests, read):
    shown = f"before: g, after: ., outcome: {fires}"
    tests = (
        f"  tests:\n  - {{name: a, key: {{g: gonads}}, {shown}}}\n"
        f"  - {{name: b, key: {{g: liver}}, before: g, outcome: {rests}}}\n"
    )
    pack, _ = read(GONADS + "  expect: absent\n" + tests)
    assert untested(pack) == []


def test_every_problem_at_once(read_file, golden):
    text = (
        GONADS
        + "  expects: absent\n"
        + "- {id: areas/y, summary: y, for: livre, expect: absent}\n"
        + "- {id: nowhere/z, summary: z, for: liver, expect: absent}\n"
        + "- {id: sides/k, summary: k, for: [kidney_left, brian], expect: {touches: spleeen}}\n"
    )
    golden("many", read_file(text)[1])


def test_schema_line(read_file, golden):
    problems = read_file("[]", head="schema: rules/2\nrules: ")[1]
    assert [problem.code for problem in problems] == ["YML013"]
    golden("YML013", problems)


def test_no_such_pack(ontology, anchors, golden):
    with pytest.raises(DiagnosticError) as error:
        load_pack("qqq", ontology, anchors)
    assert error.value.diagnostics[0].code == "RUL001"
    golden("RUL001", error.value.diagnostics)


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("RUL008", "a: {about: x, kind: region, where: {inside: b}}\n"
                   "b: {about: x, kind: region, where: {inside: a}}\n"),
        ("RUL010-anchor", "a: {about: x, kind: level, through: {side: left, name: liver}}\n"),
        ("RUL004-anchor", "a: {about: x, kind: region, where: {above: livr}}\n"),
        ("YML012-kind", "a: {about: x, kind: sphere, through: liver}\n"),
        ("YML010-anchor", "a: {about: x, kind: level, through: liver, at_lest: 1}\n"),
        ("YML012-end", "a: {about: x, kind: level, through: liver, at: front}\n"),
        ("YML012-combine", "a: {about: x, kind: level, through: liver, combine: outermost}\n"),
    ],
)  # fmt: skip
def test_anchors(name, lines, read_anchors, golden):
    with pytest.raises(DiagnosticError) as error:
        read_anchors(lines)
    assert [p.code for p in error.value.diagnostics] == [name.partition("-")[0]]
    golden(name, error.value.diagnostics)


@pytest.mark.parametrize(
    ("name", "rule", "structures"),
    [
        ("RUL022-none", GONADS + "  expect: absent\n", ["liver"]),
        (
            "RUL022-part",
            RULE + "  for: [liver, spleen]\n  expect: present\n",
            ["liver", "kidney_left"],
        ),
        (
            "RUL022-anchor",
            GONADS + "  where: {above: head_base}\n  expect: absent\n",
            ["gonads", "vertebrae_C6"],
        ),
        (
            "RUL022-destination",
            GONADS + "  expect: absent\n  repair: {move_to: brain}\n" + TESTS,
            ["gonads"],
        ),
    ],
)
def test_cannot_act(name, rule, structures, lower, golden):
    lowered = lower(rule, *structures)
    assert [problem.code for problem in lowered.diagnostics] == ["RUL022"]
    assert [problem.severity for problem in lowered.diagnostics] == ["info"]
    golden(name, lowered.diagnostics)
