"""`near`: parts that come so near to other structures, in every kind that takes the word."""

from __future__ import annotations

import numpy as np
import pytest

from vesalius.adapters.rule_tests.collect import make_bench, select_tests
from vesalius.adapters.rule_tests.run_test import run_test
from vesalius.engine.judging.context import start
from vesalius.engine.kinds import Absent, Located, Meant, NearTo, OnOwnSide, Pieces, judge
from vesalius.engine.plan.plan import LevelAnchor
from vesalius.engine.runs.labelmap import encode
from vesalius.ontology.load import load_ontology
from vesalius.rules.places import load_anchors

RULES = """\
schema: rules/1
pack: near
about: What lies near to something else.
phases: [pieces]
rules:
  - id: pieces/liver-away-from-the-spleen
    summary: A piece of the liver.
    for: liver
    expect: {components: {at_most: 1}, spare: {near: {of: spleen, mm: 20}}}
    repair: remove
    tests:
      - {name: far, key: {l: liver, s: spleen}, outcome: changed,
         before: ". l l . l . . s .", after: ". l l . . . . s ."}
      - {name: near, key: {l: liver, s: spleen}, outcome: holds, before: ". l l . l . s . ."}
      - {name: no spleen, key: {l: liver}, outcome: changed,
         before: ". l l . l . . . .", after: ". l l . . . . . ."}
  - id: pieces/kidney-away-from-the-gland-of-its-side
    summary: A piece of a kidney.
    each: side
    for: kidney
    expect: {components: {at_most: 1}, spare: {near: {of: adrenal_gland, mm: 20}}}
    tests:
      - {name: the gland of the other side, outcome: violated, before: ". k k . k . r . . . g .",
         key: {k: kidney_left, r: adrenal_gland_right, g: adrenal_gland_left}}
      - {name: its gland, outcome: holds, before: ". k k . k . g . . . r .",
         key: {k: kidney_left, r: adrenal_gland_right, g: adrenal_gland_left}}
  - id: pieces/no-spleen-by-the-liver
    summary: A piece of the spleen by the liver, and away from the stomach.
    for: spleen
    expect: {absent: {at_most_ml: 0}, only: {near: {of: [liver, spleen], mm: 10}},
      spare: {near: {of: stomach, mm: 10}}}
    repair: {move_to: liver}
    tests:
      - {name: beside it, key: {l: liver, s: spleen, g: stomach}, outcome: changed,
         before: ". l s . s . s g", after: ". l l . s . s g"}
      - {name: between both, key: {l: liver, s: spleen, g: stomach}, outcome: holds,
         before: ". l s g . s . ."}
  - id: pieces/no-kidney-across-by-the-liver
    summary: A piece of the left kidney on the right, by the liver.
    for: [kidney_left, kidney_right]
    expect: {on_own_side: midline, only: {sure: true, near: {of: liver, mm: 10}}}
    repair: swap_side
    tests:
      - name: beside it
        key: {l: liver, r: kidney_right, k: kidney_left, v: vertebrae_L1, w: vertebrae_L2,
          x: vertebrae_L3, s: sternum}
        before: |
          . . . . . s . . . . .
          . . . . . v . . . . .
          . r r . k w . k k k .
          . . . . l x . . . . .
          . . . . . . . . . . .
        after: |
          . . . . . s . . . . .
          . . . . . v . . . . .
          . r r . r w . k k k .
          . . . . l x . . . . .
          . . . . . . . . . . .
        outcome: changed
      - name: the liver is elsewhere
        key: {l: liver, r: kidney_right, k: kidney_left, v: vertebrae_L1, w: vertebrae_L2,
          x: vertebrae_L3, s: sternum}
        before: |
          . . . . . s . . . . .
          . . . . . v . . . . .
          . r r . k w . k k k .
          . l . . . x . . . . .
          . . . . . . . . . . .
        outcome: holds
"""
PICTURES = 9

# On a line of voxels of 10 mm: a body of 4, one voxel 30 mm from a 2, two voxels 20 mm from it.
LINE = np.zeros((24, 3, 3), dtype=np.uint8)
for low, high, label in ((1, 5, 1), (9, 10, 1), (12, 13, 2), (14, 16, 1), (20, 21, 3)):
    LINE[low:high, 1, 1] = label
AFFINE = np.diag([10.0, 10.0, 10.0, 1.0])


def sizes(expect, line=LINE, anchors=()):
    faults = judge(expect, start(encode(line, AFFINE), anchors)).faults
    return [] if faults is None else sorted(faults.voxels.tolist())


@pytest.mark.parametrize(
    ("near", "meant"),
    [
        (NearTo((2,), 30.0), [1, 2]),
        (NearTo((2,), 29.9), [2]),
        (NearTo((2,), 19.9), []),
        (NearTo((3,), 50.0), [2]),
        (NearTo((2, 3), 30.0), [1, 2]),
        (NearTo((1, 2), 30.0), [1, 2]),
        (NearTo((1,), 90.0), []),
        (NearTo((4,), 90.0), []),
    ],
)
def test_of_what_lies_wrong(near, meant):
    others = sorted({1, 2, 4} - set(meant))
    for per in ("component", "voxel"):
        assert sizes(Absent((1,), per=per, meant=Meant(near=near))) == meant
        assert sizes(Absent((1,), per=per, meant=Meant(spare_near=near))) == others
        assert sizes(Located((1,), (), inside=False, per=per, meant=Meant(near=near))) == meant


@pytest.mark.parametrize(
    ("near", "spared"),
    [
        (NearTo((2,), 30.0), [1, 2]),
        (NearTo((2,), 29.9), [2]),
        (NearTo((3,), 49.9), []),
        (NearTo((1, 3), 50.0), [2]),
    ],
)
def test_of_pieces(near, spared):
    expect = Pieces((1,), at_most=1, spare_near_to=near)
    assert sizes(expect) == sorted({1, 2} - set(spared))


def test_what_is_counted_together_is_not_near_to_itself():
    near = NearTo((1, 2), 30.0)
    assert sizes(Pieces((1, 2), at_most=1, joint=True, spare_near_to=near)) == [1, 1, 2]
    assert sizes(Pieces((1, 2), at_most=1, spare_near_to=near)) == []


def test_what_is_spared_stays_and_spares_what_is_near_to_it():
    line = LINE.copy()
    line[17, 1, 1] = 1
    near = NearTo((2,), 20.0)
    assert sizes(Pieces((1,), at_most=1, spare_near_to=near), line) == [1, 1]
    assert sizes(Pieces((1,), at_most=1, spare_near_mm=20.0, spare_near_to=near), line) == [1]


@pytest.mark.parametrize(
    ("near", "found"),
    [
        (None, [1, 2]),
        (NearTo((5,), 20.0), [1]),
        (NearTo((5,), 19.9), []),
        (NearTo((5,), 60.0), [1, 2]),
        (NearTo((4, 5), 60.0), [1, 2]),
        (NearTo((4,), 500.0), []),
    ],
)
def test_of_what_lies_across(near, found):
    # A pair 4 and 3 on its sides of 9, two pieces of 4 across, one of them by a 5.
    line = np.zeros((30, 3, 3), dtype=np.uint8)
    for low, high, label in (
        (1, 5, 3), (6, 8, 4), (10, 11, 4), (12, 13, 5), (15, 16, 9), (24, 28, 4)
    ):  # fmt: skip
        line[low:high, 1, 1] = label
    plane = LevelAnchor("x", (9,), 1, (1.0, 0.0, 0.0))
    expect = OnOwnSide(((4, 3),), 0, leave_unsure=True, near_to=near)
    assert sizes(expect, line, (plane,)) == found


@pytest.fixture(scope="module")
def known():
    ontology = load_ontology()
    return ontology, load_anchors(ontology)


@pytest.mark.parametrize("number", range(PICTURES))
def test_pictures_in_all_orientations(number, known, tmp_path):
    path = tmp_path / "near.yaml"
    path.write_text(RULES)
    items = select_tests([str(path)], *known)
    assert len(items) == PICTURES
    item = items[number]
    result = run_test(make_bench(item.rule, item.pack, *known), item.test)
    assert (result.word, result.details) == ("passed", ()), item.name
