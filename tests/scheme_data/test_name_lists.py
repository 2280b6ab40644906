"""Names are understood or left open; nothing is taken for something else."""

from __future__ import annotations

import pytest
from scheme_data.name_lists import LISTS, own_lists, shipped_lists


@pytest.fixture(scope="module")
def counted(ontology):
    return {c.title: c for c in own_lists(ontology)}


@pytest.mark.parametrize("title", sorted(path.stem for path in LISTS.glob("*.yaml")))
def test_a_list_is_understood(counted, title):
    assert counted[title].wrong == ()
    assert counted[title].unmatched == ()
    assert counted[title].right > 15


def test_no_name_of_a_shipped_scheme_is_taken_for_another(ontology):
    found = list(shipped_lists(ontology))
    assert {c.title: c.wrong for c in found if c.wrong} == {}
    right = sum(c.right for c in found)
    assert right > 10 * sum(len(c.unmatched) for c in found)
