"""Contacts between labels, against loops over voxels."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from oracle import dense
from vesalius.engine.runs import contacts as contacts_module
from vesalius.engine.runs.contacts import group_contacts
from vesalius.engine.runs.labelmap import encode

EYE = np.eye(4)


def contacts(lm, connectivity=6):
    return group_contacts(lm, lm.label, connectivity)


def table(found):
    pairs = zip(found.a.tolist(), found.b.tolist(), strict=True)
    return dict(zip(pairs, found.faces.tolist(), strict=True))


@given(
    data=st.data(),
    connectivity=st.sampled_from([6, 18, 26]),
    dtype=st.sampled_from([np.int32, np.int64]),
    by_sorting=st.booleans(),
)
def test_contacts_are_those_of_voxels(volumes, data, connectivity, dtype, by_sorting):
    volume = data.draw(volumes)
    lm = encode(volume.array, volume.affine, dtype=dtype)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(contacts_module, "_TABLE", 0 if by_sorting else 1 << 20)
        found = contacts(lm, connectivity)
    expected = dense.contacts(volume.array, connectivity)
    assert table(found) == expected
    assert list(table(found)) == list(expected)


@given(data=st.data())
def test_groups_may_be_any_numbers(volumes, data):
    volume = data.draw(volumes)
    lm = encode(volume.array, volume.affine)
    values = st.sampled_from([0, 1, 2, 10**12])
    group = np.array(
        data.draw(st.lists(values, min_size=len(lm), max_size=len(lm))), dtype=np.int64
    )
    array = dense.paint(lm, group, 0)
    assert table(group_contacts(lm, group)) == dense.contacts(array)


def test_by_hand():
    array = np.array([[[1, 1, 2]], [[1, 0, 2]]], dtype=np.uint8)
    # Along k: 1|2, 1|0, 0|2; along i: 1|0 in the middle.
    assert table(contacts(encode(array, EYE))) == {(0, 1): 2, (0, 2): 1, (1, 2): 1}


def test_the_outside_is_no_contact():
    assert table(contacts(encode(np.full((2, 2, 2), 4, dtype=np.uint8), EYE), 26)) == {}
    assert table(contacts(encode(np.zeros((2, 2, 2), dtype=np.uint8), EYE))) == {}


def test_wrong_arguments():
    lm = encode(np.full((1, 1, 2), 4, dtype=np.uint8), EYE)
    with pytest.raises(ValueError, match="6, 18 or 26"):
        contacts(lm, 8)
    with pytest.raises(ValueError, match="negative"):
        group_contacts(lm, [-1])
    with pytest.raises(ValueError, match="1 groups, not 2"):
        group_contacts(lm, [1, 1])
