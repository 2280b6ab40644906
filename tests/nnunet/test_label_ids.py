"""The table between a scheme and nnU-Net: bijective, ascending, and back again."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vesalius.adapters.nnunet.label_ids import LabelId, LabelIds, label_ids, table_from_json
from vesalius.ontology.load import load_scheme, scheme_paths


def table(integers, background=0):
    labels = tuple(LabelId(n, i, f"c{n}") for i, n in enumerate(sorted(integers), start=1))
    return LabelIds("s", "0" * 64, background, labels)


def test_kept_classes_are_numbered_in_ascending_order(tmp_path, write_scheme, ontology):
    ids = label_ids(write_scheme(tmp_path), ontology)
    assert [(x.ours, x.nnunet, x.name) for x in ids.labels] == [
        (2, 1, "liver"),
        (5, 2, "kidney_right"),
        (6, 3, "kidney_left"),
        (12, 4, "spleen"),
    ]
    assert (ids.dropped, ids.ignored, ids.ignore_id) == ((9,), (200,), 5)
    assert ids.dataset_labels() == {
        "background": 0, "liver": 1, "kidney_right": 2, "kidney_left": 3, "spleen": 4, "ignore": 5,
    }  # fmt: skip
    assert ids.pairs == ((2, 3),)
    assert ids.unknown([0, 2, 9, 200, 3, 255]) == [3, 255]


def test_renumbering_there_is_what_the_scheme_says(tmp_path, write_scheme, ontology):
    ids = label_ids(write_scheme(tmp_path), ontology)
    array = np.array([[[0, 2, 5, 6, 9, 12, 200]]], np.uint8)
    there = ids.to_nnunet(array)
    assert there.dtype == np.uint8
    assert there.ravel().tolist() == [0, 1, 2, 3, 0, 4, 5]
    with pytest.raises(ValueError, match="id 5"):
        ids.to_ours(there)


def test_a_background_other_than_zero(tmp_path, write_scheme, ontology):
    text = (
        "schema: scheme/1\nscheme: odd\ntitle: Odd\nbackground: 3\n"
        "labels:\n  0: liver\n  7: spleen\n"
    )
    ids = label_ids(write_scheme(tmp_path, text), ontology)
    array = np.array([[[3, 0, 7]]], np.uint8)
    assert ids.to_nnunet(array).ravel().tolist() == [0, 1, 2]
    assert ids.to_ours(ids.to_nnunet(array)).ravel().tolist() == [3, 0, 7]


def test_unlisted_integers_of_an_open_scheme_are_ignored(tmp_path, write_scheme, ontology):
    text = "schema: scheme/1\nscheme: open\ntitle: Open\nclosed: false\nlabels:\n  4: liver\n"
    scheme = write_scheme(tmp_path, text)
    assert label_ids(scheme, ontology).ignore_id is None
    ids = label_ids(scheme, ontology, unlisted=True)
    assert ids.ignore_id == 2
    array = np.array([[[0, 4, 9, 60000]]], np.uint16)
    assert ids.to_nnunet(array).ravel().tolist() == [0, 1, 2, 2]


def test_names_are_unique_and_leave_those_of_nnunet(tmp_path, write_scheme, ontology):
    text = (
        "schema: scheme/1\nscheme: twin\ntitle: Twin\njoin: [liver]\nnames: {1: a, 2: b}\n"
        "labels:\n  1: liver\n  2: liver\n"
    )
    ids = label_ids(write_scheme(tmp_path, text), ontology)
    assert [x.name for x in ids.labels] == ["liver_1", "liver_2"]
    assert ids.pairs == ()


@settings(deadline=None, max_examples=60)
@given(
    st.sets(st.integers(1, 65535), min_size=1, max_size=300),
    st.randoms(use_true_random=False),
)
def test_there_and_back_is_the_identity(integers, random):
    ids = table(integers)
    values = [0, *integers]
    array = np.array([random.choice(values) for _ in range(60)], np.uint16).reshape(3, 4, 5)
    there = ids.to_nnunet(array)
    place = {n: i for i, n in enumerate(sorted(integers), start=1)} | {0: 0}
    assert there.ravel().tolist() == [place[n] for n in array.ravel().tolist()]
    assert np.array_equal(ids.to_ours(there), array)
    assert ids.changes(integers) == any(place[n] != n for n in integers)


@pytest.mark.parametrize("name", sorted(scheme_paths()))
def test_every_shipped_scheme(name, ontology):
    scheme = load_scheme(name, ontology)
    ids = label_ids(scheme, ontology)
    numbers = [x.nnunet for x in ids.labels]
    assert numbers == list(range(1, len(numbers) + 1))
    assert [x.ours for x in ids.labels] == sorted(x.ours for x in ids.labels)
    assert len({x.name for x in ids.labels} | {"background", "ignore"}) == len(numbers) + 2
    assert table_from_json(json.loads(json.dumps(ids.to_json()))) == ids
    # The pairs against the structures themselves.
    mirrors = {}
    for x in ids.labels:
        target = scheme.by_integer()[x.ours].target
        structure = getattr(target, "structure", None)
        partner = ontology.mirror(structure) if structure else None
        if partner is not None and scheme.integer_of(partner) is not None:
            mirrors[x.nnunet] = partner
    assert {n for pair in ids.pairs for n in pair} <= set(mirrors)
    for one, other in ids.pairs:
        assert one < other
        assert scheme.by_integer()[ids.labels[other - 1].ours].target.structure == mirrors[one]


def test_a_table_that_is_none():
    good = table([1, 4]).to_json()
    with pytest.raises(ValueError, match="no table"):
        table_from_json({"schema": "nnunet_labels/1"})
    with pytest.raises(ValueError, match="schema"):
        table_from_json({**good, "schema": "nnunet_labels/9"})
    with pytest.raises(ValueError, match="1, 2, 3"):
        table_from_json({**good, "labels": good["labels"][1:]})
    twice = [{**row, "ours": 4} for row in good["labels"]]
    with pytest.raises(ValueError, match="one integer"):
        table_from_json({**good, "labels": twice})
